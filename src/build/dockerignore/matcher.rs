//! A list of patterns as one question: does this path match?

use super::glob::Glob;
use super::{BadPattern, clean};

/// A list of patterns, the last match of which decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matcher {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    /// As cleaned, without the `!`.
    text: String,
    /// Written with `!`: a match takes the path out again.
    negated: bool,
    glob: Glob,
}

impl PartialEq for Pattern {
    /// The glob is made of the text.
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.negated) == (&other.text, other.negated)
    }
}

impl Eq for Pattern {}

/// Which patterns matched a directory; what lies in it inherits those matches.
#[derive(Debug, Clone, Default)]
pub struct ParentMatch(Vec<bool>);

impl Matcher {
    /// Compiles patterns. Blank ones are skipped; a lone `!` is an error.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Result<Self, BadPattern> {
        let mut compiled = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let pattern = pattern.as_ref().trim();
            if pattern.is_empty() {
                continue;
            }
            let cleaned = clean(pattern);
            let (text, negated) = match cleaned.strip_prefix('!') {
                Some("") => return Err(BadPattern(cleaned)),
                Some(rest) => (rest, true),
                None => (cleaned.as_str(), false),
            };
            let glob = Glob::new(text)?;
            compiled.push(Pattern { text: text.to_owned(), negated, glob });
        }
        Ok(Self { patterns: compiled })
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a path matches, itself or through one of its parents.
    pub fn matches(&self, path: &str) -> bool {
        let mut matched = false;
        for pattern in &self.patterns {
            // A pattern that would change nothing need not be looked at.
            if pattern.negated != matched {
                continue;
            }
            let hit = pattern.glob.matches(path)
                || path.match_indices('/').any(|(at, _)| pattern.glob.matches(&path[..at]));
            if hit {
                matched = !pattern.negated;
            }
        }
        matched
    }

    /// As [`Self::matches`], for a walk from the top: `parent` is what the directory around the
    /// path gave, the default for a path at the root.
    pub fn matches_below(&self, path: &str, parent: &ParentMatch) -> (bool, ParentMatch) {
        let mut matched = false;
        let mut hits = vec![false; self.patterns.len()];
        for (at, pattern) in self.patterns.iter().enumerate() {
            let inherited = parent.0.get(at).copied().unwrap_or(false);
            if !inherited && pattern.negated != matched {
                continue;
            }
            hits[at] = inherited || pattern.glob.matches(path);
            if hits[at] {
                matched = !pattern.negated;
            }
        }
        (matched, ParentMatch(hits))
    }

    /// Whether something below a directory may match although the directory does not. Used to
    /// leave out whole directories from a walk, so it errs on the side of `true`.
    pub fn may_match_below(&self, directory: &str) -> bool {
        may_reach(self.patterns.iter().filter(|pattern| !pattern.negated), directory)
    }

    /// Whether a `!` may take out something below a directory that matches.
    pub fn may_except_below(&self, directory: &str) -> bool {
        may_reach(self.patterns.iter().filter(|pattern| pattern.negated), directory)
    }
}

fn may_reach<'a>(mut patterns: impl Iterator<Item = &'a Pattern>, directory: &str) -> bool {
    patterns.any(|pattern| {
        let plain = pattern.text.strip_suffix("/**").unwrap_or(&pattern.text);
        let plain = plain.strip_suffix("/*").unwrap_or(plain);
        plain.contains(['*', '?', '[', ']', '^', '\\'])
            || plain.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
            || plain == directory
    })
}

#[cfg(test)]
mod tests {
    use super::{Matcher, ParentMatch};

    /// Asks a path both ways; they must agree.
    fn ask(matcher: &Matcher, path: &str) -> bool {
        let mut parent = ParentMatch::default();
        for (at, _) in path.match_indices('/') {
            parent = matcher.matches_below(&path[..at], &parent).1;
        }
        let (walked, _) = matcher.matches_below(path, &parent);
        assert_eq!(walked, matcher.matches(path), "both ways agree on {path}");
        walked
    }

    #[test]
    fn the_last_match_decides() {
        type Case<'a> = (&'a [&'a str], &'a [(&'a str, bool)]);
        let cases: &[Case<'_>] = &[
            (&["node_modules"], &[("node_modules/a/b.js", true), ("src/node_modules", false)]),
            (&["**/node_modules"], &[("src/node_modules/x", true), ("src/x", false)]),
            (
                &["*", "!src", "!Cargo.toml"],
                &[
                    ("src/main.rs", false),
                    ("Cargo.toml", false),
                    ("target/x", true),
                    (".git", true),
                ],
            ),
            (
                &["docs", "!docs/README.md"],
                &[("docs/a.md", true), ("docs/README.md", false), ("docs", true)],
            ),
            (&["!a", "a"], &[("a", true)]),
            (&["a", "!a", "a/b"], &[("a/c", false), ("a/b", true)]),
            (
                &["*.md", "!README*.md", "README-secret.md"],
                &[("x.md", true), ("README.md", false), ("README-secret.md", true)],
            ),
            (&[], &[("a", false)]),
        ];
        for (patterns, paths) in cases {
            let matcher = Matcher::new(patterns).unwrap();
            for &(path, expected) in *paths {
                assert_eq!(ask(&matcher, path), expected, "{patterns:?} on {path}");
            }
        }
    }

    #[test]
    fn knows_which_directories_can_be_left_out() {
        let matcher = Matcher::new(&["*", "!src/lib", "target"]).unwrap();
        assert!(matcher.may_except_below("src"));
        assert!(matcher.may_except_below("src/lib"));
        assert!(!matcher.may_except_below("target"));
        let matcher = Matcher::new(&["a", "!**/keep"]).unwrap();
        assert!(matcher.may_except_below("anything"));
        let matcher = Matcher::new(&["a/b/*"]).unwrap();
        assert!(matcher.may_match_below("a"));
        assert!(matcher.may_match_below("a/b"));
        assert!(!matcher.may_match_below("c"));
    }

    #[test]
    fn a_lone_exclamation_mark_is_an_error() {
        assert!(Matcher::new(&["!"]).is_err());
        assert!(Matcher::new(&["ok", "["]).is_err());
    }
}
