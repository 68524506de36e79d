//! A certificate as expressions see it.

use serde_json::{Map, Value, json};

use super::attribute_type;
use super::certificate::{Certificate, hex};
use super::name::DistinguishedName;

impl Certificate {
    /// What the certificate says, as JSON:
    ///
    /// * `serialNumber`: lower-case hexadecimal of the content octets, so with `00` before a number
    ///   whose top bit is set;
    /// * `subject` and `issuer`: a member for each attribute type (`CN`, `O`, `OU`, `C` and so on, or
    ///   the dotted form), and `dn`, the whole name as RFC 4514 writes it;
    /// * `san`: the lists `dns`, `uri`, `email` and `ip`;
    /// * `notBefore` and `notAfter`: seconds since 1970;
    /// * `sha256`: lower-case hexadecimal of the certificate's digest.
    ///
    /// An attribute type that a name has once is a string. One that it has several times is a list,
    /// the most significant first: a comparison with one string is then false, whichever of the
    /// values an author of rules may have had in mind.
    ///
    /// These are facts only of a certificate that was verified.
    pub fn facts(&self) -> Value {
        let names = self.alt_names();
        let ip: Vec<String> = names.ip.iter().map(ToString::to_string).collect();
        let (not_before, not_after) = self.validity();
        json!({
            "serialNumber": hex(self.serial()),
            "subject": name_facts(self.subject()),
            "issuer": name_facts(self.issuer()),
            "san": { "dns": names.dns, "uri": names.uri, "email": names.email, "ip": ip },
            "notBefore": not_before,
            "notAfter": not_after,
            "sha256": hex(&self.sha256()),
        })
    }
}

fn name_facts(name: &DistinguishedName) -> Value {
    let mut facts = Map::new();
    for attribute in name.attributes() {
        let value = Value::String(attribute.value.shown());
        let fact = facts.entry(attribute_type::name(attribute.oid)).or_insert(Value::Null);
        *fact = match fact.take() {
            Value::Null => value,
            Value::Array(mut several) => {
                several.push(value);
                Value::Array(several)
            }
            first @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                Value::Array(vec![first, value])
            }
        };
    }
    facts.insert("dn".to_owned(), Value::String(name.to_string()));
    Value::Object(facts)
}
