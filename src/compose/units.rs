//! Numbers with units: lengths of time as Go writes them, and sizes in bytes.
//!
//! The words of the errors are those of the libraries that Docker Compose uses, because scripts
//! and people search for them.

use super::model::{ByteSize, Duration};

/// Why a text is not a length of time or a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Nothing in it looks like a length of time, or it is beyond 292 years.
    #[error("time: invalid duration {0:?}")]
    InvalidDuration(String),
    /// A number has no unit behind it.
    #[error("time: missing unit in duration {0:?}")]
    MissingUnit(String),
    /// A unit that is not one of `ns us µs ms s m h d w`.
    #[error("time: unknown unit {unit:?} in duration {text:?}")]
    UnknownUnit {
        /// What stands in the unit's place.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// No digits, or a negative size.
    #[error("invalid size: '{0}'")]
    InvalidSize(String),
    /// What follows the number is not one of `b k m g t p`, with or without `b` or `ib`.
    #[error("invalid suffix: '{0}'")]
    InvalidSuffix(String),
    /// What stands before the suffix is not a number.
    #[error("strconv.ParseFloat: parsing {0:?}: invalid syntax")]
    InvalidNumber(String),
    /// The size is beyond 63 bits.
    #[error("strconv.ParseFloat: parsing {0:?}: value out of range")]
    OutOfRange(String),
}

/// Nanoseconds in each unit of time; a day is 24 hours, a week 7 days.
const TIME_UNITS: [(&str, u64); 10] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000), // U+00B5, the micro sign
    ("μs", 1_000), // U+03BC, the Greek letter
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("d", 24 * 3_600 * 1_000_000_000),
    ("w", 7 * 24 * 3_600 * 1_000_000_000),
];

/// Reads a length of time such as `1h30m`, `1.5d` or `500ms`: Go's grammar with days and weeks.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    let invalid = || UnitError::InvalidDuration(text.to_owned());
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(Duration(0));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, behind) = leading_digits(rest);
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => leading_digits(behind),
            None => ("", behind),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end =
            behind.find(|next: char| next == '.' || next.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        if unit.is_empty() {
            return Err(UnitError::MissingUnit(text.to_owned()));
        }
        let (_, scale) = TIME_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| {
            UnitError::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() }
        })?;
        let whole = if whole.is_empty() { Some(0) } else { whole.parse::<u64>().ok() };
        total = whole
            .and_then(|whole| whole.checked_mul(*scale))
            .and_then(|part| part.checked_add(fraction_of(fraction, *scale)))
            .and_then(|part| part.checked_add(total))
            .filter(|total| *total <= 1 << 63)
            .ok_or_else(invalid)?;
        rest = behind;
    }
    let nanoseconds = if negative { -i128::from(total) } else { i128::from(total) };
    i64::try_from(nanoseconds).map(Duration).map_err(|_| invalid())
}

fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|next: char| !next.is_ascii_digit()).unwrap_or(text.len()))
}

/// `0.digits × scale`, rounded down. Nineteen digits are more than a nanosecond can show.
fn fraction_of(digits: &str, scale: u64) -> u64 {
    let digits = &digits[..digits.len().min(19)];
    let value: u128 = digits.parse().unwrap_or(0);
    let size = 10_u128.pow(u32::try_from(digits.len()).unwrap_or(0));
    u64::try_from(value * u128::from(scale) / size).unwrap_or(u64::MAX)
}

