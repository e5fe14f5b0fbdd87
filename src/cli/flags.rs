//! Flags as Docker Compose takes them: its numbers and booleans, and the manners of its parser that
//! clap does not have by itself.

use std::any::TypeId;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Command};

use super::failure::Failure;

/// A boolean in one of Go's spellings.
pub(super) fn boolean(word: &str) -> Result<bool, String> {
    match word {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {word:?}: invalid syntax")),
    }
}

/// Whether `--format` asks for JSON; `text` are the words for the other form that there is.
///
/// # Errors
/// Any other word.
pub(super) fn is_json(format: &str, text: &[&str]) -> Result<bool, Failure> {
    match format {
        "json" => Ok(true),
        word if text.contains(&word) => Ok(false),
        other => Err(Failure::new(format!("unsupported format {other:?}"))
            .help("`text` and `json` are there")),
    }
}

/// An integer in base 2, 8, 10 or 16, as Go reads it.
pub(super) fn integer(word: &str) -> Result<i64, String> {
    let (negative, digits) = match word.as_bytes().first() {
        Some(b'-') => (true, &word[1..]),
        Some(b'+') => (false, &word[1..]),
        _ => (false, word),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', b'o', ..] => (&lower[2..], 8),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (lower.as_str(), 10),
    };
    let sign = if negative { "-" } else { "" };
    if digits.starts_with(['+', '-']) {
        return Err(format!("strconv.ParseInt: parsing {word:?}: invalid syntax"));
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).map_err(|error| {
        let reason = match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                "value out of range"
            }
            _ => "invalid syntax",
        };
        format!("strconv.ParseInt: parsing {word:?}: {reason}")
    })
}

/// The value of `--index`; 0 is any container, and so is what cannot be a number of one.
pub(super) fn index(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Gives a command and those below it the manners of Docker Compose's parser: a switch may be given
/// a value (`--menu=false`), a flag takes the next word whatever it looks like (`--tail -1`), and
/// of a flag given twice the last one holds.
pub(super) fn with_manners(command: Command) -> Command {
    command.args_override_self(true).mut_args(manners).mut_subcommands(with_manners)
}

/// The command as its help shows it: switches without the value that they may be given.
pub(super) fn for_help(command: Command) -> Command {
    command
        .mut_args(
            |arg| if is_switch(&arg) { arg.action(ArgAction::SetTrue).num_args(0) } else { arg },
        )
        .mut_subcommands(for_help)
}

fn is_switch(arg: &Arg) -> bool {
    !arg.is_positional() && arg.get_value_parser().type_id() == TypeId::of::<bool>()
}

fn manners(arg: Arg) -> Arg {
    if arg.is_positional() || matches!(arg.get_action(), ArgAction::Help | ArgAction::Version) {
        return arg;
    }
    if is_switch(&arg) {
        // Plain switches are false without the flag; optional ones are left open.
        let plain = matches!(arg.get_action(), ArgAction::SetTrue);
        let arg = arg
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .hide_possible_values(true)
            .hide_default_value(true)
            .value_parser(ValueParser::new(boolean));
        return if plain { arg.default_value("false").value_name("BOOL") } else { arg };
    }
    arg.allow_hyphen_values(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_go() {
        for (word, value) in
            [("10", 10), ("-1", -1), ("+3", 3), ("0x1f", 31), ("010", 8), ("0b11", 3), ("0", 0)]
        {
            assert_eq!(integer(word), Ok(value), "{word}");
        }
        for word in ["", "x", "1.5", "--1", "0x", "-+1"] {
            let message = format!("strconv.ParseInt: parsing {word:?}: invalid syntax");
            assert_eq!(integer(word), Err(message), "{word}");
        }
        assert_eq!(
            integer("99999999999999999999"),
            Err("strconv.ParseInt: parsing \"99999999999999999999\": value out of range".into())
        );
    }
}
