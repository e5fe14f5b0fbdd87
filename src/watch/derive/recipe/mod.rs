//! A Dockerfile as a way of files: what each stage copies and runs, in order, with its words resolved.

mod reading;

use std::collections::{BTreeMap, BTreeSet};

use super::commands::Line;
use crate::build::dockerfile::words::Variables;
use crate::build::dockerfile::{escape, instructions};
use reading::Reading;

/// The stages up to the one that is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::watch::derive) struct Recipe {
    /// In the order of the Dockerfile; the last one is the image.
    pub(in crate::watch::derive) stages: Vec<Stage>,
    /// Lines whose paths cannot be told, and why.
    pub(in crate::watch::derive) unclear: Vec<(u32, String)>,
}

/// A stage, with what the stages did that it begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::watch::derive) struct Stage {
    name: String,
    /// The image at the bottom of it.
    pub(in crate::watch::derive) image: String,
    /// What it does to its files, in order.
    pub(in crate::watch::derive) steps: Vec<Step>,
    /// `ENV`.
    pub(in crate::watch::derive) environment: Variables,
    /// `ENTRYPOINT` and its line.
    pub(in crate::watch::derive) entrypoint: Option<(Vec<String>, u32)>,
    /// `CMD` and its line.
    pub(in crate::watch::derive) command: Option<(Vec<String>, u32)>,
    /// The working directory at its end; `None` if it is the base image's, which is not known.
    pub(in crate::watch::derive) directory: Option<String>,
    /// `ARG`s.
    arguments: Variables,
    /// Directories that are known to be there.
    directories: BTreeSet<String>,
    /// The line of its `FROM`.
    line: u32,
}

/// An instruction that moves or uses files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::watch::derive) struct Step {
    /// Its first line.
    pub(in crate::watch::derive) line: u32,
    /// What it does.
    pub(in crate::watch::derive) what: What,
}

/// What a [`Step`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::watch::derive) enum What {
    /// `COPY` or `ADD`.
    Copy(Copy),
    /// `RUN`.
    Run(Run),
}

/// Files that are put into a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::watch::derive) struct Copy {
    /// Whence.
    pub(in crate::watch::derive) from: From,
    /// The sources; without a slash at either end, empty for all. May be patterns.
    pub(in crate::watch::derive) sources: Vec<String>,
    /// Absolute.
    pub(in crate::watch::derive) target: String,
    /// Whether files go into a directory of that name.
    pub(in crate::watch::derive) into: bool,
    /// Whether the sources keep their directories (`--parents`).
    pub(in crate::watch::derive) parents: bool,
    /// `--exclude`.
    pub(in crate::watch::derive) exclude: Vec<String>,
    /// Whether the image's files are not as those of the context: modes that are given, archives.
    pub(in crate::watch::derive) altered: bool,
}

/// Where files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::watch::derive) enum From {
    /// The build context.
    Context,
    /// An earlier stage.
    Stage(usize),
    /// A named context, or an image.
    Named(String),
}

/// Commands that are run while the image is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::watch::derive) struct Run {
    /// The commands with the directory that each runs in.
    pub(in crate::watch::derive) commands: Vec<(Line, String)>,
    /// Paths of the build context that are mounted, empty for all of it, and where: absolute.
    pub(in crate::watch::derive) mounts: Vec<(String, String)>,
    /// Earlier stages of which a path, absolute, is mounted.
    pub(in crate::watch::derive) stages: Vec<(usize, String)>,
}

impl Recipe {
    /// Reads a Dockerfile up to a stage, the last one if `target` is empty. `contexts` are the names
    /// that go before stages.
    ///
    /// # Errors
    /// One sentence on a Dockerfile that cannot be built.
    pub(in crate::watch::derive) fn read(
        text: &str,
        target: &str,
        args: &Variables,
        contexts: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let mut reading = Reading {
            escape: escape(text),
            args,
            contexts,
            global: Variables::new(),
            recipe: Self::default(),
        };
        for instruction in instructions(text) {
            reading.take(&instruction);
        }
        let recipe = reading.recipe;
        let last = match target {
            "" => recipe.stages.len().checked_sub(1),
            target => recipe.find(target, recipe.stages.len()),
        };
        let last = last.ok_or_else(|| match target {
            "" => "its Dockerfile has no FROM".to_owned(),
            target => format!("its Dockerfile has no stage {target:?}"),
        })?;
        Ok(Self { stages: recipe.stages.into_iter().take(last + 1).collect(), ..recipe })
    }

    /// The stage that is the image.
    pub(in crate::watch::derive) fn image(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// The number of a stage by its name or number, among those before `before`.
    fn find(&self, name: &str, before: usize) -> Option<usize> {
        let is_it = |stage: &Stage| !stage.name.is_empty() && stage.name.eq_ignore_ascii_case(name);
        let named = self.stages.iter().take(before).rposition(is_it);
        named.or_else(|| name.parse().ok().filter(|&number| number < before))
    }
}

/// A path seen from a directory, without `.` and `..`.
pub(in crate::watch::derive) fn absolute(directory: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
    crate::build::dockerignore::clean(&format!("/{whole}"))
}
