//! The rules of a project: which paths, and what follows when they change (Compose Develop
//! Specification).

mod mounts;

use std::path::{Path, PathBuf};

use super::{WatchError, derive};
use crate::build::context::exclusions;
use crate::build::dockerignore::{Matcher, clean};
use crate::compose::model::{Hook, Project, Service, WatchTrigger};
use mounts::{Mounts, is_mounted};

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Brings what changed into the containers.
    Sync,
    /// The same, and restarts them.
    SyncRestart,
    /// The same, and runs a command in them.
    SyncExec,
    /// Restarts the containers.
    Restart,
    /// Builds the image and replaces the containers.
    Rebuild,
    /// Sends a signal to the main processes of the containers. No file can ask for it; see [`derive`].
    Signal(&'static str),
    /// Runs a command in the containers and brings nothing. No file can ask for it either.
    Exec,
    /// Restarts the containers if what they have mounted is not what is there now; see [`Rule::of_link`].
    Relink,
    /// Restarts the containers if another file has taken the place of one. No file can ask for it; see
    /// [`derive`].
    Renew,
    /// Starts the containers again if they have ended by themselves. No file can ask for it; see [`derive`].
    Revive,
}

/// Paths of one service, and what follows when they change.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The service.
    pub service: String,
    /// What follows.
    pub action: Action,
    /// What is watched: absolute, a file or a directory, which need not be there yet.
    pub path: PathBuf,
    /// Where it is in the containers: absolute. Empty for rules that bring nothing there.
    pub target: String,
    /// What [`Action::SyncExec`] runs.
    pub exec: Hook,
    /// Whether everything is brought there at the start.
    pub initial_sync: bool,
    /// See [`Rule::revives`].
    revives: bool,
    /// See [`Rule::within`].
    origin: PathBuf,
    include: Matcher,
    ignore: Matcher,
    context: Option<Context>,
    /// Where nothing is brought.
    mounts: Mounts,
}

/// A build context, whose ignore file counts.
#[derive(Debug, Clone, PartialEq)]
struct Context {
    path: PathBuf,
    ignore: Matcher,
}

/// The rules of a project, and what should be known of them.
#[derive(Debug, Default)]
pub struct Rules {
    /// In the order of the services and of their files.
    pub rules: Vec<Rule>,
    /// Rules that are not followed, one sentence each.
    pub warnings: Vec<String>,
}

impl Action {
    /// The action of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sync" => Self::Sync,
            "sync+restart" => Self::SyncRestart,
            "sync+exec" => Self::SyncExec,
            "restart" => Self::Restart,
            "rebuild" => Self::Rebuild,
            _ => return None,
        })
    }

    /// Its name in files, if it has one there.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::SyncRestart => "sync+restart",
            Self::SyncExec => "sync+exec",
            Self::Restart => "restart",
            Self::Rebuild => "rebuild",
            Self::Signal(_) => "signal",
            Self::Exec => "exec",
            Self::Relink => "relink",
            Self::Renew => "renew",
            Self::Revive => "revive",
        }
    }

    /// Whether it brings files into containers.
    pub fn syncs(self) -> bool {
        matches!(self, Self::Sync | Self::SyncRestart | Self::SyncExec)
    }

    /// Whether the program that a container runs starts anew, so that it may write again what it writes then.
    pub fn starts_anew(self) -> bool {
        matches!(
            self,
            Self::Restart | Self::SyncRestart | Self::Renew | Self::Revive | Self::Rebuild
        )
    }

    /// Whether it may restart containers.
    pub fn restarts(self) -> bool {
        matches!(
            self,
            Self::Restart | Self::SyncRestart | Self::Relink | Self::Renew | Self::Revive
        )
    }
}

/// What `initial_sync` was called before the Compose Specification had it.
const FORMER_INITIAL_SYNC: &str = "x-initialSync";

/// The rules of the services that are named; of all if none is. Reads ignore files.
///
/// # Errors
/// Rules that cannot be followed, and ignore files that cannot be read.
pub fn rules(project: &Project, services: &[String]) -> Result<Rules, WatchError> {
    let mut found = Rules::default();
    for service in project.services.values() {
        if !services.is_empty() && !services.contains(&service.name) {
            continue;
        }
        let Some(develop) = &service.develop else { continue };
        let context = context(service)?;
        for trigger in &develop.watch {
            let rule = Rule::new(service, trigger, context.clone())?;
            if trigger.extensions.contains_key(FORMER_INITIAL_SYNC) {
                found.warnings.push(format!(
                    "{FORMER_INITIAL_SYNC} is DEPRECATED, please use the official `initial_sync` attribute"
                ));
            }
            if rule.action.syncs() && is_mounted(service, &rule.path) {
                found.warnings.push(format!(
                    "path '{}' also declared by a bind mount volume, this path won't be monitored!",
                    rule.path.display()
                ));
            } else {
                found.warnings.extend(rule.mounts.warnings(&service.name, &rule.path));
                found.rules.push(rule);
            }
        }
    }
    Ok(found)
}

