//! One pattern: Go's `filepath.Match` syntax extended by `**`, as moby's `patternmatcher` compiles it.
//!
//! Matching runs over a set of positions in the pattern, so its cost is at most the product of the
//! two lengths, whatever the pattern.

/// A pattern that is not well formed: an open bracket, an empty class, a backslash at the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern `{0}`")]
pub struct BadPattern(pub String);

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Glob(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// No special character: the path itself.
    Exact(String),
    /// `text**`: everything that starts with `text`.
    Prefix(String),
    /// `**text`: everything that ends with `text`; `**/x` is also `x` itself.
    Suffix(String),
    /// All others.
    Tokens(Vec<Token>),
}

#[derive(Debug, Clone)]
enum Token {
    Literal(char),
    /// `?`: any character but `/`.
    AnyCharacter,
    /// `*`: any run without `/`.
    AnyName,
    /// `**/` or `**` before more: nothing, or anything that ends with `/`.
    AnyDirectories,
    /// `**` at the end.
    Anything,
    /// `[a-z]`, `[^a-z]`.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// Compiles a cleaned pattern.
    pub(super) fn new(pattern: &str) -> Result<Self, BadPattern> {
        let mut tokens = Vec::new();
        let mut literal_only = true;
        let mut suffix = false;
        let mut characters = pattern.chars().peekable();
        let mut first = true;
        while let Some(character) = characters.next() {
            match character {
                '*' if characters.peek() == Some(&'*') => {
                    characters.next();
                    if characters.peek() == Some(&'/') {
                        characters.next();
                    }
                    if characters.peek().is_none() {
                        if first {
                            return Ok(Self(Kind::Suffix(String::new())));
                        }
                        if literal_only {
                            return Ok(Self(Kind::Prefix(text(&tokens))));
                        }
                        tokens.push(Token::Anything);
                    } else {
                        tokens.push(Token::AnyDirectories);
                    }
                    // `**` at the start followed by plain text is a match on the end of the path.
                    suffix = first;
                    literal_only = false;
                }
                '*' => {
                    tokens.push(Token::AnyName);
                    (literal_only, suffix) = (false, false);
                }
                '?' => {
                    tokens.push(Token::AnyCharacter);
                    (literal_only, suffix) = (false, false);
                }
                '[' => {
                    tokens.push(class(&mut characters).ok_or_else(|| bad(pattern))?);
                    (literal_only, suffix) = (false, false);
                }
                '\\' => {
                    tokens.push(Token::Literal(characters.next().ok_or_else(|| bad(pattern))?));
                    suffix = false;
                }
                character => tokens.push(Token::Literal(character)),
            }
            first = false;
        }
        if literal_only {
            return Ok(Self(Kind::Exact(text(&tokens))));
        }
        if suffix {
            return Ok(Self(Kind::Suffix(pattern[2..].to_owned())));
        }
        Ok(Self(Kind::Tokens(tokens)))
    }

    /// Whether the pattern matches this whole slash-separated path.
    pub(super) fn matches(&self, path: &str) -> bool {
        match &self.0 {
            Kind::Exact(text) => path == text,
            Kind::Prefix(prefix) => path.starts_with(prefix),
            Kind::Suffix(suffix) => {
                path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path)
            }
            Kind::Tokens(tokens) => run(tokens, path),
        }
    }
}

fn bad(pattern: &str) -> BadPattern {
    BadPattern(pattern.to_owned())
}

fn text(tokens: &[Token]) -> String {
    tokens
        .iter()
        .filter_map(|token| match token {
            Token::Literal(character) => Some(*character),
            _ => None,
        })
        .collect()
}

/// Reads a class behind its `[`; `None` if it is not well formed.
fn class(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let negated = characters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && characters.next_if_eq(&']').is_some() {
            return Some(Token::Class { negated, ranges });
        }
        let low = class_character(characters)?;
        let high = match characters.next_if_eq(&'-') {
            Some(_) => class_character(characters)?,
            None => low,
        };
        ranges.push((low, high));
    }
}

fn class_character(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match characters.next()? {
        '-' | ']' => None,
        '\\' => characters.next(),
        character => Some(character),
    }
}

/// Walks the path once, keeping every position of the pattern that what was read can stand at.
fn run(tokens: &[Token], path: &str) -> bool {
    let mut current = vec![false; tokens.len() + 1];
    let mut next = current.clone();
    reach(tokens, &mut current, 0);
    for character in path.chars() {
        next.fill(false);
        for (at, token) in tokens.iter().enumerate() {
            if !current[at] {
                continue;
            }
            match token {
                Token::Literal(literal) if *literal == character => {
                    reach(tokens, &mut next, at + 1);
                }
                Token::AnyCharacter if character != '/' => reach(tokens, &mut next, at + 1),
                Token::AnyName if character != '/' => reach(tokens, &mut next, at),
                Token::Anything => reach(tokens, &mut next, at),
                Token::AnyDirectories => {
                    // Inside the directories only this token can go on; past a `/` so can the next.
                    next[at] = true;
                    if character == '/' {
                        reach(tokens, &mut next, at + 1);
                    }
                }
                Token::Class { negated, ranges } => {
                    let inside =
                        ranges.iter().any(|&(low, high)| (low..=high).contains(&character));
                    if inside != *negated {
                        reach(tokens, &mut next, at + 1);
                    }
                }
                _ => {}
            }
        }
        std::mem::swap(&mut current, &mut next);
    }
    current[tokens.len()]
}

/// Marks a position, and those behind it that need no character. A run of directories that has
/// just begun may be empty.
fn reach(tokens: &[Token], positions: &mut [bool], mut at: usize) {
    loop {
        positions[at] = true;
        match tokens.get(at) {
            Some(Token::AnyName | Token::Anything | Token::AnyDirectories) => at += 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn matches_whole_paths() {
        let cases: &[(&str, &str, bool)] = &[
            ("a", "a", true),
            ("a", "a/b", false),
            ("*", "a", true),
            ("*", "a/b", false),
            ("*.rs", "main.rs", true),
            ("*.rs", "src/main.rs", false),
            ("?", "é", true),
            ("?", "/", false),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/b/c", false),
            ("**", "a/b/c", true),
            ("**/c", "c", true),
            ("**/c", "a/b/c", true),
            ("**/c", "abc", false),
            ("**c", "abc", true),
            ("**c*", "abc", false),
            ("**/*.py", "x.py", true),
            ("**/*.py", "a/b/x.py", true),
            ("a/**", "a/b", true),
            ("a/**", "a", false),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/**/z", "az", false),
            ("a**", "abc/d", true),
            ("a*/**", "abc/d", true),
            ("a*/**", "abc", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a.b", "axb", false),
            ("**/a*/**/b", "x/ay/z/z/b", true),
            ("**/a*/**/b", "x/y/z/b", false),
            ("**/**", "a", true),
        ];
        for &(pattern, path, expected) in cases {
            let glob = Glob::new(pattern).unwrap();
            assert_eq!(glob.matches(path), expected, "{pattern} on {path}: {glob:?}");
        }
    }

    #[test]
    fn refuses_malformed_patterns() {
        for pattern in ["[", "[]", "[a", "[-a]", "a\\", "[a-]"] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn stays_fast_on_hostile_patterns() {
        let glob = Glob::new(&"**/a*".repeat(40)).unwrap();
        assert!(!glob.matches(&"a/".repeat(200)));
    }
}
