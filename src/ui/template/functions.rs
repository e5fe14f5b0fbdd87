//! The functions that templates may call: Go's own, and those of the Docker CLI.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::printf::{plain, printf, spaced};
use super::value::{RecordKind, Value};

/// Longest text that `pad` makes.
const MAX_REPEAT: i64 = 1 << 16;

/// Which functions of the Docker CLI a template gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Functions {
    /// Those that work on values.
    Values,
    /// Those for the header of a table: what would change a text leaves the words as they are.
    Header,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Any,
    Text,
    Int,
    Texts,
}

/// Parameters of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature {
    pub(super) fixed: &'static [Want],
    /// Whether any number of values may follow.
    pub(super) variadic: bool,
}

impl Want {
    /// Go's name of the type.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Text => "string",
            Self::Int => "int",
            Self::Texts => "[]string",
        }
    }
}

/// Whether there is a function `name`.
pub(super) fn exists(name: &str) -> bool {
    signature(name, Functions::Values).is_some()
}

/// The parameters of `name`.
pub(super) fn signature(name: &str, functions: Functions) -> Option<Signature> {
    use Want::{Any, Int, Text, Texts};
    let header = functions == Functions::Header;
    let (fixed, variadic): (&'static [Want], bool) = match name {
        "and" | "or" | "call" | "index" | "slice" | "eq" => (&[Any], true),
        "html" | "js" | "urlquery" | "print" | "println" => (&[], true),
        "printf" => (&[Text], true),
        "len" | "not" => (&[Any], false),
        "json" if !header => (&[Any], false),
        "ne" | "lt" | "le" | "gt" | "ge" => (&[Any, Any], false),
        "json" | "upper" | "lower" | "title" => (&[Text], false),
        "join" if !header => (&[Texts, Text], false),
        "split" | "join" => (&[Text, Text], false),
        "truncate" => (&[Text, Int], false),
        "pad" => (&[Text, Int, Int], false),
        _ => return None,
    };
    Some(Signature { fixed, variadic })
}

/// The value of `name` called with arguments that fit its signature (`and` and `or` are not called:
/// they do not evaluate all of them).
pub(super) fn call(name: &str, arguments: &[Value], functions: Functions) -> Result<Value, String> {
    let text = |index: usize| match arguments.get(index) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    let int = |index: usize| match arguments.get(index) {
        Some(Value::Int(value)) => *value,
        _ => 0,
    };
    let first = arguments.first().unwrap_or(&Value::Nothing);
    let rest = arguments.get(1..).unwrap_or_default();
    Ok(match name {
        "json" | "split" | "join" | "title" | "lower" | "upper" | "truncate"
            if functions == Functions::Header =>
        {
            first.clone()
        }
        "json" => first.to_json().into(),
        "upper" => text(0).to_uppercase().into(),
        "lower" => text(0).to_lowercase().into(),
        "title" => title(text(0)).into(),
        "split" => split(text(0), text(1)),
        "join" => match first {
            Value::List { items, .. } => {
                items.iter().map(plain).collect::<Vec<_>>().join(text(1)).into()
            }
            _ => String::new().into(),
        },
        "truncate" => truncated(text(0), int(1))?.into(),
        "pad" => padded(text(0), int(1), int(2))?.into(),
        "len" => length(first)?,
        "index" => index(first, rest)?,
        "slice" => slice(first, rest)?,
        "eq" => equals_any(first, rest)?.into(),
        "ne" => (!equals_any(first, rest)?).into(),
        "lt" => (compared(first, rest)? == Some(Ordering::Less)).into(),
        "le" => matches!(compared(first, rest)?, Some(Ordering::Less | Ordering::Equal)).into(),
        "gt" => matches!(compared(first, rest)?, Some(Ordering::Greater)).into(),
        "ge" => matches!(compared(first, rest)?, Some(Ordering::Greater | Ordering::Equal)).into(),
        "not" => (!first.is_true()).into(),
        "print" => spaced(arguments, false).into(),
        "println" => (spaced(arguments, true) + "\n").into(),
        "printf" => printf(text(0), rest).into(),
        "html" => html(&joined(arguments)).into(),
        "js" => script(&joined(arguments)).into(),
        "urlquery" => query(&joined(arguments)).into(),
        _ => return Err("not a function".to_owned()),
    })
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

fn split(text: &str, separator: &str) -> Value {
    if separator.is_empty() {
        let characters: Vec<String> = text.chars().map(String::from).collect();
        return Value::texts(characters.iter().map(String::as_str));
    }
    Value::texts(text.split(separator))
}

/// Each letter behind something that is neither letter, digit nor underscore becomes a capital.
fn title(text: &str) -> String {
    let mut starts = true;
    let mut result = String::new();
    for character in text.chars() {
        if starts {
            result.extend(character.to_uppercase());
        } else {
            result.push(character);
        }
        starts = if character.is_ascii() {
            !character.is_ascii_alphanumeric() && character != '_'
        } else {
            character.is_whitespace()
        };
    }
    result
}

/// The first bytes, as Go cuts.
fn truncated(text: &str, length: i64) -> Result<String, String> {
    let Ok(length) = usize::try_from(length) else {
        return Err(format!("runtime error: slice bounds out of range [:{length}]"));
    };
    Ok(bytes(text, 0, length.min(text.len())))
}

fn padded(text: &str, before: i64, after: i64) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let spaces = |count: i64| match usize::try_from(count) {
        Ok(_) if count > MAX_REPEAT => Err("strings: Repeat output length overflow".to_owned()),
        Ok(count) => Ok(" ".repeat(count)),
        Err(_) => Err("strings: negative Repeat count".to_owned()),
    };
    Ok(format!("{}{text}{}", spaces(before)?, spaces(after)?))
}

