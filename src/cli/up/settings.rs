//! The flags of `up` and the environment become settings, or a mistake in Docker Compose's words.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::Args;
use crate::cli::failure::{Failure, Result};
use crate::cli::global::is_true;
use crate::cli::process::Variables;
use crate::cli::start::wait_timeout;
use crate::compose::model::Project;
use crate::stack::up::{Build, Options, Recreate};

/// What `up` is asked to do.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Settings {
    /// What concerns the stack.
    pub(in crate::cli) options: Options,
    /// How it goes on when everything is created.
    pub(super) mode: Mode,
    /// `--quiet-pull`.
    pub(super) quiet_pull: bool,
    /// `--quiet-build`.
    pub(super) quiet_build: bool,
    /// `--timeline`.
    pub(super) timeline: bool,
}

/// How an `up` goes on when everything is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// It ends (`--detach`, `--wait`, `--no-start`).
    Detached,
    /// It shows the logs.
    Attached(Attachment),
}

/// What an attached `up` shows, and when it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attachment {
    /// `--attach`: only these services.
    pub(super) only: Vec<String>,
    /// `--attach-dependencies`.
    pub(super) dependencies: bool,
    /// `--no-attach`: not these.
    pub(super) except: Vec<String>,
    /// When one container's end is the end of all.
    pub(super) cascade: Cascade,
    /// `--exit-code-from`.
    pub(super) exit_code_from: Option<String>,
    /// `--no-color`.
    pub(super) no_color: bool,
    /// `--no-log-prefix`.
    pub(super) no_prefix: bool,
    /// `--timestamps`.
    pub(super) timestamps: bool,
    /// Which keys are read on a terminal (`--menu`, `COMPOSE_MENU`).
    pub(super) keys: Keys,
    /// `--watch`: whether files are watched from the start.
    pub(super) watch: bool,
}

/// Which keys are read on a terminal while attached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Keys {
    /// None; Ctrl-C is a signal.
    None,
    /// Ctrl-C: whoever presses it asks for an end, which is then a good one, as in Docker Compose's menu.
    #[default]
    Interrupt,
    /// The menu's.
    Menu,
}

impl Keys {
    /// What a yes or a no to the menu means.
    fn asked(asked: bool) -> Self {
        if asked { Self::Menu } else { Self::None }
    }
}

/// When one container's end is the end of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Cascade {
    /// Never.
    #[default]
    Ignore,
    /// `--abort-on-container-exit`.
    OnExit,
    /// `--abort-on-container-failure`.
    OnFailure,
}

/// Pull policies that may stand behind `--pull`.
const PULL_POLICIES: [&str; 5] = ["always", "missing", "never", "build", "if_not_present"];

impl Settings {
    /// Flags over environment over defaults; contradictions are mistakes.
    pub(in crate::cli) fn new(
        args: Args,
        variables: &Variables,
        compatibility: bool,
    ) -> Result<Self> {
        let args = checked(args)?;
        let remove_orphans =
            args.remove_orphans.unwrap_or_else(|| is_true(variables, "COMPOSE_REMOVE_ORPHANS"));
        let ignore_orphans = is_true(variables, "COMPOSE_IGNORE_ORPHANS");
        if ignore_orphans && remove_orphans {
            return Err(Failure::new("cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans"));
        }
        let detached = args.detach || args.wait || args.no_start;
        let cascade = match (args.abort_on_container_failure, args.abort_on_container_exit) {
            (true, _) => Cascade::OnFailure,
            (false, true) => Cascade::OnExit,
            (false, false) => Cascade::Ignore,
        };
        let options = Options {
            services: args.services,
            no_deps: args.no_deps,
            recreate: recreate(args.force_recreate || args.renew_anon_volumes, args.no_recreate)?,
            always_recreate_dependencies: args.always_recreate_deps,
            renew_anonymous_volumes: args.renew_anon_volumes,
            scale: scale(&args.scale)?,
            timeout: args.timeout,
            remove_orphans,
            ignore_orphans,
            build: build(args.build, args.no_build)?,
            pull: pull(args.pull)?,
            no_start: args.no_start,
            wait: args.wait,
            wait_timeout: wait_timeout(args.wait_timeout),
            assume_yes: args.yes,
            compatibility,
            proxy_environment: BTreeMap::new(),
        };
        let mode = if detached {
            Mode::Detached
        } else {
            Mode::Attached(Attachment {
                only: args.attach,
                dependencies: args.attach_dependencies,
                except: args.no_attach,
                cascade,
                exit_code_from: args.exit_code_from.filter(|service| !service.is_empty()),
                no_color: args.no_color,
                no_prefix: args.no_log_prefix,
                timestamps: args.timestamps,
                watch: args.watch,
                keys: match args.menu {
                    Some(asked) => Keys::asked(asked),
                    None if variables.contains_key("COMPOSE_MENU") => {
                        Keys::asked(is_true(variables, "COMPOSE_MENU"))
                    }
                    None => Keys::default(),
                },
            })
        };
        Ok(Self {
            options,
            mode,
            quiet_pull: args.quiet_pull,
            quiet_build: args.quiet_build,
            timeline: args.timeline,
        })
    }

