//! Signed content as a model for expressions.

use serde_json::{Map, Value};

use super::verify::SignedContent;
use crate::jose::parse_object;
use crate::x509::Certificate;

impl SignedContent {
    /// What conditions and mappings may read:
    ///
    /// * `payload.data`: the content, if it is text;
    /// * `payload.jsonData`: the content, if it is one strict JSON object;
    /// * `signingTime`: seconds since 1970, if the signer says it under the signature;
    /// * `certificates`: those of the signers, and no others, since nothing else was proven.
    pub fn facts(&self) -> Value {
        let mut payload = Map::new();
        if let Ok(text) = std::str::from_utf8(self.content()) {
            payload.insert("data".into(), text.into());
        }
        if let Ok(mut object) = parse_object(self.content()) {
            open_audience(&mut object);
            payload.insert("jsonData".into(), object.into());
        }
        let mut facts = Map::new();
        facts.insert("payload".into(), payload.into());
        if let Some(seconds) = self.signing_time() {
            facts.insert("signingTime".into(), seconds.into());
        }
        facts.insert("certificates".into(), self.signers().iter().map(Certificate::facts).collect());
        facts.into()
    }
}

/// Callers put their own JSON, as text, into the audience that a cloud signs for them; expressions
/// read through it. Other text stays text.
fn open_audience(object: &mut Map<String, Value>) {
    let Some(audience) = object.get_mut("audience") else {
        return;
    };
    if let Some(inner) = audience.as_str().and_then(|text| parse_object(text.as_bytes()).ok()) {
        *audience = inner.into();
    }
}
