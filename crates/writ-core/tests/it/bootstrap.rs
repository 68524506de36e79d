//! The first start and the next ones.

use writ_core::admin::AdminPermission;
use writ_core::keyring::{KeyringFault, MasterKey};
use writ_core::store::{Database, KeyState, StoreError};
use writ_core::{Core, Settings};
use writ_oauth::jose::Alg;

use crate::support::{Bench, DIALECTS, ROOT, both_engines, only_on};
use crate::token::{Steps, TokenRequest, bearer, header};

both_engines!(
    the_first_start_makes_front_doors_keys_and_an_administrator,
    the_second_start_changes_nothing,
    another_master_key_is_refused,
    a_revoked_bootstrap_secret_does_not_come_back,
    a_dialect_may_sign_with_rsa,
);
only_on!(Postgres: two_servers_that_start_at_once_make_one_installation);

async fn the_first_start_makes_front_doors_keys_and_an_administrator(bench: Bench) {
    let core = bench.open().await;
    let snapshot = core.snapshot();
    let tenant = snapshot.tenant("default").unwrap();
    let urls: Vec<_> = tenant.issuers.iter().map(|issuer| issuer.url.as_str()).collect();
    assert_eq!(urls, [format!("{ROOT}/oauth2"), format!("{ROOT}/inverted"), format!("{ROOT}/second")]);
    let keys = core.store().signing_keys().await.unwrap();
    assert_eq!(keys.iter().map(|key| key.alg).collect::<Vec<_>>(), [Alg::ES256, Alg::EdDSA, Alg::EdDSA]);
    assert!(keys.iter().all(|key| key.state == KeyState::Active && key.tenant == "default"));
    for (issuer, key) in tenant.issuers.iter().zip(&keys) {
        let jwks: serde_json::Value = serde_json::from_str(&issuer.jwks).unwrap();
        assert_eq!(jwks["keys"][0]["kid"], key.kid);
        assert_eq!(jwks["keys"][0].get("d"), None, "a private key is published");
    }
    let secret = core.bootstrap_secret().await.unwrap().unwrap();
    let issued = core.token(&TokenRequest::of("writ-admin", secret.expose())).await.unwrap();
    assert_eq!(issued.scope, AdminPermission::ALL.map(AdminPermission::id).join(" "));
    for permission in AdminPermission::ALL {
        assert_eq!(core.administrator(issued.access_token(), permission).await.unwrap().name(), "writ-admin");
    }
}

async fn the_second_start_changes_nothing(bench: Bench) {
    let first = bench.open().await;
    let secret = first.bootstrap_secret().await.unwrap().unwrap();
    let jwks = first.snapshot().tenant("default").unwrap().issuers[0].jwks.clone();
    first.close().await;
    let before = bench.dump().await;
    let second = bench.open().await;
    assert_eq!(bench.dump().await, before);
    assert_eq!(second.bootstrap_secret().await.unwrap().unwrap().expose(), secret.expose());
    assert_eq!(second.snapshot().tenant("default").unwrap().issuers[0].jwks, jwks);
}

async fn another_master_key_is_refused(bench: Bench) {
    bench.open().await.close().await;
    let before = bench.dump().await;
    let settings = Settings { master_key: MasterKey::generate().unwrap(), ..bench.settings() };
    let refused = Core::open(settings).await.err();
    assert_eq!(refused, Some(StoreError::Keyring(KeyringFault::WrongMasterKey)));
    assert_eq!(bench.dump().await, before);
}

async fn a_revoked_bootstrap_secret_does_not_come_back(bench: Bench) {
    let core = bench.open().await;
    let by = core.sign_in().await;
    core.revoke_secret(&by, "default", "writ-admin", "bootstrap").await.unwrap();
    assert!(core.bootstrap_secret().await.unwrap().is_none());
    core.close().await;
    assert!(bench.open().await.bootstrap_secret().await.unwrap().is_none());
}

async fn a_dialect_may_sign_with_rsa(bench: Bench) {
    static RSA: [writ_core::issuer::Dialect; 1] = [writ_core::issuer::Dialect { alg: Alg::RS256, ..DIALECTS[0] }];
    let core = Core::open(Settings { dialects: &RSA, ..bench.settings() }).await.unwrap();
    let secret = core.bootstrap_secret().await.unwrap().unwrap();
    let issued = core.token(&TokenRequest::of("writ-admin", secret.expose())).await.unwrap();
    assert_eq!(header(issued.access_token())["alg"], "RS256");
    assert_eq!(bearer(issued.access_token())["iss"], format!("{ROOT}/oauth2"));
    assert!(core.administrator(issued.access_token(), AdminPermission::ConfigRead).await.is_ok());
}

async fn two_servers_that_start_at_once_make_one_installation(bench: Bench) {
    let opened = tokio::join!(bench.open(), bench.open(), bench.open());
    let cores = [&opened.0, &opened.1, &opened.2];
    let mut secrets = Vec::new();
    for core in cores {
        secrets.push(core.bootstrap_secret().await.unwrap().unwrap().expose().to_owned());
        assert_eq!(core.store().signing_keys().await.unwrap().len(), 3);
        assert_eq!(core.store().sequence().await.unwrap(), 1);
    }
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
    assert!(matches!(bench.database, Database::Postgres(_)));
}
