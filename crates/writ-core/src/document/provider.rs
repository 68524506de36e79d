//! The provider document: a trust anchor outside Writ that credentials rest on.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use writ_oauth::expression::Expression;
use writ_oauth::jose::parse_jwk_set;
use writ_oauth::x509::{Anchors, Certificate, Purpose};

use super::credential::{Fault, fault};
use super::federated::is_trust_domain;
use super::public_key::check_https;
use super::trusted::{anchors, certificates, check_roots};
use super::{Lifetime, Status, expression, wire};

/// The most certificates, revocation lists or audiences of a provider.
const MOST: usize = 8;
/// The longest audience, in bytes.
const LONGEST_AUDIENCE: usize = 1024;
/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 200;
/// The most certificates between roots and signers: one cloud has more authorities than any chain has places.
const MOST_INTERMEDIATES: usize = 32;
/// The longest object identifier, in bytes.
const LONGEST_OID: usize = 128;

/// `kind: provider`.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// What every provider has.
    pub settings: ProviderSettings,
    /// What is trusted.
    pub trust: Trust,
}

/// What every provider has, whatever its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// The provider's key within its tenant.
    pub name: String,
    /// A few words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Nobody proves anything by a disabled provider.
    #[serde(default)]
    pub status: Status,
}

impl ProviderSettings {
    /// The members of a provider's document that are these, whatever its type.
    const MEMBERS: [&'static str; 3] = ["name", "description", "status"];
}

/// What is trusted, by the provider's type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Trust {
    /// An OpenID Connect issuer: signed tokens.
    Oidc(Oidc),
    /// A signer of PKCS#7 documents.
    Pkcs7(Pkcs7),
    /// A private CA: certificates.
    PrivateCa(PrivateCa),
}

/// An OpenID Connect issuer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The `iss` of its tokens, or `spiffe://` and a trust domain, whose JWT-SVIDs need not have one; immutable.
    pub issuer: String,
    /// One of these is the `aud` of its tokens.
    pub audiences: Vec<String>,
    /// Where its keys come from.
    #[serde(default)]
    pub jwks: JwksSource,
    /// The roots, in PEM, that its hosts are trusted by; absent: those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// What must hold of every token, as an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_condition: Option<String>,
    /// The longest life of a token that is accepted; default: 24 hours.
    #[serde(default = "Lifetime::day")]
    pub max_age: Lifetime,
}

/// Where an issuer's keys come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JwksSource {
    /// The issuer's discovery document names them.
    Discover(bool),
    /// An https URL that answers them.
    Uri(String),
    /// They stand here: a JWK set.
    Inline(Map<String, Value>),
}

impl Default for JwksSource {
    fn default() -> Self {
        Self::Discover(true)
    }
}

/// A signer of PKCS#7 documents: pinned, or under pinned roots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pkcs7 {
    /// Certificates, in PEM, whose keys sign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<String>,
    /// Roots, in PEM, that the signer's certificate leads to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<String>,
    /// Authorities between those roots and the signers, in PEM: documents often lack them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intermediates: Vec<String>,
    /// Accept SHA-1 of a pinned signer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_sha1: bool,
    /// When a document was signed: an expression, or `attribute` for the signed signing-time attribute.
    pub signing_time: String,
    /// How long after its signing a document is accepted.
    pub max_age: Lifetime,
    /// What must hold of every document, as an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_condition: Option<String>,
}

/// A private CA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateCa {
    /// Its roots, in PEM.
    pub anchors: Vec<String>,
    /// Its revocation lists, in PEM.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crls: Vec<String>,
    /// Refuse a certificate that no list here speaks for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub crl_required: bool,
    /// The extended key usage that certificates must have: `client_auth` or an OID. Absent: `client_auth` of the
    /// certificate of a connection; of one beside an assertion, client authentication among those it has, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eku: Option<String>,
    /// What must hold of every certificate, as an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_condition: Option<String>,
}

impl Pkcs7 {
    /// The word of `signing_time` for the signed attribute.
    pub const ATTRIBUTE: &'static str = "attribute";
}