    /// Takes over the flags of a saved plan. What would make another plan of it is refused; how the
    /// run goes on is free.
    pub(super) fn follow(&mut self, plan: &Options, orphans_by_flag: bool) -> Result {
        let given = &self.options;
        let free = Options {
            wait: given.wait,
            wait_timeout: given.wait_timeout,
            assume_yes: given.assume_yes,
            remove_orphans: given.remove_orphans,
            ignore_orphans: given.ignore_orphans,
            compatibility: given.compatibility,
            ..Options::default()
        };
        if *given != free || orphans_by_flag {
            return Err(Failure::new(
                "--plan cannot be combined with services, or with flags that change what is done",
            )
            .help("the plan has its own; make another one with them: bireme plan --out FILE"));
        }
        let (wait, wait_timeout) = (given.wait, given.wait_timeout);
        self.options = Options { wait, wait_timeout, ..plan.clone() };
        if plan.no_start {
            self.mode = Mode::Detached;
        }
        Ok(())
    }

    /// Checks names against the project.
    pub(super) fn check(&self, project: &Project) -> Result {
        check_scale(&self.options.scale, project)?;
        if let Mode::Attached(Attachment { exit_code_from: Some(service), .. }) = &self.mode
            && !project.services.contains_key(service)
        {
            let known = project.disabled_services.contains_key(service);
            let reason = if known { "disabled" } else { "not found" };
            return Err(Failure::new(format!("no such service: {service}: {reason}")));
        }
        match &self.mode {
            Mode::Attached(attachment) => {
                attachment.check(|name| project.services.contains_key(name))
            }
            Mode::Detached => Ok(()),
        }
    }
}

/// Contradictions, in the order in which Docker Compose looks for them.
fn checked(mut args: Args) -> Result<Args> {
    if args.exit_code_from.as_ref().is_some_and(|service| !service.is_empty())
        && !args.abort_on_container_failure
    {
        args.abort_on_container_exit = true;
    }
    let exit = args.abort_on_container_exit;
    let failure = args.abort_on_container_failure;
    let attach = !args.attach.is_empty();
    let dependencies = args.attach_dependencies;
    let contradiction = if failure && exit {
        Some("--abort-on-container-failure cannot be combined with --abort-on-container-exit")
    } else if args.wait && (dependencies || exit || attach) {
        Some(
            "--wait cannot be combined with --abort-on-container-exit, --attach or \
             --attach-dependencies",
        )
    } else if args.build && args.no_build {
        Some("--build and --no-build are incompatible")
    } else if args.wait && (failure || args.watch) {
        Some(
            "--wait cannot be combined with --abort-on-container-exit, \
             --abort-on-container-failure, --attach, --attach-dependencies or --watch",
        )
    } else if args.detach && (dependencies || exit || failure || attach || args.watch) {
        Some(
            "--detach cannot be combined with --abort-on-container-exit, \
             --abort-on-container-failure, --attach, --attach-dependencies or --watch",
        )
    } else if args.renew_anon_volumes && args.no_recreate {
        Some("--no-recreate and --renew-anon-volumes are incompatible")
    } else if args.force_recreate && args.no_recreate {
        Some("--force-recreate and --no-recreate are incompatible")
    } else if args.always_recreate_deps && args.no_recreate {
        Some("--always-recreate-deps and --no-recreate are incompatible")
    } else if args.no_build && args.watch {
        Some("--no-build and --watch are incompatible")
    } else if attach && dependencies {
        Some("cannot combine --attach and --attach-dependencies")
    } else {
        None
    };
    match contradiction {
        Some(message) => Err(Failure::new(message)),
        None => Ok(args),
    }
}

