//! The rules of one service.

use std::path::{Path, PathBuf};

use super::built::Image;
use super::container::Container;
use super::copies::{Fate, Form, Made, Source, below, manifests_of};
use super::habits::Habit;
use super::manifests::{ignored, is_manifest};
use super::mounts::{Seen, is_configuration, seen, with_linked};
use super::nested::{requirements, workspaces};
use super::overlap::literal;
use super::recipe::What;
use super::reload::reload;
use super::{Action, Input, Note, Rule};
use crate::compose::model::{Project, Service};
use crate::platform::subject::Place;

/// The rules of a service that has none.
pub(super) fn rules(input: &Input<'_>, service: &Service, notes: &mut Vec<Note>) -> Vec<Rule> {
    let image = match &service.build {
        Some(build) => match Image::read(input, service, build) {
            Ok(image) => Some(image),
            Err(message) => {
                let place = place(input.project, service, "build");
                notes.push(Note { service: service.name.clone(), message, place });
                None
            }
        },
        None => None,
    };
    let seen = with_linked(seen(input.project, service), &input.project.working_dir, input.files);
    let container = Container::of(service, image.as_ref(), &seen, input.files);
    let derivation = Derivation { input, service, seen: &seen, container: &container };
    let mut rules = Vec::new();
    if let Some(image) = &image {
        for (line, why) in &image.recipe.unclear {
            let message = format!("a path of its Dockerfile cannot be told: {why}");
            notes.push(Note {
                service: service.name.clone(),
                message,
                place: Some(image.place(*line)),
            });
        }
        rules.extend(derivation.of_image(image));
    }
    rules.extend(derivation.of_mounts(image.as_ref()));
    rules
}

struct Derivation<'a> {
    input: &'a Input<'a>,
    service: &'a Service,
    seen: &'a [Seen],
    container: &'a Container,
}