impl Trust {
    /// The word of its type.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "oidc",
            Self::Pkcs7(_) => "pkcs7",
            Self::PrivateCa(_) => "private_ca",
        }
    }

    /// Read by hand, for the sake of what is said when something is wrong.
    fn read(mut members: Map<String, Value>) -> Result<Self, String> {
        match wire::take_tag(&mut members, "type")?.as_str() {
            "oidc" => wire::read(members).map(Self::Oidc),
            "pkcs7" => wire::read(members).map(Self::Pkcs7),
            "private_ca" => wire::read(members).map(Self::PrivateCa),
            word => Err(format!("unknown type `{word}` of provider; the types are oidc, pkcs7, private_ca")),
        }
    }

    /// The model under which expressions read what it vouches for.
    pub const fn model(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "jwt",
            Self::Pkcs7(_) => "pkcs7",
            Self::PrivateCa(_) => "cert",
        }
    }

    /// What must hold of everything that it vouches for.
    pub fn trust_condition(&self) -> Option<&str> {
        match self {
            Self::Oidc(oidc) => oidc.trust_condition.as_deref(),
            Self::Pkcs7(pkcs7) => pkcs7.trust_condition.as_deref(),
            Self::PrivateCa(ca) => ca.trust_condition.as_deref(),
        }
    }
}

impl Trust {
    /// The trust condition, parsed.
    pub(crate) fn condition(&self) -> Result<Option<Expression>, Fault> {
        let source = self.trust_condition();
        source.map(|source| expression::condition("trust_condition", source, self.model())).transpose()
    }
}

impl Provider {
    /// Checks what can be said of the document by itself, its name aside.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let words = self.settings.description.as_deref().unwrap_or("-");
        if !(1..=LONGEST_DESCRIPTION).contains(&words.chars().count()) || words.chars().any(char::is_control) {
            let message = format!("a description has 1 to {LONGEST_DESCRIPTION} characters and no control characters");
            return fault("description", message);
        }
        self.trust.condition()?;
        match &self.trust {
            Trust::Oidc(oidc) => oidc.check(),
            Trust::Pkcs7(pkcs7) => pkcs7.check(),
            Trust::PrivateCa(ca) => ca.check(),
        }
    }
}

impl Oidc {
    /// Whether its tokens are the JWT-SVIDs of a SPIFFE trust domain.
    pub fn is_trust_domain(&self) -> bool {
        self.issuer.starts_with("spiffe:")
    }

    /// > The Issuer Identifier [...] is a case-sensitive URL using the https scheme that contains scheme, host, and
    /// > optionally, port number and path components and no query or fragment components.
    ///
    /// <https://openid.net/specs/openid-connect-core-1_0.html#IDToken>
    fn check(&self) -> Result<(), Fault> {
        if self.is_trust_domain() {
            if !is_trust_domain(&self.issuer) {
                return fault("issuer", "a trust domain is written `spiffe://` and its name, in lower case, alone");
            }
            if matches!(self.jwks, JwksSource::Discover(_)) {
                return fault("jwks", "the keys of a trust domain cannot be discovered: give `uri` or `inline`");
            }
        } else {
            check_https("issuer", &self.issuer)?;
            if self.issuer.contains('?') {
                return fault("issuer", "an issuer has no query");
            }
        }
        if self.audiences.is_empty() || self.audiences.len() > MOST {
            return fault(
                "audiences",
                format!("an issuer needs 1 to {MOST} audiences: its tokens for others are none"),
            );
        }
        for (position, audience) in self.audiences.iter().enumerate() {
            if !(1..=LONGEST_AUDIENCE).contains(&audience.len()) || audience.chars().any(char::is_control) {
                let message = format!("an audience has 1 to {LONGEST_AUDIENCE} bytes and no control characters");
                return fault(format!("audiences[{position}]"), message);
            }
        }
        match &self.jwks {
            JwksSource::Discover(true) => {}
            JwksSource::Discover(false) => return fault("jwks.discover", "`discover` can only be `true`"),
            JwksSource::Uri(uri) => check_https("jwks.uri", uri)?,
            JwksSource::Inline(set) => check_jwk_set("jwks.inline", set)?,
        }
        self.ca.as_deref().map_or(Ok(()), |pem| check_roots("ca", pem))
    }
}

