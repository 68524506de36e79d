//! Distinguished names, compared by what they say and not by how they are encoded.

use std::fmt;

use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Encode as _, Tag, Tagged as _};

use super::attribute_type;
use super::certificate::hex;
use super::fault::CertificateFault;

/// A distinguished name: the subject or the issuer of a certificate, or what is expected of one.
///
/// Two names are equal if they have the same attributes in the same places: types by object
/// identifier, values character by character after decoding, whatever string type they were encoded
/// in. Within one relative name the order says nothing. Case counts, except in domain components,
/// which are read in lower case; spaces count. That is stricter than the matching of RFC 5280
/// section 7.1, on purpose: no two names that look different are ever the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    /// The most significant first, as in a certificate; the attributes of each are sorted.
    relative: Vec<Vec<Attribute>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attribute {
    pub(super) oid: ObjectIdentifier,
    pub(super) value: AttributeValue,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AttributeValue {
    Text(String),
    /// What is no text, or text in an encoding that is not certain: the whole value in DER.
    Encoded(Vec<u8>),
}

impl DistinguishedName {
    /// Attributes that are listed twice in one relative name are refused.
    pub(super) fn new(relative: Vec<Vec<Attribute>>) -> Option<Self> {
        let sorted = |mut attributes: Vec<Attribute>| {
            attributes.sort();
            let all_differ = attributes.windows(2).all(|pair| pair.first() != pair.last());
            (all_differ && !attributes.is_empty()).then_some(attributes)
        };
        let relative = relative.into_iter().map(sorted).collect::<Option<_>>()?;
        Some(Self { relative })
    }

    pub(super) fn from_name(name: &x509_cert::name::Name) -> Result<Self, CertificateFault> {
        let mut relative = Vec::new();
        for parsed in name.iter_rdn() {
            let mut attributes = Vec::new();
            for attribute in parsed.iter() {
                let value = AttributeValue::read(attribute.oid, attribute.value.to_ref());
                attributes.push(Attribute { oid: attribute.oid, value: value.ok_or(CertificateFault::Malformed)? });
            }
            relative.push(attributes);
        }
        Self::new(relative).ok_or(CertificateFault::Malformed)
    }

    /// Whether the name has no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.relative.is_empty()
    }

    /// Every attribute, the most significant first.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.relative.iter().flatten()
    }
}

impl AttributeValue {
    pub(super) fn text(oid: ObjectIdentifier, text: String) -> Self {
        let is_domain = oid == attribute_type::DOMAIN_COMPONENT;
        Self::Text(if is_domain { text.to_ascii_lowercase() } else { text })
    }

    pub(super) fn read(oid: ObjectIdentifier, value: AnyRef<'_>) -> Option<Self> {
        match decode(value) {
            Some(text) => Some(Self::text(oid, text)),
            None => value.to_der().ok().map(Self::Encoded),
        }
    }

    /// The value as facts show it: text, or its encoding as RFC 4514 writes it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Encoded(der) => format!("#{}", hex(der)),
        }
    }
}

/// The text of a directory string. T.61 text beyond ASCII is not decoded: authorities put Latin-1
/// there, and nothing says which of the two it is.
fn decode(value: AnyRef<'_>) -> Option<String> {
    const ASCII: [Tag; 5] =
        [Tag::PrintableString, Tag::Ia5String, Tag::TeletexString, Tag::NumericString, Tag::VisibleString];
    let bytes = value.value();
    if value.tag() == Tag::BmpString {
        let (units, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
        return if rest.is_empty() { String::from_utf16(&units).ok() } else { None };
    }
    let is_text = value.tag() == Tag::Utf8String || (ASCII.contains(&value.tag()) && bytes.is_ascii());
    if is_text { String::from_utf8(bytes.to_vec()).ok() } else { None }
}

/// > the output consists of the string encodings of each RelativeDistinguishedName in the
/// > RDNSequence \[...\], starting with the last element of the sequence and moving backwards toward
/// > the first.
///
/// A type without a short name is written in dotted form, its value still as text.
///
/// <https://www.rfc-editor.org/rfc/rfc4514#section-2.1>
impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, attributes) in self.relative.iter().rev().enumerate() {
            for (within, attribute) in attributes.iter().enumerate() {
                let separator = match (place, within) {
                    (0, 0) => "",
                    (_, 0) => ",",
                    (_, _) => "+",
                };
                write!(f, "{separator}{}=", attribute_type::name(attribute.oid))?;
                match &attribute.value {
                    AttributeValue::Text(text) => escape(f, text)?,
                    AttributeValue::Encoded(_) => f.write_str(&attribute.value.shown())?,
                }
            }
        }
        Ok(())
    }
}

/// > a space (' ' U+0020) or number sign ('#' U+0023) occurring at the beginning of the string;
/// > a space (' ' U+0020) character occurring at the end of the string; one of the characters '"',
/// > '+', ',', ';', '<', '>', or '\' \[...\]; the null (U+0000) character.
///
/// Other control characters are escaped too, so that the text can stand in a log.
///
/// <https://www.rfc-editor.org/rfc/rfc4514#section-2.4>
fn escape(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for (at, char) in text.char_indices() {
        let is_first = at == 0;
        let is_last = at + char.len_utf8() == text.len();
        let is_special = matches!(char, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (is_first && matches!(char, ' ' | '#'))
            || (is_last && char == ' ');
        if char.is_control() {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                write!(f, "\\{byte:02x}")?;
            }
        } else if is_special {
            write!(f, "\\{char}")?;
        } else {
            write!(f, "{char}")?;
        }
    }
    Ok(())
}
