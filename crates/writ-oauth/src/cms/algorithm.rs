//! The algorithms that a signer may name.

use aws_lc_rs::digest;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{self, Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use x509_cert::spki::AlgorithmIdentifierRef;

use super::fault::CmsFault;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
const RSA_ENCRYPTION: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const SHA1_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
const RSASSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const SHA256_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const SHA384_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const SHA512_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const ECDSA_WITH_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// What a signer's `digestAlgorithm` names.
    ///
    /// One cloud names the signature algorithm there, in every document; it can only be understood
    /// as that algorithm's digest.
    pub(super) fn named_by(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Self, CmsFault> {
        if algorithm.oid == SHA256_WITH_RSA && without_parameters(algorithm) {
            return Ok(Self::Sha256);
        }
        Self::identified_by(algorithm).ok_or(CmsFault::DigestAlgorithm)
    }

    fn identified_by(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<Self> {
        let digest = match algorithm.oid {
            SHA1 => Self::Sha1,
            SHA256 => Self::Sha256,
            SHA384 => Self::Sha384,
            SHA512 => Self::Sha512,
            _ => return None,
        };
        without_parameters(algorithm).then_some(digest)
    }

    pub(super) fn of(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes)
    }

    /// In octets.
    const fn len(self) -> u8 {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// How a digest becomes a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    RsaPkcs1,
    RsaPss,
    Ecdsa,
}

impl Scheme {
    /// What `signatureAlgorithm` names, which must use the digest that the signer names: one digest,
    /// for the content and for the signed attributes.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8933#section-3.1>
    pub(super) fn named_by(algorithm: &AlgorithmIdentifierRef<'_>, digest: Digest) -> Result<Self, CmsFault> {
        let (scheme, its_digest) = match algorithm.oid {
            // > CMS implementations that include the RSA (PKCS #1 v1.5) signature algorithm MUST
            // > support the rsaEncryption signature value algorithm identifier
            //
            // https://www.rfc-editor.org/rfc/rfc3370#section-3.2
            RSA_ENCRYPTION => (Self::RsaPkcs1, digest),
            SHA1_WITH_RSA => (Self::RsaPkcs1, Digest::Sha1),
            SHA256_WITH_RSA => (Self::RsaPkcs1, Digest::Sha256),
            SHA384_WITH_RSA => (Self::RsaPkcs1, Digest::Sha384),
            SHA512_WITH_RSA => (Self::RsaPkcs1, Digest::Sha512),
            ECDSA_WITH_SHA256 => (Self::Ecdsa, Digest::Sha256),
            ECDSA_WITH_SHA384 => (Self::Ecdsa, Digest::Sha384),
            ECDSA_WITH_SHA512 => (Self::Ecdsa, Digest::Sha512),
            RSASSA_PSS => (Self::RsaPss, pss_digest(algorithm.parameters)?),
            _ => return Err(CmsFault::SignatureAlgorithm),
        };
        if scheme != Self::RsaPss && !without_parameters(algorithm) {
            return Err(CmsFault::SignatureAlgorithm);
        }
        if its_digest == digest { Ok(scheme) } else { Err(CmsFault::AlgorithmMismatch) }
    }
}

/// Absent or NULL: standards and signers disagree for RSA and the SHA-2 family.
fn without_parameters(algorithm: &AlgorithmIdentifierRef<'_>) -> bool {
    algorithm.parameters.is_none_or(AnyRef::is_null)
}

/// The digest of RSASSA-PSS parameters that say what everyone uses: one digest for the message and
/// the mask, a salt of its length. SHA-1, which is the default of each, is not among them.
///
/// <https://www.rfc-editor.org/rfc/rfc4055#section-3.1>
fn pss_digest(parameters: Option<AnyRef<'_>>) -> Result<Digest, CmsFault> {
    let parameters = parameters.ok_or(CmsFault::SignatureAlgorithm)?;
    let read = parameters.sequence(|fields| {
        let hash = explicit::<AlgorithmIdentifierRef<'_>>(fields, 0)?;
        let mask = explicit::<AlgorithmIdentifierRef<'_>>(fields, 1)?;
        let salt = explicit::<u8>(fields, 2)?;
        let trailer = if fields.is_finished() { 1 } else { explicit::<u8>(fields, 3)? };
        let mask_hash = mask.parameters.ok_or(Tag::Sequence.value_error())?.decode_as()?;
        Ok::<_, der::Error>((hash, mask.oid, mask_hash, salt, trailer))
    });
    let (hash, mask, mask_hash, salt, trailer) = read.map_err(|_| CmsFault::SignatureAlgorithm)?;
    let digest = Digest::identified_by(&hash).filter(|digest| *digest != Digest::Sha1);
    let usual = mask == MGF1
        && Digest::identified_by(&mask_hash) == digest
        && digest.map(Digest::len) == Some(salt)
        && trailer == 1;
    digest.filter(|_| usual).ok_or(CmsFault::SignatureAlgorithm)
}

fn explicit<'a, T>(fields: &mut SliceReader<'a>, number: u32) -> der::Result<T>
where
    T: der::Decode<'a, Error = der::Error>,
{
    let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
    let header = der::Header::decode(fields)?;
    header.tag().assert_eq(tag)?;
    fields.read_nested(header.length(), T::decode)
}
