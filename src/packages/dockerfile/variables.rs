//! Variables in a Dockerfile, by the builder's rules; what cannot be read stays as it is written.

use crate::build::dockerfile::words;
pub(super) use crate::build::dockerfile::words::Variables;

/// A text with values in the places of variables; one that is not set has none.
pub(super) fn expand(text: &str, variables: &Variables) -> String {
    words::expand(text, variables, '\\').map_or_else(|_| text.to_owned(), |it| it.text)
}

/// How many bytes behind a `$` belong to a variable, and its value if it is known.
pub(super) fn variable(after: &str, variables: &Variables) -> (usize, Option<String>) {
    words::variable(after, variables, '\\').unwrap_or_default()
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
            ("\\$A $", "$A $"),
            ("$A ${", "$A ${"),
        ] {
            assert_eq!(expand(text, &variables), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_value_is_no_value() {
        let variables = [("A".to_owned(), "a".to_owned())].into();
        for (after, expected) in [
            ("A.", (1, Some("a"))),
            ("{A}.", (3, Some("a"))),
            ("{B:-x}.", (6, Some("x"))),
            ("B.", (1, None)),
            (" ", (0, Some("$"))),
            ("{A", (0, None)),
        ] {
            let expected = (expected.0, expected.1.map(str::to_owned));
            assert_eq!(variable(after, &variables), expected, "{after}");
        }
    }
}
