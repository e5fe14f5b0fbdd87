//! A Dockerfile as it is written: its stages with their instructions, and what names in it lead to.

use super::super::references::{names, same_image};
use super::super::words::{Unreadable, Variables, declare, expand, of_platforms, split};
use super::super::{Instruction, escape, instructions};
use super::Given;
use crate::platform::Platform;

/// A Dockerfile as written: `ARG`s before the first `FROM`, and stages.
#[derive(Debug, Clone)]
pub(crate) struct Outline<'a> {
    pub(crate) stages: Vec<Written<'a>>,
    /// The line and the words of each of these `ARG`s.
    pub(super) arguments: Vec<(u32, Vec<String>)>,
    /// What they come to.
    pub(crate) variables: Variables,
    pub(super) escape: char,
}

/// A stage as written.
#[derive(Debug, Clone)]
pub(crate) struct Written<'a> {
    pub(super) line: u32,
    /// What it begins with, before variables are replaced.
    pub(crate) base: String,
    pub(super) platform: Option<String>,
    pub(super) name: Option<String>,
    /// Its instructions, without `FROM`.
    pub(crate) instructions: Vec<Instruction<'a>>,
}

/// What a stage takes files from: a word of `COPY --from` or `RUN --mount`, and its line.
type Use = (String, u32);

impl<'a> Outline<'a> {
    /// Reads a Dockerfile.
    ///
    /// # Errors
    /// What keeps it from being built at all.
    pub(crate) fn read(text: &'a str, given: &Given<'_>) -> Result<Self, String> {
        let escape = escape(text);
        let mut outline =
            Self { stages: Vec::new(), arguments: Vec::new(), variables: Variables::new(), escape };
        for instruction in instructions(text) {
            let line = instruction.lines.0;
            let words = split(&instruction.text, escape);
            let keyword = words.first().map_or("", String::as_str);
            if keyword.eq_ignore_ascii_case("FROM") {
                let written = from(&words, line).map_err(|why| format!("line {line}: {why}"))?;
                outline.stages.push(written);
            } else if let Some(stage) = outline.stages.last_mut() {
                stage.instructions.push(instruction);
            } else if keyword.eq_ignore_ascii_case("ARG") {
                outline.arguments.push((line, words));
            } else {
                return Err(format!("line {line}: no build stage in current context"));
            }
        }
        if outline.stages.is_empty() {
            return Err("there is no FROM".to_owned());
        }
        outline.variables =
            outline.variables(given, given.platform, given.platform).map_err(|why| why.0)?;
        Ok(outline)
    }

    /// The variables that `FROM` sees, for a target and a builder.
    pub(super) fn variables(
        &self,
        given: &Given<'_>,
        target: &Platform,
        builder: &Platform,
    ) -> Result<Variables, Unreadable> {
        let mut variables = predefined(given, target, builder);
        for (_, words) in &self.arguments {
            declare(words, given.args, &mut variables, self.escape)?;
        }
        Ok(variables)
    }

    /// The stage to build, by its name: unlike `COPY --from`, BuildKit takes no number here.
    ///
    /// # Errors
    /// There is no such stage.
    pub(crate) fn target(&self, name: &str) -> Result<usize, String> {
        if name.is_empty() {
            return Ok(self.stages.len() - 1);
        }
        self.named(name, self.stages.len())
            .ok_or_else(|| format!("target stage {name:?} could not be found"))
    }

    /// The last stage of a name among the first ones.
    fn named(&self, name: &str, before: usize) -> Option<usize> {
        let is_it = |stage: &Written<'_>| {
            stage.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.stages.get(..before)?.iter().rposition(is_it)
    }

