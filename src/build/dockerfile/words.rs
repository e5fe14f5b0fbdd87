//! Words of a Dockerfile as its shell reads them: quotes, escapes and variables, by the rules of
//! BuildKit's `shell` package. Pure.

use std::collections::BTreeMap;

use crate::platform::Platform;

/// Variables with their values.
pub(crate) type Variables = BTreeMap<String, String>;

/// A word with its variables replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Expanded {
    /// What it comes to.
    pub(crate) text: String,
    /// Variables without a value, which count as empty.
    pub(crate) unset: Vec<String>,
}

/// Why a word cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) String);

/// Takes a text apart where white space stands outside quotes. Quotes stay.
pub(crate) fn split(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character.is_whitespace() && quote.is_none() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        word.push(character);
        if character == escape && quote != Some('\'') {
            word.extend(characters.next());
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && matches!(character, '"' | '\'') {
            quote = Some(character);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Takes quotes and escapes away and replaces variables.
///
/// # Errors
/// Braces that are not closed, unknown modifiers, and variables that must have a value (`${x:?why}`).
pub(crate) fn expand(
    word: &str,
    variables: &Variables,
    escape: char,
) -> Result<Expanded, Unreadable> {
    let mut reader = Reader { rest: word, variables, escape, unset: Vec::new() };
    let text = reader.read(None)?;
    Ok(Expanded { text, unset: reader.unset })
}

/// How many bytes behind a `$` belong to a variable, and what it comes to: `None` if that needs one without a value.
///
/// # Errors
/// As those of [`expand`].
pub(crate) fn variable(
    behind: &str,
    variables: &Variables,
    escape: char,
) -> Result<(usize, Option<String>), Unreadable> {
    let mut reader = Reader { rest: behind, variables, escape, unset: Vec::new() };
    let text = reader.variable()?;
    let length = behind.len() - reader.rest.len();
    Ok((length, reader.unset.is_empty().then_some(text)))
}

/// The variables that BuildKit sets itself for the platforms that it builds for, and on.
pub(crate) fn of_platforms(target: &Platform, builder: &Platform) -> Variables {
    let of_one = |(prefix, platform): (&str, &Platform)| {
        [
            ("PLATFORM", platform.to_string()),
            ("OS", platform.os().to_owned()),
            ("ARCH", platform.architecture().to_owned()),
            ("VARIANT", platform.variant().to_owned()),
        ]
        .map(|(suffix, value)| (format!("{prefix}{suffix}"), value))
    };
    [("BUILD", builder), ("TARGET", target)].into_iter().flat_map(of_one).collect()
}

/// Takes the values of an `ARG`, given as its words: the build's, else the default's.
///
/// # Errors
/// A default that cannot be read.
pub(crate) fn declare(
    words: &[String],
    args: &Variables,
    variables: &mut Variables,
    escape: char,
) -> Result<(), Unreadable> {
    for declared in words.iter().skip(1) {
        let (name, default) = match declared.split_once('=') {
            Some((name, default)) => (name, Some(default)),
            None => (declared.as_str(), None),
        };
        let value = match (args.get(name), default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => expand(default, variables, escape)?.text,
            (None, None) => continue,
        };
        variables.insert(name.to_owned(), value);
    }
    Ok(())
}

struct Reader<'a> {
    rest: &'a str,
    variables: &'a Variables,
    escape: char,
    unset: Vec<String>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Reads to the end of the text, or behind the character that ends this part.
    fn read(&mut self, end: Option<char>) -> Result<String, Unreadable> {
        let mut text = String::new();
        while let Some(character) = self.next() {
            match character {
                it if Some(it) == end => return Ok(text),
                '\'' => text.push_str(&self.single_quoted()?),
                '"' => text.push_str(&self.double_quoted()?),
                '$' => text.push_str(&self.variable()?),
                it if it == self.escape => text.extend(self.next()),
                it => text.push(it),
            }
        }
        match end {
            None => Ok(text),
            Some(end) => Err(Unreadable(format!("there is no closing {end}"))),
        }
    }

    fn single_quoted(&mut self) -> Result<String, Unreadable> {
        let (inside, rest) = self
            .rest
            .split_once('\'')
            .ok_or_else(|| Unreadable("there is no closing '".to_owned()))?;
        self.rest = rest;
        Ok(inside.to_owned())
    }

    fn double_quoted(&mut self) -> Result<String, Unreadable> {
        let mut text = String::new();
        while let Some(character) = self.next() {
            match character {
                '"' => return Ok(text),
                '$' => text.push_str(&self.variable()?),
                it if it == self.escape => match self.next() {
                    Some(escaped) if escaped == '"' || escaped == '$' || escaped == self.escape => {
                        text.push(escaped);
                    }
                    Some(other) => text.extend([it, other]),
                    None => text.push(it),
                },
                it => text.push(it),
            }
        }
        Err(Unreadable("there is no closing \"".to_owned()))
    }

    /// What stands behind a `$`.
    fn variable(&mut self) -> Result<String, Unreadable> {
        if let Some(rest) = self.rest.strip_prefix('{') {
            self.rest = rest;
            return self.braced();
        }
        let name = self.name();
        if name.is_empty() {
            return Ok("$".to_owned());
        }
        Ok(self.value(&name))
    }

    fn name(&mut self) -> String {
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let end = self.rest.find(|it| !is_name(it)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name.to_owned()
    }

    fn value(&mut self, name: &str) -> String {
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        self.unset.push(name.to_owned());
        String::new()
    }

    /// `${name}`, `${name:-word}` and their like, behind the brace.
    fn braced(&mut self) -> Result<String, Unreadable> {
        let name = self.name();
        let modifier = self.next().ok_or_else(|| Unreadable("there is no closing }".to_owned()))?;
        if modifier == '}' && !name.is_empty() {
            return Ok(self.value(&name));
        }
        // With a colon an empty value counts as none.
        let is_strict = modifier == ':';
        let operator = if is_strict { self.next().unwrap_or(' ') } else { modifier };
        let found = self.variables.get(&name).filter(|it| !is_strict || !it.is_empty()).cloned();
        match operator {
            '-' => {
                let before = self.unset.len();
                let word = self.read(Some('}'))?;
                if found.is_some() {
                    self.unset.truncate(before);
                }
                Ok(found.unwrap_or(word))
            }
            '+' => {
                let before = self.unset.len();
                let word = self.read(Some('}'))?;
                if found.is_none() {
                    self.unset.truncate(before);
                }
                Ok(found.map(|_| word).unwrap_or_default())
            }
            '?' => {
                let why = self.read(Some('}'))?;
                found.ok_or_else(|| Unreadable(format!("{name} has no value: {why}")))
            }
            '#' | '%' if !is_strict => {
                let longest = self.rest.strip_prefix(operator);
                self.rest = longest.unwrap_or(self.rest);
                let pattern = self.read(Some('}'))?;
                let value = self.value(&name);
                Ok(trimmed(&value, &pattern, operator == '#', longest.is_some()).to_owned())
            }
            _ => Err(Unreadable(format!("${{{name}{modifier}…}} is not understood"))),
        }
    }
}

/// A value without the shortest or longest part at one end that a pattern with `*` and `?` matches.
fn trimmed<'a>(value: &'a str, pattern: &str, at_start: bool, longest: bool) -> &'a str {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).collect();
    cuts.push(value.len());
    // From the shortest part to the longest.
    if !at_start {
        cuts.reverse();
    }
    if longest {
        cuts.reverse();
    }
    for cut in cuts {
        let (before, behind) = value.split_at(cut);
        let (part, kept) = if at_start { (before, behind) } else { (behind, before) };
        if matches(&part.chars().collect::<Vec<_>>(), &pattern) {
            return kept;
        }
    }
    value
}

/// Whether a pattern with `*` and `?` matches the whole of a text. Goes back to the last `*` only,
/// which is enough.
fn matches(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(&sign) if sign == '?' || sign == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => {
                let Some((back, taken)) = star else { return false };
                star = Some((back, taken + 1));
                at = taken + 1;
                in_pattern = back + 1;
            }
        }
    }
    pattern.get(in_pattern..).is_none_or(|rest| rest.iter().all(|&sign| sign == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        [("A", "one"), ("EMPTY", ""), ("VERSION", "3.12.4-slim")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn words_are_expanded_as_buildkit_does() {
        for (word, expected) in [
            ("plain", "plain"),
            ("$A", "one"),
            ("x${A}y", "xoney"),
            ("$A-$A.z", "one-one.z"),
            ("$", "$"),
            ("a$/b", "a$/b"),
            (r"\$A", "$A"),
            ("'$A'", "$A"),
            (r#""$A b""#, "one b"),
            (r#""\"\$A\n""#, r#""$A\n"#),
            ("${A:-two}", "one"),
            ("${EMPTY:-two}", "two"),
            ("${EMPTY-two}", ""),
            ("${NONE:-two}", "two"),
            ("${NONE-${A}}", "one"),
            ("${NONE:-${OTHER:-deep}}", "deep"),
            ("${A:+two}", "two"),
            ("${EMPTY:+two}", ""),
            ("${EMPTY+two}", "two"),
            ("${A:?must be}", "one"),
            ("${VERSION%-*}", "3.12.4"),
            ("${VERSION%%.*}", "3"),
            ("${VERSION#*.}", "12.4-slim"),
            ("${VERSION##*.}", "4-slim"),
            ("${VERSION%x}", "3.12.4-slim"),
            ("${VERSION%?lim}", "3.12.4-"),
        ] {
            let expanded = expand(word, &variables(), '\\').unwrap();
            assert_eq!(expanded, Expanded { text: expected.to_owned(), unset: vec![] }, "{word}");
        }
        assert_eq!(expand("a`$A", &variables(), '`').unwrap().text, "a$A");
    }

    #[test]
    fn what_has_no_value_is_told() {
        let expanded = expand("a:$NONE${A:-$UNUSED}${EMPTY:+$UNUSED}", &variables(), '\\').unwrap();
        assert_eq!(expanded, Expanded { text: "a:one".to_owned(), unset: vec!["NONE".to_owned()] });
        for word in ["${A", "${A:-x", "'a", "\"a", "${A:?", "${NONE:?why}", "${A/x/y}", "${}"] {
            assert!(expand(word, &variables(), '\\').is_err(), "{word}");
        }
    }

    #[test]
    fn quotes_hold_words_together() {
        let words = split(r#"A="x y" B='$z w'  c\ d e"#, '\\');
        assert_eq!(words, [r#"A="x y""#, "B='$z w'", r"c\ d", "e"]);
    }
}
