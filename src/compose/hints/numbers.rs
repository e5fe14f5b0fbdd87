//! Sizes, lengths of time, numbers and truth values.

use super::{Written, rewrite, say};
use crate::compose::units::{parse_bytes, parse_duration};
use crate::diagnostic::Diagnostic;

/// Says how to write a value that cannot be decoded.
pub(super) fn add_to_value(error: &mut Diagnostic, value: &Written<'_>) {
    let message = error.message.clone();
    let Some((path, reason)) = message.strip_prefix('\'').and_then(|it| it.split_once("' ")) else {
        return;
    };
    let attribute = path.rsplit('.').next().unwrap_or(path);
    if reason.starts_with("time:") {
        duration(error, value);
    } else if reason.starts_with("invalid suffix") || reason.starts_with("invalid size") {
        size(error, value);
    } else if reason.starts_with("strconv.ParseFloat") {
        let is_size = ["mem", "size", "swap"].iter().any(|part| attribute.contains(part));
        if is_size { size(error, value) } else { number(error, value, attribute) }
    } else if reason.starts_with("strconv.ParseInt") {
        say(error, "not a whole number");
        error.help = Some("write digits only".to_owned());
    } else if reason.starts_with("invalid boolean") {
        truth(error);
    } else if reason.contains("missing IP") {
        say(error, "no address for this name");
        let name = if value.is_verbatim() { value.text } else { "NAME" };
        error.help = Some(format!("write `{name}:ADDRESS`, such as `{name}:192.0.2.1`"));
    } else if reason.contains("trailing space") {
        say(error, "a space before `=`");
        if let Some((name, text)) = value.text.split_once('=') {
            rewrite(error, value, &format!("{}={}", name.trim(), text.trim_start()));
        }
    }
}

/// Says how to write a value that is no number or truth value.
pub(super) fn add_to_cast(error: &mut Diagnostic, value: &Written<'_>) {
    let message = error.message.clone();
    let attribute = message
        .strip_prefix("error while interpolating ")
        .and_then(|rest| rest.split(':').next())
        .and_then(|path| path.rsplit('.').next())
        .unwrap_or_default();
    if message.contains("invalid boolean") {
        truth(error);
    } else if message.contains("strconv.ParseFloat") {
        number(error, value, attribute);
    } else {
        say(error, "not a whole number");
        let digits = WORDS.iter().position(|word| value.text.eq_ignore_ascii_case(word));
        match digits {
            Some(number) => rewrite(error, value, &number.to_string()),
            None => error.help = Some(format!("give `{attribute}` a whole number")),
        }
    }
}

const WORDS: [&str; 6] = ["zero", "one", "two", "three", "four", "five"];

fn truth(error: &mut Diagnostic) {
    say(error, "neither true nor false");
    error.help = Some("write `true` or `false`".to_owned());
}

fn duration(error: &mut Diagnostic, value: &Written<'_>) {
    say(error, "not a length of time");
    let packed: String = value.text.chars().filter(|it| !it.is_whitespace()).collect();
    let start = packed.find(|it: char| it.is_ascii_alphabetic()).unwrap_or(packed.len());
    let (number, unit) = packed.split_at(start);
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "ms" | "msec" | "millis" | "milliseconds" => "ms",
        _ => "",
    };
    let better = format!("{}{unit}", number.replace(',', "."));
    if parse_duration(&better).is_ok() {
        rewrite(error, value, &better);
    } else {
        error.help = Some("write a number with a unit: `30s`, `5m`, `1m30s`, `2h`".to_owned());
    }
}

fn size(error: &mut Diagnostic, value: &Written<'_>) {
    say(error, "not a size");
    let packed: String = value.text.chars().filter(|it| !it.is_whitespace()).collect();
    let packed = packed.replace(',', ".").to_ascii_lowercase();
    let start = packed.find(|it: char| it.is_ascii_alphabetic()).unwrap_or(packed.len());
    let (number, suffix) = packed.split_at(start);
    let known = ["kb", "mb", "gb", "tb", "kilo", "mega", "giga", "tera", "b"];
    let plain = suffix.len() <= 1;
    let unit = suffix.get(..1).filter(|_| plain || known.iter().any(|it| suffix.starts_with(it)));
    let better = format!("{number}{}", unit.unwrap_or("?"));
    let better = if suffix.is_empty() { number.to_owned() } else { better };
    if parse_bytes(&better).is_ok() {
        rewrite(error, value, &better);
    } else {
        error.help = Some("write a number with `b`, `k`, `m` or `g`: `512m`, `1.5g`".to_owned());
    }
}

fn number(error: &mut Diagnostic, value: &Written<'_>, attribute: &str) {
    say(error, "not a number");
    let text = value.text.trim();
    let thousandths = text.strip_suffix('m').and_then(|it| it.parse::<u32>().ok());
    let decimal = text.replace(',', ".");
    if let Some(thousandths) = thousandths.filter(|_| attribute == "cpus") {
        rewrite(error, value, &(f64::from(thousandths) / 1000.0).to_string());
    } else if decimal != text && decimal.parse::<f64>().is_ok() {
        rewrite(error, value, &decimal);
    } else {
        error.help = Some("write a number, such as `0.5`".to_owned());
    }
}
