//! What a scalar's text means, by go-yaml's table (`resolve.go`), which Docker Compose reads with.
//!
//! Differs from YAML 1.2's core schema: `0440` is octal, `0b11` binary, `1_000` a thousand, and there
//! are dates. Integers beyond 64 signed bits are kept as text, since their digits would be lost.

use base64::Engine as _;

use super::Value;
use super::events::Tag;
use crate::compose::units::parse_float;

/// The value of a scalar, or why its tag does not fit it.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<Tag>) -> Result<Value, String> {
    match tag {
        None if plain => Ok(resolve_plain(text)),
        None => Ok(Value::String(text.to_owned())),
        Some(Tag::Binary) => binary(text),
        // Under Compose's own tags and under unknown ones go-yaml leaves scalars as text; casts
        // by path (`cpus: !override 2`) happen later.
        Some(Tag::Str | Tag::Merge | Tag::Other | Tag::Reset | Tag::Override) => {
            Ok(Value::String(text.to_owned()))
        }
        Some(Tag::Timestamp) => timestamp(text)
            .map(Value::Timestamp)
            .ok_or_else(|| format!("cannot decode !!str `{text}` as a !!timestamp")),
        Some(tag @ (Tag::Int | Tag::Float | Tag::Bool | Tag::Null)) => typed(text, tag),
    }
}

/// A scalar under a tag that demands a type; quotes make no difference to it.
fn typed(text: &str, tag: Tag) -> Result<Value, String> {
    let value = resolve_plain(text);
    let wanted = match (tag, value) {
        (Tag::Int, value @ Value::Int(_))
        | (Tag::Float, value @ Value::Float(_))
        | (Tag::Bool, value @ Value::Bool(_))
        | (Tag::Null, value @ Value::Null) => return Ok(value),
        #[expect(clippy::cast_precision_loss, reason = "the file asks for a float")]
        (Tag::Float, Value::Int(integer)) => return Ok(Value::Float(integer as f64)),
        (Tag::Int, _) => "int",
        (Tag::Float, _) => "float",
        (Tag::Bool, _) => "bool",
        (_, _) => "null",
    };
    let found = match resolve_plain(text) {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        _ => "str",
    };
    Err(format!("cannot decode !!{found} `{text}` as a !!{wanted}"))
}

fn binary(text: &str) -> Result<Value, String> {
    let digits: String = text.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(digits)
        .map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
    let text = String::from_utf8(bytes)
        .map_err(|_| "!!binary value is not text, which Compose files cannot hold".to_owned())?;
    Ok(Value::String(text))
}

/// Whether go-yaml reads `text` as text where nothing quotes it: no null, boolean, number or date.
pub(crate) fn reads_as_text(text: &str) -> bool {
    match resolve_plain(text) {
        // Integers beyond 64 signed bits are text for us alone.
        Value::String(_) => integer(text).is_none(),
        _ => false,
    }
}

/// A date, or a date and a time, in one of go-yaml's four forms, as RFC 3339 has it. Without a zone
/// it is UTC.
fn timestamp(text: &str) -> Option<String> {
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let fits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { text.parse::<u32>().ok() } else { None }
    };
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut date = date.splitn(3, '-');
    let year = number(date.next()?, 4..=4)?;
    let month = number(date.next()?, 1..=2)?;
    let day = number(date.next()?, 1..=2)?;
    if !(1..=days(year, month)?).contains(&day) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let Some(time) = time else { return Some(format!("{date}T00:00:00Z")) };

    let (clock, zone) = time.split_at(time.find(['Z', '+', '-']).unwrap_or(time.len()));
    let with_zone = !text.contains(' ');
    let zone = match zone.as_bytes() {
        [] if !with_zone => "Z",
        [b'Z'] if with_zone => "Z",
        [b'+' | b'-', hours @ .., b':', _, _] if with_zone && hours.len() == 2 => {
            let hours = number(&zone[1..3], 2..=2)?;
            let minutes = number(&zone[4..], 2..=2)?;
            match (hours, minutes) {
                (0, 0) => "Z",
                (..=24, ..=60) => zone,
                _ => return None,
            }
        }
        _ => return None,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    number(fraction, 1..=9)?;
    let mut parts = clock.split(':');
    let mut part = |limit| number(parts.next()?, 1..=2).filter(|part| *part <= limit);
    let (hour, minute, second) = (part(23)?, part(59)?, part(59)?);
    if parts.next().is_some() {
        return None;
    }
    let fraction = match fraction.trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    };
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
}

/// The number of days of a month.
fn days(year: u32, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => Some(if leap { 29 } else { 28 }),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

/// The value of a scalar that nothing quotes.
fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Value::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes()[0] {
        b'.' => float(text),
        b'+' | b'-' | b'0'..=b'9' => timestamp(text).map(Value::Timestamp).or_else(|| number(text)),
        _ => None,
    };
    number.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "");
    match integer(&digits) {
        Some(value) => Some(match i64::try_from(value) {
            Ok(value) => Value::Int(value),
            Err(_) => Value::String(value.to_string()),
        }),
        None => float(&digits),
    }
}

