//! The flags of `run` become settings, or a mistake in Docker Compose's words.

use std::collections::BTreeMap;

use super::Args;
use super::parts::parts;
use crate::cli::failure::{Failure, Result};
use crate::cli::global::is_true;
use crate::cli::process::Variables;
use crate::cli::up::settings::{build, pull};
use crate::compose::model::Project;
use crate::compose::shell_words;
use crate::stack::run_one_off::Options;
use crate::ui::Terminals;

/// What `run` is asked to do.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// What concerns the stack.
    pub(super) options: Options,
    /// `--quiet`.
    pub(super) quiet: bool,
    /// `--quiet-pull`.
    pub(super) quiet_pull: bool,
    /// `--quiet-build`.
    pub(super) quiet_build: bool,
}

/// What settings depend on beside the flags.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// What `-e KEY` sees.
    pub(super) environment: &'a Variables,
    /// Variables of `--env-from-file`, already read.
    pub(super) from_files: &'a BTreeMap<String, Option<String>>,
    /// What the streams are.
    pub(super) terminals: Terminals,
    /// `--compatibility`.
    pub(super) compatibility: bool,
}

impl Settings {
    /// Flags over environment over defaults; contradictions are mistakes.
    pub(super) fn new(args: Args, around: Surroundings<'_>, project: &Project) -> Result<Self> {
        if !args.publish.is_empty() && args.service_ports {
            return Err(Failure::new("--service-ports and --publish are incompatible"));
        }
        if args.tty.is_some() && args.no_tty.is_some() {
            return Err(Failure::new("--tty and --no-TTY can't be used together"));
        }
        let tty = wants_terminal(&args, around.terminals);
        let interactive = args.interactive.unwrap_or(true);
        if tty && interactive && !around.terminals.stdin {
            return Err(Failure::new("the input device is not a TTY")
                .help("without a terminal on standard input, use -T"));
        }
        let labels = labels(&args.label)?;
        let mut environment = around.from_files.clone();
        for word in &args.env {
            let (key, value) = match word.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (word.as_str(), around.environment.get(word).cloned()),
            };
            match value {
                Some(value) => environment.insert(key.to_owned(), Some(value)),
                // A variable that nobody has set is left out.
                None => environment.remove(key),
            };
        }
        let entrypoint = match args.entrypoint.as_deref().map(shell_words::split) {
            None => None,
            Some(Ok(words)) => Some(words),
            Some(Err(error)) => return Err(Failure::new(error.to_string())),
        };
        let parts = parts(&args.volume, &args.publish, project)?;
        let mut words = args.words.into_iter();
        Ok(Self {
            options: Options {
                service: words.next().unwrap_or_default(),
                command: words.collect(),
                entrypoint,
                name: args.name.filter(|name| !name.is_empty()),
                environment,
                labels,
                user: args.user,
                working_dir: args.workdir,
                volumes: parts.volumes,
                publish: parts.ports,
                service_ports: args.service_ports,
                use_aliases: args.use_aliases,
                cap_add: args.cap_add,
                cap_drop: args.cap_drop,
                tty,
                interactive,
                detach: args.detach,
                remove: args.rm,
                no_deps: args.no_deps,
                build: build(args.build, false)?,
                pull: pull(args.pull)?,
                remove_orphans: args.remove_orphans,
                ignore_orphans: is_true(around.environment, "COMPOSE_IGNORE_ORPHANS"),
                compatibility: around.compatibility,
                proxy_environment: BTreeMap::new(),
            },
            quiet: args.quiet,
            quiet_pull: args.quiet_pull,
            quiet_build: args.quiet_build,
        })
    }
}

/// Whether the container gets a terminal: as the flags say; else if there is one to give, which
/// takes standard input too unless `--interactive` was set on purpose.
fn wants_terminal(args: &Args, terminals: Terminals) -> bool {
    match (args.tty, args.no_tty) {
        (Some(tty), _) => tty,
        (None, Some(no_tty)) => !no_tty,
        (None, None) => terminals.stdout && (terminals.stdin || args.interactive.is_some()),
    }
}

