//! Scalars as the text that Docker Compose makes of them.

use std::borrow::Cow;

use super::render::number;
use super::yaml::Value;

/// A scalar as Go's `%v` prints it: `1.50` becomes `1.5`, `1000000.0` becomes `1e+06`.
/// Null, lists and mappings have no such text and become empty.
pub fn scalar_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Int(number) => number.to_string().into(),
        Value::Float(number) => number::general(*number).into(),
        Value::String(text) | Value::Timestamp(text) => text.into(),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Broken => "".into(),
    }
}
