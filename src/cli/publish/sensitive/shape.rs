//! How a secret is put together, and how much of a text has that shape.

/// A kind of character that secrets are made of.
pub(super) type Class = fn(u8) -> bool;

/// A piece of a [`Shape`].
pub(super) enum Part {
    /// This text.
    Text(&'static str),
    /// One of these texts.
    Either(&'static [&'static str]),
    /// The text, or nothing.
    Maybe(&'static str),
    /// At least and at most so many characters of a kind, and as many as there are.
    Of(Class, usize, usize),
}

/// What a secret looks like.
pub(super) enum Shape {
    /// These pieces, one behind the other.
    Parts(&'static [Part]),
    /// All that follows on a line that has this text in it.
    Line(&'static str),
    /// Something else: the function tells how many bytes at the start of a text look like it.
    Own(fn(&str) -> Option<usize>),
}

impl Shape {
    /// How many bytes at the start of a text have this shape.
    pub(super) fn length(&self, text: &str) -> Option<usize> {
        match self {
            Self::Parts(parts) => parts.iter().try_fold(0, |at, part| {
                let rest = text.as_bytes().get(at..)?;
                Some(at + part.length(rest)?)
            }),
            Self::Line(part) => {
                let line = text.split('\n').next()?;
                line.contains(part).then_some(line.len())
            }
            Self::Own(length) => length(text),
        }
    }
}

impl Part {
    fn length(&self, text: &[u8]) -> Option<usize> {
        let starts = |part: &str| text.starts_with(part.as_bytes()).then_some(part.len());
        match self {
            Self::Text(part) => starts(part),
            Self::Maybe(part) => Some(starts(part).unwrap_or(0)),
            Self::Either(parts) => parts.iter().copied().find_map(starts),
            Self::Of(class, least, most) => {
                let count = run(text, *class).min(*most);
                (count >= *least).then_some(count)
            }
        }
    }
}

/// How many bytes at the start are of a class.
pub(super) fn run(text: &[u8], class: Class) -> usize {
    text.iter().position(|byte| !class(*byte)).unwrap_or(text.len())
}

/// Letters and digits.
pub(super) fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Letters, digits, `_` and `-`: Base64 for addresses.
pub(super) fn word_or_dash(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

/// Letters, digits and `_`.
pub(super) fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Letters, digits, `+` and `/`: Base64.
pub(super) fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Base64 and its padding.
pub(super) fn padded_base64(byte: u8) -> bool {
    base64(byte) || byte == b'='
}

/// Capital letters and digits.
pub(super) fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// Hexadecimal digits in small letters.
pub(super) fn small_hexadecimal(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

/// Hexadecimal digits.
pub(super) fn hexadecimal(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// `0` to `9`.
pub(super) fn digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// `=`.
pub(super) fn padding(byte: u8) -> bool {
    byte == b'='
}

/// Anything that is not blank.
pub(super) fn visible(byte: u8) -> bool {
    !is_space(byte)
}

/// Spaces, tabs and ends of lines.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}
