//! The build arguments that a `FROM --platform=…` has its platform from.

use std::collections::BTreeMap;

use super::{Asked, Fixed, Given, Outline, stages};
use crate::compose::interpolate;

/// A build argument that a word follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Whether the build gives its value; else it has that of its default, or none.
    pub is_given: bool,
    /// The line of the `ARG` whose default is its value, from 1.
    pub default: Option<u32>,
}

impl Outline<'_> {
    /// The arguments that a word follows, itself or through defaults of others: those with a value from the
    /// build first, then the ones that defaults go back to.
    pub(super) fn arguments_of(&self, word: &str, given: &Given<'_>) -> Vec<Argument> {
        let mut found = Vec::new();
        self.collect_arguments(word, self.arguments.len(), given, &mut found);
        found.sort_by_key(|argument: &Argument| !argument.is_given);
        found
    }

    /// `before` is how many of the `ARG`s count: a default sees those before it.
    fn collect_arguments(
        &self,
        word: &str,
        before: usize,
        given: &Given<'_>,
        found: &mut Vec<Argument>,
    ) {
        for name in interpolate::names(word) {
            if found.iter().any(|argument| argument.name == name) {
                continue;
            }
            let is_given = given.args.contains_key(&name);
            let mut default = None;
            if !is_given && let Some((at, line, text)) = self.default_of(&name, before) {
                default = Some(line);
                self.collect_arguments(text, at, given, found);
            }
            found.push(Argument { name, is_given, default });
        }
    }

    /// The last default of an argument: which `ARG` it stands in, its line and its text.
    fn default_of(&self, name: &str, before: usize) -> Option<(usize, u32, &str)> {
        let declared = self.arguments.iter().enumerate().take(before).rev();
        declared
            .flat_map(|(at, (line, words))| words.iter().map(move |word| (at, *line, word)))
            .find_map(|(at, line, word)| match word.split_once('=') {
                Some((own, text)) if own == name => Some((at, line, text)),
                _ => None,
            })
    }
}

/// The first of the arguments of a pin with which it would be another one, and the value that makes it so: one of
/// `values`. `is_meant` says whether what comes out is.
pub fn retargeted<'f>(
    text: &str,
    given: &Given<'_>,
    pin: &'f Fixed,
    values: &[String],
    is_meant: impl Fn(&Asked) -> bool,
) -> Option<(&'f Argument, String)> {
    pin.arguments.iter().find_map(|argument| {
        values.iter().find_map(|value| {
            let mut args: BTreeMap<String, String> = given.args.clone();
            args.insert(argument.name.clone(), value.clone());
            let stages = stages(text, &Given { args: &args, ..*given }).ok()?;
            let same = stages.iter().find(|stage| stage.line == pin.line)?;
            is_meant(&same.platform).then(|| (argument, value.clone()))
        })
    })
}
