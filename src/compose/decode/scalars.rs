//! Texts, truth values, numbers, and numbers with units.

use super::{Decode, Decoder};
use crate::compose::model::{
    ByteSize, Count, DependencyCondition, Duration, FileMode, Float, Ulimit,
};
use crate::compose::units::{parse_bytes, parse_duration};
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::codes;

impl Decode for String {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Null => Self::new(),
            Value::String(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            _ => decoder.reject_type(node, "string"),
        }
    }
}

impl Decode for bool {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Bool(value) => *value,
            Value::String(text) => match text.to_lowercase().as_str() {
                "true" | "y" | "yes" | "on" => true,
                "false" | "n" | "no" | "off" => false,
                _ => decoder.reject(
                    node.span,
                    codes::DECODE_VALUE,
                    format_args!("invalid boolean: {text}"),
                ),
            },
            _ => decoder.reject_type(node, "bool"),
        }
    }
}

impl Decode for i64 {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Int(number) => *number,
            #[expect(clippy::cast_possible_truncation, reason = "Compose drops the fraction too")]
            Value::Float(number) => *number as Self,
            Value::String(text) => integer(text, 10, node, decoder),
            _ => decoder.reject_type(node, "int"),
        }
    }
}

/// Numbers that Compose reads as unsigned are not read from texts.
macro_rules! unsigned {
    ($($type:ident: $name:literal),*) => {$(
        impl Decode for $type {
            fn decode(node: &Node, decoder: &mut Decoder) -> Self {
                let number = match &node.value {
                    Value::Int(number) => i128::from(*number),
                    #[expect(clippy::cast_possible_truncation, reason = "as for signed numbers")]
                    Value::Float(number) => *number as i128,
                    _ => return decoder.reject_type(node, $name),
                };
                Self::try_from(number).unwrap_or_else(|_| {
                    decoder.reject(
                        node.span,
                        codes::DECODE_VALUE,
                        format_args!("cannot parse, {number} overflows uint"),
                    )
                })
            }
        }
    )*};
}

unsigned!(u16: "uint16", u32: "uint32", u64: "uint64");

impl Decode for Float {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the model holds single precision")]
        #[expect(clippy::cast_precision_loss, reason = "the model holds single precision")]
        match &node.value {
            Value::Int(number) => Self(*number as f32),
            Value::Float(number) => Self(*number as f32),
            Value::String(text) => match text.parse() {
                Ok(number) => Self(number),
                Err(_) => decoder.reject(
                    node.span,
                    codes::DECODE_VALUE,
                    format_args!("strconv.ParseFloat: parsing {text:?}: invalid syntax"),
                ),
            },
            _ => decoder.reject_type(node, "float32"),
        }
    }
}

impl Decode for ByteSize {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Int(number) => Self(*number),
            Value::String(text) => parse_bytes(text)
                .unwrap_or_else(|error| decoder.reject(node.span, codes::DECODE_VALUE, error)),
            // Docker Compose ignores them; it has no way to say "half a byte".
            Value::Float(_) => Self::default(),
            _ => decoder.reject_type(node, "string"),
        }
    }
}

impl Decode for Duration {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let text = match &node.value {
            Value::String(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            _ => return decoder.reject_type(node, "string"),
        };
        parse_duration(&text)
            .unwrap_or_else(|error| decoder.reject(node.span, codes::DECODE_VALUE, error))
    }
}

impl Decode for FileMode {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let number = match &node.value {
            Value::Int(number) => *number,
            Value::String(text) => integer(text, 8, node, decoder),
            // What begins with a zero and is not octal, such as 0999, is read as such a number.
            Value::Float(_) => {
                return decoder.reject(
                    node.span,
                    codes::DECODE_VALUE,
                    "unexpected value type float64 for mode",
                );
            }
            _ => return decoder.reject_type(node, "int64"),
        };
        Self(u32::try_from(number).unwrap_or_else(|_| {
            decoder.reject(node.span, codes::DECODE_VALUE, format_args!("{number} is no file mode"))
        }))
    }
}

impl Decode for Count {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::String(text) if text.eq_ignore_ascii_case("all") => Self(-1),
            Value::String(text) => match text.parse() {
                Ok(number) => Self(number),
                Err(_) => decoder.reject(
                    node.span,
                    codes::DECODE_VALUE,
                    format_args!(
                        "invalid value {text:?}, the only value allowed is 'all' or a number"
                    ),
                ),
            },
            _ => Self(i64::decode(node, decoder)),
        }
    }
}

impl Decode for Ulimit {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Mapping(mapping) => Self::Range {
                soft: decoder.field(Some(mapping), "soft"),
                hard: decoder.field(Some(mapping), "hard"),
            },
            _ => match i64::decode(node, decoder) {
                // To Docker Compose a limit of zero is one that is not written.
                0 => Self::Range { soft: 0, hard: 0 },
                limit => Self::Single(limit),
            },
        }
    }
}

impl Decode for DependencyCondition {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        [Self::ServiceStarted, Self::ServiceHealthy, Self::ServiceCompletedSuccessfully]
            .into_iter()
            .find(|condition| node.as_str() == Some(condition.as_str()))
            .unwrap_or_else(|| decoder.reject_type(node, "condition"))
    }
}

fn integer(text: &str, base: u32, node: &Node, decoder: &mut Decoder) -> i64 {
    i64::from_str_radix(text, base).unwrap_or_else(|_| {
        decoder.reject(
            node.span,
            codes::DECODE_VALUE,
            format_args!("strconv.ParseInt: parsing {text:?}: invalid syntax"),
        )
    })
}
