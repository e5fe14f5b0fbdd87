//! What of a tree a builder wants to see.

use crate::build::dockerignore::{BadPattern, Matcher, ParentMatch};

/// Which paths of a tree are shown.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Where not empty, a path must match one of these.
    include: Matcher,
    /// A path must match none of these.
    exclude: Matcher,
}

/// What a filter says of a directory, and what it needs to judge things in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    /// Whether the path itself is shown.
    pub(super) shown: bool,
    /// Whether something below it may be shown.
    pub(super) descend: bool,
    include: ParentMatch,
    exclude: ParentMatch,
}

impl Filter {
    /// A filter from patterns in `.dockerignore` syntax.
    pub fn new<S: AsRef<str>>(include: &[S], exclude: &[S]) -> Result<Self, BadPattern> {
        Ok(Self { include: Matcher::new(include)?, exclude: Matcher::new(exclude)? })
    }

    /// Judges a path, given the verdict on the directory around it.
    pub(super) fn judge(&self, path: &str, parent: &Verdict) -> Verdict {
        let mut verdict = Verdict { shown: true, descend: true, ..Verdict::default() };
        if !self.include.is_empty() {
            let (matched, info) = self.include.matches_below(path, &parent.include);
            verdict.include = info;
            if !matched {
                verdict.shown = false;
                verdict.descend = self.include.may_match_below(path);
            }
        }
        if !self.exclude.is_empty() {
            let (matched, info) = self.exclude.matches_below(path, &parent.exclude);
            verdict.exclude = info;
            if matched {
                verdict.shown = false;
                verdict.descend &= self.exclude.may_except_below(path);
            }
        }
        verdict
    }
}
