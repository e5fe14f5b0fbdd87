//! Which packages a Dockerfile installs: the calls of installers in the stages that take part, and the
//! files that these read, followed to where they were copied from. Pure.

mod files;
mod install;
mod shell;
mod stages;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use super::context::BuildContext;
use super::image::BaseImage;
use super::node;
use super::python::judge::Forms;
use super::python::lock::Selection;
use super::python::requirement::Wanted;
use super::report::Note;
use crate::platform::Platform;
use crate::platform::subject::Place;
use files::{Copied, Source, StageFile, absolute};
use stages::{Stages, arguments, split_keyword};
use variables::{Variables, expand};

/// A Dockerfile and how it is built.
pub(super) struct Recipe<'a> {
    /// Its text.
    pub(super) text: &'a str,
    /// What it is called.
    pub(super) file: &'a str,
    /// The stage that is built; empty for the last one.
    pub(super) target: &'a str,
    /// The build's arguments.
    pub(super) args: &'a BTreeMap<String, String>,
    /// Its context.
    pub(super) context: &'a dyn BuildContext,
    /// The engine's own platform.
    pub(super) native: &'a Platform,
    /// The platform that is built for.
    pub(super) built_for: &'a Platform,
    /// What is known of the image that a base's name means, by that name.
    pub(super) base: &'a dyn Fn(&str) -> BaseImage,
}

/// What is installed.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By each call of an installer.
    pub(super) installs: Vec<Install>,
    /// What could not be followed.
    pub(super) notes: Vec<Note>,
    /// Whether a C compiler is there before anything is installed that may need one.
    pub(super) has_compiler: bool,
}

/// One call of an installer.
#[derive(Debug)]
pub(super) struct Install {
    /// The image that it happens in.
    pub(super) image: BaseImage,
    /// What it installs.
    pub(super) what: What,
}

/// What an installer installs.
#[derive(Debug)]
pub(super) enum What {
    /// Requirements that an index answers.
    Requirements(Requirements),
    /// What a lock file of Python fixes.
    PythonLock(LockFile, PythonLock, Selection),
    /// What a lock file of Node fixes.
    NodeLock(LockFile, NodeLock, node::Selection),
    /// What `Gemfile.lock` fixes.
    RubyLock(LockFile),
}

/// A lock file.
#[derive(Debug)]
pub(super) struct LockFile {
    /// What it is called.
    pub(super) file: String,
    /// Its text.
    pub(super) text: String,
}

/// Whose lock file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PythonLock {
    Uv,
    Poetry,
    Pdm,
    Pylock,
    Pipfile,
}

/// Whose lock file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeLock {
    Npm,
    Yarn,
    Pnpm,
}

/// Requirements with what the installer was told about them.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    /// What is to be installed.
    pub(super) wanted: Vec<Wanted>,
    /// What limits the versions of that.
    pub(super) constraints: Vec<Wanted>,
    /// Which forms may be taken.
    pub(super) forms: Forms,
    /// Where they come from.
    pub(super) index: IndexOptions,
    /// Whether what they need in turn is not installed (`--no-deps`).
    pub(super) alone: bool,
}

/// The public index, as it is written in lock files.
const PUBLIC: [&str; 2] = ["://pypi.org/simple", "://pypi.python.org/simple"];

/// Where an installer was told to look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct IndexOptions {
    /// The index; `None` for the user's own.
    pub(super) url: Option<String>,
    /// The public one, where the user has none: that of a lock file which names it, as most do.
    pub(super) public: Option<String>,
    /// More of them.
    pub(super) extra: Vec<String>,
    /// Whether it also looks at pages or directories that nobody here can see.
    pub(super) finds_links: bool,
}

impl IndexOptions {
    /// The index that a lock file names. What the user has in the place of the public one goes before that.
    pub(super) fn of_lock(url: String) -> Self {
        let is_public = PUBLIC.iter().any(|it| url.trim_end_matches('/').ends_with(it));
        let (url, public) = if is_public { (None, Some(url)) } else { (Some(url), None) };
        Self { url, public, ..Self::default() }
    }
}

/// What a Dockerfile installs.
pub(super) fn installs(recipe: &Recipe<'_>) -> Found {
    let Recipe { text, args, target, native, built_for, .. } = recipe;
    let Some(stages) = Stages::new(text, args, target, native, built_for) else {
        return Found::default();
    };
    let mut walk =
        Walk { recipe, stages: &stages, states: BTreeMap::new(), found: Found::default() };
    for &number in &stages.part {
        walk.stage(number);
    }
    walk.found
}

/// What holds at a point of a stage.
#[derive(Debug, Clone, Default)]
struct State {
    /// `ENV`, which images that begin with this one inherit.
    environment: Variables,
    /// `ENV` and `ARG`.
    variables: Variables,
    directory: String,
    copied: Vec<Copied>,
    /// Files that a command has made of a lock file that was looked at.
    made: BTreeSet<String>,
    image: Option<BaseImage>,
    has_compiler: bool,
}

struct Walk<'a> {
    recipe: &'a Recipe<'a>,
    stages: &'a Stages<'a>,
    /// How each stage ended.
    states: BTreeMap<usize, State>,
    found: Found,
}