/// `--force-recreate` and `--no-recreate`.
pub(in crate::cli) fn recreate(force: bool, never: bool) -> Result<Recreate> {
    match (force, never) {
        (true, true) => Err(Failure::new("--force-recreate and --no-recreate are incompatible")),
        (true, false) => Ok(Recreate::Force),
        (false, true) => Ok(Recreate::Never),
        (false, false) => Ok(Recreate::Diverged),
    }
}

/// `--build` and `--no-build`.
pub(in crate::cli) fn build(always: bool, never: bool) -> Result<Build> {
    match (always, never) {
        (true, true) => Err(Failure::new("--build and --no-build are incompatible")),
        (true, false) => Ok(Build::Always),
        (false, true) => Ok(Build::Never),
        (false, false) => Ok(Build::Missing),
    }
}

/// `--pull`; `policy` leaves each service its own.
pub(in crate::cli) fn pull(word: Option<String>) -> Result<Option<String>> {
    match word {
        None => Ok(None),
        Some(word) if word == "policy" => Ok(None),
        Some(word) if PULL_POLICIES.contains(&word.as_str()) => Ok(Some(word)),
        Some(word) => Err(Failure::new(format!("invalid --pull option {word:?}"))
            .help(format!("the policies are {}", PULL_POLICIES.join(", ")))),
    }
}

/// `--scale SERVICE=NUM`, as often as given.
pub(in crate::cli) fn scale(words: &[String]) -> Result<BTreeMap<String, i64>> {
    let mut scale = BTreeMap::new();
    for word in words {
        let (service, count) =
            word.split_once('=').filter(|(service, _)| !service.is_empty()).ok_or_else(|| {
                Failure::new(format!("invalid --scale option {word:?}. Should be SERVICE=NUM"))
            })?;
        let count: i64 = count.parse().map_err(|_| {
            Failure::new(format!("strconv.Atoi: parsing {count:?}: invalid syntax"))
        })?;
        if count < 0 {
            return Err(Failure::new(format!(
                "invalid --scale option {word:?}. Should be SERVICE=NUM"
            ))
            .help("there cannot be fewer than no containers"));
        }
        scale.insert(service.to_owned(), count);
    }
    Ok(scale)
}

/// Whether the services of `--scale` are there.
pub(in crate::cli) fn check_scale(scale: &BTreeMap<String, i64>, project: &Project) -> Result {
    match scale.keys().find(|service| !project.services.contains_key(*service)) {
        Some(service) => Err(Failure::new(format!("no such service: {service}: not found"))),
        None => Ok(()),
    }
}

