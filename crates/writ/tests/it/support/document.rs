//! Signed documents as clouds write them, and as only attackers do.

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::SigningKey;
use writ_oauth::x509::Certificate;

use super::private_ca::Made;

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const SHA256_DIGEST: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];

/// A document before it is signed.
#[derive(Clone)]
pub(crate) struct Document {
    content: Vec<u8>,
    /// What the message holds in the content's place.
    attached: Option<Vec<u8>>,
    /// The signing time, as signed attributes have it; `None`: nothing but the content is signed.
    time: Option<&'static str>,
    certificates: Vec<Vec<u8>>,
    digest_named: &'static [u8],
    streamed: bool,
}

impl Document {
    /// As Alibaba ECS writes it: the content alone is signed, and no certificate comes with it.
    pub(crate) fn bare(content: &str) -> Self {
        let content = content.as_bytes().to_vec();
        Self {
            attached: Some(content.clone()),
            content,
            time: None,
            certificates: vec![],
            digest_named: SHA256_DIGEST,
            streamed: false,
        }
    }

    /// As AWS writes `rsa2048`: indefinite lengths, signed attributes with this time, no certificate.
    pub(crate) fn streamed(content: &str, time: &'static str) -> Self {
        Self { time: Some(time), streamed: true, ..Self::bare(content) }
    }

    /// As Azure writes it: the signer's certificate is in it, and its signature algorithm stands where the digest belongs.
    pub(crate) fn with_signer(content: &str, time: &'static str, signer: &Made) -> Self {
        let certificates = vec![signer.der()];
        Self { time: Some(time), certificates, digest_named: SHA256_WITH_RSA, ..Self::bare(content) }
    }

    /// With another content than the one that is signed.
    pub(crate) fn showing(self, content: &str) -> Self {
        Self { attached: Some(content.as_bytes().to_vec()), ..self }
    }

    /// Without its content.
    pub(crate) fn detached(self) -> Self {
        Self { attached: None, ..self }
    }

    /// With a certificate in it.
    pub(crate) fn carrying(mut self, certificate: &Made) -> Self {
        self.certificates.push(certificate.der());
        self
    }

    /// The message, signed by each of these with its own key.
    pub(crate) fn by(&self, signers: &[&Made]) -> Vec<u8> {
        self.signed(&signers.iter().map(|signer| (*signer, *signer)).collect::<Vec<_>>())
    }

    /// Signed in the name of the first of each pair, with the key of the second.
    pub(crate) fn signed(&self, signers: &[(&Made, &Made)]) -> Vec<u8> {
        let infos: Vec<u8> = signers.iter().flat_map(|(named, signing)| self.signer_info(named, signing)).collect();
        let parts = |content: Vec<u8>| {
            let certificates: Vec<u8> = self.certificates.concat();
            let certificates = if certificates.is_empty() { vec![] } else { tlv(0xa0, &certificates) };
            [tlv(2, &[1]), tlv(0x31, &algorithm(SHA256_DIGEST)), content, certificates, tlv(0x31, &infos)].concat()
        };
        if self.streamed {
            let pieces: Vec<u8> =
                self.attached.iter().flat_map(|content| content.chunks(100)).flat_map(|piece| tlv(4, piece)).collect();
            let octets = indefinite(0xa0, &indefinite(0x24, &pieces));
            let content = indefinite(0x30, &[oid(DATA), octets].concat());
            let message = indefinite(0xa0, &indefinite(0x30, &parts(content)));
            return indefinite(0x30, &[oid(SIGNED_DATA), message].concat());
        }
        let attached = self.attached.as_ref().map(|content| tlv(0xa0, &tlv(4, content))).unwrap_or_default();
        let content = tlv(0x30, &[oid(DATA), attached].concat());
        tlv(0x30, &[oid(SIGNED_DATA), tlv(0xa0, &tlv(0x30, &parts(content)))].concat())
    }

    fn signer_info(&self, named: &Made, signing: &Made) -> Vec<u8> {
        let certificate = Certificate::from_der(&named.der()).unwrap();
        let id = tlv(0x30, &[certificate.issuer_der(), &tlv(2, certificate.serial())].concat());
        let attributes = self.time.map(|time| {
            let digest = digest(&SHA256, &self.content);
            let mut attributes = [
                attribute(CONTENT_TYPE, &oid(DATA)),
                attribute(SIGNING_TIME, &tlv(0x17, time.as_bytes())),
                attribute(MESSAGE_DIGEST, &tlv(4, digest.as_ref())),
            ];
            attributes.sort();
            attributes.concat()
        });
        let to_be_signed = attributes.as_ref().map_or_else(|| self.content.clone(), |list| tlv(0x31, list));
        let signature = signing.key.sign(&to_be_signed).unwrap();
        let attributes = attributes.map(|list| tlv(0xa0, &list)).unwrap_or_default();
        let (digest, scheme) = (algorithm(self.digest_named), algorithm(SHA256_WITH_RSA));
        tlv(0x30, &[tlv(2, &[1]), id, digest, attributes, scheme, tlv(4, &signature)].concat())
    }
}

fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let significant = &length[length.iter().position(|octet| *octet != 0).unwrap_or(3)..];
    let mut der = vec![tag];
    if body.len() >= 0x80 {
        der.push(0x80 | u8::try_from(significant.len()).unwrap());
    }
    der.extend(significant);
    der.extend(body);
    der
}

pub(crate) fn indefinite(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], body, &[0, 0]].concat()
}

fn oid(content: &[u8]) -> Vec<u8> {
    tlv(6, content)
}

fn algorithm(of: &[u8]) -> Vec<u8> {
    tlv(0x30, &[oid(of), vec![5, 0]].concat())
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[oid(kind), tlv(0x31, value)].concat())
}
