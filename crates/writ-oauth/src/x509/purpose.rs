//! What a certificate must be made for.

use webpki::{ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, KeyUsage, RequiredEkuNotFoundContext};
use x509_cert::der::asn1::ObjectIdentifier;

use super::certificate::Certificate;

const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const ANY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// The extended key usage that is asked of a certificate.
///
/// > If the extension is present, then the certificate MUST only be used for one of the purposes
/// > indicated.
///
/// The certificate itself must name the purpose. Writ does not take the absence of the extension,
/// or `anyExtendedKeyUsage`, for it:
///
/// > Applications that require the presence of a particular purpose MAY reject certificates that
/// > include the anyExtendedKeyUsage OID but not the particular OID expected for the application.
///
/// Only where an administrator leaves it open ([`Purpose::CLIENT_AUTH_IF_RESTRICTED`]) does the absence
/// count as what the standard has it: no restriction.
///
/// Authorities on the way may leave it open in either manner, or name it among others.
///
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose {
    id: Option<ObjectIdentifier>,
    or_unrestricted: bool,
}

impl Purpose {
    /// `id-kp-clientAuth`: what TLS asks of the certificates of clients.
    pub const CLIENT_AUTH: Self = Self { id: Some(CLIENT_AUTH), or_unrestricted: false };
    /// The same of a certificate that is restricted to purposes; one without the extension will do.
    pub const CLIENT_AUTH_IF_RESTRICTED: Self = Self { id: Some(CLIENT_AUTH), or_unrestricted: true };
    /// Whatever the certificate is made for.
    pub const ANY: Self = Self { id: None, or_unrestricted: true };

    /// The purpose with this object identifier in dotted form, without leading zeros.
    pub fn from_oid(dotted: &str) -> Option<Self> {
        let id = ObjectIdentifier::new(dotted).ok().filter(|id| id.to_string() == dotted);
        id.map(|id| Self { id: Some(id), or_unrestricted: false })
    }

    pub(super) fn is_named_by(&self, certificate: &Certificate) -> bool {
        let Some(purpose) = self.id else { return true };
        certificate.extensions.purposes.as_ref().map_or(self.or_unrestricted, |named| named.contains(&purpose))
    }
}

/// Asked of every certificate on a path. It cannot tell the first from the others, so that
/// `Purpose::is_named_by` is asked of that one besides.
impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, named: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let Some(purpose) = self.id else {
            return Ok(());
        };
        let mut is_restricted = false;
        for id in named {
            let id = id?;
            is_restricted = true;
            if id == KeyPurposeId::new(purpose.as_bytes()) || id == KeyPurposeId::new(ANY.as_bytes()) {
                return Ok(());
            }
        }
        if !is_restricted {
            return Ok(());
        }
        // What is in the error is for people who print it, which nobody does.
        let context = RequiredEkuNotFoundContext { required: KeyUsage::client_auth(), present: Vec::new() };
        Err(webpki::Error::RequiredEkuNotFoundContext(context))
    }
}