impl Rule {
    /// A rule that was derived for a service.
    ///
    /// # Errors
    /// An ignore file that cannot be read.
    pub fn derived(service: &Service, rule: &derive::Rule) -> Result<Self, WatchError> {
        let context = if rule.ignore_file { context(service)? } else { None };
        let mut own = Self::new(service, &rule.trigger(), context)?;
        match &rule.action {
            derive::Action::Renew => own.action = Action::Renew,
            derive::Action::Revive => own.action = Action::Revive,
            // Its program notices by itself, as long as it lives.
            derive::Action::Sync => own.revives = true,
            derive::Action::Signal(signal) => own.action = Action::Signal(signal),
            derive::Action::Exec(command) => {
                own.action = Action::Exec;
                own.exec.command = Some(command.clone());
            }
            derive::Action::SyncRestart | derive::Action::Rebuild | derive::Action::Restart => {}
        }
        Ok(own)
    }

    /// A rule about a file or directory that is mounted into the containers of a service: about itself, and
    /// nothing in it.
    pub fn of_link(service: &str, path: &Path) -> Self {
        Self { service: service.to_owned(), action: Action::Relink, ..Self::of_file(path) }
    }

    /// A rule about one file that belongs to no service: it only tells of changes.
    pub fn of_file(path: &Path) -> Self {
        Self {
            service: String::new(),
            action: Action::Restart,
            path: path.to_owned(),
            target: String::new(),
            exec: Hook::default(),
            initial_sync: false,
            revives: false,
            origin: path.to_owned(),
            include: Matcher::default(),
            ignore: Matcher::default(),
            context: None,
            mounts: Mounts::default(),
        }
    }

    /// A rule about a directory that is mounted into containers: it only tells of changes, and at first of all that
    /// is there. `ignore` has patterns relative to it.
    ///
    /// # Errors
    /// A pattern that is none.
    pub fn of_mount(path: &Path, ignore: &[String]) -> Result<Self, WatchError> {
        let ignore = Matcher::new(ignore)
            .map_err(|source| WatchError::Pattern { service: String::new(), source })?;
        Ok(Self { initial_sync: true, ignore, ..Self::of_file(path) })
    }

    /// A rule of a service, from its file.
    fn new(
        service: &Service,
        trigger: &WatchTrigger,
        context: Option<Context>,
    ) -> Result<Self, WatchError> {
        let action = Action::named(&trigger.action).ok_or_else(|| WatchError::Action {
            service: service.name.clone(),
            action: trigger.action.clone(),
        })?;
        if action == Action::Rebuild && service.build.is_none() {
            return Err(WatchError::NoBuild(service.name.clone()));
        }
        let path = PathBuf::from(clean(&trigger.path));
        if path.parent().is_none() {
            return Err(WatchError::Root);
        }
        let matcher = |patterns: &[String]| {
            Matcher::new(patterns)
                .map_err(|source| WatchError::Pattern { service: service.name.clone(), source })
        };
        let extension = trigger
            .extensions
            .get(FORMER_INITIAL_SYNC)
            .is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"));
        let target = if action.syncs() { clean(&trigger.target) } else { String::new() };
        Ok(Self {
            service: service.name.clone(),
            action,
            mounts: Mounts::of(service, &path, &target),
            revives: false,
            origin: path.clone(),
            path,
            target,
            exec: trigger.exec.clone(),
            initial_sync: trigger.initial_sync || extension,
            include: matcher(&rooted(&trigger.include))?,
            ignore: matcher(&rooted(&trigger.ignore))?,
            context,
        })
    }

    /// The same, followed from a directory around it on: what goes and comes back anywhere on the way to its path is seen.
    #[must_use]
    pub fn within(self, directory: &Path) -> Self {
        Self { origin: directory.to_owned(), ..self }
    }

    /// From where on it is followed; without another word its path itself.
    pub fn origin(&self) -> &Path {
        &self.origin
    }

    /// Whether the same is asked for when the same place changes.
    pub fn asks_the_same_as(&self, other: &Self) -> bool {
        let asked = |rule: &Self| {
            (rule.service.clone(), rule.action, rule.path.clone(), rule.target.clone())
        };
        asked(self) == asked(other) && self.exec == other.exec
    }

    /// Whether containers that have ended by themselves are started again when something changes here: their programs would
    /// have noticed by themselves. It is so where that was derived; who wrote a rule has said what is to follow.
    pub fn revives(&self) -> bool {
        self.revives || self.action == Action::Revive
    }

