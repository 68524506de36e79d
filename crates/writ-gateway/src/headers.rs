//! Which headers cross the gateway: nothing that only concerns one connection, nothing that claims an identity.

use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, HeaderValue, TE, UPGRADE};
use http::{HeaderMap, Method, Version};
use writ_core::Enforced;
use writ_core::document::TokenForwarding;

use crate::gateway::Caller;

/// Headers of one connection.
///
/// > Intermediaries MUST parse a received Connection header field before a message is forwarded and, for each
/// > connection-option in this field, remove any header or trailer field(s) from the message with the same name
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>
///
/// `Trailer` is not among them: it announces what comes after the body, which crosses the gateway too.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// Beginnings of names by which servers know who is calling, with which certificate, and from where. Whatever is
/// neither letter nor digit is read as `-`, as servers do that make variables of headers.
const CLAIMS: [&str; 20] = [
    "x-writ-",
    "x-client-",
    "x-user",
    "x-auth-request-",
    "x-remote-",
    "remote-user",
    "client-cert",
    "x-ssl-",
    "ssl-client-",
    "x-tls-",
    "tls-client-",
    "x-amzn-mtls-",
    "x-arr-clientcert",
    "cf-client-",
    "x-forwarded-",
    "forwarded",
    "x-real-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-",
];

/// Beginnings of names by which some servers take another path, host or method than the one that was decided on.
const DETOURS: [&str; 6] =
    ["x-original-", "x-rewrite-", "x-override-", "x-http-method", "x-method-override", "x-http-host-override"];

/// The headers that say who is calling and from where.
const IDENTITY: [HeaderName; 7] = [
    HeaderName::from_static("x-writ-client"),
    HeaderName::from_static("x-writ-subject"),
    HeaderName::from_static("x-writ-scope"),
    HeaderName::from_static("x-writ-issuer"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
];

/// About how many headers a request gets on its way: the identity, its host, `Via`, and how its body is framed.
const ADDED: usize = 10;

/// Takes out the headers of one connection, in either direction.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    remove(headers, |name| HOP_BY_HOP.contains(&name.as_str()) || named.contains(name));
}

