//! Constants as Go writes them.

use crate::ui::template::tree::What;

/// A number as Go writes one: floating-point only where a `.` or an exponent says so.
pub(super) fn number(text: &str) -> Result<What, &'static str> {
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    let plain = digits.replace('_', "").to_ascii_lowercase();
    let (radix, inside) = match plain.as_bytes() {
        [b'0', b'x', ..] => (16, &plain[2..]),
        [b'0', b'o', ..] => (8, &plain[2..]),
        [b'0', b'b', ..] => (2, &plain[2..]),
        [b'0', b'0'..=b'7', ..] => (8, &plain[1..]),
        _ => (10, plain.as_str()),
    };
    match i64::from_str_radix(inside, radix) {
        Ok(value) => return Ok(What::Int(sign * value, text.to_owned())),
        Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => {
            return Err("integer overflow");
        }
        Err(_) => {}
    }
    match plain.parse::<f64>() {
        Ok(value) if radix == 10 => {
            Ok(What::Float(if sign < 0 { -value } else { value }, text.to_owned()))
        }
        _ => Err("illegal number syntax"),
    }
}

/// What stands between quotes; `None` where Go refuses it.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let inside = text.get(1..text.len().checked_sub(1)?)?;
    if text.starts_with('`') {
        return Some(inside.replace('\r', ""));
    }
    let mut result = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        let escaped = characters.next()?;
        if let Some(meant) = single(escaped) {
            result.push(meant);
            continue;
        }
        let (digits, radix, first) = match escaped {
            'x' => (2, 16, None),
            'u' => (4, 16, None),
            'U' => (8, 16, None),
            octal @ '0'..='7' => (2, 8, Some(octal)),
            _ => return None,
        };
        let mut number: String = first.into_iter().collect();
        for _ in 0..digits {
            number.push(characters.next()?);
        }
        result.push(char::from_u32(u32::from_str_radix(&number, radix).ok()?)?);
    }
    Some(result)
}

/// What one letter behind a backslash stands for.
fn single(letter: char) -> Option<char> {
    Some(match letter {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        same @ ('\\' | '"' | '\'') => same,
        _ => return None,
    })
}