impl Walk<'_> {
    fn stage(&mut self, number: usize) {
        let stages = self.stages;
        let Some(stage) = stages.all.get(number) else { return };
        // A stage that is begun with comes before, and takes part.
        let mut now = if let Some(parent) = stage.parent.and_then(|it| self.states.get(&it)) {
            State { variables: parent.environment.clone(), ..parent.clone() }
        } else {
            let image = (self.recipe.base)(&stage.base);
            let has_compiler = image.has_compiler;
            let directory = "/".to_owned();
            State { image: Some(image), has_compiler, directory, ..State::default() }
        };
        for instruction in &stage.instructions {
            let (keyword, rest) = split_keyword(&instruction.text);
            match keyword.as_str() {
                "ARG" => self.argument(rest, &mut now),
                "ENV" => environment(rest, &mut now),
                "WORKDIR" => {
                    let path = expand(rest, &now.variables);
                    now.directory = absolute(&now.directory, path.trim_matches(['"', '\'']));
                }
                "COPY" | "ADD" => self.copy(number, rest, instruction, &mut now),
                // What runs natively needs no pin.
                "RUN" if !stage.is_native => install::run(self, number, instruction, &mut now),
                _ => {}
            }
        }
        self.states.insert(number, now);
    }

    fn argument(&self, rest: &str, state: &mut State) {
        for (name, default) in arguments(rest) {
            // `ENV` goes before `ARG`.
            if state.environment.contains_key(&name) {
                continue;
            }
            let default = default.map(|it| expand(&it, &state.variables));
            let given = self.recipe.args.get(&name).cloned();
            if let Some(value) =
                given.or(default).or_else(|| self.stages.global().get(&name).cloned())
            {
                state.variables.insert(name, value);
            }
        }
    }

    fn copy(
        &self,
        number: usize,
        rest: &str,
        instruction: &crate::build::dockerfile::Instruction<'_>,
        state: &mut State,
    ) {
        let mut from = None;
        let mut words = rest;
        while let Some(flag) = words.strip_prefix("--") {
            let (flag, behind) = flag.split_once(' ').unwrap_or((flag, ""));
            if let Some(name) = flag.strip_prefix("from=") {
                from = Some(expand(name, &state.variables));
            }
            words = behind.trim_start();
        }
        let words: Vec<String> = serde_json::from_str(words)
            .unwrap_or_else(|_| words.split_whitespace().map(str::to_owned).collect());
        let words: Vec<String> = words
            .iter()
            .map(|word| expand(word, &state.variables))
            .map(|word| word.trim_matches(['"', '\'']).to_owned())
            .collect();
        let Some((to, sources)) = words.split_last() else { return };
        let into = to.ends_with('/') || to == "." || sources.len() > 1;
        let to = absolute(&state.directory, to);
        for source in sources {
            let from = match &from {
                _ if source.starts_with("<<") => {
                    let Some((text, lines)) = heredoc(instruction, source) else { continue };
                    let name = source.trim_start_matches(['<', '-']).trim_matches(['"', '\'']);
                    let to = if into { absolute(&to, name) } else { to.clone() };
                    state.copied.push(Copied {
                        from: Source::Inline(text, lines),
                        to,
                        into: false,
                    });
                    continue;
                }
                None => Source::Context(absolute("/", source).trim_start_matches('/').to_owned()),
                Some(name) => match self.stages.find(name, number) {
                    Some(earlier) => Source::Stage(earlier, absolute("/", source)),
                    // An image, or a context of its own: nobody here sees into it.
                    None => continue,
                },
            };
            // A directory goes there itself, a file by its name: only one of them can be read.
            state.copied.push(Copied { from, to: to.clone(), into });
        }
    }

    /// A file of a stage, by its absolute path.
    fn read(&self, path: &str, state: &State) -> Option<StageFile> {
        let copied =
            |number| self.states.get(&number).map(|it| it.copied.clone()).unwrap_or_default();
        files::find(path, &state.copied, &copied, self.recipe.context)
    }

    /// The name of a file towards the user.
    fn name<'f>(&'f self, file: &'f StageFile) -> &'f str {
        file.path.as_deref().unwrap_or(self.recipe.file)
    }

    fn place(&self, line: u32) -> Place {
        Place { file: self.recipe.file.to_owned(), line }
    }

    fn note(&mut self, message: impl Into<String>, place: Place) {
        let note = Note { message: message.into(), place };
        if !self.found.notes.contains(&note) {
            self.found.notes.push(note);
        }
    }

    fn install(&mut self, what: What, state: &State) {
        self.found.has_compiler |= state.has_compiler;
        let Some(image) = state.image.clone() else { return };
        self.found.installs.push(Install { image, what });
    }
}

/// `ENV name=value …`, or the old `ENV name value`.
fn environment(rest: &str, state: &mut State) {
    let old = rest.split_once(' ').filter(|(name, _)| !name.contains('='));
    let pairs = match old {
        Some((name, value)) => vec![(name.to_owned(), Some(value.to_owned()))],
        None => arguments(rest),
    };
    for (name, value) in pairs {
        let value = expand(&value.unwrap_or_default(), &state.variables);
        state.environment.insert(name.clone(), value.clone());
        state.variables.insert(name, value);
    }
}

/// The text of a here-document of an instruction, and how many lines are before it.
fn heredoc(
    instruction: &crate::build::dockerfile::Instruction<'_>,
    word: &str,
) -> Option<(String, u32)> {
    let end = word.trim_start_matches(['<', '-']).trim_matches(['"', '\'']);
    let mut text = String::new();
    let mut before = instruction.lines.0;
    let mut lines = instruction.source.lines();
    // The words of the instruction itself.
    lines.by_ref().find(|line| {
        let goes_on = line.trim_end().ends_with('\\');
        before += u32::from(goes_on);
        !goes_on
    })?;
    for line in lines {
        if line.trim_start_matches('\t').trim_end() == end {
            return Some((text, before));
        }
        text.push_str(line);
        text.push('\n');
    }
    None
}

#[cfg(test)]
mod tests;
