//! `exec`: a command in a running container.

use std::collections::BTreeMap;

use super::context::{Context, detach_keys};
use super::detach_keys::DetachKeys;
use super::failure::{Failure, Result};
use super::flags;
use super::interactive::{Parting, Streams, converse};
use super::runtime::Signals;
use crate::engine::Engine;
use crate::engine::api::ExecCreate;
use crate::stack::query;
use crate::ui::Terminals;

/// The flags of `exec`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Run in the background
    #[arg(short, long)]
    pub(super) detach: bool,
    /// Set a variable: KEY=VALUE, or KEY to take it from the environment (repeatable)
    #[arg(short, long, value_name = "ENV")]
    pub(super) env: Vec<String>,
    /// Which container of the service; 0 is the first
    #[arg(long, value_name = "N", default_value = "0", value_parser = flags::integer)]
    pub(super) index: i64,
    /// Pass standard input on [default: true]
    #[arg(short, long, hide = true)]
    pub(super) interactive: Option<bool>,
    /// No terminal for the command
    #[arg(short = 'T', long, alias = "no-TTY")]
    pub(super) no_tty: Option<bool>,
    /// Extended privileges
    #[arg(long)]
    pub(super) privileged: bool,
    /// No effect
    #[arg(short, long, hide = true)]
    pub(super) tty: Option<bool>,
    /// User to run as
    #[arg(short, long, value_name = "USER")]
    pub(super) user: Option<String>,
    /// Directory to run in
    #[arg(short, long, value_name = "PATH")]
    pub(super) workdir: Option<String>,
    /// Service, and the command to run with its arguments
    #[arg(
        value_name = "SERVICE COMMAND [ARGS...]",
        required = true,
        num_args = 2..,
        trailing_var_arg = true
    )]
    pub(super) words: Vec<String>,
}

/// What `exec` is asked to do.
#[derive(Debug, Clone, PartialEq)]
struct Settings {
    service: String,
    index: u32,
    detach: bool,
    body: ExecCreate,
}

/// Runs a command in a container.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let scope = context.named_scope()?;
    let project = scope.name();
    let environment = context.environment()?;
    let mut settings = settings(args, &environment, context.process.terminals)?;
    if context.global.dry_run && !settings.detach {
        return Err(Failure::new("interactive exec is not supported in dry-run mode"));
    }
    context.with_engine(Signals::Drop, async |engine, _| {
        let Settings { service, index, .. } = &settings;
        let target = query::target(&*engine, project, service, *index).await;
        let target = target.map_err(|error| scope.advise(error.into(), service))?;
        if context.global.dry_run {
            let words = serde_json::to_string(&settings.body.cmd).unwrap_or_default();
            let what = format!("Executing command {words} in {} (detached mode)", target.id);
            context.ui.print(&format!(" DRY-RUN MODE - {what}"));
            return Ok(());
        }
        settings.body.detach_keys = detach_keys(&engine);
        // The engine would take them for a failure of the process.
        let keys = DetachKeys::parse(&settings.body.detach_keys)
            .map_err(|error| Failure::new(format!("invalid detach keys: {error}")))?;
        let exec = engine.create_exec(&target.id, &settings.body).await?;
        if settings.detach {
            return Ok(engine.start_exec_detached(&exec, settings.body.tty).await?);
        }
        let attached = engine.start_exec(&exec, settings.body.tty).await?;
        let tty = settings.body.tty;
        let stdin = settings.body.attach_stdin;
        let streams = Streams { stdin, tty, detach: tty.then_some(keys) };
        let parting = converse(&context.ui, attached, streams, async |size| {
            engine.resize_exec(&exec, size).await
        })
        .await?;
        if parting == Parting::Detached {
            return Err(Failure::new("read escape sequence"));
        }
        let code = engine.inspect_exec(&exec).await?.exit_code.unwrap_or(0);
        Failure::from_exit_code(code)
    })
}

