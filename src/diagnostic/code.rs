//! What a [`Code`] is: a name of a kind of problem, with what the table of [`codes`] says of it.
//!
//! [`codes`]: super::codes

use std::fmt;

use super::Severity;

/// A stable name of a kind of problem, such as `BIR0102`.
///
/// Only the table in [`codes`](super::codes) makes codes, so each has its documentation. Codes are
/// never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static Entry);

/// A row of the table of codes.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) constant: &'static str,
    pub(super) severity: Severity,
    /// The lines of the comment, each with the blank before it.
    pub(super) comment: &'static [&'static str],
}

impl Code {
    pub(super) const fn of(entry: &'static Entry) -> Self {
        Self(entry)
    }

    /// The code itself: `BIR0102`.
    pub const fn as_str(self) -> &'static str {
        self.0.id
    }

    /// A name to read, in kebab-case: `interpolation-required`.
    pub fn name(self) -> String {
        self.0.constant.to_ascii_lowercase().replace('_', "-")
    }

    /// How bad a problem of this kind is as a rule.
    pub const fn severity(self) -> Severity {
        self.0.severity
    }

    /// What is wrong, in one sentence with its period. Markdown.
    pub fn summary(self) -> String {
        self.paragraphs().next().unwrap_or_default()
    }

    /// Why it is wrong, and what to do: paragraphs with empty lines between them. Markdown.
    pub fn explanation(self) -> String {
        self.paragraphs().skip(1).collect::<Vec<_>>().join("\n\n")
    }

    /// The paragraphs of the comment, each on one line.
    fn paragraphs(self) -> impl Iterator<Item = String> {
        let paragraphs = self.0.comment.split(|line| line.trim().is_empty());
        paragraphs.map(|lines| lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.as_str(), self.name())
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Severity;
    use crate::diagnostic::codes::{ALL, YAML_DUPLICATE_KEY};

    #[test]
    fn a_code_knows_what_the_table_says() {
        let code = YAML_DUPLICATE_KEY;
        assert_eq!(code.to_string(), "BIR0002");
        assert_eq!(code.name(), "yaml-duplicate-key");
        assert_eq!(code.severity(), Severity::Error);
        assert_eq!(code.summary(), "A mapping has the same key twice.");
        assert_eq!(format!("{code:?}"), "BIR0002 yaml-duplicate-key");
    }

    #[test]
    fn codes_are_numbered_upwards_and_each_says_what_it_means() {
        for pair in ALL.windows(2) {
            assert!(pair[0].as_str() < pair[1].as_str(), "{pair:?}");
        }
        for code in ALL {
            let number = code.as_str().strip_prefix("BIR").unwrap_or_default();
            assert!(
                number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()),
                "{code}"
            );
            let summary = code.summary();
            assert!(summary.ends_with('.'), "{code}: {summary:?}");
            assert_eq!(summary.matches(". ").count(), 0, "one sentence for {code}: {summary:?}");
        }
    }
}
