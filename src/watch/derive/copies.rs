//! Which files of the build context come into an image, and which ones only what was made of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::manifests::{is_manifest, names};
use super::recipe::{Copy, From, Recipe, Run, Step, What, absolute};
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

/// The sources of the image. `reloads` is whether its program watches its source itself, so that what
/// was built from it in the image does not count.
pub(super) fn sources(recipe: &Recipe, places: &Places<'_>, reloads: bool) -> Vec<Source> {
    let mut stages: Vec<Vec<Source>> = Vec::new();
    for (number, stage) in recipe.stages.iter().enumerate() {
        let is_image = number + 1 == recipe.stages.len();
        let builds_count = !(is_image && reloads);
        let walk = Walk { recipe, steps: &stage.steps, places, builds_count };
        let found = walk.sources(&stages);
        stages.push(found);
    }
    stages.pop().unwrap_or_default()
}

struct Walk<'a> {
    recipe: &'a Recipe,
    steps: &'a [Step],
    places: &'a Places<'a>,
    builds_count: bool,
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
                What::Run(run) => self.mounted(run, step.line),
            };
            for mut source in new {
                if let Fate::Put(target) = &source.fate
                    && self.builds_count
                    && let Some((line, command)) = self.user(at, target, false)
                {
                    source.fate = Fate::Used(line, command);
                }
                if !found.contains(&source) && found.len() < LIMIT {
                    found.push(source);
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
    fn mounted(&self, run: &Run, line: u32) -> Vec<Source> {
        let builds = run.commands.iter().find(|command| self.work(command) == Work::Builds);
        let Some((command, _)) = builds.or(run.commands.first()) else { return Vec::new() };
        let fate = Fate::Used(line, super::commands::shown(command));
        let one = |path: &String| {
            let form = self.form(self.places.context, path);
            // Installers get the whole context for the sake of their manifests.
            (builds.is_some() || form == Form::File).then(|| Source {
                path: if path.is_empty() {
                    self.places.context.to_owned()
                } else {
                    self.places.context.join(path)
                },
                form,
                line,
                exclude: Vec::new(),
                altered: false,
                fate: fate.clone(),
            })
        };
        run.mounts.iter().filter_map(one).collect()
    }

    /// The sources of an earlier stage that a `COPY --from` takes over, as they are or as what was made
    /// of them.
    fn taken(&self, number: usize, earlier: &[Source], copy: &Copy, line: u32) -> Vec<Source> {
        let steps = self.recipe.stages.get(number).map_or(&[][..], |stage| stage.steps.as_slice());
        let stage = Walk { steps, builds_count: true, ..*self };
        let mut found = Vec::new();
        for source in earlier {
            let Fate::Put(target) = &source.fate else {
                found.push(source.clone());
                continue;
            };
            let before = found.len();
            for wanted in &copy.sources {
                found.extend(self.follow(source, target, &absolute("/", wanted), copy, line));
            }
            if found.len() > before {
                continue;
            }
            // None of it comes along, so it counts for what was made of it.
            let step = steps.iter().position(|step| step.line == source.line);
            match step.and_then(|step| stage.user(step, target, true)) {
                Some((line, command)) => {
                    found.push(Source { fate: Fate::Used(line, command), ..source.clone() });
                }
                None => found.extend(
                    manifests_of(source, self.places.files)
                        .into_iter()
                        .map(|one| Source { fate: Fate::Used(line, String::new()), ..one }),
                ),
            }
        }
        found
    }

    fn follow(
        &self,
        source: &Source,
        target: &str,
        wanted: &str,
        copy: &Copy,
        line: u32,
    ) -> Option<Source> {
        let put = |source: &Source, to: String| Source { fate: Fate::Put(to), ..source.clone() };
        if let Some(rest) = below(target, wanted) {
            // The stage's path has the source in it; a file goes by its name.
            let base = match (&source.form, rest) {
                (Form::File, "") if copy.into => {
                    let name = wanted.rsplit('/').next().unwrap_or_default();
                    return Some(put(source, absolute(&copy.target, name)));
                }
                (_, rest) => rest,
            };
            return Some(put(source, absolute(&copy.target, base)));
        }
        let rest = below(wanted, target)?;
        if source.form != Form::Directory {
            return None;
        }
        let path = source.path.join(rest);
        let kind = self.places.files.kind(&path)?;
        let form = if kind == FileKind::File { Form::File } else { Form::Directory };
        let name = rest.rsplit('/').next().unwrap_or_default();
        if MADE.contains(&name) {
            return None;
        }
        let to = if form == Form::File && copy.into {
            absolute(&copy.target, name)
        } else {
            copy.target.clone()
        };
        Some(Source { path, form, line, ..put(source, to) })
    }

    /// The first command behind a step that makes something of what lies at a path; with `any`, that
    /// may do so.
    fn user(&self, step: usize, target: &str, any: bool) -> Option<(u32, String)> {
        self.steps.iter().skip(step + 1).find_map(|step| {
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
        let wanted = absolute(directory, "package.json");
        self.steps.iter().rev().find_map(|step| match &step.what {
            What::Copy(copy) if copy.from == From::Context => {
                let sources = self.copied(self.places.context, copy, step.line, true);
                sources.iter().find_map(|source| file_at(source, &wanted, self.places.files))
            }
            _ => None,
        })
    }
}

/// The manifests among the files that a source means, each as a source of its own.
pub(super) fn manifests_of(source: &Source, files: &dyn Files) -> Vec<Source> {
    let is_named = |name: &str| match &source.form {
        Form::Names(pattern) => Matcher::new(&[pattern]).is_ok_and(|it| it.matches(name)),
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

/// Directories that a build fills though the host may have them, too.
const MADE: [&str; 10] = [
    "dist",
    "build",
    "out",
    "target",
    "node_modules",
    ".next",
    ".output",
    ".venv",
    "vendor",
    "bin",
];

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
