//! BER in, DER out: everything after this reads one encoding.

use super::fault::CmsFault;

/// How many elements may stand inside each other, the outermost included.
///
/// A certificate inside a message needs ten, and a time stamp among the unsigned attributes, which
/// is a message of its own, eighteen.
pub(super) const MAX_DEPTH: usize = 24;

const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;
const SEQUENCE: u8 = 0x10;
const SET: u8 = 0x11;

/// Rewrites exactly one element: definite lengths in their shortest form, octet strings in one
/// piece. What is DER already stays as it is, byte for byte.
///
/// > The CMS values are generated using ASN.1 \[X.208-88\], using BER-encoding
/// > \[X.209-88\].
///
/// Signers that stream do use it: they do not know the length when they begin. The caller bounds
/// the length of `bytes`; depth is bounded here, and each byte is copied once a level.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-1>
pub(super) fn to_der(bytes: &[u8]) -> Result<Vec<u8>, CmsFault> {
    let mut input = bytes;
    let mut der = Vec::with_capacity(bytes.len());
    element(&mut input, &mut der, MAX_DEPTH)?;
    if input.is_empty() { Ok(der) } else { Err(CmsFault::TrailingBytes) }
}

/// Rewrites the first element of `input` at the end of `out`, with `room` levels left.
fn element(input: &mut &[u8], out: &mut Vec<u8>, room: usize) -> Result<(), CmsFault> {
    let Header { tag, length } = header(input)?;
    if tag & CONSTRUCTED == 0 {
        return write(out, tag, take(input, length.ok_or(CmsFault::Ber)?)?);
    }
    if tag == OCTET_STRING | CONSTRUCTED {
        let octets = contents(input, length, room, piece)?;
        return write(out, OCTET_STRING, &octets);
    }
    let body = contents(input, length, room, element)?;
    write(out, tag, &body)
}

/// Appends the octets of the first element of `input`, which is an octet string or is made of them.
fn piece(input: &mut &[u8], out: &mut Vec<u8>, room: usize) -> Result<(), CmsFault> {
    let Header { tag, length } = header(input)?;
    if tag == OCTET_STRING {
        out.extend_from_slice(take(input, length.ok_or(CmsFault::Ber)?)?);
    } else if tag == OCTET_STRING | CONSTRUCTED {
        out.extend(contents(input, length, room, piece)?);
    } else {
        return Err(CmsFault::Ber);
    }
    Ok(())
}

type Each = fn(&mut &[u8], &mut Vec<u8>, usize) -> Result<(), CmsFault>;

/// What `each` makes of the elements inside a constructed one, whose header was read.
fn contents(input: &mut &[u8], length: Option<usize>, room: usize, each: Each) -> Result<Vec<u8>, CmsFault> {
    let room = room.checked_sub(1).ok_or(CmsFault::TooDeep)?;
    let mut body = Vec::new();
    if let Some(length) = length {
        let mut inner = take(input, length)?;
        while !inner.is_empty() {
            each(&mut inner, &mut body, room)?;
        }
    } else {
        while !end_of_contents(input) {
            each(input, &mut body, room)?;
        }
    }
    Ok(body)
}

fn end_of_contents(input: &mut &[u8]) -> bool {
    let rest = input.strip_prefix(&[0, 0]);
    if let Some(rest) = rest {
        *input = rest;
    }
    rest.is_some()
}

struct Header {
    tag: u8,
    /// `None`: until the end-of-contents octets.
    length: Option<usize>,
}

fn header(input: &mut &[u8]) -> Result<Header, CmsFault> {
    let tag = byte(input)?;
    let (universal, constructed, number) = (tag & 0xc0 == 0, tag & CONSTRUCTED != 0, tag & 0x1f);
    // Numbers above 30 take more octets; nothing in a message or a certificate has one. Number 0 of
    // the universal class is the end of contents, which does not stand here.
    if number == 0x1f || (universal && number == 0) {
        return Err(CmsFault::Ber);
    }
    // Sequences and sets are constructed. Of the other universal types none is, except an octet
    // string, which streaming cuts into pieces.
    let is_container = number == SEQUENCE || number == SET;
    if universal && number != OCTET_STRING && constructed != is_container {
        return Err(CmsFault::Ber);
    }
    Ok(Header { tag, length: length(input)? })
}

