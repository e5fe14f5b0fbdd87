//! The stages of a Dockerfile that make an image: which images they begin with, on which platform they
//! run. By the rules of BuildKit's `dockerfile2llb`; nothing is looked up. Pure.

mod arguments;
mod outline;

use std::collections::{BTreeMap, BTreeSet};

use super::Instruction;
use super::words::expand;
use crate::platform::Platform;

pub use arguments::{Argument, retargeted};
pub(crate) use outline::{Outline, Source};

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
    /// The instructions that run programs, as they stand in the Dockerfile, with their lines.
    pub runs: Vec<(u32, String)>,
}

impl Stage {
    /// One that is only taken from, as the platform that is built for has it.
    fn silent(name: String, line: u32, base: Base) -> Self {
        Self { name, line, base, platform: Asked::Target { is_said: false }, runs: Vec::new() }
    }
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
pub fn other_frontend(text: &str) -> Option<&str> {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    let mut directives = directives.map_while(|line| line.split_once('='));
    let (_, image) = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("syntax"))?;
    let image = image.split_whitespace().next()?;
    let repository = image.split('@').next().unwrap_or(image);
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let name = name.split(':').next().unwrap_or(name);
    (!name.starts_with("dockerfile")).then_some(image)
}

impl Outline<'_> {
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
                    stages.push(Stage::silent(name, line, base));
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
            return Stage::silent(name, written.line, Base::Context(context.to_owned()));
        }
        let base = match self.base(number, given) {
            // Every stage that another begins with is among those that are needed, before it.
            Ok(Source::Stage(base)) => Base::Stage(places.get(&base).copied().unwrap_or_default()),
            Ok(Source::Image(image)) if image == "scratch" => Base::Scratch,
            Ok(Source::Image(image)) => Base::Image(image),
            Ok(Source::Context(context)) => Base::Context(context),
            Err(why) => Base::Unknown { written: written.base.clone(), why: why.0 },
        };
        let runs = written
            .instructions
            .iter()
            .filter(|instruction| keyword(instruction).eq_ignore_ascii_case("RUN"))
            .map(|instruction| (instruction.lines.0, instruction.source.to_owned()))
            .collect();
        let platform = match base {
            // BuildKit makes what begins with nothing of the platform that is built for, whatever is said.
            Base::Scratch => Asked::Target { is_said: false },
            _ => self.platform(number, given),
        };
        Stage { name, line: written.line, base, platform, runs }
    }

    /// The context that stands in a stage's place.
    fn context_of_stage(&self, number: usize, given: &Given<'_>) -> Option<&str> {
        let name = self.stages[number].name.as_deref()?;
        given.contexts.iter().any(|it| it.eq_ignore_ascii_case(name)).then_some(name)
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

fn keyword<'a>(instruction: &'a Instruction<'_>) -> &'a str {
    instruction.text.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
