//! The certificates and keys of the tests, which the targets trust.

use std::sync::LazyLock;

use writ_oauth::x509::{Anchors, Certificate, ChainPolicy, Purpose, read_certificates};

/// Within the validity of everything here.
pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const POLICY: ChainPolicy = ChainPolicy { purpose: Purpose::ANY, crl_required: false };

macro_rules! certificates {
    ($($name:ident $file:literal)*) => {$(
        pub(super) static $name: LazyLock<Certificate> = LazyLock::new(|| {
            let file = include_str!(concat!("../../../crates/writ-oauth/tests/it/cms/fixtures/", $file));
            read_certificates(file).unwrap().remove(0)
        });
    )*};
}

certificates! {
    RSA "rsa.crt"
    SECOND "second.crt"
    P256 "p256.crt"
    P384 "p384.crt"
    P521 "p521.crt"
    LEAF "leaf.crt"
    INTERMEDIATE "intermediate.crt"
    ROOT "root.crt"
}

pub(super) static ANCHORS: LazyLock<Anchors> =
    LazyLock::new(|| Anchors::new(std::slice::from_ref(&ROOT), &[]).unwrap());
