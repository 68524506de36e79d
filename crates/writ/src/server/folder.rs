//! The server's folder: its lock, its master key, its database, and `admin.json` for commands on this machine.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;
use writ_core::Core;
use writ_core::keyring::MasterKey;
use writ_core::tenant::OPERATOR;
use writ_oauth::secret::PlainSecret;

/// Only the server's own user may read what is in the folder.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// A folder that this process has to itself.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

/// The URLs of a running server.
pub(super) struct Addresses {
    /// The operator's root, as callers use it.
    pub(super) root: String,
    /// The public listener.
    pub(super) public: String,
    /// The admin listener.
    pub(super) admin: String,
    /// The gateway's listener.
    pub(super) gateway: String,
}

/// The credential that everything begins with.
pub(super) struct Bootstrap {
    pub(super) client_id: &'static str,
    pub(super) secret: PlainSecret,
}

impl Folder {
    /// Makes the folder if need be, and locks it.
    pub(super) fn claim(path: &Path) -> anyhow::Result<Self> {
        let named = || format!("the folder {} (choose another with --dir)", path.display());
        let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path);
        made.with_context(|| format!("cannot make {}", named()))?;
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path.join("writ.lock"));
        let lock = lock.with_context(|| format!("cannot write to {}", named()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("another server is running on {}", named()),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", named())),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The SQLite database. It is made here, because SQLite would let everyone read it where the folder lets them in;
    /// the files that it puts beside take its mode. One that cannot be written must not get so far: SQLite would leave
    /// files of the same kind beside it, and they would be in the way when its mode has been mended.
    pub(super) fn make_database(&self) -> anyhow::Result<PathBuf> {
        let path = self.database();
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(&path);
        opened.with_context(|| format!("{} cannot be written; the server's user must be able to", path.display()))?;
        Ok(path)
    }

    fn database(&self) -> PathBuf {
        self.path.join("writ.db")
    }

    /// The folder's own master key, made on the first start.
    pub(super) fn master_key(&self) -> anyhow::Result<MasterKey> {
        let path = self.path.join("master.key");
        match read_master_key(&path) {
            Err(error) if is_missing(&error) && !self.database().exists() => {
                let key = MasterKey::generate()?;
                write_private(&path, key.to_text().as_bytes())?;
                Ok(key)
            }
            Err(error) if is_missing(&error) => bail!(
                "the master key {} is missing, and the database beside it cannot be read without; put it back from a \
                 backup, or give it as WRIT_MASTER_KEY or WRIT_MASTER_KEY_FILE",
                path.display()
            ),
            outcome => outcome,
        }
    }

    /// Writes `admin.json`; answers the bootstrap credential when it was not there before.
    pub(super) async fn write_admin_file(
        &self,
        core: &Core,
        addresses: &Addresses,
    ) -> anyhow::Result<Option<Bootstrap>> {
        let path = self.path.join("admin.json");
        let first = !path.exists();
        let snapshot = core.snapshot();
        let tenant = snapshot.tenant(OPERATOR).context("the operator's tenant is missing")?;
        let issuers = tenant.issuers.iter().map(|issuer| (issuer.name.clone(), issuer.url.clone().into()));
        let secret = core.bootstrap_secret().await?;
        let mut content = json!({
            "version": 1,
            "public": addresses.public,
            "admin": addresses.admin,
            "gateway": addresses.gateway,
            "issuers": serde_json::Value::Object(issuers.collect()),
            "token_endpoint": format!("{}/v1/token", addresses.admin),
            "client_id": writ_core::admin::CLIENT,
        });
        // Once revoked it is absent: administrators have credentials of their own by then.
        if let (Some(members), Some(secret)) = (content.as_object_mut(), &secret) {
            members.insert("client_secret".into(), secret.expose().into());
        }
        write_private(&path, format!("{content:#}\n").as_bytes())?;
        Ok(secret.filter(|_| first).map(|secret| Bootstrap { client_id: writ_core::admin::CLIENT, secret }))
    }
}

/// Reads a master key from a file.
pub(super) fn read_master_key(path: &Path) -> anyhow::Result<MasterKey> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("the master key {} cannot be read", path.display()))?;
    MasterKey::from_text(&text).with_context(|| format!("{} is not a master key", path.display()))
}

fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let part = path.with_extension("part");
    let written = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&part)?;
        file.set_permissions(Permissions::from_mode(FILE_MODE))?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}