    /// Whether the rule is about a path: inside of what is watched, included, and not ignored.
    pub fn takes(&self, path: &Path) -> bool {
        if self.is_alone() {
            return path == self.path;
        }
        let Ok(relative) = path.strip_prefix(&self.path) else { return false };
        if is_passing(relative) {
            return false;
        }
        let relative = relative.to_string_lossy();
        (self.include.is_empty() || self.include.matches(&relative))
            && !self.ignore.matches(&relative)
            && !self.context.as_ref().is_some_and(|context| context.ignores(path))
    }

    /// Whether the rule is about what is at its path as a whole, and about nothing in it.
    pub fn is_alone(&self) -> bool {
        self.action == Action::Relink
    }

    /// Whether something in a directory may concern the rule: errs on the side of `true`.
    pub fn reaches(&self, directory: &Path) -> bool {
        if self.is_alone() {
            return self.path != directory && self.path.starts_with(directory);
        }
        // What is around the watched path leads to it.
        if self.path.starts_with(directory) {
            return true;
        }
        let Ok(relative) = directory.strip_prefix(&self.path) else { return false };
        if is_passing(relative) {
            return false;
        }
        let relative = relative.to_string_lossy();
        if self.ignore.matches(&relative) && !self.ignore.may_except_below(&relative) {
            return false;
        }
        let Some(context) = &self.context else { return true };
        let Ok(inside) = directory.strip_prefix(&context.path) else { return true };
        let inside = inside.to_string_lossy();
        !context.ignore.matches(&inside) || context.ignore.may_except_below(&inside)
    }

    /// Where a path is in the containers; `None` outside of what is watched, for rules that bring nothing there, and where
    /// something is mounted that is watched itself, or that the engine does not reach.
    pub fn place(&self, path: &Path) -> Option<PathBuf> {
        let relative = path.strip_prefix(&self.path).ok()?;
        if self.target.is_empty() {
            return None;
        }
        let target = Path::new(&self.target);
        let place =
            if relative.as_os_str().is_empty() { target.to_owned() } else { target.join(relative) };
        self.mounts.let_pass(&place).then_some(place)
    }
}

impl Context {
    fn ignores(&self, path: &Path) -> bool {
        path.strip_prefix(&self.path)
            .is_ok_and(|relative| self.ignore.matches(&relative.to_string_lossy()))
    }
}

/// Whether a path is, or is in, what editors and version control leave beside a file while they save it. Docker
/// Compose leaves out the same, but for `.git`. By hand, since each path of a tree is asked.
fn is_passing(path: &Path) -> bool {
    path.components().any(|component| {
        let name = component.as_os_str().as_encoded_bytes();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end.as_bytes()));
        matches!(name, b".git" | b".idea" | b"4913")
            || ends(&["~", "___jb_old___", "___jb_tmp___", "-go-tmp-umask"])
            || name.starts_with(b".#")
            || (name.starts_with(b"#") && name.ends_with(b"#"))
            || (name.starts_with(b".") && ends(&[".swp", ".swx", ".swo", ".swn", ".kate-swp"]))
    })
}

/// Patterns as they are meant: `./a` and `/a` are `a`.
fn rooted(patterns: &[String]) -> Vec<String> {
    let plain = |pattern: &str| clean(pattern).trim_start_matches('/').to_owned();
    patterns
        .iter()
        .map(|pattern| match pattern.strip_prefix('!') {
            Some(rest) => format!("!{}", plain(rest)),
            None => plain(pattern),
        })
        .collect()
}

/// The build context of a service, if it is a directory of this machine.
fn context(service: &Service) -> Result<Option<Context>, WatchError> {
    let Some(build) = &service.build else { return Ok(None) };
    let path = PathBuf::from(&build.context);
    if !path.is_dir() {
        return Ok(None);
    }
    let dockerfile = match build.dockerfile.as_str() {
        _ if !build.dockerfile_inline.is_empty() => None,
        "" => Some(path.join("Dockerfile")),
        dockerfile => Some(path.join(dockerfile)),
    };
    let patterns = exclusions(&path, dockerfile.as_deref())?;
    let ignore = Matcher::new(&patterns)
        .map_err(|source| WatchError::Pattern { service: service.name.clone(), source })?;
    Ok(Some(Context { path, ignore }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_leave_is_passing() {
        for (path, expected) in [
            (".git/index", true),
            ("a/.idea/x", true),
            ("a.py~", true),
            ("a/.a.py.swp", true),
            ("4913", true),
            (".#lock", true),
            ("#a#", true),
            ("a.py___jb_tmp___", true),
            ("", false),
            ("a.swp", false),
            (".gitignore", false),
            ("#a", false),
        ] {
            assert_eq!(is_passing(Path::new(path)), expected, "{path}");
        }
    }
}
