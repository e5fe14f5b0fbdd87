//! The functions that the Docker CLI offers to templates, beside Go's own.

use std::cmp::Ordering;

use serde_json::Value;

use super::eval::{is_true, to_text};
use super::parse::TemplateError;

/// Longest padding that `pad` and `printf` give.
const MAX_PADDING: usize = 1000;

/// Every function there is.
const NAMES: [&str; 23] = [
    "and", "eq", "ge", "gt", "index", "join", "json", "le", "len", "lower", "lt", "ne", "not",
    "or", "pad", "print", "printf", "println", "split", "title", "truncate", "upper", "html",
];

/// Whether there is a function `name`.
pub(super) fn is_function(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The value of `name` called with `arguments`.
pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    let wrong = || TemplateError(format!("wrong arguments for {name}"));
    let text = |index: usize| arguments.get(index).map(to_text).ok_or_else(wrong);
    let count = |index: usize| {
        let number = arguments.get(index).and_then(Value::as_u64).ok_or_else(wrong)?;
        usize::try_from(number).map_err(|_| wrong())
    };
    let compare = || match arguments {
        [left, right] => compared(left, right).ok_or_else(wrong),
        _ => Err(wrong()),
    };
    Ok(match name {
        "json" => json(arguments.first().ok_or_else(wrong)?).into(),
        "upper" => text(0)?.to_uppercase().into(),
        "lower" => text(0)?.to_lowercase().into(),
        "title" => title(&text(0)?).into(),
        "split" => {
            let (text, separator) = (text(0)?, text(1)?);
            text.split(separator.as_str()).collect::<Vec<_>>().into()
        }
        "join" => match arguments {
            [Value::Array(items), separator] => {
                let items: Vec<String> = items.iter().map(to_text).collect();
                items.join(&to_text(separator)).into()
            }
            _ => return Err(wrong()),
        },
        "truncate" => text(0)?.chars().take(count(1)?).collect::<String>().into(),
        "pad" => {
            let text = text(0)?;
            let (before, after) = (count(1)?.min(MAX_PADDING), count(2)?.min(MAX_PADDING));
            if text.is_empty() {
                text.into()
            } else {
                format!("{}{text}{}", " ".repeat(before), " ".repeat(after)).into()
            }
        }
        "len" => match arguments.first() {
            Some(Value::Array(items)) => items.len().into(),
            Some(Value::Object(fields)) => fields.len().into(),
            Some(Value::String(text)) => text.len().into(),
            _ => return Err(wrong()),
        },
        "index" => {
            let (first, keys) = arguments.split_first().ok_or_else(wrong)?;
            keys.iter().try_fold(first.clone(), |value, key| match (&value, key) {
                (Value::Array(items), Value::Number(index)) => index
                    .as_u64()
                    .and_then(|index| items.get(usize::try_from(index).ok()?))
                    .cloned()
                    .ok_or_else(|| TemplateError(format!("index out of range: {index}"))),
                (Value::Object(fields), Value::String(key)) => {
                    Ok(fields.get(key).cloned().unwrap_or(Value::Null))
                }
                _ => Err(wrong()),
            })?
        }
        "eq" => match arguments {
            [first, rest @ ..] if !rest.is_empty() => rest.contains(first).into(),
            _ => return Err(wrong()),
        },
        "ne" => match arguments {
            [left, right] => (left != right).into(),
            _ => return Err(wrong()),
        },
        "lt" => (compare()? == Ordering::Less).into(),
        "le" => (compare()? != Ordering::Greater).into(),
        "gt" => (compare()? == Ordering::Greater).into(),
        "ge" => (compare()? != Ordering::Less).into(),
        "and" => pick(arguments, |value| !is_true(value)).ok_or_else(wrong)?,
        "or" => pick(arguments, is_true).ok_or_else(wrong)?,
        "not" => (!is_true(arguments.first().ok_or_else(wrong)?)).into(),
        "print" => match arguments {
            [value] => value.clone(),
            _ => arguments.iter().map(to_text).collect::<String>().into(),
        },
        "println" => {
            let words: Vec<String> = arguments.iter().map(to_text).collect();
            format!("{}\n", words.join(" ")).into()
        }
        "printf" => printf(&text(0)?, arguments.get(1..).unwrap_or_default()).into(),
        "html" => text(0)?
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&#34;")
            .replace('\'', "&#39;")
            .into(),
        _ => return Err(TemplateError(format!("function \"{name}\" not defined"))),
    })
}

/// JSON as Go's encoder writes it: `<`, `>` and `&` escaped, so that it may stand in HTML.
pub(in crate::ui) fn json(value: &Value) -> String {
    value.to_string().replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

/// The first argument that decides, or else the last.
fn pick(arguments: &[Value], decides: impl Fn(&Value) -> bool) -> Option<Value> {
    arguments.iter().find(|value| decides(value)).or(arguments.last()).cloned()
}

fn compared(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn title(text: &str) -> String {
    let mut after_space = true;
    text.chars()
        .map(|character| {
            let start = std::mem::replace(&mut after_space, character.is_whitespace());
            if start { character.to_ascii_uppercase() } else { character }
        })
        .collect()
}

/// `%s`, `%v`, `%d`, `%q` and `%%`, with an optional width; anything else stays as it is.
fn printf(format: &str, arguments: &[Value]) -> String {
    let mut text = String::new();
    let mut arguments = arguments.iter();
    let mut rest = format;
    while let Some(start) = rest.find('%') {
        text.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        let spec = rest.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(rest.len());
        let (flags, verb) = (&rest[..spec], rest[spec..].chars().next());
        let value = match verb {
            Some('%') => "%".to_owned(),
            Some('s' | 'v' | 'd') => arguments.next().map(to_text).unwrap_or_default(),
            Some('q') => {
                arguments.next().map(|value| json(&to_text(value).into())).unwrap_or_default()
            }
            _ => {
                text.push('%');
                continue;
            }
        };
        let width = flags.trim_start_matches('-').parse().unwrap_or(0).min(MAX_PADDING);
        let padded = if flags.starts_with('-') {
            format!("{value:<width$}")
        } else {
            format!("{value:>width$}")
        };
        text.push_str(&padded);
        rest = &rest[spec + verb.map_or(0, char::len_utf8)..];
    }
    text.push_str(rest);
    text
}