fn remove(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) {
    let names: Vec<_> = headers.keys().filter(|name| unwanted(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// What the caller asked of the connection and the upstream needs to hear as well.
pub(crate) struct Kept {
    websocket: bool,
    trailers: bool,
}

impl Kept {
    /// Reads it, before the headers of the connection are taken out.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { websocket: upgrades_to_websocket(headers), trailers: lists(headers, &TE, "trailers") }
    }

    /// Whether the caller wants to speak WebSocket on this connection. To no other protocol is a connection joined:
    /// over HTTP/2 in the clear, say, a caller could send further requests that nobody decides on.
    pub(crate) fn is_upgrade(&self, method: &Method, version: Version) -> bool {
        self.websocket && *method == Method::GET && version == Version::HTTP_11
    }

    /// Says it to the upstream.
    pub(crate) fn put(&self, headers: &mut HeaderMap, upgrades: bool) {
        if upgrades {
            put_upgrade(headers);
        }
        if self.trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
            if !upgrades {
                headers.insert(CONNECTION, HeaderValue::from_static("te"));
            }
        }
    }
}

/// Says that the protocol changes to WebSocket.
pub(crate) fn put_upgrade(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// Whether the headers of a request or an answer change the protocol to WebSocket, and to nothing else.
pub(crate) fn upgrades_to_websocket(headers: &HeaderMap) -> bool {
    let mut protocols = headers.get_all(UPGRADE).iter();
    let (only, second) = (protocols.next(), protocols.next());
    let websocket = only.is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(b"websocket"));
    websocket && second.is_none() && lists(headers, &CONNECTION, "upgrade")
}

fn lists(headers: &HeaderMap, header: &HeaderName, word: &str) -> bool {
    let lines = headers.get_all(header).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}

/// Takes out what claims an identity or a way that the request did not come.
pub(crate) fn remove_claims(headers: &mut HeaderMap) {
    remove(headers, |name| CLAIMS.iter().chain(&DETOURS).any(|start| begins_with(name, start)));
}

/// Whether a name, which is in lower case, begins so, whatever stands for its dashes.
fn begins_with(name: &HeaderName, start: &str) -> bool {
    let name = name.as_str().as_bytes();
    let same = |(is, should): (&u8, u8)| *is == should || (should == b'-' && !is.is_ascii_alphanumeric());
    name.len() >= start.len() && name.iter().zip(start.bytes()).all(same)
}

/// Takes out of trailers what has no place there: claims, and what frames, routes or authenticates a message.
///
/// > Many fields cannot be processed outside the header section because their evaluation is necessary prior to receiving
/// > the content, such as those that describe message framing, routing, authentication [...]
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1>
pub(crate) fn remove_from_trailers(trailers: &mut HeaderMap) {
    remove_hop_by_hop(trailers);
    remove_claims(trailers);
    for name in [CONTENT_LENGTH, HOST, AUTHORIZATION] {
        trailers.remove(name);
    }
}

/// Says who is calling, from where, and what they may do.
pub(crate) fn put_identity(headers: &mut HeaderMap, caller: &Caller, enforced: &Enforced, forwarding: TokenForwarding) {
    // The server's own host is put in its place, and the expectation has been met here.
    for name in [HOST, EXPECT] {
        headers.remove(name);
    }
    // Growing once is cheaper than step by step; where it fails, the map grows as it is filled.
    let _ = headers.try_reserve(ADDED);
    let [client, subject, scope, issuer, forwarded_for, forwarded_host, forwarded_proto] = IDENTITY;
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(client, enforced.client_id());
    if let Some(value) = enforced.subject() {
        put(subject, value);
    }
    put(scope, enforced.scope());
    put(issuer, enforced.issuer());
    put(forwarded_for, &caller.origin.to_string());
    put(forwarded_host, &caller.host);
    put(forwarded_proto, caller.scheme);
    match forwarding {
        TokenForwarding::Forward => {}
        TokenForwarding::Remove => {
            headers.remove(AUTHORIZATION);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn case_95_identity_is_never_taken_from_the_caller() {
        let spellings = [
            "x-writ-client",
            "X-Writ-Scope",
            "x_writ_client",
            "x.writ.client",
            "X-User",
            "x_user",
            "x.user",
            "x-user-id",
            "x-client-id",
            "x-auth-request-user",
            "x-forwarded-user",
            "X_Forwarded_User",
            "client-cert",
            "x-ssl-client-dn",
            "x-forwarded-for",
            "x-forwarded-host",
            "forwarded",
            "x-real-ip",
            "x~user",
            "X!Client!Id",
            "X-Remote-User",
            "x-ssl-cert",
            "X_SSL_Client_Cert",
            "ssl_client_verify",
            "client-cert-chain",
            "Client.Cert",
            "x-forwarded-client-cert",
            "x_forwarded_client_cert",
            "x-tls-client-cert",
            "x-amzn-mtls-clientcert",
            "x-arr-clientcert",
            "cf-client-cert-der-base64",
            "x-original-url",
            "x-rewrite-url",
            "X-HTTP-Method-Override",
        ];
        let mut headers = map(&spellings.map(|name| (name, "root")));
        headers.insert("accept", HeaderValue::from_static("*/*"));
        remove_claims(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn case_95_what_connection_names_stays_on_its_connection() {
        let mut headers = map(&[
            ("connection", "x-secret, keep-alive"),
            ("connection", "Upgrade"),
            ("x-secret", "1"),
            ("keep-alive", "1"),
            ("upgrade", "websocket"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("accept", "*/*"),
        ]);
        let kept = Kept::of(&headers);
        assert!(kept.is_upgrade(&Method::GET, Version::HTTP_11));
        assert!(!kept.is_upgrade(&Method::POST, Version::HTTP_11) && !kept.is_upgrade(&Method::GET, Version::HTTP_2));
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.len(), 1);
        kept.put(&mut headers, true);
        assert_eq!(
            headers,
            map(&[("accept", "*/*"), ("connection", "upgrade"), ("upgrade", "websocket"), ("te", "trailers")])
        );
    }

    #[test]
    fn case_106_no_other_protocol_is_let_through() {
        for pairs in [
            &[("connection", "upgrade"), ("upgrade", "h2c")][..],
            &[("connection", "upgrade"), ("upgrade", "h2c, websocket")],
            &[("connection", "upgrade"), ("upgrade", "h2c"), ("upgrade", "websocket")],
            &[("connection", "upgrade"), ("upgrade", "websocket"), ("upgrade", "h2c")],
            &[("upgrade", "websocket")],
        ] {
            assert!(!Kept::of(&map(pairs)).is_upgrade(&Method::GET, Version::HTTP_11), "{pairs:?}");
        }
    }
}
