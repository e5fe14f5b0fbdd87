//! Which attributes take a number or a boolean that may come from a variable.
//!
//! The list and the words of the refusals are Docker Compose's. Attributes that are not here (a
//! size, a length of time, a published port) take texts when they are decoded.

use crate::compose::units::parse_float;
use crate::compose::yaml::Value;

/// What a text is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cast {
    /// `Int` with the name of the Go function whose words the refusal has.
    Int(&'static str),
    Float,
    Bool,
}

const INT: Cast = Cast::Int("Atoi");
const INT64: Cast = Cast::Int("ParseInt");

/// The cast for the attribute at `path`; a list's items are `[]`.
pub(super) fn cast(path: &[&str]) -> Option<Cast> {
    match path {
        ["services", _, attribute @ ..] => service(attribute),
        ["networks", _, "external" | "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"]
        | ["volumes" | "secrets" | "configs", _, "external"] => Some(Cast::Bool),
        _ => None,
    }
}

fn service(path: &[&str]) -> Option<Cast> {
    Some(match path {
        [
            "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime"
            | "cpu_shares" | "oom_score_adj" | "pids_limit",
        ] => INT64,
        ["cpus" | "cpu_percent"]
        | ["deploy", "update_config" | "rollback_config", "max_failure_ratio"] => Cast::Float,
        ["init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty"]
        | ["depends_on", _, "required" | "restart"]
        | ["healthcheck", "disable"]
        | ["volumes", "[]", "read_only"]
        | ["volumes", "[]", "volume", "nocopy"] => Cast::Bool,
        ["scale"]
        | ["deploy", "replicas"]
        | ["deploy", "update_config" | "rollback_config", "parallelism"]
        | ["deploy", "restart_policy", "max_attempts"]
        | ["deploy", "placement", "max_replicas_per_node"]
        | ["healthcheck", "retries"]
        | ["ports", "[]", "target"]
        | ["ulimits", _]
        | ["ulimits", _, "hard" | "soft"] => INT,
        _ => return None,
    })
}

impl Cast {
    /// The value that the text stands for, with a warning about how it is written.
    pub(super) fn convert(self, text: &str) -> Result<(Value, Option<String>), String> {
        match self {
            Self::Int(function) => int(text, function).map(|value| (value, None)),
            Self::Float => float(text).map(|value| (value, None)),
            Self::Bool => bool(text),
        }
    }
}

fn int(text: &str, function: &str) -> Result<Value, String> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse().map(Value::Int).map_err(|error: std::num::ParseIntError| {
        let reason = match error.kind() {
            PosOverflow | NegOverflow => "value out of range",
            _ => "invalid syntax",
        };
        format!("strconv.{function}: parsing {text:?}: {reason}")
    })
}

fn float(text: &str) -> Result<Value, String> {
    let reason = match parse_float(text) {
        Some(value) if value.is_finite() => return Ok(Value::Float(value)),
        Some(_) => "value out of range",
        None => "invalid syntax",
    };
    Err(format!("strconv.ParseFloat: parsing {text:?}: {reason}"))
}

fn bool(text: &str) -> Result<(Value, Option<String>), String> {
    let outdated = |meant: bool| {
        let warning =
            format!("{text:?} for boolean is not supported by YAML 1.2, please use `{meant}`");
        (Value::Bool(meant), Some(warning))
    };
    match text.to_lowercase().as_str() {
        "true" => Ok((Value::Bool(true), None)),
        "false" => Ok((Value::Bool(false), None)),
        "y" | "yes" | "on" => Ok(outdated(true)),
        "n" | "no" | "off" => Ok(outdated(false)),
        _ => Err(format!("invalid boolean: {text}")),
    }
}
