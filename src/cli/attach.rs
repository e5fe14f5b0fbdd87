//! `attach`: our standard streams become those of a service's container.

use super::context::{Context, detach_keys};
use super::failure::{Failure, Result};
use super::flags;
use super::interactive::{Streams, converse};
use super::lifetime::{End, Ended, forward_signals};
use super::runtime::Signals;
use crate::engine::Engine;
use crate::engine::api::{AttachOptions, ContainerDetails, TerminalSize};
use crate::stack::{labels, query};
use crate::ui::terminal;

/// The flags of `attach`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(override_usage = "bireme attach [OPTIONS] SERVICE")]
pub(super) struct Args {
    /// Keys that detach, such as ctrl-p,ctrl-q
    #[arg(long, value_name = "KEYS")]
    pub(super) detach_keys: Option<String>,
    /// Which container of the service; 0 is the first
    #[arg(long, value_name = "N", default_value = "0", value_parser = flags::integer)]
    pub(super) index: i64,
    /// Leave standard input alone
    #[arg(long)]
    pub(super) no_stdin: bool,
    /// Pass signals on to the container [default: true]
    #[arg(long)]
    pub(super) sig_proxy: Option<bool>,
    /// Service
    #[arg(value_name = "SERVICE", required = true, num_args = 1..)]
    pub(super) services: Vec<String>,
}

/// Attaches to a container. Ends with its exit code, or as after a signal that asked for the end.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let scope = context.named_scope()?;
    let project = scope.name();
    // As by Docker Compose, words behind the service mean nothing.
    let service = args.services.first().map_or("", String::as_str);
    let index = flags::index(args.index);
    if context.global.dry_run {
        return Err(Failure::new("interactive run is not supported in dry-run mode"));
    }
    let proxies_signals = args.sig_proxy.unwrap_or(true);
    let signals = if proxies_signals { Signals::Own } else { Signals::Drop };
    context.with_engine(signals, async |engine, _| {
        let target = query::target(&*engine, project, service, index).await;
        let target = target.map_err(|error| scope.advise(error.into(), service))?;
        let details = engine.inspect_container(&target.id).await?;
        let details =
            details.ok_or_else(|| Failure::new(format!("service {service:?} is not running")))?;
        check_state(&details)?;
        let tty = details.config.tty;
        let stdin = !args.no_stdin && details.config.open_stdin;
        if tty && !args.no_stdin && !context.process.terminals.stdin {
            return Err(Failure::new("the input device is not a TTY")
                .help("to only see what it writes, use `bireme attach --no-stdin …`"));
        }
        let options = AttachOptions {
            stdin,
            stdout: true,
            stderr: true,
            detach_keys: args.detach_keys.clone().unwrap_or_else(|| detach_keys(&engine)),
            tty,
            ..AttachOptions::default()
        };
        let labels = vec![format!("{}={project}", labels::PROJECT)];
        let mut end = End::listen(&*engine, labels, &target.id).await?;
        let attached = engine.attach(&target.id, &options).await?;
        if let Some(TerminalSize { height, width }) = terminal::size().filter(|_| tty) {
            // A change of size is what makes a program draw its screen again.
            let other =
                TerminalSize { height: height.saturating_add(1), width: width.saturating_add(1) };
            let _ = engine.resize_container(&target.id, other).await;
        }
        let talk = async {
            let resize = async |size| engine.resize_container(&target.id, size).await;
            let streams = Streams { stdin, tty, ..Streams::default() };
            converse(&context.ui, attached, streams, resize).await?;
            let ended = end.come().await?;
            if ended != Ended::Detached {
                end.settled(&*engine).await;
            }
            Ok(ended)
        };
        let (ended, asked) = if proxies_signals {
            forward_signals(&*engine, &target.id, context.process.front(), talk).await?
        } else {
            (talk.await?, false)
        };
        match ended {
            // Whatever the container made of the signal, as by Docker Compose.
            Ended::Exited(_) if asked => Err(Failure::Interrupted),
            Ended::Exited(code) => Failure::from_container(code),
            Ended::Detached => Err(Failure::new("read escape sequence")),
        }
    })
}

/// Whether one can attach to a container in its state.
fn check_state(details: &ContainerDetails) -> Result {
    let state = &details.state;
    let problem = if state.paused {
        "You cannot attach to a paused container, unpause it first"
    } else if state.restarting {
        "You cannot attach to a restarting container, wait until it is running"
    } else if !state.running {
        "You cannot attach to a stopped container, start it first"
    } else {
        return Ok(());
    };
    Err(Failure::new(problem))
}
