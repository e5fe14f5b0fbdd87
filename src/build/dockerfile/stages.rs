//! The stages of a Dockerfile that make an image: which images they begin with, on which platform they
//! run. By the rules of BuildKit's `dockerfile2llb`; nothing is looked up. Pure.

mod arguments;

use std::collections::{BTreeMap, BTreeSet};

use super::references::{names, same_image};
use super::words::{Unreadable, Variables, declare, expand, of_platforms, split};
use super::{Instruction, escape, instructions};
use crate::platform::Platform;

pub use arguments::{Argument, retargeted};

/// What a build is given beside its Dockerfile.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Build arguments with their values.
    pub args: &'a BTreeMap<String, String>,
    /// The stage to build; empty for the last.
    pub target: &'a str,
    /// Names of contexts, which go before stages and images.
    pub contexts: &'a BTreeSet<String>,
    /// The builder's own platform, which is also built for.
    pub platform: &'a Platform,
}

/// A stage that takes part, or an image or a context that a stage takes files from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name; its number where it has none; of what files are taken from, as it is called there.
    pub name: String,
    /// The line that names its base, from 1.
    pub line: u32,
    /// What it begins with.
    pub base: Base,
    /// What `--platform` says.
    pub platform: Asked,
    /// Whether it runs programs.
    pub runs: bool,
    /// The instructions that do, as they stand in the Dockerfile, with their lines.
    pub runs_what: Vec<(u32, String)>,
}

/// What a stage begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An image.
    Image(String),
    /// An earlier stage of those that take part, by its place among them.
    Stage(usize),
    /// A context by its name.
    Context(String),
    /// It cannot be told.
    Unknown {
        /// What is written there.
        written: String,
        /// Why it says nothing.
        why: String,
    },
}

/// What `FROM --platform=…` comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Nothing is said, or the platform that is built for.
    Target {
        /// Whether it is said.
        is_said: bool,
    },
    /// The builder's own, in some form.
    Builder,
    /// One by name, whatever is built for and wherever.
    Fixed(Fixed),
}

/// A platform that a `FROM` is fixed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The platform, as it is written.
    pub platform: String,
    /// The line of the `FROM`, from 1.
    pub line: u32,
    /// The build arguments that it is made of; none where it stands there itself.
    pub arguments: Vec<Argument>,
}

/// The stages that take part in an image, in the order of the Dockerfile; the last one is the image.
///
/// # Errors
/// What keeps the Dockerfile from being built at all.
pub fn stages(text: &str, given: &Given<'_>) -> Result<Vec<Stage>, String> {
    if let Some(frontend) = other_frontend(text) {
        return Err(format!("it is written for {frontend}"));
    }
    let outline = Outline::read(text, given)?;
    let last = outline.target(given.target)?;
    Ok(outline.needed(last, given))
}

/// The program that reads this Dockerfile, where it is not BuildKit's own.
fn other_frontend(text: &str) -> Option<&str> {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    let mut directives = directives.map_while(|line| line.split_once('='));
    let (_, image) = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("syntax"))?;
    let image = image.split_whitespace().next()?;
    let repository = image.split('@').next().unwrap_or(image);
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let name = name.split(':').next().unwrap_or(name);
    (!name.starts_with("dockerfile")).then_some(image)
}

/// A Dockerfile as written: `ARG`s before the first `FROM`, and stages.
#[derive(Debug, Clone)]
pub(crate) struct Outline<'a> {
    pub(crate) stages: Vec<Written<'a>>,
    /// The line and the words of each of these `ARG`s.
    arguments: Vec<(u32, Vec<String>)>,
    /// What they come to.
    pub(crate) variables: Variables,
    escape: char,
}

