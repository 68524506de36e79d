//! The extensions of a certificate that Writ itself looks at.

use std::collections::HashSet;

use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier};

use super::alt_names::AltNames;
use super::fault::CertificateFault;

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Extensions {
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) is_ca: bool,
    pub(super) path_len: Option<u8>,
    pub(super) key_usage: Option<KeyUsage>,
    /// `None`: the certificate does not restrict what its key is for
    pub(super) purposes: Option<Vec<ObjectIdentifier>>,
    pub(super) alt_names: AltNames,
}

impl Extensions {
    pub(super) fn read(extensions: &[Extension]) -> Result<Self, CertificateFault> {
        refuse_duplicates(extensions)?;
        let constraints: Option<BasicConstraints> = find(extensions)?;
        let alt_names: Option<SubjectAltName> = find(extensions)?;
        let key_id: Option<SubjectKeyIdentifier> = find(extensions)?;
        let purposes: Option<ExtendedKeyUsage> = find(extensions)?;
        Ok(Self {
            subject_key_id: key_id.map(|id| id.0.as_bytes().to_vec()),
            is_ca: constraints.as_ref().is_some_and(|constraints| constraints.ca),
            path_len: constraints.and_then(|constraints| constraints.path_len_constraint),
            key_usage: find(extensions)?,
            purposes: purposes.map(|purposes| purposes.0),
            alt_names: alt_names.map(AltNames::read).transpose()?.unwrap_or_default(),
        })
    }

    /// Whether the key may sign messages.
    ///
    /// > The digitalSignature bit is asserted when the subject public key is used for verifying
    /// > digital signatures, other than signatures on certificates (bit 5) and CRLs (bit 6)
    ///
    /// A certificate without the extension restricts nothing.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3>
    pub(super) fn may_sign(&self) -> bool {
        self.key_usage.as_ref().is_none_or(KeyUsage::digital_signature)
    }

    /// Whether the key may sign certificates.
    ///
    /// > If the keyUsage extension is present, then the subject public key MUST NOT be used to verify
    /// > signatures on certificates or CRLs unless the corresponding keyCertSign or cRLSign bit is
    /// > set.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3>
    pub(super) fn may_sign_certificates(&self) -> bool {
        self.is_ca && self.key_usage.as_ref().is_none_or(KeyUsage::key_cert_sign)
    }
}

/// > A certificate MUST NOT include more than one instance of a particular extension.
///
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2>
fn refuse_duplicates(extensions: &[Extension]) -> Result<(), CertificateFault> {
    let mut seen = HashSet::new();
    let all_new = extensions.iter().all(|extension| seen.insert(extension.extn_id));
    if all_new { Ok(()) } else { Err(CertificateFault::DuplicateExtension) }
}

fn find<T: for<'a> Decode<'a> + AssociatedOid>(extensions: &[Extension]) -> Result<Option<T>, CertificateFault> {
    let found = extensions.iter().find(|extension| extension.extn_id == T::OID);
    let read = found.map(|extension| T::from_der(extension.extn_value.as_bytes()));
    read.transpose().map_err(|_| CertificateFault::Malformed)
}
