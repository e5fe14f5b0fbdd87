//! Numbers as Go's encoders write them: the fewest digits that name the value, and an exponent
//! where the notation asks for one.

use std::fmt::LowerExp;

/// Single precision in JSON.
pub(crate) fn json_single(value: f32) -> String {
    json(&Digits::of(value))
}

/// Double precision in JSON.
pub(crate) fn json_double(value: f64) -> String {
    json(&Digits::of(value))
}

/// `%g`, the form of floats in YAML and in texts: `1.50` becomes `1.5`, a million `1e+06`.
pub(crate) fn general(value: f64) -> String {
    Digits::of(value).with_exponent_outside(-4..6)
}

/// The double that has the digits of a single: 0.1 rather than 0.10000000149.
pub(crate) fn widened(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

/// JSON: an exponent from 1e21 upwards and below 1e-6, without a leading zero.
fn json(digits: &Digits) -> String {
    match digits {
        // JSON has no word for them; Go refuses, and null says as much as can be said.
        Digits::Infinite { .. } | Digits::NotANumber => "null".to_owned(),
        Digits::Finite { .. } => digits.with_exponent_outside(-6..21).replace("e-0", "e-"),
    }
}

/// The shortest decimal that names a binary number.
enum Digits {
    Finite {
        negative: bool,
        /// Significant digits, the first before the point.
        digits: String,
        exponent: i32,
    },
    Infinite {
        negative: bool,
    },
    NotANumber,
}

impl Digits {
    fn of<T: LowerExp + Copy>(value: T) -> Self {
        let text = format!("{value:e}");
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        match text.split_once('e') {
            Some((mantissa, exponent)) => Self::Finite {
                negative,
                digits: mantissa.replace('.', ""),
                exponent: exponent.parse().unwrap_or(0),
            },
            None if text == "inf" => Self::Infinite { negative },
            None => Self::NotANumber,
        }
    }

    /// Plain digits while the exponent lies in `plain`, otherwise `d.ddde+dd`.
    fn with_exponent_outside(&self, plain: std::ops::Range<i32>) -> String {
        let (negative, digits, exponent) = match self {
            Self::Finite { negative, digits, exponent } => (*negative, digits, *exponent),
            Self::Infinite { negative } => {
                return if *negative { "-Inf" } else { "+Inf" }.to_owned();
            }
            Self::NotANumber => return "NaN".to_owned(),
        };
        let sign = if negative { "-" } else { "" };
        if !plain.contains(&exponent) {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let direction = if exponent < 0 { '-' } else { '+' };
            return format!("{sign}{first}{point}{rest}e{direction}{:02}", exponent.abs());
        }
        if exponent < 0 {
            let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
            return format!("{sign}0.{zeros}{digits}");
        }
        let whole = exponent.unsigned_abs() as usize + 1;
        if digits.len() <= whole {
            return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
        }
        let (before, after) = digits.split_at(whole);
        format!("{sign}{before}.{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_go_writes_them() {
        // (value, JSON, YAML)
        let cases = [
            (0.0, "0", "0"),
            (0.5, "0.5", "0.5"),
            (-1.25, "-1.25", "-1.25"),
            (100_000.0, "100000", "100000"),
            (1_000_000.0, "1000000", "1e+06"),
            (1_234_567.0, "1234567", "1.234567e+06"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_012, "0.000012", "1.2e-05"),
            (0.000_000_12, "1.2e-7", "1.2e-07"),
            (1e20, "100000000000000000000", "1e+20"),
            (1e21, "1e+21", "1e+21"),
            (1.5e300, "1.5e+300", "1.5e+300"),
            (f64::NEG_INFINITY, "null", "-Inf"),
        ];
        for (value, json, yaml) in cases {
            assert_eq!(json_double(value), json, "{value:e} in JSON");
            assert_eq!(general(value), yaml, "{value:e} in YAML");
        }
    }

    #[test]
    fn single_precision_keeps_its_own_digits() {
        assert_eq!(json_single(1.234_568), "1.234568");
        assert_eq!(general(widened(0.1)), "0.1");
    }
}