    /// What a `FROM` leads to.
    ///
    /// # Errors
    /// A variable without a value, or a word that cannot be read.
    pub(crate) fn base(&self, number: usize, given: &Given<'_>) -> Result<Source, Unreadable> {
        let word = &self.stages[number].base;
        let expanded = expand(word, &self.variables, self.escape)?;
        if let Some(unset) = expanded.unset.first() {
            return Err(Unreadable(format!("{unset} has no value")));
        }
        if expanded.text.is_empty() {
            return Err(Unreadable("it is empty".to_owned()));
        }
        if let Some(stage) = self.named(&expanded.text, number) {
            return Ok(Source::Stage(stage));
        }
        Ok(elsewhere(&expanded.text, given))
    }

    /// What a word of `COPY --from` or `RUN --mount` leads to.
    pub(super) fn source(&self, name: &str, within: usize, given: &Given<'_>) -> Source {
        self.earlier(name, within).map_or_else(|| elsewhere(name, given), Source::Stage)
    }

    /// The stage before another one that a word of `COPY --from` or `RUN --mount` means.
    pub(crate) fn earlier(&self, name: &str, within: usize) -> Option<usize> {
        let by_number = || name.parse().ok().filter(|&number: &usize| number < within);
        by_number().or_else(|| self.named(name, within))
    }

    /// What a stage takes files from, besides what it begins with.
    pub(super) fn uses(&self, number: usize) -> Vec<Use> {
        let mut uses = Vec::new();
        for instruction in &self.stages[number].instructions {
            let line = instruction.lines.0;
            for (start, end) in names(instruction.source) {
                let name = &instruction.source[start..end];
                // Variables do not count here.
                if !name.is_empty() && !name.contains('$') {
                    uses.push((name.trim_matches(['"', '\'']).to_owned(), line));
                }
            }
        }
        uses
    }
}

/// What a name leads to.
pub(crate) enum Source {
    /// A stage by its number.
    Stage(usize),
    /// An image.
    Image(String),
    /// A context by its name.
    Context(String),
}

/// What a name that no stage has leads to.
fn elsewhere(name: &str, given: &Given<'_>) -> Source {
    match given.contexts.iter().find(|it| same_image(it, name)) {
        Some(context) => Source::Context(context.clone()),
        None => Source::Image(name.to_owned()),
    }
}

/// `FROM [--platform=…] base [AS name]`.
///
/// # Errors
/// What BuildKit refuses. Flags are case-sensitive, and an empty value is as good as none.
fn from<'a>(words: &[String], line: u32) -> Result<Written<'a>, String> {
    let not_understood = || "FROM is not understood".to_owned();
    let mut platform = None;
    let mut words = words.iter().skip(1).map(String::as_str).peekable();
    while let Some(flag) = words.next_if(|word| word.starts_with("--")) {
        match flag.split_once('=') {
            Some(("--platform", _)) if platform.is_some() => {
                return Err("duplicate flag --platform".to_owned());
            }
            Some(("--platform", value)) => platform = Some(value.to_owned()),
            None if flag == "--platform" => {
                return Err("missing a value on flag --platform".to_owned());
            }
            other => return Err(format!("unknown flag {}", other.map_or(flag, |(name, _)| name))),
        }
    }
    let platform = platform.filter(|it| !matches!(it.as_str(), "" | "\"\"" | "''"));
    let base = words.next().ok_or_else(not_understood)?.to_owned();
    let name = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some(keyword), Some(name), None) if keyword.eq_ignore_ascii_case("AS") => {
            Some(name.to_owned())
        }
        _ => return Err(not_understood()),
    };
    Ok(Written { line, base, platform, name, instructions: Vec::new() })
}

/// The variables that BuildKit sets itself; build arguments of their names go before.
fn predefined(given: &Given<'_>, target: &Platform, builder: &Platform) -> Variables {
    let mut variables = of_platforms(target, builder);
    let stage = if given.target.is_empty() { "default" } else { given.target };
    variables.insert("TARGETSTAGE".to_owned(), stage.to_owned());
    for (name, value) in &mut variables {
        if let Some(own) = given.args.get(name) {
            value.clone_from(own);
        }
    }
    variables
}
