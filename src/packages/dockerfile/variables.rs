//! Variables in a Dockerfile: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` and so on.

use std::collections::BTreeMap;

/// Variables with their values.
pub(super) type Variables = BTreeMap<String, String>;

/// A text with values in the places of variables; one that is not set has none.
pub(super) fn expand(text: &str, variables: &Variables) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        if let Some(before) = before.strip_suffix('\\') {
            expanded.push_str(before);
            expanded.push('$');
            rest = after;
            continue;
        }
        expanded.push_str(before);
        let (written, value) = variable(after, variables);
        if written == 0 {
            expanded.push('$');
        }
        expanded.push_str(&value.unwrap_or_default());
        rest = after.get(written..).unwrap_or_default();
    }
    expanded.push_str(rest);
    expanded
}

/// How many bytes behind a `$` belong to a variable, and its value if it is known.
pub(super) fn variable(after: &str, variables: &Variables) -> (usize, Option<String>) {
    let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let Some(braced) = after.strip_prefix('{') else {
        let length = after.find(|it| !is_name(it)).unwrap_or(after.len());
        let value = after.get(..length).and_then(|name| variables.get(name)).cloned();
        return (length, value);
    };
    let Some(end) = closing(braced) else { return (0, None) };
    let inside = braced.get(..end).unwrap_or_default();
    let split = inside.find(|it| !is_name(it)).unwrap_or(inside.len());
    let (name, operation) = inside.split_at(split);
    let value = variables.get(name);
    let filled = value.filter(|value| !value.is_empty());
    let word = |text: &str| Some(expand(text, variables));
    let value = if let Some(default) = operation.strip_prefix(":-") {
        filled.cloned().or_else(|| word(default))
    } else if let Some(default) = operation.strip_prefix('-') {
        value.cloned().or_else(|| word(default))
    } else if let Some(other) = operation.strip_prefix(":+") {
        filled.map_or_else(|| Some(String::new()), |_| word(other))
    } else if let Some(other) = operation.strip_prefix('+') {
        value.map_or_else(|| Some(String::new()), |_| word(other))
    } else {
        // Patterns are rare; without one the value is near enough.
        value.cloned()
    };
    (end + 2, value)
}

/// Where the brace is that closes, in a text behind the one that opens.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_values() {
        let variables =
            [("A", "a"), ("E", "")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        for (text, expected) in [
            ("$A-${A}-$AB.", "a-a-."),
            ("${A:-x}${B:-y$A}${E:-z}${E-z}", "ayaz"),
            ("${A:+x}${B:+x}${E:+x}", "x"),
            ("python:${V:-${A}}", "python:a"),
            ("\\$A $ ${", "$A $ ${"),
        ] {
            assert_eq!(expand(text, &variables), expected, "{text}");
        }
    }
}