impl Derivation<'_> {
    fn rule(&self, action: Action, path: PathBuf, reason: String, place: Option<Place>) -> Rule {
        Rule {
            service: self.service.name.clone(),
            action,
            path,
            target: String::new(),
            include: Vec::new(),
            ignore: Vec::new(),
            ignore_file: false,
            reason,
            place,
        }
    }

    fn of_image(&self, image: &Image) -> Vec<Rule> {
        let files = self.input.files;
        let program = &self.container.program;
        let builds_itself = program.habit.is_some_and(Habit::watches) && !program.runs_what_is_made;
        let made = if builds_itself { Made::Named } else { Made::All };
        let installs = image
            .recipe
            .stages
            .iter()
            .any(|stage| stage.steps.iter().any(|step| matches!(step.what, What::Run(_))));
        let mut rules = Vec::new();
        for source in image.sources(files, made) {
            if let Some(rule) = self.manifests_by_name(&source, image) {
                rules.push(rule);
                continue;
            }
            if installs || source.form == Form::File {
                rules.extend(
                    manifests_of(&source, files).iter().map(|one| self.manifest(one, image)),
                );
            }
            rules.extend(self.of_source(&source, image));
            rules.extend(self.workspaces(&source, image));
        }
        let named = requirements(image, files);
        rules.extend(named.iter().map(|one| self.manifest(one, image)));
        if let Some(dockerfile) = &image.dockerfile {
            let place = Some(image.place(1));
            let reason = "it says how the image is built".to_owned();
            rules.push(self.rule(Action::Rebuild, dockerfile.clone(), reason, place));
        }
        if let Some(path) = &image.ignore_file {
            let reason = "it says what the build leaves out".to_owned();
            rules.push(self.rule(Action::Rebuild, path.clone(), reason, None));
        }
        rules
    }

    fn manifest(&self, source: &Source, image: &Image) -> Rule {
        let name = source.path.file_name().unwrap_or_default().to_string_lossy();
        let reason = format!("`{name}` says which packages the image has");
        let place = Some(image.place(source.line));
        let rule = self.rule(Action::Rebuild, source.path.clone(), reason, place);
        Rule { ignore_file: true, ..rule }
    }

    /// A rule for names that are all those of manifests (`package*.json`).
    fn manifests_by_name(&self, source: &Source, image: &Image) -> Option<Rule> {
        let Form::Names(pattern) = &source.form else { return None };
        if pattern.starts_with('*') || manifests_of(source, self.input.files).is_empty() {
            return None;
        }
        let reason = format!("`{pattern}` say which packages the image has");
        let rule =
            self.rule(Action::Rebuild, source.path.clone(), reason, Some(image.place(source.line)));
        Some(Rule { include: vec![pattern.clone()], ignore_file: true, ..rule })
    }

    /// A rule for the manifests of packages below, where one at the top says that they belong to it.
    fn workspaces(&self, source: &Source, image: &Image) -> Option<Rule> {
        let patterns = workspaces(source, self.input.files);
        if patterns.is_empty() {
            return None;
        }
        let reason = "they say which packages the workspaces have".to_owned();
        let place = Some(image.place(source.line));
        let rule = self.rule(Action::Rebuild, source.path.clone(), reason, place);
        let ignore = vec!["**/node_modules".to_owned()];
        Some(Rule { include: patterns, ignore, ignore_file: true, ..rule })
    }

    fn of_source(&self, source: &Source, image: &Image) -> Option<Rule> {
        let name = source.path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if source.form == Form::File && is_manifest(name) {
            return None;
        }
        let (action, target, reason) = match &source.fate {
            // Only its manifests count.
            Fate::Used(_, command) if command.is_empty() => return None,
            Fate::Used(_, command) => {
                let reason = format!("`{command}` makes something of it while the image is built");
                (Action::Rebuild, String::new(), reason)
            }
            Fate::Put(target) => {
                // What is mounted over it hides it.
                if self.binds().any(|it| below(target, &it.target).is_some()) {
                    return None;
                }
                let (action, reason) = self.put(source, target, image);
                (action, target.clone(), reason)
            }
        };
        let mut rule =
            self.rule(action, source.path.clone(), reason, Some(image.place(source.line)));
        rule.ignore_file = true;
        rule.target = if rule.action.syncs() { target.clone() } else { String::new() };
        match &source.form {
            Form::File => {}
            Form::Names(pattern) => rule.include.push(pattern.clone()),
            Form::Directory => {
                rule.ignore = self.ignored_below(&source.path, &image.context);
                rule.ignore.extend(source.exclude.iter().cloned());
                if rule.action.syncs() {
                    rule.ignore.extend(self.hidden_below(&target));
                }
            }
        }
        Some(rule)
    }

    /// What follows for a file that is in the image as it is.
    fn put(&self, source: &Source, target: &str, image: &Image) -> (Action, String) {
        let program = &self.container.program;
        let is_script = program.scripts.iter().any(|script| script == target);
        if source.altered || (is_script && image.changes_mode(target)) {
            let reason = "the image has it in another form than this machine".to_owned();
            return (Action::Rebuild, reason);
        }
        if is_script {
            return (
                Action::SyncRestart,
                format!("`{target}` is run only when the container starts"),
            );
        }
        let is_configuration =
            ["/etc", "/usr/local/etc"].iter().any(|directory| below(target, directory).is_some());
        if is_configuration && program.habit != Some(Habit::Idle) {
            return (
                Action::SyncRestart,
                "it is configuration, which programs read when they start".to_owned(),
            );
        }
        let notices = program.notices_what_is_brought();
        (if notices { Action::Sync } else { Action::SyncRestart }, program.reason())
    }

    fn ignored_below(&self, path: &Path, context: &Path) -> Vec<String> {
        let files = self.input.files;
        ignored(|name| files.is_file(&path.join(name)) || files.is_file(&context.join(name)))
    }

    /// What is mounted below a path of the container, as patterns.
    fn hidden_below(&self, target: &str) -> Vec<String> {
        let mounted = self.service.volumes.iter().map(|mount| mount.target.as_str());
        let tmpfs = self.service.tmpfs.iter().filter_map(|it| it.split(':').next());
        let hidden = mounted.chain(tmpfs).filter_map(|path| below(path, target));
        hidden.filter(|rest| !rest.is_empty()).map(literal).collect()
    }

    fn binds(&self) -> impl Iterator<Item = &Seen> {
        self.seen.iter()
    }

    fn of_mounts(&self, image: Option<&Image>) -> Vec<Rule> {
        let project = &self.input.project.working_dir;
        let mut rules = Vec::new();
        for seen in self.binds() {
            let is_file = self.input.files.is_file(&seen.path);
            let rule = if !is_file && self.is_source(seen, image) {
                self.of_mounted_source(seen, image)
            } else if self.is_configuration(seen, project) {
                self.of_configuration(seen, is_file)
            } else {
                None
            };
            rules.extend(rule);
        }
        rules
    }

    /// Whether what is mounted looks like configuration: by its own name, or by that of a link that leads to it.
    fn is_configuration(&self, seen: &Seen, project: &Path) -> bool {
        let mut names = self.binds().filter(|it| it.key == seen.key);
        names.any(|it| is_configuration(it, project, self.input.files) == Some(true))
    }

    /// Whether a directory that is mounted is what the program runs.
    fn is_source(&self, seen: &Seen, image: Option<&Image>) -> bool {
        let directory = &self.container.directory;
        let is_in = |path: &str, around: &str| below(path, around).is_some();
        let is_near = directory != "/"
            && (is_in(directory, &seen.target) || is_in(&seen.target, directory))
            || self.container.program.shown.contains(&format!("{}/", seen.target));
        let is_own = seen.path.starts_with(&self.input.project.working_dir)
            || image.is_some_and(|image| seen.path.starts_with(&image.context));
        // Interpreters read source; of other programs it may be data.
        let reads = matches!(
            self.container.program.habit,
            Some(Habit::Starts | Habit::Compiles | Habit::Reloads | Habit::Follows | Habit::Reads)
        );
        is_near && is_own && reads && self.input.files.is_directory(&seen.path)
    }

    fn of_mounted_source(&self, seen: &Seen, image: Option<&Image>) -> Option<Rule> {
        let program = &self.container.program;
        let action = match program.habit {
            Some(Habit::Follows) => Action::Renew,
            // A mistake in what it loads may end it.
            Some(Habit::Reloads) => Action::Revive,
            _ if program.notices() => return None,
            _ => Action::Restart,
        };
        let context = image.map_or(seen.path.as_path(), |image| image.context.as_path());
        let mut rule =
            self.rule(action, seen.path.clone(), program.reason(), self.place(&seen.key));
        rule.target.clone_from(&seen.target);
        rule.ignore = self.ignored_below(&seen.path, context);
        rule.ignore.extend(self.hidden_below(&seen.target));
        Some(rule)
    }

    fn of_configuration(&self, seen: &Seen, is_file: bool) -> Option<Rule> {
        let runs = match self.container.runs.as_str() {
            "" => super::image::name(&self.container.image),
            runs => runs,
        };
        let (mut action, mut reason) = reload(runs, &seen.target, is_file)?;
        if matches!(action, Action::Signal(_)) && self.container.is_shell {
            action = Action::Restart;
            "a shell is the main process, which hands no signal on".clone_into(&mut reason);
        }
        let mut rule = self.rule(action, seen.path.clone(), reason, self.place(&seen.key));
        rule.target.clone_from(&seen.target);
        Some(rule)
    }

    fn place(&self, key: &str) -> Option<Place> {
        place(self.input.project, self.service, key)
    }
}

/// Where a key of a service is written, the file relative to the project's directory.
pub(super) fn place(project: &Project, service: &Service, key: &str) -> Option<Place> {
    let span = project.origin(&format!("services.{}.{key}", service.name))?;
    let position = project.sources.position(span)?;
    let file = project.sources.name(span.file);
    let file = file.strip_prefix(&project.working_dir).unwrap_or(file).display().to_string();
    Some(Place { file, line: u32::try_from(position.line).ok()? })
}
