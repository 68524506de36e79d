//! The structure of a message: read, and proven nothing.

use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{self, Decode as _, Header, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use x509_cert::spki::AlgorithmIdentifierRef;

use super::fault::CmsFault;

/// The most certificates in one message. The longest chain seen from a cloud has four.
pub const MAX_CERTIFICATES: usize = 8;

/// The most signers of one message: each costs a signature check.
pub const MAX_SIGNERS: usize = 4;

const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
pub(super) const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");

const CONTEXT_0: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
const CONTEXT_1: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(1) };
const SUBJECT_KEY_ID: Tag = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };

/// What of a SignedData matters.
pub(super) struct SignedData<'a> {
    pub(super) content: &'a [u8],
    /// each in DER
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) signers: Vec<SignerInfo<'a>>,
}

/// One signer and the signature.
pub(super) struct SignerInfo<'a> {
    pub(super) id: SignerId<'a>,
    pub(super) digest_algorithm: AlgorithmIdentifierRef<'a>,
    /// each in DER, in the order of the message
    pub(super) attributes: Option<Vec<&'a [u8]>>,
    pub(super) signature_algorithm: AlgorithmIdentifierRef<'a>,
    pub(super) signature: &'a [u8],
}

/// How a message names the signer's certificate.
pub(super) enum SignerId<'a> {
    IssuerAndSerial {
        /// the Name, in DER
        issuer: &'a [u8],
        /// the content octets
        serial: &'a [u8],
    },
    SubjectKeyId(&'a [u8]),
}

impl From<der::Error> for CmsFault {
    fn from(_: der::Error) -> Self {
        Self::Structure
    }
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo in DER with SignedData inside.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc5652#section-3>
    pub(super) fn from_der(der: &'a [u8]) -> Result<Self, CmsFault> {
        let mut reader = SliceReader::new(der)?;
        reader.sequence(|info| {
            if info.decode::<ObjectIdentifier>()? != ID_SIGNED_DATA {
                return Err(CmsFault::NotSignedData);
            }
            within(info, CONTEXT_0, |explicit| explicit.sequence(Self::fields))
        })
    }

    /// The list of digest algorithms at the beginning is not used:
    ///
    /// > There MAY be any number of elements in the collection, including zero.
    ///
    /// Neither are the revocation lists, nor the version, which follows from the rest.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc5652#section-5.1>
    fn fields(reader: &mut SliceReader<'a>) -> Result<Self, CmsFault> {
        let _version: u8 = reader.decode()?;
        within(reader, Tag::Set, skip_all)?;
        let content = reader.sequence(encapsulated_content)?;
        let certificates = optional(reader, CONTEXT_0, certificates)?.unwrap_or_default();
        optional(reader, CONTEXT_1, skip_all)?;
        let signers = within(reader, Tag::Set, signers)?;
        Ok(Self { content, certificates, signers })
    }
}

/// > The optional omission of the eContent within the EncapsulatedContentInfo field makes it possible
/// > to construct "external signatures".
///
/// Those are refused: a signature over something else than what arrived proves nothing of it.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-5.2>
fn encapsulated_content<'a>(reader: &mut SliceReader<'a>) -> Result<&'a [u8], CmsFault> {
    if reader.decode::<ObjectIdentifier>()? != ID_DATA {
        return Err(CmsFault::ContentType);
    }
    if reader.is_finished() {
        return Err(CmsFault::Detached);
    }
    within(reader, CONTEXT_0, |explicit| Ok(<&OctetStringRef>::decode(explicit)?.as_bytes()))
}

/// Attribute certificates and other kinds have their own tags and are passed over.
fn certificates<'a>(reader: &mut SliceReader<'a>) -> Result<Vec<&'a [u8]>, CmsFault> {
    let mut certificates = Vec::new();
    while !reader.is_finished() {
        let is_certificate = Tag::peek(reader)? == Tag::Sequence;
        let bytes = reader.tlv_bytes()?;
        if is_certificate {
            certificates.push(bytes);
        }
        if certificates.len() > MAX_CERTIFICATES {
            return Err(CmsFault::TooManyCertificates);
        }
    }
    Ok(certificates)
}

fn signers<'a>(reader: &mut SliceReader<'a>) -> Result<Vec<SignerInfo<'a>>, CmsFault> {
    let mut signers = Vec::new();
    while !reader.is_finished() {
        if signers.len() == MAX_SIGNERS {
            return Err(CmsFault::TooManySigners);
        }
        signers.push(reader.sequence(signer)?);
    }
    if signers.is_empty() { Err(CmsFault::NoSigner) } else { Ok(signers) }
}

/// The unsigned attributes, which anybody can change, are not read.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-5.3>
fn signer<'a>(reader: &mut SliceReader<'a>) -> Result<SignerInfo<'a>, CmsFault> {
    let version: u8 = reader.decode()?;
    let id = signer_id(reader, version)?;
    let signer = SignerInfo {
        id,
        digest_algorithm: reader.decode()?,
        attributes: optional(reader, CONTEXT_0, attributes)?,
        signature_algorithm: reader.decode()?,
        signature: <&OctetStringRef>::decode(reader)?.as_bytes(),
    };
    optional(reader, CONTEXT_1, skip_all)?;
    Ok(signer)
}

/// > If the SignerIdentifier is the CHOICE issuerAndSerialNumber, then the version MUST be 1. If the
/// > SignerIdentifier is subjectKeyIdentifier, then the version MUST be 3.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-5.3>
fn signer_id<'a>(reader: &mut SliceReader<'a>, version: u8) -> Result<SignerId<'a>, CmsFault> {
    let id = AnyRef::decode(reader)?;
    match (id.tag(), version) {
        (Tag::Sequence, 1) => {
            let mut pair = SliceReader::new(id.value())?;
            let issuer = pair.tlv_bytes()?;
            let serial = AnyRef::decode(&mut pair)?;
            serial.tag().assert_eq(Tag::Integer)?;
            pair.finish()?;
            Ok(SignerId::IssuerAndSerial { issuer, serial: serial.value() })
        }
        (SUBJECT_KEY_ID, 3) => Ok(SignerId::SubjectKeyId(id.value())),
        _ => Err(CmsFault::Structure),
    }
}

fn attributes<'a>(reader: &mut SliceReader<'a>) -> Result<Vec<&'a [u8]>, CmsFault> {
    let mut attributes = Vec::new();
    while !reader.is_finished() {
        attributes.push(reader.tlv_bytes()?);
    }
    Ok(attributes)
}

fn skip_all(reader: &mut SliceReader<'_>) -> Result<(), CmsFault> {
    Ok(reader.drain(reader.remaining_len())?)
}

/// Reads an element with this tag, which must be used up.
fn within<'a, T>(
    reader: &mut SliceReader<'a>,
    tag: Tag,
    read: impl FnOnce(&mut SliceReader<'a>) -> Result<T, CmsFault>,
) -> Result<T, CmsFault> {
    let header = Header::decode(reader)?;
    header.tag().assert_eq(tag)?;
    reader.read_nested(header.length(), read)
}

fn optional<'a, T>(
    reader: &mut SliceReader<'a>,
    tag: Tag,
    read: impl FnOnce(&mut SliceReader<'a>) -> Result<T, CmsFault>,
) -> Result<Option<T>, CmsFault> {
    if reader.is_finished() || Tag::peek(reader)? != tag {
        return Ok(None);
    }
    within(reader, tag, read).map(Some)
}
