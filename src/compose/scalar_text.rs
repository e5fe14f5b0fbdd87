//! Scalars as the text that Docker Compose makes of them.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::yaml::Value;

/// A scalar as Go's `%v` prints it: `1.50` becomes `1.5`, `1000000.0` becomes `1e+06`.
/// Null, lists and mappings have no such text and become empty.
pub fn scalar_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Int(number) => number.to_string().into(),
        Value::Float(number) => float(*number).into(),
        Value::String(text) => text.into(),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => "".into(),
    }
}

/// Go's shortest `%g` with an exponent from a million on and below 1e-4.
fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(exponent) = exponent.parse::<i32>() else { return scientific };
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let mut text = mantissa.to_owned();
    let sign = if exponent < 0 { '-' } else { '+' };
    // Writing to a String cannot fail.
    let _ = write!(text, "e{sign}{:02}", exponent.abs());
    text
}