fn labels(words: &[String]) -> Result<BTreeMap<String, String>> {
    words
        .iter()
        .map(|word| match word.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
            None => Err(Failure::new("label must be set as KEY=VALUE")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Terminals = Terminals { stdin: true, stdout: true, stderr: true };
    const PIPED: Terminals = Terminals { stdin: false, ..TERMINAL };

    fn project() -> Project {
        Project {
            name: "shop".to_owned(),
            working_dir: "/srv/shop".into(),
            compose_files: Vec::new(),
            env_files: Vec::new(),
            inclusions: BTreeMap::new(),
            environment: BTreeMap::new(),
            profiles: Vec::new(),
            services: indexmap::IndexMap::new(),
            disabled_services: indexmap::IndexMap::new(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            secrets: BTreeMap::new(),
            configs: BTreeMap::new(),
            models: BTreeMap::new(),
            extensions: BTreeMap::new(),
            tree: crate::compose::yaml::Node::new(
                crate::compose::yaml::Value::Null,
                crate::diagnostic::Span::new(crate::diagnostic::FileId(0), 0, 0),
            ),
            sources: crate::diagnostic::SourceMap::default(),
        }
    }

    fn settings(args: Args, terminals: Terminals) -> Result<Settings> {
        let words = ["web", "ls", "-l"].map(str::to_owned).to_vec();
        let environment = [("HERE".to_owned(), "1".to_owned())].into();
        let from_files = [("A", "file"), ("B", "file"), ("GONE", "file")]
            .map(|(key, value)| (key.to_owned(), Some(value.to_owned())))
            .into();
        let around = Surroundings {
            environment: &environment,
            from_files: &from_files,
            terminals,
            compatibility: false,
        };
        Settings::new(Args { words, ..args }, around, &project())
    }

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_terminal_is_given_where_there_is_one_to_give() {
        for (tty, no_tty, interactive, terminals, expected) in [
            (None, None, None, TERMINAL, true),
            (None, None, None, PIPED, false),
            (None, None, Some(false), PIPED, true),
            (None, None, None, Terminals::default(), false),
            (None, Some(true), None, TERMINAL, false),
            (Some(false), None, None, TERMINAL, false),
        ] {
            let args = Args { interactive, no_tty, tty, ..Args::default() };
            let options = settings(args, terminals).unwrap().options;
            assert_eq!(options.tty, expected, "{tty:?} {no_tty:?} {interactive:?} {terminals:?}");
        }
    }

    #[test]
    fn contradictions_are_told_in_docker_composes_words() {
        for (args, message) in [
            (
                Args { publish: strings(&["80"]), service_ports: true, ..Args::default() },
                "--service-ports and --publish are incompatible",
            ),
            (
                Args { tty: Some(true), no_tty: Some(true), ..Args::default() },
                "--tty and --no-TTY can't be used together",
            ),
            (Args { no_tty: Some(false), ..Args::default() }, "the input device is not a TTY"),
            (
                Args { label: strings(&["alone"]), ..Args::default() },
                "label must be set as KEY=VALUE",
            ),
            (
                Args { entrypoint: Some("sh -c 'x".to_owned()), ..Args::default() },
                "invalid command line string",
            ),
        ] {
            match settings(args, PIPED) {
                Err(Failure::Message { message: told, .. }) => assert_eq!(told, message),
                other => panic!("{message}: {other:?}"),
            }
        }
    }

    #[test]
    fn variables_of_flags_win_over_those_of_files() {
        let args = Args { env: strings(&["A=flag", "HERE", "GONE"]), ..Args::default() };
        let environment = settings(args, TERMINAL).unwrap().options.environment;
        let pairs: Vec<(&str, Option<&str>)> =
            environment.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
        assert_eq!(pairs, [("A", Some("flag")), ("B", Some("file")), ("HERE", Some("1"))]);
    }

    #[test]
    fn mounts_and_ports_are_read_as_in_the_files() {
        let args = Args {
            volume: strings(&["./data:/data:ro", "cache:/cache"]),
            publish: strings(&["8080:80"]),
            entrypoint: Some("sh -c".to_owned()),
            ..Args::default()
        };
        let options = settings(args, TERMINAL).unwrap().options;
        let mounts: Vec<(&str, &str, &str, bool)> = options
            .volumes
            .iter()
            .map(|mount| {
                (
                    mount.r#type.as_str(),
                    mount.source.as_str(),
                    mount.target.as_str(),
                    mount.read_only,
                )
            })
            .collect();
        assert_eq!(
            mounts,
            [("bind", "/srv/shop/data", "/data", true), ("volume", "cache", "/cache", false)]
        );
        assert_eq!(options.publish.len(), 1);
        assert_eq!(
            (options.publish[0].target, options.publish[0].published.as_str()),
            (80, "8080")
        );
        assert_eq!(options.entrypoint, Some(strings(&["sh", "-c"])));
        assert_eq!(options.command, ["ls", "-l"]);
        let bad = Args { publish: strings(&["99999"]), ..Args::default() };
        assert!(matches!(settings(bad, TERMINAL), Err(Failure::Diagnostics { .. })));
    }
}