fn settings(
    args: Args,
    environment: &BTreeMap<String, String>,
    terminals: Terminals,
) -> Result<Settings> {
    let mut words = args.words.into_iter();
    let service = words.next().unwrap_or_default();
    let tty = !args.no_tty.unwrap_or(!terminals.stdout);
    let attach_stdin = !args.detach && args.interactive.unwrap_or(true);
    if tty && attach_stdin && !terminals.stdin {
        return Err(Failure::new("the input device is not a TTY")
            .help("without a terminal on standard input, use -T"));
    }
    let index = flags::index(args.index);
    Ok(Settings {
        service,
        index,
        detach: args.detach,
        body: ExecCreate {
            attach_stdin,
            attach_stdout: !args.detach,
            attach_stderr: !args.detach,
            detach_keys: String::new(),
            tty,
            env: environment_words(&args.env, environment)?,
            cmd: words.collect(),
            privileged: args.privileged,
            user: args.user.unwrap_or_default(),
            working_dir: args.workdir.unwrap_or_default(),
        },
    })
}

/// `KEY=VALUE` as it is; `KEY` with the value of the environment. Where it has none there, the engine takes it out of the
/// container's (Engine API, ContainerExec).
fn environment_words(
    words: &[String],
    environment: &BTreeMap<String, String>,
) -> Result<Vec<String>> {
    let value = |word: &String| match environment.get(word).filter(|_| !word.contains('=')) {
        // The runtime would refuse it, or not, once the command is announced.
        _ if word.is_empty() || word.starts_with('=') => {
            Err(Failure::new(format!("invalid environment variable: {word}")))
        }
        Some(value) => Ok(format!("{word}={value}")),
        None => Ok(word.clone()),
    };
    words.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Terminals = Terminals { stdin: true, stdout: true, stderr: true };

    fn exec(args: Args, terminals: Terminals) -> Result<Settings> {
        let words = ["web", "sh", "-c", "id"].map(str::to_owned).to_vec();
        let environment = [("HERE".to_owned(), "1".to_owned())].into();
        settings(Args { words, ..args }, &environment, terminals)
    }

    #[test]
    fn a_terminal_is_given_when_there_is_one() {
        let pipes = Terminals::default();
        let no_tty = |value| Args { no_tty: value, ..Args::default() };
        assert!(exec(no_tty(None), TERMINAL).unwrap().body.tty);
        assert!(!exec(no_tty(Some(true)), TERMINAL).unwrap().body.tty);
        assert!(!exec(no_tty(None), pipes).unwrap().body.tty);
        let only_output = Terminals { stdin: false, ..TERMINAL };
        match exec(no_tty(None), only_output) {
            Err(Failure::Message { message, .. }) => {
                assert_eq!(message, "the input device is not a TTY");
            }
            other => panic!("{other:?}"),
        }
        let detached = Args { detach: true, ..Args::default() };
        assert!(!exec(detached, only_output).unwrap().body.attach_stdout);
        let deaf = Args { interactive: Some(false), ..Args::default() };
        let body = exec(deaf, only_output).unwrap().body;
        assert!(body.tty && body.attach_stdout && !body.attach_stdin);
    }

    #[test]
    fn a_variable_has_a_name() {
        for nameless in ["=x", "=", ""] {
            let args = Args { env: vec![nameless.to_owned()], ..Args::default() };
            let Err(Failure::Message { message, .. }) = exec(args, TERMINAL) else {
                panic!("{nameless}")
            };
            assert_eq!(message, format!("invalid environment variable: {nameless}"));
        }
    }

    #[test]
    fn service_and_command_are_told_apart_and_variables_resolved() {
        let env = ["A=b", "HERE", "NOWHERE"].map(str::to_owned).to_vec();
        let settings = exec(Args { env, ..Args::default() }, TERMINAL).unwrap();
        assert_eq!(settings.service, "web");
        assert_eq!(settings.body.cmd, ["sh", "-c", "id"]);
        assert_eq!(settings.body.env, ["A=b", "HERE=1", "NOWHERE"]);
    }
}
