//! Distinguished names as people write them (RFC 4514).

use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};

use super::attribute_type;
use super::fault::NameFault;
use super::name::{Attribute, AttributeValue, DistinguishedName};

/// The longest text that is read, in octets.
const MAX_TEXT: usize = 4096;

impl DistinguishedName {
    /// Reads a name such as `CN=billing,OU=Machines,O=Example,C=CN`, the most specific part first.
    ///
    /// Spaces around `,`, `+` and `=` are skipped, which RFC 4514 leaves to the reader; a value that
    /// begins or ends with one has it escaped. Quoted values, `;` as a separator and the form
    /// `/C=CN/CN=billing` are refused, because they are read differently in different places.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        if text.len() > MAX_TEXT {
            return Err(NameFault::TooLong);
        }
        let mut reader = Reader { rest: text };
        let mut relative = vec![Vec::new()];
        loop {
            let attribute = reader.attribute()?;
            if let Some(attributes) = relative.last_mut() {
                attributes.push(attribute);
            }
            match reader.next() {
                None => break,
                Some(',') => relative.push(Vec::new()),
                Some(_) => {}
            }
        }
        relative.reverse();
        Self::new(relative).ok_or(NameFault::Repeated)
    }
}

/// What is left to read. A value ends before the separator, so that the next character is one.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn attribute(&mut self) -> Result<Attribute, NameFault> {
        let (name, rest) = self.rest.split_once('=').ok_or(NameFault::Syntax)?;
        let oid = attribute_type::parse(name.trim_matches(' ')).ok_or(NameFault::UnknownType)?;
        self.rest = rest.trim_start_matches(' ');
        let value = if self.rest.starts_with('#') { self.encoded(oid)? } else { self.text(oid)? };
        Ok(Attribute { oid, value })
    }

    /// `#` and the value in DER, as hexadecimal.
    fn encoded(&mut self, oid: ObjectIdentifier) -> Result<AttributeValue, NameFault> {
        let end = self.rest.find([',', '+']).unwrap_or(self.rest.len());
        let (value, rest) = self.rest.split_at_checked(end).ok_or(NameFault::Syntax)?;
        self.rest = rest;
        let digits = value.strip_prefix('#').ok_or(NameFault::Syntax)?;
        let digits: Vec<char> = digits.trim_end_matches(' ').chars().collect();
        let (pairs, odd) = digits.as_chunks::<2>();
        let bytes = pairs.iter().map(|[high, low]| octet(*high, *low)).collect::<Option<Vec<u8>>>();
        let bytes = bytes.filter(|_| odd.is_empty()).ok_or(NameFault::Syntax)?;
        let value = AnyRef::from_der(&bytes).map_err(|_| NameFault::Syntax)?;
        AttributeValue::read(oid, value).ok_or(NameFault::Syntax)
    }

    fn text(&mut self, oid: ObjectIdentifier) -> Result<AttributeValue, NameFault> {
        let mut value = Vec::new();
        // Up to here, a space was escaped or has something after it.
        let mut kept = 0;
        while let Some(char) = self.rest.chars().next().filter(|char| !matches!(char, ',' | '+')) {
            self.next();
            match char {
                '\\' => value.push(self.escaped()?),
                '"' | ';' | '<' | '>' | '\0' => return Err(NameFault::Syntax),
                char => value.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            if char != ' ' {
                kept = value.len();
            }
        }
        value.truncate(kept);
        let text = String::from_utf8(value).map_err(|_| NameFault::Syntax)?;
        Ok(AttributeValue::text(oid, text))
    }

    /// After a backslash: a special character, or two hexadecimal digits for one octet of UTF-8.
    ///
    /// > pair = ESC ( ESC / special / hexpair )
    ///
    /// <https://www.rfc-editor.org/rfc/rfc4514#section-3>
    fn escaped(&mut self) -> Result<u8, NameFault> {
        match self.next() {
            Some(special @ ('\\' | '"' | '+' | ',' | ';' | '<' | '>' | ' ' | '#' | '=')) => {
                u8::try_from(special).map_err(|_| NameFault::Syntax)
            }
            Some(high) => self.next().and_then(|low| octet(high, low)).ok_or(NameFault::Syntax),
            None => Err(NameFault::Syntax),
        }
    }
}

fn octet(high: char, low: char) -> Option<u8> {
    u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok()
}
