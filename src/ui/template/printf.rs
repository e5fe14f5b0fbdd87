//! Go's formatted printing, for the values that a template has.

use std::fmt::Write as _;

use super::value::{RecordKind, Value};
use crate::ui::format::{exponential, general, quoted};

/// Widest padding and precision, as in Go's package.
const MAX_WIDTH: i64 = 1_000_000;

/// As `%v` prints a value.
pub(super) fn plain(value: &Value) -> String {
    formatted(value, 'v', &Flags::default())
}

/// As `Sprint` prints values: a space between two that are not texts; between all if `always`.
pub(super) fn spaced(values: &[Value], always: bool) -> String {
    let mut text = String::new();
    let mut before: Option<&Value> = None;
    for value in values {
        if let Some(before) = before
            && (always || !matches!(value, Value::Text(_)) && !matches!(before, Value::Text(_)))
        {
            text.push(' ');
        }
        text.push_str(&plain(value));
        before = Some(value);
    }
    text
}

/// What stands between `%` and the verb.
#[derive(Debug, Clone, Default)]
struct Flags {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// As `Sprintf` does it, mistakes included: they are printed, not refused.
pub(super) fn printf(format: &str, values: &[Value]) -> String {
    Printer { values, next: 0, reordered: false, text: String::new() }.run(format)
}

struct Printer<'a> {
    values: &'a [Value],
    next: usize,
    /// Whether `%[n]` was used: then values that are left over are not told.
    reordered: bool,
    text: String,
}

impl Printer<'_> {
    fn run(mut self, format: &str) -> String {
        let mut rest = format;
        while let Some(start) = rest.find('%') {
            self.text.push_str(&rest[..start]);
            rest = self.directive(&rest[start + 1..]);
        }
        self.text.push_str(rest);
        if !self.reordered && self.next < self.values.len() {
            let extra: Vec<String> = self.values[self.next..]
                .iter()
                .map(|value| match value {
                    Value::Nothing => "<nil>".to_owned(),
                    value => format!("{}={}", value.type_name(), plain(value)),
                })
                .collect();
            self.text.extend(["%!(EXTRA ", &extra.join(", "), ")"]);
        }
        self.text
    }

    /// Prints one directive; gives what follows it.
    fn directive<'f>(&mut self, mut rest: &'f str) -> &'f str {
        let mut flags = Flags::default();
        loop {
            match rest.as_bytes().first() {
                Some(b'#') => flags.sharp = true,
                Some(b'0') => flags.zero = true,
                Some(b'+') => flags.plus = true,
                Some(b'-') => flags.minus = true,
                Some(b' ') => flags.space = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        let mut good = true;
        rest = self.argument_number(rest, &mut good);
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            match self.taken_number() {
                Some(width) => {
                    flags.minus |= width < 0;
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => self.text.push_str("%!(BADWIDTH)"),
            }
        } else {
            (flags.width, rest) = number(rest);
        }
        if let Some(after) = rest.strip_prefix('.') {
            rest = self.argument_number(after, &mut good);
            if let Some(after) = rest.strip_prefix('*') {
                rest = after;
                match self.taken_number().map(usize::try_from) {
                    Some(Ok(precision)) => flags.precision = Some(precision),
                    Some(Err(_)) => {}
                    None => self.text.push_str("%!(BADPREC)"),
                }
            } else {
                let (precision, after) = number(rest);
                flags.precision = Some(precision.unwrap_or(0));
                rest = after;
            }
        }
        rest = self.argument_number(rest, &mut good);
        let Some(verb) = rest.chars().next() else {
            self.text.push_str("%!(NOVERB)");
            return rest;
        };
        let printed = match (verb, self.values.get(self.next)) {
            ('%', _) => "%".to_owned(),
            (verb, _) if !good => format!("%!{verb}(BADINDEX)"),
            (verb, None) => format!("%!{verb}(MISSING)"),
            (verb, Some(value)) => {
                self.next += 1;
                formatted(value, verb, &flags)
            }
        };
        self.text.push_str(&printed);
        &rest[verb.len_utf8()..]
    }

    /// `[n]`: which value comes next.
    fn argument_number<'f>(&mut self, rest: &'f str, good: &mut bool) -> &'f str {
        let Some(inside) = rest.strip_prefix('[') else { return rest };
        self.reordered = true;
        let Some((index, after)) = inside.split_once(']') else {
            *good = false;
            return inside;
        };
        match index.parse::<usize>() {
            Ok(index) if (1..=self.values.len()).contains(&index) => self.next = index - 1,
            _ => *good = false,
        }
        after
    }

    /// The next value as a width or precision.
    fn taken_number(&mut self) -> Option<i64> {
        let value = self.values.get(self.next);
        self.next += usize::from(value.is_some());
        match value {
            Some(Value::Int(number)) if number.abs() <= MAX_WIDTH => Some(*number),
            _ => None,
        }
    }
}

/// Digits at the start of a text, and what follows.
fn number(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let limit = usize::try_from(MAX_WIDTH).unwrap_or(usize::MAX);
    (text[..end].parse().ok().filter(|number| *number <= limit), &text[end..])
}