impl Pkcs7 {
    fn check(&self) -> Result<(), Fault> {
        if self.signers.is_empty() == self.anchors.is_empty() {
            return fault("", "a signer is trusted by either `signers` or `anchors`");
        }
        if self.allow_sha1 && self.signers.is_empty() {
            return fault("allow_sha1", "SHA-1 can be allowed only for pinned `signers`");
        }
        if self.anchors.is_empty() && !self.intermediates.is_empty() {
            return fault("intermediates", "`intermediates` lead to `anchors`; here are none");
        }
        // An authority vouches for many; one of them is the signer.
        if !self.anchors.is_empty() && self.trust_condition.is_none() {
            let message = "`anchors` vouch for everybody who has a certificate under them: say who signs, as in \
                `Equals(pkcs7.certificates.0.subject.CN, \"metadata.example\")`";
            return fault("trust_condition", message);
        }
        self.trusted_signers()?;
        self.trusted_intermediates()?;
        self.trusted_anchors()?;
        self.signing_time_expression().map(drop)
    }

    /// The pinned signers.
    pub(crate) fn trusted_signers(&self) -> Result<Box<[Certificate]>, Fault> {
        certificates("signers", &self.signers, MOST)
    }

    /// The authorities on the way.
    pub(crate) fn trusted_intermediates(&self) -> Result<Box<[Certificate]>, Fault> {
        certificates("intermediates", &self.intermediates, MOST_INTERMEDIATES)
    }

    /// The roots; `None`: signers are pinned.
    pub(crate) fn trusted_anchors(&self) -> Result<Option<Anchors>, Fault> {
        if self.anchors.is_empty() { Ok(None) } else { anchors(&self.anchors, MOST, &[]).map(Some) }
    }

    /// When a document was signed; `None`: its signed attribute says so.
    pub(crate) fn signing_time_expression(&self) -> Result<Option<Expression>, Fault> {
        if self.signing_time == Self::ATTRIBUTE {
            return Ok(None);
        }
        expression::seconds("signing_time", &self.signing_time, "pkcs7").map(Some)
    }
}

impl PrivateCa {
    fn check(&self) -> Result<(), Fault> {
        if self.anchors.is_empty() {
            return fault("anchors", "a private CA needs a root");
        }
        if self.crls.len() > MOST {
            return fault("crls", format!("there are at most {MOST}"));
        }
        self.trusted_anchors()?;
        if self.crl_required && self.crls.is_empty() {
            return fault("crl_required", "without `crls` every certificate would be refused");
        }
        self.purpose().map(drop)
    }

    /// The roots, with what they have taken back.
    pub(crate) fn trusted_anchors(&self) -> Result<Anchors, Fault> {
        anchors(&self.anchors, MOST, &self.crls)
    }

    /// What certificates must be made for.
    ///
    /// The vendor's documents do not say what is asked of certificates there, and a private CA that was made with a few
    /// commands names no purpose. So a certificate without any will do, which is what RFC 5280 has it mean; one that has
    /// some must have client authentication among them. Who wants it named says `client_auth`.
    pub(crate) fn purpose(&self) -> Result<Purpose, Fault> {
        match self.eku.as_deref() {
            None => Ok(Purpose::CLIENT_AUTH_IF_RESTRICTED),
            Some("client_auth") => Ok(Purpose::CLIENT_AUTH),
            Some(word) => Purpose::from_oid(word)
                .filter(|_| word.len() <= LONGEST_OID)
                .ok_or_else(|| ("eku".to_owned(), format!("`{word}` is neither `client_auth` nor an OID"))),
        }
    }
}

fn check_jwk_set(path: &str, set: &Map<String, Value>) -> Result<(), Fault> {
    let text = serde_json::to_vec(set).map_err(|error| (path.to_owned(), error.to_string()))?;
    let set = parse_jwk_set(&text).map_err(|error| (path.to_owned(), error.to_string()))?;
    if set.keys().is_empty() {
        return fault(path, "there is no key in this set that signatures can be verified with");
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let known = ProviderSettings::MEMBERS.iter().filter_map(|name| members.remove_entry(*name));
        let settings = wire::read(known.collect()).map_err(Error::custom)?;
        Ok(Self { settings, trust: Trust::read(members).map_err(Error::custom)? })
    }
}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a> {
            #[serde(flatten)]
            settings: &'a ProviderSettings,
            #[serde(flatten)]
            trust: &'a Trust,
        }
        Members { settings: &self.settings, trust: &self.trust }.serialize(serializer)
    }
}
