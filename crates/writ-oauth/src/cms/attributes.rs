//! The signed attributes of one signer.

use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};
use x509_cert::time::Time;

use super::ber;
use super::fault::CmsFault;
use super::signed_data::ID_DATA;

const ID_CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const ID_MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const ID_SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");

const SET: u8 = 0x31;

/// What signed attributes say, and the bytes that are signed when they are there.
pub(super) struct SignedAttributes<'a> {
    pub(super) message_digest: &'a [u8],
    /// seconds since 1970
    pub(super) signing_time: Option<i64>,
    pub(super) signed: Vec<u8>,
}

impl<'a> SignedAttributes<'a> {
    /// Reads attributes, each in DER, in any order. Others than the three known ones may be among
    /// them.
    ///
    /// > it MUST contain, at a minimum, the following two attributes
    ///
    /// <https://www.rfc-editor.org/rfc/rfc5652#section-5.3>
    pub(super) fn read(attributes: &[&'a [u8]]) -> Result<Self, CmsFault> {
        let parsed = attributes.iter().map(|der| attribute(der)).collect::<Result<Vec<_>, _>>()?;
        let content_type = only(&parsed, ID_CONTENT_TYPE)?.ok_or(CmsFault::AttributeMissing)?;
        let message_digest = only(&parsed, ID_MESSAGE_DIGEST)?.ok_or(CmsFault::AttributeMissing)?;
        // > the content-type attribute value MUST match the SignedData encapContentInfo eContentType
        // > value.
        //
        // https://www.rfc-editor.org/rfc/rfc5652#section-5.6
        if ObjectIdentifier::try_from(content_type).map_err(|_| CmsFault::AttributeForm)? != ID_DATA {
            return Err(CmsFault::ContentTypeAttribute);
        }
        Ok(Self {
            message_digest: octets(message_digest)?,
            signing_time: only(&parsed, ID_SIGNING_TIME)?.map(seconds).transpose()?,
            signed: signed_bytes(attributes)?,
        })
    }
}

/// > A separate encoding of the signedAttrs field is performed for message digest calculation. The
/// > IMPLICIT \[0\] tag in the signedAttrs is not used for the DER encoding, rather an EXPLICIT SET OF
/// > tag is used.
///
/// DER sorts what is in a SET OF; a sender that writes BER need not have.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-5.4>
fn signed_bytes(attributes: &[&[u8]]) -> Result<Vec<u8>, CmsFault> {
    let mut sorted = attributes.to_vec();
    sorted.sort_unstable();
    let mut signed = Vec::new();
    ber::write(&mut signed, SET, &sorted.concat())?;
    Ok(signed)
}

/// Whether `content` could be taken for signed attributes.
///
/// A signature with attributes is over their encoding, and nothing in it says so: whoever takes the
/// attributes away and makes their encoding the content has a message that verifies. Its content is
/// refused, whatever would be made of it.
pub(super) fn looks_like_attributes(content: &[u8]) -> bool {
    let read = || {
        let set = AnyRef::from_der(content)?;
        set.tag().assert_eq(Tag::Set)?;
        let mut elements = SliceReader::new(set.value())?;
        while !elements.is_finished() {
            attribute(elements.tlv_bytes()?)?;
        }
        Ok::<_, CmsFault>(())
    };
    read().is_ok()
}

struct Attribute<'a> {
    kind: ObjectIdentifier,
    /// the content octets of the set
    values: &'a [u8],
}

fn attribute(der: &[u8]) -> Result<Attribute<'_>, CmsFault> {
    let read = SliceReader::new(der).and_then(|mut reader| {
        reader.sequence(|fields| {
            let kind = fields.decode()?;
            let values = AnyRef::decode(fields)?;
            values.tag().assert_eq(Tag::Set)?;
            Ok(Attribute { kind, values: values.value() })
        })
    });
    read.map_err(|_| CmsFault::AttributeForm)
}

/// The one value of the one attribute of this kind.
///
/// > a content-type attribute MUST have a single attribute value; zero or multiple instances of
/// > AttributeValue are not permitted.
///
/// > The SignedAttributes in a signerInfo MUST NOT include multiple instances of the content-type
/// > attribute.
///
/// The same is said of message-digest and signing-time.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-11.1>
fn only<'a>(attributes: &[Attribute<'a>], kind: ObjectIdentifier) -> Result<Option<AnyRef<'a>>, CmsFault> {
    let mut found = attributes.iter().filter(|attribute| attribute.kind == kind);
    let Some(attribute) = found.next() else {
        return Ok(None);
    };
    if found.next().is_some() {
        return Err(CmsFault::AttributeRepeated);
    }
    let mut values = SliceReader::new(attribute.values).map_err(|_| CmsFault::AttributeForm)?;
    let value = AnyRef::decode(&mut values).map_err(|_| CmsFault::AttributeForm)?;
    if values.is_finished() { Ok(Some(value)) } else { Err(CmsFault::AttributeRepeated) }
}

fn octets(value: AnyRef<'_>) -> Result<&[u8], CmsFault> {
    let octets = value.decode_as::<&OctetStringRef>().map_err(|_| CmsFault::AttributeForm)?;
    Ok(octets.as_bytes())
}

/// A UTCTime or a GeneralizedTime.
///
/// > Dates between 1 January 1950 and 31 December 2049 (inclusive) MUST be encoded as UTCTime. Any
/// > dates with year values before 1950 or after 2049 MUST be encoded as GeneralizedTime.
///
/// Either is read for any date.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-11.3>
fn seconds(value: AnyRef<'_>) -> Result<i64, CmsFault> {
    let time = value.decode_as::<Time>().map_err(|_| CmsFault::AttributeForm)?;
    i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| CmsFault::AttributeForm)
}
