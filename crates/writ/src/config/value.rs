//! From the text of a setting to its value. The message of an error says what was expected, not what was given.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;
use writ_core::keyring::MasterKey;

use super::{ClientCertHeader, Database, Listener, LogFormat, PostgresUrl};

type Parsed<T> = Result<T, String>;

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| {
        format!(
            "`{text}` is not an address; expected IP:PORT, such as 127.0.0.1:8080 or [::]:8080, port 0 for a free one"
        )
    })
}

/// An issuer identifier has neither query nor fragment, and everything that Writ says about itself starts with this.
/// <https://www.rfc-editor.org/rfc/rfc8414#section-2>
pub(super) fn public_url(text: &str) -> Parsed<Url> {
    let mut url = Url::parse(text).map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("`{text}` is not an http or https URL"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("`{text}` has a query or a fragment, which an issuer must not have"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a public URL holds no user and no password".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

pub(super) fn database(text: &str) -> Parsed<Database> {
    if text == "sqlite" {
        return Ok(Database::Sqlite);
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") => Ok(Database::Postgres(PostgresUrl::new(text))),
        // The text is not repeated: it may hold a password.
        Ok(_) | Err(_) => Err("expected `sqlite` or a postgres:// URL".to_owned()),
    }
}

pub(super) fn master_key(text: &str) -> Parsed<MasterKey> {
    MasterKey::from_text(text)
        .map_err(|_| "expected 32 bytes in base64, as `openssl rand -base64 32` prints them".to_owned())
}

pub(super) fn client_cert_header(text: &str) -> Parsed<ClientCertHeader> {
    match text {
        "off" => Ok(ClientCertHeader::Off),
        "rfc9440" => Ok(ClientCertHeader::Rfc9440),
        _ => Err(format!("`{text}` is neither `off` nor `rfc9440`")),
    }
}

pub(super) fn listeners(text: &str) -> Parsed<Vec<Listener>> {
    let listener = |word: &str| match word {
        "public" => Ok(Listener::Public),
        "admin" => Ok(Listener::Admin),
        "gateway" => Ok(Listener::Gateway),
        other => Err(format!("`{other}` is not a listener; expected some of public, admin, gateway")),
    };
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(listener).collect()
}

pub(super) fn ranges(text: &str) -> Parsed<Vec<IpNet>> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(range).collect()
}

/// Host bits must be zero, so that a typing error does not silently trust another range.
fn range(word: &str) -> Parsed<IpNet> {
    let net = word.parse::<IpNet>().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from));
    net.filter(|net| *net == net.trunc()).ok_or_else(|| {
        format!("`{word}` is not an address range in CIDR notation, such as 10.0.0.0/8 or 2001:db8::/32")
    })
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("`{text}` is not a log filter, such as `info` or `writ=debug,info`: {error}"))
}

pub(super) fn log_format(text: &str) -> Parsed<LogFormat> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("`{text}` is not a log format; expected `text` or `json`")),
    }
}

/// A number of bytes, also with the suffix `KiB` or `MiB`; at least 1.
pub(super) fn bytes(text: &str) -> Parsed<usize> {
    let (digits, factor) = match (text.strip_suffix("KiB"), text.strip_suffix("MiB")) {
        (Some(digits), _) => (digits, 1 << 10),
        (None, Some(digits)) => (digits, 1 << 20),
        (None, None) => (text, 1),
    };
    let number = digits.trim_end().parse::<usize>().ok().and_then(|count| count.checked_mul(factor));
    number
        .filter(|count| (1..=MOST).contains(count))
        .ok_or_else(|| format!("`{text}` is not a size; expected bytes, such as 65536, 64KiB or 1MiB, up to 1024MiB"))
}

/// hyper needs room for one read, 8 KiB, whatever the limit.
pub(super) fn header_bytes(text: &str) -> Parsed<usize> {
    let size = bytes(text)?;
    if size < 8192 { Err(format!("`{text}` is too little; expected at least 8KiB")) } else { Ok(size) }
}

pub(super) fn count(text: &str) -> Parsed<usize> {
    let number = text.parse::<usize>().ok().filter(|count| (1..=MOST).contains(count));
    number.ok_or_else(|| format!("`{text}` is not a number of at least 1"))
}

/// A number of seconds, also with the suffix `s`, `m` or `h`; at least 1 and at most a day.
pub(super) fn duration(text: &str) -> Parsed<Duration> {
    let (digits, factor) = match text.chars().last() {
        Some('s') => (text.trim_end_matches('s'), 1),
        Some('m') => (text.trim_end_matches('m'), 60),
        Some('h') => (text.trim_end_matches('h'), 3600),
        Some(_) | None => (text, 1),
    };
    let seconds = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(factor));
    seconds
        .filter(|seconds| (1..=86_400).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| format!("`{text}` is not a time; expected seconds, such as 10, 10s or 1m, up to 24h"))
}

/// No limit is sensibly above this; it keeps sums of limits far from overflow.
const MOST: usize = 1 << 30;
