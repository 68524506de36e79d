//! Randomness, as a seam: everything unguessable is made here.

use std::cell::RefCell;

use aws_lc_rs::error::Unspecified;
use writ_oauth::secret::PlainSecret;
use zeroize::Zeroize;

/// How many bytes are drawn at a time for ids, of which every request needs some: a draw costs as much as making the
/// rest of an id ten times over.
const DRAW: usize = 1024;

/// Bytes that were drawn ahead, by one thread for itself; those that were given away are wiped.
struct Ahead {
    bytes: [u8; DRAW],
    left: usize,
}

thread_local! {
    static AHEAD: RefCell<Ahead> = const { RefCell::new(Ahead { bytes: [0; DRAW], left: 0 }) };
}

/// Random bytes from the operating system's generator, by way of the crypto library.
#[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
pub fn bytes<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// A few random bytes for an id, which are not worth a draw of their own. Keys and secrets are [`bytes`].
pub(crate) fn few<const N: usize>() -> Result<[u8; N], Unspecified> {
    AHEAD.with_borrow_mut(|ahead| {
        if ahead.left < N {
            ahead.bytes = bytes()?;
            ahead.left = DRAW;
        }
        let (unused, _) = ahead.bytes.split_at_mut_checked(ahead.left).ok_or(Unspecified)?;
        let taken = unused.last_chunk_mut::<N>().ok_or(Unspecified)?;
        let given = *taken;
        taken.zeroize();
        ahead.left -= N;
        Ok(given)
    })
}

/// A random id: a prefix and 26 characters of 5 bits, lower case, without look-alikes.
pub fn id(prefix: &str) -> Result<String, Unspecified> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    const LENGTH: usize = 26;
    let mut id = String::with_capacity(prefix.len() + LENGTH);
    id.push_str(prefix);
    for byte in few::<LENGTH>()? {
        id.push(LETTERS.get(usize::from(byte & 31)).map_or('-', |letter| char::from(*letter)));
    }
    Ok(id)
}

/// A new client secret.
pub fn secret() -> Result<PlainSecret, Unspecified> {
    Ok(PlainSecret::from_random(&bytes()?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_is_drawn_ahead_is_given_once_and_by_no_two_threads() {
        let some = || (0..1000).map(|_| few::<26>().unwrap()).collect::<Vec<_>>();
        let other = std::thread::spawn(some).join().unwrap();
        let given: HashSet<_> = some().into_iter().chain(other).collect();
        assert_eq!(given.len(), 2000);
        assert!(few::<{ DRAW + 1 }>().is_err());
    }

    #[test]
    fn what_was_given_is_wiped() {
        let given = few::<64>().unwrap();
        assert_ne!(given, [0; 64]);
        AHEAD.with_borrow(|ahead| {
            let (_, used) = ahead.bytes.split_at(ahead.left);
            assert!(used.len() >= 64 && used.iter().all(|byte| *byte == 0));
        });
    }
}