/// An integer as Go reads it with base 0: a leading `0` alone makes it octal. Only what fits
/// 64 bits, signed or unsigned.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefixed = |prefixes: [&str; 2]| prefixes.iter().find_map(|it| digits.strip_prefix(it));
    let (radix, digits) = if let Some(digits) = prefixed(["0x", "0X"]) {
        (16, digits)
    } else if let Some(digits) = prefixed(["0b", "0B"]) {
        (2, digits)
    } else if let Some(digits) = prefixed(["0o", "0O"]) {
        (8, digits)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, digits)
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -magnitude } else { magnitude };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// A decimal number with digits on at least one side of the point; too large ones are text.
fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    if !digit(unsigned) && !unsigned.strip_prefix('.').is_some_and(digit) {
        return None;
    }
    parse_float(text).filter(|value| value.is_finite()).map(Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_resolve_like_go_yaml() {
        use Value::{Bool, Float, Int, Null};
        let text = |text: &str| Value::String(text.to_owned());
        let timestamp = |text: &str| Value::Timestamp(text.to_owned());
        for (input, expected) in [
            ("", Null),
            ("~", Null),
            ("Null", Null),
            ("nULL", text("nULL")),
            ("True", Bool(true)),
            ("FALSE", Bool(false)),
            ("tRue", text("tRue")),
            ("yes", text("yes")),
            ("on", text("on")),
            ("n", text("n")),
            ("0", Int(0)),
            ("-00", Int(0)),
            ("0440", Int(288)),
            ("07_7", Int(63)),
            ("0b11", Int(3)),
            ("-0b11", Int(-3)),
            ("0B11", Int(3)),
            ("0b2", text("0b2")),
            ("0x1F", Int(31)),
            ("0x1_F", Int(31)),
            ("+0x1", Int(1)),
            ("-0x10", Int(-16)),
            ("0x", text("0x")),
            ("0x-1", text("0x-1")),
            ("0o17", Int(15)),
            ("-0o_7", Int(-7)),
            ("1_000", Int(1000)),
            ("1__0", Int(10)),
            ("1_", Int(1)),
            ("_1", text("_1")),
            ("+5", Int(5)),
            ("089", Float(89.0)),
            ("0_8", Float(8.0)),
            ("22:22", text("22:22")),
            ("2024-01-01", timestamp("2024-01-01T00:00:00Z")),
            ("2024-2-9", timestamp("2024-02-09T00:00:00Z")),
            ("2024-02-30", text("2024-02-30")),
            ("2024-01-01T1:2:3.50Z", timestamp("2024-01-01T01:02:03.5Z")),
            ("2024-01-01t01:02:03+02:00", timestamp("2024-01-01T01:02:03+02:00")),
            ("2024-01-01 01:02:03", timestamp("2024-01-01T01:02:03Z")),
            ("2024-01-01 01:02:03Z", text("2024-01-01 01:02:03Z")),
            ("2024-01-01T24:00:00Z", text("2024-01-01T24:00:00Z")),
            ("-9223372036854775808", Int(i64::MIN)),
            ("-9223372036854775809", Float(-9_223_372_036_854_775_809.0)),
            ("18446744073709551615", text("18446744073709551615")),
            ("0xffffffffffffffff", text("18446744073709551615")),
            ("99999999999999999999", Float(1e20)),
            (".5", Float(0.5)),
            ("5.", Float(5.0)),
            ("+.5", Float(0.5)),
            ("-.5e+3", Float(-500.0)),
            ("1.e3", Float(1000.0)),
            ("1.5e3", Float(1500.0)),
            ("1_0.5", Float(10.5)),
            (".5_5", Float(0.55)),
            ("._5", text("._5")),
            ("0.1e", text("0.1e")),
            ("1e400", text("1e400")),
            (".", text(".")),
            ("-", text("-")),
            ("=", text("=")),
            ("0x1p4", text("0x1p4")),
            (".Inf", Float(f64::INFINITY)),
            ("+.inf", Float(f64::INFINITY)),
            ("-.INF", Float(f64::NEG_INFINITY)),
            ("Infinity", text("Infinity")),
            ("-inf", text("-inf")),
            ("NaN", text("NaN")),
            ("1.2.3", text("1.2.3")),
            ("1e", text("1e")),
            ("١", text("١")),
        ] {
            assert_eq!(resolve(input, true, None), Ok(expected), "{input}");
            assert_eq!(resolve(input, false, None), Ok(text(input)), "{input} in quotes");
        }
        assert!(
            matches!(resolve(".NaN", true, None), Ok(Float(value)) if value.is_nan()),
            ".NaN is not a number"
        );
    }

    #[test]
    fn tags_decide_over_quotes() {
        let text = |text: &str| Ok(Value::String(text.to_owned()));
        for (input, plain, tag, expected) in [
            ("1", true, Tag::Str, text("1")),
            ("", true, Tag::Str, text("")),
            ("~", true, Tag::Str, text("~")),
            ("5", false, Tag::Int, Ok(Value::Int(5))),
            ("5", true, Tag::Float, Ok(Value::Float(5.0))),
            ("true", false, Tag::Bool, Ok(Value::Bool(true))),
            ("", false, Tag::Null, Ok(Value::Null)),
            ("aGVs\nbG8=", true, Tag::Binary, text("hello")),
            ("5", true, Tag::Override, text("5")),
            ("", true, Tag::Reset, text("")),
            ("5", true, Tag::Other, text("5")),
            ("x", false, Tag::Int, Err("cannot decode !!str `x` as a !!int".to_owned())),
            ("", true, Tag::Int, Err("cannot decode !!null `` as a !!int".to_owned())),
            ("5.0", true, Tag::Int, Err("cannot decode !!float `5.0` as a !!int".to_owned())),
            ("yes", true, Tag::Bool, Err("cannot decode !!str `yes` as a !!bool".to_owned())),
            ("foo", true, Tag::Null, Err("cannot decode !!str `foo` as a !!null".to_owned())),
            (
                "***",
                true,
                Tag::Binary,
                Err("!!binary value contains invalid base64 data".to_owned()),
            ),
        ] {
            assert_eq!(resolve(input, plain, Some(tag)), expected, "{tag:?} {input:?}");
        }
    }
}
