//! Environment markers (PEP 508): conditions under which a requirement counts.
//!
//! What is not known about the target makes a condition undecided, and an undecided requirement counts:
//! nobody is told that a package is not installed because we could not tell.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

use super::target::Target;

/// A condition, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) enum Marker {
    /// Both hold.
    And(Box<Self>, Box<Self>),
    /// One holds.
    Or(Box<Self>, Box<Self>),
    /// A comparison.
    Compare(Operand, Operator, Operand),
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) enum Operand {
    /// A variable of the environment.
    Variable(String),
    /// A text in quotes.
    Literal(String),
}

/// How two sides are compared: `==`, `in`, `not in` …
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Operator(String);

impl Marker {
    /// Reads a condition. `None` for what is none.
    pub(in crate::packages) fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens };
        let marker = parser.or()?;
        parser.tokens.is_empty().then_some(marker)
    }

    /// Whether the condition holds for a target when these extras are wanted; `None` if that depends
    /// on what is not known.
    pub(in crate::packages) fn holds(&self, target: &Target, extras: &[String]) -> Option<bool> {
        match self {
            Self::And(one, other) => {
                match (one.holds(target, extras), other.holds(target, extras)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Self::Or(one, other) => {
                match (one.holds(target, extras), other.holds(target, extras)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
            Self::Compare(left, operator, right) => compare(left, operator, right, target, extras),
        }
    }

    /// Whether the condition may hold.
    pub(in crate::packages) fn may_hold(&self, target: &Target, extras: &[String]) -> bool {
        self.holds(target, extras) != Some(false)
    }
}

fn compare(
    left: &Operand,
    operator: &Operator,
    right: &Operand,
    target: &Target,
    extras: &[String],
) -> Option<bool> {
    let name = match (left, right) {
        (Operand::Variable(name), _) | (_, Operand::Variable(name)) => name.as_str(),
        _ => "",
    };
    if name == "extra" {
        let ((Operand::Literal(wanted), _) | (_, Operand::Literal(wanted))) = (left, right) else {
            return None;
        };
        let wanted = super::name::normalized(wanted);
        let has = extras.iter().any(|extra| super::name::normalized(extra) == wanted);
        return Some(if operator.0 == "!=" { !has } else { has });
    }
    let left = value(left, target)?;
    let right = value(right, target)?;
    let versions = matches!(
        name,
        "python_version" | "python_full_version" | "implementation_version" | "platform_release"
    );
    match operator.0.as_str() {
        "in" => Some(list_has(&right, &left)),
        "not in" => Some(!list_has(&right, &left)),
        operator => Some(
            versions
                .then(|| compare_versions(&left, operator, &right))
                .flatten()
                .unwrap_or_else(|| compare_texts(&left, operator, &right)),
        ),
    }
}

/// Python's `in` for texts. Versions are told apart at word ends: `3.1` is not in `3.10 3.11`.
fn list_has(list: &str, item: &str) -> bool {
    if item.starts_with(|first: char| first.is_ascii_digit()) {
        return list.split([' ', ',']).any(|one| one == item);
    }
    list.contains(item)
}

fn compare_versions(left: &str, operator: &str, right: &str) -> Option<bool> {
    let left = Version::from_str(left).ok()?;
    let specifier = VersionSpecifier::from_str(&format!("{operator}{right}")).ok()?;
    Some(specifier.contains(&left))
}

fn compare_texts(left: &str, operator: &str, right: &str) -> bool {
    match operator {
        "==" | "===" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        _ => left >= right,
    }
}

fn value(operand: &Operand, target: &Target) -> Option<String> {
    match operand {
        Operand::Literal(text) => Some(text.clone()),
        Operand::Variable(name) => target.variable(name),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Word(String),
    Text(String),
    Operator(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' => {
                tokens.push(if first == '(' { Token::Open } else { Token::Close });
                1
            }
            '"' | '\'' => {
                let (literal, _) = rest[1..].split_once(first)?;
                tokens.push(Token::Text(literal.to_owned()));
                literal.len() + 2
            }
            '<' | '>' | '=' | '!' | '~' => {
                let length = rest.find(|next: char| !"<>=!~".contains(next)).unwrap_or(rest.len());
                tokens.push(Token::Operator(rest[..length].to_owned()));
                length
            }
            _ => {
                let is_word = |next: char| next.is_ascii_alphanumeric() || "_.".contains(next);
                let length = rest.find(|next: char| !is_word(next)).unwrap_or(rest.len());
                if length == 0 {
                    return None;
                }
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

struct Parser<'a> {
    tokens: &'a [Token],
}

impl Parser<'_> {
    fn next(&mut self) -> Option<&Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn takes(&mut self, word: &str) -> bool {
        match self.tokens.split_first() {
            Some((Token::Word(next), rest)) if next == word => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn or(&mut self) -> Option<Marker> {
        let mut marker = self.and()?;
        while self.takes("or") {
            marker = Marker::Or(Box::new(marker), Box::new(self.and()?));
        }
        Some(marker)
    }

    fn and(&mut self) -> Option<Marker> {
        let mut marker = self.comparison()?;
        while self.takes("and") {
            marker = Marker::And(Box::new(marker), Box::new(self.comparison()?));
        }
        Some(marker)
    }

    fn comparison(&mut self) -> Option<Marker> {
        if self.tokens.first() == Some(&Token::Open) {
            self.next();
            let marker = self.or()?;
            return (self.next() == Some(&Token::Close)).then_some(marker);
        }
        let left = self.operand()?;
        let operator = match self.next()? {
            Token::Operator(operator) => operator.clone(),
            Token::Word(word) if word == "in" => word.clone(),
            Token::Word(word) if word == "not" => {
                if !self.takes("in") {
                    return None;
                }
                "not in".to_owned()
            }
            _ => return None,
        };
        let right = self.operand()?;
        Some(Marker::Compare(left, Operator(operator), right))
    }

    fn operand(&mut self) -> Option<Operand> {
        match self.next()? {
            Token::Text(text) => Some(Operand::Literal(text.clone())),
            // Old names with dots: `os.name`, `python_implementation`.
            Token::Word(word) => Some(Operand::Variable(match word.as_str() {
                "os.name" => "os_name".to_owned(),
                "sys.platform" => "sys_platform".to_owned(),
                "platform.machine" => "platform_machine".to_owned(),
                "platform.python_implementation" | "python_implementation" => {
                    "platform_python_implementation".to_owned()
                }
                word => word.to_owned(),
            })),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::tests::target;
    use super::*;

    #[test]
    fn conditions_hold_or_not() {
        let target = target("python:3.9-slim", "arm64");
        for (text, expected) in [
            ("python_version >= '3.8'", Some(true)),
            ("python_version<\"3.9\"", Some(false)),
            ("python_version >= '3.10'", Some(false)),
            ("'3.8' <= python_version", Some(true)),
            ("python_version in '3.8 3.9'", Some(true)),
            ("python_version not in '3.10, 3.11'", Some(true)),
            ("python_version == '3.*'", Some(true)),
            ("python_full_version < '3.9.1'", Some(false)),
            ("sys_platform == 'win32'", Some(false)),
            ("sys_platform != 'win32' and platform_system == 'Linux'", Some(true)),
            ("platform_machine == 'x86_64' or platform_machine == 'aarch64'", Some(true)),
            ("platform_machine in 'x86_64 amd64'", Some(false)),
            ("(os_name == 'nt' or os.name == 'posix') and python_version > '3'", Some(true)),
            ("implementation_name == 'pypy'", Some(false)),
            ("platform_python_implementation == 'CPython'", Some(true)),
            ("extra == 'Some_Extra'", Some(true)),
            ("extra == 'other'", Some(false)),
            ("platform_version == '1'", None),
            ("platform_version == '1' and os_name == 'nt'", Some(false)),
        ] {
            let marker = Marker::parse(text).unwrap_or_else(|| panic!("{text} is a condition"));
            assert_eq!(marker.holds(&target, &["some.extra".to_owned()]), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_known_stays_undecided() {
        let target = target("mine/python", "arm64");
        let marker = Marker::parse("python_version < '3.8'").unwrap();
        assert_eq!(marker.holds(&target, &[]), None);
        assert!(marker.may_hold(&target, &[]));
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in
            ["", "python_version", "a ==", "(a == 'b'", "a == 'b' c", "a not 'b'", "'x", "§"]
        {
            assert_eq!(Marker::parse(text), None, "{text}");
        }
    }
}