fn length(input: &mut &[u8]) -> Result<Option<usize>, CmsFault> {
    let first = byte(input)?;
    if first < 0x80 {
        return Ok(Some(usize::from(first)));
    }
    let octets = usize::from(first & 0x7f);
    if octets == 0 {
        return Ok(None);
    }
    // BER allows zeros in front; four octets are already more than a message may have.
    if octets > 4 {
        return Err(CmsFault::Ber);
    }
    let length = take(input, octets)?.iter().fold(0_u32, |sum, octet| (sum << 8) | u32::from(*octet));
    usize::try_from(length).map(Some).map_err(|_| CmsFault::Ber)
}

fn byte(input: &mut &[u8]) -> Result<u8, CmsFault> {
    let (first, rest) = input.split_first().ok_or(CmsFault::Ber)?;
    *input = rest;
    Ok(*first)
}

fn take<'b>(input: &mut &'b [u8], length: usize) -> Result<&'b [u8], CmsFault> {
    let (taken, rest) = input.split_at_checked(length).ok_or(CmsFault::Ber)?;
    *input = rest;
    Ok(taken)
}

/// Appends one element in DER.
pub(super) fn write(out: &mut Vec<u8>, tag: u8, body: &[u8]) -> Result<(), CmsFault> {
    let length = u32::try_from(body.len()).map_err(|_| CmsFault::Ber)?.to_be_bytes();
    out.push(tag);
    let [.., last] = length;
    if body.len() < 0x80 {
        out.push(last);
    } else {
        let octets = length.iter().skip_while(|octet| **octet == 0);
        out.extend(u8::try_from(octets.clone().count()).map(|count| 0x80 | count));
        out.extend(octets);
    }
    out.extend_from_slice(body);
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn der_stays_as_it_is() {
        for der in [&[0x30, 0x00][..], &[0x04, 0x01, 0xff], &[0x31, 0x05, 0xa0, 0x03, 0x02, 0x01, 0x00]] {
            assert_eq!(to_der(der).unwrap(), der);
        }
        let mut long = vec![0x04, 0x82, 0x01, 0x00];
        long.extend([7; 256]);
        assert_eq!(to_der(&long).unwrap(), long);
    }

    #[test]
    fn indefinite_and_long_lengths_become_short_ones() {
        let ber = [0x30, 0x80, 0x31, 0x84, 0, 0, 0, 3, 0x02, 0x81, 0x00, 0xa0, 0x80, 0x05, 0x00, 0, 0, 0, 0];
        // The set holds an INTEGER of no octets: not for this module to say.
        assert_eq!(to_der(&ber).unwrap(), [0x30, 0x08, 0x31, 0x02, 0x02, 0x00, 0xa0, 0x02, 0x05, 0x00]);
    }

    #[test]
    fn octet_strings_in_pieces_become_one() {
        let ber = [0x24, 0x80, 0x04, 1, 1, 0x24, 0x05, 0x04, 1, 2, 0x04, 0, 0x24, 0x80, 0, 0, 0x04, 1, 3, 0, 0];
        assert_eq!(to_der(&ber).unwrap(), [0x04, 3, 1, 2, 3]);
        assert_eq!(to_der(&[0x24, 0x80, 0x02, 1, 1, 0, 0]), Err(CmsFault::Ber), "another type among them");
    }

    #[test]
    fn malformed_encodings_are_refused() {
        for ber in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x80, 0x00],
            &[0x30, 0x01],
            &[0x30, 0x01, 0x30],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0xff],
            &[0x04, 0x80, 0, 0],
            &[0x10, 0],
            &[0x22, 0],
            &[0x1f, 0x20, 0],
            &[0, 0],
            &[0x30, 2, 0, 0],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(to_der(ber), Err(CmsFault::Ber), "{ber:02x?}");
        }
        assert_eq!(to_der(&[0x30, 0, 0]), Err(CmsFault::TrailingBytes));
    }

    #[test]
    fn nesting_is_bounded() {
        let definite = |depth: usize| {
            let mut der = vec![0x05, 0];
            for _ in 0..depth {
                let inner = std::mem::take(&mut der);
                write(&mut der, 0x30, &inner).unwrap();
            }
            der
        };
        to_der(&definite(MAX_DEPTH)).unwrap();
        assert_eq!(to_der(&definite(MAX_DEPTH + 1)), Err(CmsFault::TooDeep));
        for opening in [[0x30, 0x80], [0x24, 0x80], [0xa0, 0x80]] {
            assert_eq!(to_der(&opening.repeat(30_000)), Err(CmsFault::TooDeep));
        }
    }
}
