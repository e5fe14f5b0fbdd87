//! Variables that are written wrongly, or that must have a value.

use super::{Known, Written, edit, say};
use crate::diagnostic::{Diagnostic, Span, codes};

/// Says how to write a variable, or where to give it a value.
pub(super) fn add(error: &mut Diagnostic, value: &Written<'_>, known: &Known<'_>) {
    let Some(inner) = value.text.strip_prefix("${") else { return };
    let length =
        inner.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(length);
    let at = |bytes: usize| {
        let offset = value.span.start + u32::try_from(bytes).unwrap_or(0);
        Span { start: offset, end: offset, ..value.span }
    };
    if error.code == codes::INTERPOLATION_REQUIRED {
        let empty = known.environment.contains_key(name);
        say(error, if empty { "set, but empty" } else { "not set" });
        error.help =
            Some(format!("give `{name}` a value in `.env` or in the environment: `{name}=…`"));
        return;
    }
    let behind_name = 2 + name.len();
    match rest.strip_prefix(':') {
        _ if name.is_empty() => {
            say(error, "no name between the braces");
            error.help = Some("write `$${` for a dollar and a brace as text".to_owned());
            edit(error, at(0), "$");
        }
        Some(operand) if rest.contains('}') && !operand.starts_with(['-', '?', '+']) => {
            let default = operand.trim_start_matches('=').trim_end_matches('}');
            say(error, "not an operator");
            error.help = Some(format!("write `${{{name}:-{default}}}` for a default"));
            let start = at(behind_name + 1);
            let end = at(behind_name + 1 + usize::from(operand.starts_with('=')));
            edit(error, Span { end: end.start, ..start }, "-");
        }
        _ if !rest.contains('}') => {
            say(error, "this brace is not closed");
            error.help = Some("close it with `}`".to_owned());
            edit(error, at(value.text.trim_end().len()), "}");
        }
        _ => {
            say(error, "not a variable");
            error.help = Some(
                "write `${NAME}` or `${NAME:-default}`, or `$$` for a dollar as text".to_owned(),
            );
            edit(error, at(0), "$");
        }
    }
}