/// Reads a size such as `512`, `1.5g`, `64 MiB`: all units are powers of 1024, fractions of a
/// byte are dropped. `-1` is allowed where Compose means "no limit".
pub fn parse_bytes(text: &str) -> Result<ByteSize, UnitError> {
    if text == "-1" {
        return Ok(ByteSize(-1));
    }
    // The last digit, point or space ends the number; one space may stand before the suffix.
    let last = text
        .rfind(|next: char| next.is_ascii_digit() || next == '.' || next == ' ')
        .ok_or_else(|| UnitError::InvalidSize(text.to_owned()))?;
    let suffix = &text[last + 1..];
    let number = if text[last..].starts_with(' ') { &text[..last] } else { &text[..=last] };
    let size = parse_float(number).ok_or_else(|| UnitError::InvalidNumber(number.to_owned()))?;
    if size < 0.0 {
        return Err(UnitError::InvalidSize(text.to_owned()));
    }
    let bytes = size * multiple(suffix)?;
    #[expect(clippy::cast_precision_loss, reason = "only the magnitude is compared")]
    let limit = i64::MAX as f64;
    if bytes.is_nan() || bytes >= limit {
        return Err(UnitError::OutOfRange(number.to_owned()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "seen to fit; Compose rounds down too")]
    Ok(ByteSize(bytes as i64))
}

fn multiple(suffix: &str) -> Result<f64, UnitError> {
    let lower = suffix.to_ascii_lowercase();
    let (first, rest) = lower.split_at(usize::from(lower.is_char_boundary(1) && !lower.is_empty()));
    let power = match (first, rest) {
        ("" | "b", "") => 0,
        ("k", "" | "b" | "ib") => 1,
        ("m", "" | "b" | "ib") => 2,
        ("g", "" | "b" | "ib") => 3,
        ("t", "" | "b" | "ib") => 4,
        ("p", "" | "b" | "ib") => 5,
        _ if suffix.len() > 3 => return Err(UnitError::InvalidSuffix(suffix.to_owned())),
        _ => return Err(UnitError::InvalidSuffix(lower)),
    };
    Ok(1024_f64.powi(power))
}

/// A decimal number as Go reads it: an underscore may stand between two digits.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let separates = |(index, byte): (usize, &u8)| {
        *byte != b'_' || (index > 0 && digit(index - 1) && digit(index + 1))
    };
    bytes.iter().enumerate().all(separates).then(|| text.replace('_', "").parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_read_and_print_as_in_go() {
        for (text, printed) in [
            ("90s", "1m30s"),
            ("1h30m", "1h30m0s"),
            ("1w2d3h4m5s6ms7us8ns", "219h4m5.006007008s"),
            ("1.5h", "1h30m0s"),
            ("1.5d", "36h0m0s"),
            ("1.w", "168h0m0s"),
            ("-1d1h", "-25h0m0s"),
            ("-1s", "-1s"),
            ("+1s", "1s"),
            ("1s1m", "1m1s"),
            ("1m1m", "2m0s"),
            ("1µs", "1µs"),
            ("1μs", "1µs"),
            (".5s", "500ms"),
            ("0", "0s"),
            ("0.1234567891s", "123.456789ms"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
            ("-9223372036854775808ns", "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(parse_duration(text).unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_said_in_go_words() {
        for (text, message) in [
            ("", r#"time: invalid duration """#),
            ("x", r#"time: invalid duration "x""#),
            ("-", r#"time: invalid duration "-""#),
            (".", r#"time: invalid duration ".""#),
            (" 1s", r#"time: invalid duration " 1s""#),
            ("99999999h", r#"time: invalid duration "99999999h""#),
            ("9223372036854775808ns", r#"time: invalid duration "9223372036854775808ns""#),
            ("1x", r#"time: unknown unit "x" in duration "1x""#),
            ("1M", r#"time: unknown unit "M" in duration "1M""#),
            ("1 s", r#"time: unknown unit " s" in duration "1 s""#),
            ("1d-1h", r#"time: unknown unit "d-" in duration "1d-1h""#),
            ("10", r#"time: missing unit in duration "10""#),
            ("1.1.1s", r#"time: missing unit in duration "1.1.1s""#),
            ("1s1", r#"time: missing unit in duration "1s1""#),
        ] {
            assert_eq!(parse_duration(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("1b", 1),
            ("1.7b", 1),
            ("1k", 1 << 10),
            ("1KiB", 1 << 10),
            ("1mb", 1 << 20),
            ("1.5g", 3 << 29),
            ("1 g", 1 << 30),
            (".5g", 1 << 29),
            ("5.g", 5 << 30),
            ("+1g", 1 << 30),
            ("1tb", 1 << 40),
            ("1p", 1 << 50),
            ("1e3", 1000),
            ("1E3k", 1_024_000),
            ("1_000.5", 1000),
            ("-1", -1),
        ] {
            assert_eq!(parse_bytes(text), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_said_in_compose_words() {
        for (text, message) in [
            ("", "invalid size: ''"),
            ("k", "invalid size: 'k'"),
            ("-2", "invalid size: '-2'"),
            ("1x", "invalid suffix: 'x'"),
            ("1KX", "invalid suffix: 'kx'"),
            ("1XXXX", "invalid suffix: 'XXXX'"),
            ("1bb", "invalid suffix: 'bb'"),
            ("1ib", "invalid suffix: 'ib'"),
            ("1é", "invalid suffix: 'é'"),
            ("1  g", r#"strconv.ParseFloat: parsing "1 ": invalid syntax"#),
            ("1g ", r#"strconv.ParseFloat: parsing "1g": invalid syntax"#),
            ("1.5.5g", r#"strconv.ParseFloat: parsing "1.5.5": invalid syntax"#),
            ("1__0", r#"strconv.ParseFloat: parsing "1__0": invalid syntax"#),
            ("0x10", r#"strconv.ParseFloat: parsing "0x10": invalid syntax"#),
            ("1e400", r#"strconv.ParseFloat: parsing "1e400": value out of range"#),
            ("9000000p", r#"strconv.ParseFloat: parsing "9000000": value out of range"#),
        ] {
            assert_eq!(parse_bytes(text).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in r"(?s)[-+0-9._ a-zµμé]{0,24}") {
            let _ = parse_bytes(&text);
            let _ = parse_duration(&text);
        }

        #[test]
        fn a_printed_duration_reads_back(nanoseconds in any::<i64>()) {
            let duration = Duration(nanoseconds);
            prop_assert_eq!(parse_duration(&duration.to_string()), Ok(duration));
        }
    }
}
