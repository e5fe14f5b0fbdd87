//! Which files of the build context come into an image, and which ones only what was made of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::manifests::{is_manifest, names};
use super::parts::{matches, part};
use super::reads::named;
use super::recipe::{Copy, From, Recipe, Run, Step, What, absolute};
use super::scripts;
use super::work::{Work, work};
use crate::build::dockerignore::Matcher;
use crate::compose::files::{FileKind, Files};

/// So many sources of a stage are followed.
const LIMIT: usize = 512;

/// Something of a context that takes part in an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Where it is on this machine; of a pattern, the directory of the files.
    pub(super) path: PathBuf,
    /// What is meant of it.
    pub(super) form: Form,
    /// The line that copies or mounts it.
    pub(super) line: u32,
    /// Patterns that the instruction leaves out.
    pub(super) exclude: Vec<String>,
    /// Whether the image's files are not as those of the context.
    pub(super) altered: bool,
    /// What becomes of it.
    pub(super) fate: Fate,
}

/// What is meant of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// A file.
    File,
    /// A directory with all that is below.
    Directory,
    /// The files of a directory with names of a pattern.
    Names(String),
}

/// What becomes of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the image, at this path.
    Put(String),
    /// A build makes something of it: the line of the command, and the command.
    Used(u32, String),
}

/// Where the sources of a Dockerfile are.
pub(super) struct Places<'a> {
    /// The build context.
    pub(super) context: &'a Path,
    /// Directories that are contexts by a name.
    pub(super) named: &'a BTreeMap<String, PathBuf>,
    /// What the context leaves out.
    pub(super) ignored: &'a Matcher,
    /// What there is.
    pub(super) files: &'a dyn Files,
}

/// What counts of what commands of the image itself make of its sources; that of earlier stages always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// Nothing: the sources are wanted as they were copied.
    Nothing,
    /// What is made of files that a command names: the program of the image builds its source itself.
    Named,
    /// All.
    All,
}

/// The sources of the image.
pub(super) fn sources(recipe: &Recipe, places: &Places<'_>, made: Made) -> Vec<Source> {
    let recipe = &scripts::followed(recipe, |steps, run, path| {
        let walk = Walk { recipe, steps, places, made };
        walk.mounted_text(run, path).or_else(|| walk.text(path))
    });
    let mut stages: Vec<Vec<Source>> = Vec::new();
    for (number, stage) in recipe.stages.iter().enumerate() {
        let is_image = number + 1 == recipe.stages.len();
        let made = if is_image { made } else { Made::All };
        let walk = Walk { recipe, steps: &stage.steps, places, made };
        let found = walk.sources(&stages);
        stages.push(found);
    }
    stages.pop().unwrap_or_default()
}

/// A stage on its way.
pub(super) struct Walk<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) steps: &'a [Step],
    pub(super) places: &'a Places<'a>,
    pub(super) made: Made,
}

