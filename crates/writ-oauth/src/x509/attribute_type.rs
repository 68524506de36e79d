//! The attribute types of names, and the short names of the usual ones.

use x509_cert::der::asn1::ObjectIdentifier;

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// One label of a domain name (RFC 4519 section 2.4).
pub(super) const DOMAIN_COMPONENT: ObjectIdentifier = oid("0.9.2342.19200300.100.1.25");

/// The table of RFC 4514 section 3, and what else certificates of machines carry, by the names
/// that RFC 4519 and PKCS #9 give.
const SHORT_NAMES: [(&str, ObjectIdentifier); 20] = [
    ("CN", oid("2.5.4.3")),
    ("SN", oid("2.5.4.4")),
    ("serialNumber", oid("2.5.4.5")),
    ("C", oid("2.5.4.6")),
    ("L", oid("2.5.4.7")),
    ("ST", oid("2.5.4.8")),
    ("STREET", oid("2.5.4.9")),
    ("O", oid("2.5.4.10")),
    ("OU", oid("2.5.4.11")),
    ("title", oid("2.5.4.12")),
    ("businessCategory", oid("2.5.4.15")),
    ("postalCode", oid("2.5.4.17")),
    ("givenName", oid("2.5.4.42")),
    ("initials", oid("2.5.4.43")),
    ("dnQualifier", oid("2.5.4.46")),
    ("pseudonym", oid("2.5.4.65")),
    ("organizationIdentifier", oid("2.5.4.97")),
    ("UID", oid("0.9.2342.19200300.100.1.1")),
    ("DC", DOMAIN_COMPONENT),
    ("emailAddress", oid("1.2.840.113549.1.9.1")),
];

/// The short name, or the object identifier in dotted form.
pub(super) fn name(oid: ObjectIdentifier) -> String {
    let short = SHORT_NAMES.iter().find(|(_, known)| *known == oid);
    short.map_or_else(|| oid.to_string(), |(name, _)| (*name).to_owned())
}

/// The type of this name, in any case, or in dotted form.
pub(super) fn parse(name: &str) -> Option<ObjectIdentifier> {
    let short = SHORT_NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    short.map(|(_, oid)| *oid).or_else(|| ObjectIdentifier::new(name).ok())
}