/// A stage as written.
#[derive(Debug, Clone)]
pub(crate) struct Written<'a> {
    line: u32,
    /// What it begins with, before variables are replaced.
    pub(crate) base: String,
    platform: Option<String>,
    name: Option<String>,
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
                let written = from(&words, line)
                    .ok_or_else(|| format!("line {line}: FROM is not understood"))?;
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
    fn variables(
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

    /// The stage to build, by name or number.
    ///
    /// # Errors
    /// There is no such stage.
    pub(crate) fn target(&self, name: &str) -> Result<usize, String> {
        if name.is_empty() {
            return Ok(self.stages.len() - 1);
        }
        let by_number = || name.parse().ok().filter(|&number: &usize| number < self.stages.len());
        self.named(name, self.stages.len())
            .or_else(by_number)
            .ok_or_else(|| format!("target stage {name:?} could not be found"))
    }

    /// The last stage of a name among the first ones.
    fn named(&self, name: &str, before: usize) -> Option<usize> {
        let is_it = |stage: &Written<'_>| {
            stage.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.stages.get(..before)?.iter().rposition(is_it)
    }

    /// The numbers of a stage and of all that it needs.
    pub(crate) fn taking_part(&self, last: usize, given: &Given<'_>) -> BTreeSet<usize> {
        let mut wanted = BTreeSet::from([last]);
        // A stage needs earlier ones only.
        for number in (0..=last).rev() {
            if !wanted.contains(&number) || self.context_of_stage(number, given).is_some() {
                continue;
            }
            if let Ok(Source::Stage(base)) = self.base(number, given) {
                wanted.insert(base);
            }
            for (name, _) in self.uses(number) {
                if let Source::Stage(other) = self.source(&name, number, given) {
                    wanted.insert(other);
                }
            }
        }
        wanted
    }

    /// A stage with all that it needs, in the order of the Dockerfile.
    fn needed(&self, last: usize, given: &Given<'_>) -> Vec<Stage> {
        let wanted = self.taking_part(last, given);
        let mut stages = Vec::new();
        let mut places = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for &number in &wanted {
            for (name, line) in self.uses(number) {
                let base = match self.source(&name, number, given) {
                    Source::Image(image) => Base::Image(image),
                    Source::Context(context) => Base::Context(context),
                    Source::Stage(_) => continue,
                };
                if self.context_of_stage(number, given).is_none() && taken.insert(name.clone()) {
                    let platform = Asked::Target { is_said: false };
                    stages.push(Stage {
                        name,
                        line,
                        base,
                        platform,
                        runs: false,
                        runs_what: vec![],
                    });
                }
            }
            stages.push(self.stage(number, &places, given));
            places.insert(number, stages.len() - 1);
        }
        stages
    }

    fn stage(&self, number: usize, places: &BTreeMap<usize, usize>, given: &Given<'_>) -> Stage {
        let written = &self.stages[number];
        let name = written.name.clone().unwrap_or_else(|| number.to_string());
        if let Some(context) = self.context_of_stage(number, given) {
            let base = Base::Context(context.to_owned());
            let platform = Asked::Target { is_said: false };
            return Stage {
                name,
                line: written.line,
                base,
                platform,
                runs: false,
                runs_what: vec![],
            };
        }
        let base = match self.base(number, given) {
            // Every stage that another begins with is among those that are needed, before it.
            Ok(Source::Stage(base)) => Base::Stage(places.get(&base).copied().unwrap_or_default()),
            Ok(Source::Image(image)) if image == "scratch" => Base::Scratch,
            Ok(Source::Image(image)) => Base::Image(image),
            Ok(Source::Context(context)) => Base::Context(context),
            Err(why) => Base::Unknown { written: written.base.clone(), why: why.0 },
        };
        let runs_what: Vec<(u32, String)> = written
            .instructions
            .iter()
            .filter(|instruction| keyword(instruction).eq_ignore_ascii_case("RUN"))
            .map(|instruction| (instruction.lines.0, instruction.source.to_owned()))
            .collect();
        let platform = self.platform(number, given);
        Stage { name, line: written.line, base, platform, runs: !runs_what.is_empty(), runs_what }
    }

    /// The context that stands in a stage's place.
    fn context_of_stage(&self, number: usize, given: &Given<'_>) -> Option<&str> {
        let name = self.stages[number].name.as_deref()?;
        given.contexts.iter().any(|it| it.eq_ignore_ascii_case(name)).then_some(name)
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
    fn source(&self, name: &str, within: usize, given: &Given<'_>) -> Source {
        self.earlier(name, within).map_or_else(|| elsewhere(name, given), Source::Stage)
    }

    /// The stage before another one that a word of `COPY --from` or `RUN --mount` means.
    pub(crate) fn earlier(&self, name: &str, within: usize) -> Option<usize> {
        let by_number = || name.parse().ok().filter(|&number: &usize| number < within);
        by_number().or_else(|| self.named(name, within))
    }

    /// What a stage takes files from, besides what it begins with.
    fn uses(&self, number: usize) -> Vec<Use> {
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

    /// What `--platform` comes to: it is evaluated for several builders and targets, and what it follows
    /// is what it means.
    pub(crate) fn platform(&self, number: usize, given: &Given<'_>) -> Asked {
        let Some(word) = &self.stages[number].platform else {
            return Asked::Target { is_said: false };
        };
        let [one, other] = ["amd64", "arm64"].map(|name| Platform::new("linux", name, ""));
        let evaluate = |target: &Platform, builder: &Platform| {
            let variables = self.variables(given, target, builder).unwrap_or_default();
            expand(word, &variables, self.escape).map(|it| it.text).unwrap_or_default()
        };
        let text = evaluate(&one, &one);
        if evaluate(&other, &one) != text {
            Asked::Target { is_said: true }
        } else if evaluate(&one, &other) != text {
            Asked::Builder
        } else {
            let arguments = self.arguments_of(word, given);
            Asked::Fixed(Fixed { platform: text, line: self.stages[number].line, arguments })
        }
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

fn keyword<'a>(instruction: &'a Instruction<'_>) -> &'a str {
    instruction.text.split(' ').next().unwrap_or_default()
}

/// `FROM [--platform=…] base [AS name]`.
fn from<'a>(words: &[String], line: u32) -> Option<Written<'a>> {
    let mut platform = None;
    let mut words = words.iter().skip(1).map(String::as_str).peekable();
    while let Some(flag) = words.next_if(|word| word.starts_with("--")) {
        platform = flag.strip_prefix("--platform=").map(str::to_owned).or(platform);
    }
    let base = words.next()?.to_owned();
    let name = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some(keyword), Some(name), None) if keyword.eq_ignore_ascii_case("AS") => {
            Some(name.to_owned())
        }
        _ => return None,
    };
    Some(Written { line, base, platform, name, instructions: Vec::new() })
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

#[cfg(test)]
mod tests;