impl Walk<'_> {
    fn sources(&self, earlier: &[Vec<Source>]) -> Vec<Source> {
        let mut found: Vec<Source> = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let new = match &step.what {
                What::Copy(copy) => match &copy.from {
                    From::Context => self.copied(self.places.context, copy, step.line, true),
                    From::Named(name) => match self.places.named.get(name) {
                        Some(root) => self.copied(root, copy, step.line, false),
                        None => Vec::new(),
                    },
                    From::Stage(number) => {
                        let other = earlier.get(*number).map_or(&[][..], Vec::as_slice);
                        self.taken(*number, other, copy, step.line)
                    }
                },
                What::Run(run) => {
                    let mut new = self.mounted(step);
                    new.extend(self.used_of_stages(run, step.line, earlier));
                    new
                }
            };
            for source in new.into_iter().flat_map(|source| self.with_parts(at, source)) {
                if !found.contains(&source) && found.len() < LIMIT {
                    found.push(source);
                }
            }
        }
        found
    }

    /// A source with what commands behind the step that brings it make of it, or of files in it.
    fn with_parts(&self, at: usize, source: Source) -> Vec<Source> {
        let Fate::Put(target) = &source.fate else { return vec![source] };
        let behind = self.steps.get(at + 1..).unwrap_or_default();
        let whole = match self.made {
            Made::Nothing => return vec![source],
            Made::Named => None,
            Made::All => self.user(behind, target, false),
        };
        if let Some((line, command)) = whole {
            return vec![Source { fate: Fate::Used(line, command), ..source }];
        }
        let parts: Vec<Source> =
            behind.iter().flat_map(|step| self.read(step, &source, target)).collect();
        let is_whole = |part: &&Source| part.path == source.path && part.form == source.form;
        match parts.iter().find(is_whole) {
            Some(whole) => vec![whole.clone()],
            None => std::iter::once(source).chain(parts).collect(),
        }
    }

    /// What of a source that lies at a path the commands of a step name.
    fn read(&self, step: &Step, source: &Source, target: &str) -> Vec<Source> {
        let What::Run(run) = &step.what else { return Vec::new() };
        let mut found = Vec::new();
        for command in &run.commands {
            let (line, directory) = command;
            let work = |line: &[String]| work(line, &|| self.manifest(directory));
            for named in named(line, directory, &work) {
                // What a program builds of its whole source by itself needs no build of the image.
                if self.made == Made::Named && named.is_tree && named.is_around(directory) {
                    continue;
                }
                let fate = Fate::Used(step.line, super::commands::shown(line));
                if let Some(part) = part(source, target, &named, self.places) {
                    found.push(Source { fate, ..part });
                }
            }
        }
        found
    }

    /// The sources of a `COPY` from a context.
    fn copied(&self, root: &Path, copy: &Copy, line: u32, is_main: bool) -> Vec<Source> {
        let one = |source: &String| {
            let form = self.form(root, source);
            let (path, name) = match source.rsplit_once('/') {
                _ if !matches!(form, Form::Names(_)) => {
                    (source.as_str(), source.rsplit('/').next()?)
                }
                Some((directory, _)) => (directory, ""),
                None => ("", ""),
            };
            // A pattern among the directories of a path has no single place.
            if path.contains(['*', '?', '[']) {
                return None;
            }
            let ignored = self.places.ignored;
            if is_main
                && !path.is_empty()
                && ignored.matches(path)
                && !ignored.may_except_below(path)
            {
                return None;
            }
            let base = match (copy.parents, path.rsplit_once('/')) {
                (true, _) if form == Form::Directory => absolute(&copy.target, path),
                (true, Some((directory, _))) => absolute(&copy.target, directory),
                _ => copy.target.clone(),
            };
            let goes_into = form == Form::File && (copy.into || copy.parents);
            let target = if goes_into { absolute(&base, name) } else { base };
            Some(Source {
                path: if path.is_empty() { root.to_owned() } else { root.join(path) },
                form,
                line,
                exclude: copy.exclude.clone(),
                altered: copy.altered,
                fate: Fate::Put(target),
            })
        };
        copy.sources.iter().filter_map(one).collect()
    }

    fn form(&self, root: &Path, source: &str) -> Form {
        let name = source.rsplit('/').next().unwrap_or_default();
        if name.contains(['*', '?', '[']) {
            return Form::Names(name.to_owned());
        }
        match self.places.files.kind(&root.join(source)) {
            Some(FileKind::Directory) => Form::Directory,
            // What is not there yet has to say it by its name.
            None if !name.trim_start_matches('.').contains('.') => Form::Directory,
            Some(FileKind::File) | None => Form::File,
        }
    }

    /// What a `RUN` sees of the context without a copy.
    fn mounted(&self, step: &Step) -> Vec<Source> {
        let What::Run(run) = &step.what else { return Vec::new() };
        let builds = run.commands.iter().find(|command| self.work(command) == Work::Builds);
        let Some((command, _)) = builds.or(run.commands.first()) else { return Vec::new() };
        let fate = Fate::Used(step.line, super::commands::shown(command));
        let one = |(path, target): &(String, String)| {
            let root = self.places.context;
            let source = Source {
                path: if path.is_empty() { root.to_owned() } else { root.join(path) },
                form: self.form(root, path),
                line: step.line,
                exclude: Vec::new(),
                altered: false,
                fate: fate.clone(),
            };
            // Installers get the whole context for the sake of their manifests.
            if builds.is_some() || source.form == Form::File {
                vec![source]
            } else {
                self.read(step, &source, target)
            }
        };
        run.mounts.iter().flat_map(one).collect()
    }

    /// The first command of steps that makes something of what lies at a path; with `any`, that may do so.
    pub(super) fn user(&self, steps: &[Step], target: &str, any: bool) -> Option<(u32, String)> {
        steps.iter().find_map(|step| {
            let What::Run(run) = &step.what else { return None };
            let (line, _) = run.commands.iter().find(|command| {
                let near =
                    below(target, &command.1).is_some() || below(&command.1, target).is_some();
                let work = self.work(command);
                near && (work == Work::Builds || (any && work == Work::Unknown))
            })?;
            Some((step.line, super::commands::shown(line)))
        })
    }

    fn work(&self, (line, directory): &(super::commands::Line, String)) -> Work {
        work(line, &|| self.manifest(directory))
    }

    /// The text of the `package.json` of a directory of the image.
    fn manifest(&self, directory: &str) -> Option<String> {
        self.text(&absolute(directory, "package.json"))
    }

    /// The text of a file of the image that comes from the context.
    fn text(&self, path: &str) -> Option<String> {
        self.steps.iter().rev().find_map(|step| match &step.what {
            What::Copy(copy) if copy.from == From::Context => {
                let sources = self.copied(self.places.context, copy, step.line, true);
                sources.iter().find_map(|source| file_at(source, path, self.places.files))
            }
            _ => None,
        })
    }

    /// The text of a file of the context that a `RUN` has mounted.
    fn mounted_text(&self, run: &Run, path: &str) -> Option<String> {
        run.mounts.iter().find_map(|(source, target)| {
            let file = self.places.context.join(source).join(below(path, target)?);
            String::from_utf8(self.places.files.read(&file).ok()?).ok()
        })
    }
}

/// The manifests among the files that a source means, each as a source of its own.
pub(super) fn manifests_of(source: &Source, files: &dyn Files) -> Vec<Source> {
    let is_named = |name: &str| match &source.form {
        Form::Names(pattern) => matches(pattern, name),
        _ => true,
    };
    if source.form == Form::File {
        let name = source.path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        return if is_manifest(name) { vec![source.clone()] } else { Vec::new() };
    }
    let found = names().iter().filter(|name| is_named(name));
    found
        .map(|name| Source { path: source.path.join(name), form: Form::File, ..source.clone() })
        .filter(|one| files.is_file(&one.path))
        .collect()
}

/// The text of a file of the image, if a source is it or has it.
pub(super) fn file_at(source: &Source, path: &str, files: &dyn Files) -> Option<String> {
    let Fate::Put(target) = &source.fate else { return None };
    let rest = below(path, target)?;
    let host = match source.form {
        Form::File if !rest.is_empty() => return None,
        _ if rest.is_empty() => source.path.clone(),
        _ => source.path.join(rest),
    };
    String::from_utf8(files.read(&host).ok()?).ok()
}

/// What of a path is below another: empty for the same.
pub(super) fn below<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(directory.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