impl Attachment {
    /// Refuses `--attach` of services that are not brought up.
    fn check(&self, is_included: impl Fn(&str) -> bool) -> Result {
        let missing: Vec<&str> =
            self.only.iter().map(String::as_str).filter(|service| !is_included(service)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(", ");
        Err(Failure::new(format!("cannot attach to services not included in up: {missing}")))
    }

    /// The services whose logs are shown: `selected` are those named (all if none were), `included`
    /// all that this `up` brings up.
    ///
    /// # Errors
    /// `--attach` of a service that is not brought up.
    pub(super) fn shown(
        &self,
        project: &Project,
        selected: &[String],
        included: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>> {
        let wants = |service: &String| {
            project.services.get(service).is_some_and(|service| service.attach != Some(false))
        };
        let mut shown: BTreeSet<String> = if !self.only.is_empty() {
            self.check(|name| included.contains(name))?;
            self.only.iter().cloned().collect()
        } else if selected.is_empty() || self.dependencies {
            included.iter().filter(|service| wants(service)).cloned().collect()
        } else {
            selected.iter().filter(|service| wants(service)).cloned().collect()
        };
        for service in &self.except {
            shown.remove(service);
        }
        Ok(shown)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches};

    use super::*;

    fn args(line: &str) -> Args {
        let command = crate::cli::flags::with_manners(Args::augment_args(clap::Command::new("up")));
        let words = std::iter::once("up").chain(line.split_whitespace());
        let matches = command.try_get_matches_from(words).expect(line);
        Args::from_arg_matches(&matches).expect(line)
    }

    fn settings(line: &str, variables: &[(&str, &str)]) -> Result<Settings> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Settings::new(args(line), &variables, false)
    }

    #[test]
    fn contradictions_are_told_in_docker_composes_words() {
        for (line, message) in [
            (
                "--abort-on-container-exit --abort-on-container-failure",
                "--abort-on-container-failure cannot be combined with --abort-on-container-exit",
            ),
            (
                "--wait --exit-code-from web",
                "--wait cannot be combined with --abort-on-container-exit, --attach or \
                 --attach-dependencies",
            ),
            (
                "--wait --abort-on-container-failure",
                "--wait cannot be combined with --abort-on-container-exit, \
                 --abort-on-container-failure, --attach, --attach-dependencies or --watch",
            ),
            (
                "-d --attach web",
                "--detach cannot be combined with --abort-on-container-exit, \
                 --abort-on-container-failure, --attach, --attach-dependencies or --watch",
            ),
            ("--build --no-build", "--build and --no-build are incompatible"),
            ("-V --no-recreate", "--no-recreate and --renew-anon-volumes are incompatible"),
            (
                "--force-recreate --no-recreate",
                "--force-recreate and --no-recreate are incompatible",
            ),
            (
                "--always-recreate-deps --no-recreate",
                "--always-recreate-deps and --no-recreate are incompatible",
            ),
            ("--no-build --watch", "--no-build and --watch are incompatible"),
            (
                "--attach web --attach-dependencies",
                "cannot combine --attach and --attach-dependencies",
            ),
            ("--pull sometimes", "invalid --pull option \"sometimes\""),
            ("--scale web", "invalid --scale option \"web\". Should be SERVICE=NUM"),
            ("--scale web=-1", "invalid --scale option \"web=-1\". Should be SERVICE=NUM"),
            ("--scale web=x", "strconv.Atoi: parsing \"x\": invalid syntax"),
        ] {
            match settings(line, &[]) {
                Err(Failure::Message { message: told, .. }) => assert_eq!(told, message, "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn flags_and_environment_become_options() {
        let given =
            settings("-d --scale web=3 -t 5 --pull policy --menu=false db web", &[]).unwrap();
        assert_eq!(given.mode, Mode::Detached);
        assert_eq!(given.options.services, ["db", "web"]);
        assert_eq!(given.options.scale, [("web".to_owned(), 3)].into());
        assert_eq!(given.options.timeout, Some(5));
        let limit = |line: &str| settings(line, &[]).unwrap().options.wait_timeout;
        assert_eq!(limit("--wait-timeout 3"), Some(std::time::Duration::from_secs(3)));
        assert_eq!(limit("--wait-timeout -1"), None);
        assert_eq!(given.options.pull, None);

        let variables = [("COMPOSE_REMOVE_ORPHANS", "1")];
        assert!(settings("", &variables).unwrap().options.remove_orphans);
        assert!(!settings("--remove-orphans=false", &variables).unwrap().options.remove_orphans);
        assert!(settings("--remove-orphans", &[("COMPOSE_IGNORE_ORPHANS", "y")]).is_err());
        assert_eq!(settings("-V", &[]).unwrap().options.recreate, Recreate::Force);
    }

    #[test]
    fn an_exit_code_of_a_service_implies_the_end_of_all() {
        let cascade = |line: &str| match settings(line, &[]).unwrap().mode {
            Mode::Attached(attachment) => attachment.cascade,
            Mode::Detached => panic!("{line}"),
        };
        assert_eq!(cascade(""), Cascade::Ignore);
        assert_eq!(cascade("--exit-code-from web"), Cascade::OnExit);
        assert_eq!(
            cascade("--exit-code-from web --abort-on-container-failure"),
            Cascade::OnFailure
        );
    }
}
