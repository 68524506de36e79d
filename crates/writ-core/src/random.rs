//! Randomness, as a seam: everything unguessable is made here.

use aws_lc_rs::error::Unspecified;
use writ_oauth::secret::PlainSecret;

/// Random bytes from the operating system's generator, by way of the crypto library.
#[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
pub fn bytes<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// A random id: a prefix and 26 characters of 5 bits, lower case, without look-alikes.
pub fn id(prefix: &str) -> Result<String, Unspecified> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letter = |byte: u8| LETTERS.get(usize::from(byte & 31)).map_or('-', |letter| char::from(*letter));
    Ok(prefix.chars().chain(bytes::<26>()?.map(letter)).collect())
}

/// A new client secret.
pub fn secret() -> Result<PlainSecret, Unspecified> {
    Ok(PlainSecret::from_random(&bytes()?))
}