/// One value by one verb.
fn formatted(value: &Value, verb: char, flags: &Flags) -> String {
    // With `%v` these flags do not go for numbers: they ask for names of fields, and for Go's notation.
    let is_part = matches!(value, Value::Int(_) | Value::Float(_) | Value::Text(_));
    if verb == 'v' && (flags.plus || flags.sharp) && is_part {
        let go = flags.sharp && matches!(value, Value::Text(_));
        let flags = Flags { plus: false, sharp: false, ..flags.clone() };
        return formatted(value, if go { 'q' } else { 'v' }, &flags);
    }
    if verb == 'T' {
        return flags.pad(value.type_name(), false);
    }
    match value {
        Value::Nothing if verb == 'v' => flags.pad("<nil>", false),
        Value::Nothing => format!("%!{verb}(<nil>)"),
        Value::Bool(value) if matches!(verb, 't' | 'v') => flags.pad(&value.to_string(), false),
        Value::Int(number) => integer(*number, verb, flags).unwrap_or_else(|| wrong(value, verb)),
        Value::Float(number) => float(*number, verb, flags).unwrap_or_else(|| wrong(value, verb)),
        Value::Text(text) => self::text(text, verb, flags).unwrap_or_else(|| wrong(value, verb)),
        Value::List { items, .. } => {
            let items: Vec<String> =
                items.iter().map(|item| formatted(item, verb, flags)).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Record(record) => {
            let mut fields: Vec<_> = record.fields.iter().collect();
            let names = record.kind != RecordKind::Struct || flags.plus;
            if record.kind != RecordKind::Struct {
                fields.sort_by_key(|(name, _)| *name);
            }
            let fields: Vec<String> = fields
                .into_iter()
                .map(|(name, value)| {
                    let value = formatted(value, verb, flags);
                    if names { format!("{name}:{value}") } else { value }
                })
                .collect();
            match record.kind {
                RecordKind::Struct => format!("{{{}}}", fields.join(" ")),
                _ => format!("map[{}]", fields.join(" ")),
            }
        }
        Value::Bool(_) => wrong(value, verb),
    }
}

/// What Go prints for a verb that does not fit a value.
fn wrong(value: &Value, verb: char) -> String {
    format!("%!{verb}({}={})", value.type_name(), plain(value))
}

impl Flags {
    /// Fills up to the width: with zeros behind a sign, if that makes sense for the value.
    fn pad(&self, text: &str, zeros: bool) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        if missing == 0 {
            text.to_owned()
        } else if self.minus {
            format!("{text}{}", " ".repeat(missing))
        } else if self.zero && zeros {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-', ' '])));
            format!("{sign}{}{digits}", "0".repeat(missing))
        } else {
            format!("{}{text}", " ".repeat(missing))
        }
    }

    fn sign(&self, negative: bool) -> &'static str {
        match () {
            () if negative => "-",
            () if self.plus => "+",
            () if self.space => " ",
            () => "",
        }
    }
}

fn integer(number: i64, verb: char, flags: &Flags) -> Option<String> {
    let size = number.unsigned_abs();
    let (digits, prefix) = match verb {
        'd' | 'v' => (size.to_string(), ""),
        'b' => (format!("{size:b}"), "0b"),
        'o' => (format!("{size:o}"), "0"),
        'O' => (format!("0o{size:o}"), ""),
        'x' => (format!("{size:x}"), "0x"),
        'X' => (format!("{size:X}"), "0X"),
        'c' | 'q' | 'U' => {
            let character = u32::try_from(number).ok().and_then(char::from_u32);
            let shown = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            let text = match verb {
                'c' => shown.to_string(),
                'q' => {
                    let quoted = quoted(&shown.to_string());
                    format!("'{}'", quoted[1..quoted.len() - 1].replace('\'', "\\'"))
                }
                _ => format!("U+{number:04X}"),
            };
            return Some(flags.pad(&text, false));
        }
        _ => return None,
    };
    let digits = match flags.precision {
        Some(precision) => format!("{digits:0>precision$}"),
        None => digits,
    };
    let prefix = if flags.sharp { prefix } else { "" };
    let text = format!("{}{prefix}{digits}", flags.sign(number < 0));
    Some(flags.pad(&text, flags.precision.is_none()))
}

fn float(number: f64, verb: char, flags: &Flags) -> Option<String> {
    let size = number.abs();
    let digits = match verb {
        'f' | 'F' => format!("{size:.*}", flags.precision.unwrap_or(6)),
        'e' | 'E' => exponential(size, Some(flags.precision.unwrap_or(6))),
        'g' | 'G' | 'v' => general(size, flags.precision),
        _ => return None,
    };
    let digits = if matches!(verb, 'E' | 'G') { digits.to_uppercase() } else { digits };
    Some(flags.pad(&format!("{}{digits}", flags.sign(number.is_sign_negative())), true))
}

fn text(text: &str, verb: char, flags: &Flags) -> Option<String> {
    let cut: String = match flags.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    let shown = match verb {
        's' | 'v' => cut,
        'q' if flags.sharp && !cut.contains('`') => format!("`{cut}`"),
        'q' => quoted(&cut),
        'x' => hexadecimal(&cut),
        'X' => hexadecimal(&cut).to_uppercase(),
        _ => return None,
    };
    Some(flags.pad(&shown, true))
}

fn hexadecimal(text: &str) -> String {
    let mut digits = String::new();
    for byte in text.bytes() {
        // Writing to a string cannot fail.
        write!(digits, "{byte:02x}").unwrap_or_default();
    }
    digits
}
