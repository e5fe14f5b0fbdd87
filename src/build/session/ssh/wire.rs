//! How SSH writes messages: lengths of four bytes, strings, big numbers (RFC 4251, section 5).

use std::io;

/// The longest message of an agent that is taken.
const LONGEST: u32 = 256 * 1024;

/// Cuts a stream of bytes into messages.
#[derive(Default)]
pub(super) struct Frames(Vec<u8>);

impl Frames {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next whole message, without its length.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some((head, rest)) = self.0.split_first_chunk::<4>() else { return Ok(None) };
        let length = checked(u32::from_be_bytes(*head))?;
        let Some(message) = rest.get(..length) else { return Ok(None) };
        let message = message.to_vec();
        self.0.drain(..4 + length);
        Ok(Some(message))
    }
}

/// A length that is not absurd.
pub(super) fn checked(length: u32) -> io::Result<usize> {
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the ssh message is too long"));
    }
    Ok(length as usize)
}

/// A message with its length in front.
pub(super) fn frame(message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(message.len() + 4);
    put_string(&mut framed, message);
    framed
}

/// Appends a string.
pub(super) fn put_string(to: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    to.extend_from_slice(&length.to_be_bytes());
    to.extend_from_slice(bytes);
}

/// Appends an unsigned number: no leading zeros but the one that keeps it positive.
pub(super) fn put_number(to: &mut Vec<u8>, bytes: &[u8]) {
    put_string(to, &positive(bytes));
}

/// An unsigned big-endian number in the shortest form that is not negative.
fn positive(bytes: &[u8]) -> Vec<u8> {
    let digits = digits(bytes);
    let mut number = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_some_and(|&byte| byte & 0x80 != 0) {
        number.push(0);
    }
    number.extend_from_slice(digits);
    number
}

/// A big-endian number without the zeros in front.
pub(super) fn digits(number: &[u8]) -> &[u8] {
    let first = number.iter().position(|&byte| byte != 0).unwrap_or(number.len());
    &number[first..]
}

/// Reads strings one by one.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        self.take(length)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::{Frames, frame, positive};

    #[test]
    fn messages_come_out_whole_however_they_came_in() {
        let stream = [frame(b"one"), frame(b""), frame(b"three")].concat();
        let mut frames = Frames::default();
        let mut seen = Vec::new();
        for byte in stream {
            frames.push(&[byte]);
            seen.extend(frames.next().unwrap());
        }
        assert_eq!(seen, [b"one".to_vec(), b"".to_vec(), b"three".to_vec()]);
        frames.push(&[0xff; 4]);
        assert!(frames.next().is_err());
    }

    #[test]
    fn numbers_are_short_and_positive() {
        assert_eq!(positive(&[0, 0, 0x7f]), [0x7f]);
        assert_eq!(positive(&[0x80]), [0, 0x80]);
        assert_eq!(positive(&[0, 0]), [] as [u8; 0]);
    }
}
