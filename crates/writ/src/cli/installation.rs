//! `admin.json`: where the server of a folder listens, and the credential to administer it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use writ_oauth::secret::PlainSecret;

use super::failure::Failure;
use super::token::request::Credential;

/// The name of the file in the server's folder.
const FILE_NAME: &str = "admin.json";
/// The version of its form.
const VERSION: u32 = 1;

/// What `admin.json` says. No `Debug`: it holds a secret.
#[derive(Deserialize)]
pub(crate) struct Installation {
    /// The URL of the admin listener.
    pub(crate) admin: String,
    /// The issuers of the default tenant by the names of their doors.
    pub(crate) issuers: BTreeMap<String, String>,
    /// The token endpoint to get the admin token from.
    pub(crate) token_endpoint: String,
    /// The bootstrap client.
    pub(crate) client_id: String,
    /// Its secret; absent once it has been revoked.
    pub(crate) client_secret: Option<PlainSecret>,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Installation {
    /// Reads the file of a server's folder.
    pub(crate) fn read(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(FILE_NAME);
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(dir, &path, &error))?;
        Self::parse(&text).map_err(|why| {
            Failure::new("unreadable", format!("{} {why}; restart the server to write it again", path.display()))
        })
    }

    /// The fault never repeats what the file holds.
    fn parse(text: &str) -> Result<Self, String> {
        let place = |error: serde_json::Error| format!("is damaged at line {} column {}", error.line(), error.column());
        let Versioned { version } = serde_json::from_str(text).map_err(place)?;
        if version != VERSION {
            return Err(format!("has version {version}, and this command reads version {VERSION}"));
        }
        serde_json::from_str(text).map_err(place)
    }
}

impl Installation {
    /// The bootstrap credential, as long as it is there.
    pub(crate) fn credential(self) -> Result<Credential, Failure> {
        let gone = || {
            let text = "the bootstrap secret was revoked; set WRIT_CLIENT_ID and WRIT_CLIENT_SECRET to another \
                        administrator's credential";
            Failure::new("no_credential", text)
        };
        let secret = self.client_secret.ok_or_else(gone)?;
        Ok(Credential { client_id: self.client_id, secret })
    }
}

fn unreadable(dir: &Path, path: &Path, error: &std::io::Error) -> Failure {
    let (dir, path) = (dir.display(), path.display());
    if error.kind() == ErrorKind::NotFound {
        let text = format!(
            "there is no {path}: no server has run in this folder. Start one with `writ serve --dir {dir}`, name the \
             folder of another with --dir, or use --server URL"
        );
        return Failure::new("no_server", text);
    }
    if error.kind() == ErrorKind::PermissionDenied {
        let text = format!(
            "{path} may be read only by the user that runs the server; run this command as that user, or use --server \
             URL with a credential of your own"
        );
        return Failure::new("permission_denied", text);
    }
    Failure::new("unreadable", format!("{path} cannot be read: {error}"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn text_of(dir: &Path) -> String {
        Installation::read(dir).err().unwrap().text().to_owned()
    }

    #[test]
    fn what_is_wrong_with_the_file_is_told_without_its_content() {
        let dir = tempfile::tempdir().unwrap();
        assert!(text_of(dir.path()).contains("Start one with `writ serve --dir "));
        for (content, told) in [
            (r#"{"version": 2}"#, "has version 2, and this command reads version 1"),
            (r#"{"version": 1, "client_secret": ["hunter2"]}"#, "is damaged at line 1"),
            ("{", "is damaged at line 1"),
        ] {
            std::fs::write(dir.path().join(FILE_NAME), content).unwrap();
            let text = text_of(dir.path());
            assert!(text.contains(told) && !text.contains("hunter2"), "{text}");
        }
    }
}
