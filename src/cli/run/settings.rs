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
        if tty && interactive && !args.detach && !around.terminals.stdin {
            return Err(Failure::new("the input device is not a TTY")
                .help("without a terminal on standard input, use `bireme run -T …`"));
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