/// Some bytes of a text; what is cut in the middle of a character is no text.
fn bytes(text: &str, from: usize, to: usize) -> String {
    String::from_utf8_lossy(&text.as_bytes()[from..to]).into_owned()
}

fn size(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.len()),
        Value::List { items, .. } => Some(items.len()),
        Value::Record(record) if record.kind == RecordKind::Map => Some(record.fields.len()),
        _ => None,
    }
}

fn length(value: &Value) -> Result<Value, String> {
    match size(value) {
        Some(size) => Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX))),
        None if *value == Value::Nothing => {
            Err("reflect: call of reflect.Value.Type on zero Value".to_owned())
        }
        None => Err(format!("len of type {}", value.type_name())),
    }
}

/// A position up to `most`.
fn position(index: &Value, most: usize) -> Result<usize, String> {
    match index {
        Value::Int(index) => usize::try_from(*index)
            .ok()
            .filter(|index| *index <= most)
            .ok_or_else(|| format!("index out of range: {index}")),
        Value::Nothing => Err("cannot index slice/array with nil".to_owned()),
        other => Err(format!("cannot index slice/array with type {}", other.type_name())),
    }
}

fn index(value: &Value, keys: &[Value]) -> Result<Value, String> {
    if *value == Value::Nothing {
        return Err("index of untyped nil".to_owned());
    }
    keys.iter().try_fold(value.clone(), |value, key| match &value {
        Value::Text(text) => {
            let at = position(key, text.len())?;
            let byte = text.as_bytes().get(at);
            let byte = byte.ok_or("reflect: string index out of range")?;
            Ok(Value::Int(i64::from(*byte)))
        }
        Value::List { items, .. } => {
            let item = items.get(position(key, items.len())?);
            item.cloned().ok_or_else(|| "reflect: slice index out of range".to_owned())
        }
        Value::Record(record) if record.kind == RecordKind::Map => match key {
            Value::Text(name) => Ok(record.field(name).cloned().unwrap_or("".into())),
            key => Err(format!("value has type {}; should be string", key.type_name())),
        },
        other => Err(format!("can't index item of type {}", other.type_name())),
    })
}

fn slice(value: &Value, bounds: &[Value]) -> Result<Value, String> {
    let Some(size) = size(value).filter(|_| !matches!(value, Value::Record(_))) else {
        return Err(match value {
            Value::Nothing => "slice of untyped nil".to_owned(),
            other => format!("can't slice item of type {}", other.type_name()),
        });
    };
    if bounds.len() > 2 {
        return Err(if matches!(value, Value::Text(_)) {
            "cannot 3-index slice a string".to_owned()
        } else {
            format!("too many slice indexes: {}", bounds.len())
        });
    }
    let from = bounds.first().map_or(Ok(0), |bound| position(bound, size))?;
    let to = bounds.get(1).map_or(Ok(size), |bound| position(bound, size))?;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    Ok(match value {
        Value::Text(text) => bytes(text, from, to).into(),
        Value::List { type_name, items } => {
            Value::List { type_name, items: items[from..to].to_vec() }
        }
        other => other.clone(),
    })
}

fn equals_any(first: &Value, others: &[Value]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        let equal = match (first, other) {
            (Value::Nothing, other) => *other == Value::Nothing,
            (_, Value::Nothing) => false,
            (Value::List { .. } | Value::Record(_), _)
            | (_, Value::List { .. } | Value::Record(_)) => {
                let (left, right) = (first.type_name(), other.type_name());
                return Err(if left == right {
                    format!("non-comparable type {}: {left}", plain(first))
                } else {
                    format!("incompatible types for comparison: {left} and {right}")
                });
            }
            _ => same_kind(first, other)? && first == other,
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn same_kind(left: &Value, right: &Value) -> Result<bool, String> {
    if std::mem::discriminant(left) == std::mem::discriminant(right) {
        return Ok(true);
    }
    let (left, right) = (left.type_name(), right.type_name());
    Err(format!("incompatible types for comparison: {left} and {right}"))
}

fn compared(left: &Value, others: &[Value]) -> Result<Option<Ordering>, String> {
    let right = others.first().unwrap_or(&Value::Nothing);
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(Some(left.cmp(right))),
        (Value::Float(left), Value::Float(right)) => Ok(left.partial_cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(Some(left.cmp(right))),
        (
            Value::Int(_) | Value::Float(_) | Value::Text(_) | Value::Bool(_),
            Value::Int(_) | Value::Float(_) | Value::Text(_) | Value::Bool(_),
        ) if !matches!((left, right), (Value::Bool(_), Value::Bool(_))) => {
            same_kind(left, right).map(|_| None)
        }
        _ => Err("invalid type for comparison".to_owned()),
    }
}

/// The arguments as one text.
fn joined(arguments: &[Value]) -> String {
    spaced(arguments, false)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
        .replace('\0', "\u{fffd}")
}

fn script(text: &str) -> String {
    let mut result = String::new();
    for character in text.chars() {
        match character {
            '\\' | '\'' | '"' => result.extend(['\\', character]),
            '<' | '>' | '&' | '=' => {
                // Writing to a string cannot fail.
                write!(result, "\\u{:04X}", u32::from(character)).unwrap_or_default();
            }
            control if control.is_control() => {
                write!(result, "\\u{:04X}", u32::from(control)).unwrap_or_default();
            }
            other => result.push(other),
        }
    }
    result
}

fn query(text: &str) -> String {
    let mut result = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                result.push(char::from(byte));
            }
            b' ' => result.push('+'),
            other => write!(result, "%{other:02X}").unwrap_or_default(),
        }
    }
    result
}
