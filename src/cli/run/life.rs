//! The life of a one-off container in the foreground: attached to, started, listened to until it ends
//! or the user detaches.

use futures_util::StreamExt;
use tokio::signal::unix::{SignalKind, signal};

use super::settings::Settings;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::interactive::{Streams, converse};
use crate::cli::report::Filtered;
use crate::compose::model::Project;
use crate::engine::api::{AttachOptions, EventFilter, EventMessage, WaitCondition};
use crate::engine::{Engine, EngineError, Stream};
use crate::stack::labels;
use crate::stack::run_one_off::{self, OneOff};

/// Signals that are passed on to the container when it has no terminal to pass keys through.
const FORWARDED: [(&str, SignalKind); 6] = [
    ("SIGINT", SignalKind::interrupt()),
    ("SIGTERM", SignalKind::terminate()),
    ("SIGHUP", SignalKind::hangup()),
    ("SIGQUIT", SignalKind::quit()),
    ("SIGUSR1", SignalKind::user_defined1()),
    ("SIGUSR2", SignalKind::user_defined2()),
];

/// A one-off container that was created.
pub(super) struct Life<'a> {
    /// What every command is given.
    pub(super) context: &'a Context,
    /// The project.
    pub(super) project: &'a Project,
    /// What was asked for.
    pub(super) settings: &'a Settings,
    /// The container.
    pub(super) one_off: &'a OneOff,
}

impl Life<'_> {
    /// Starts it and stays with it. Ends with its exit code.
    pub(super) async fn attend<E: Engine>(
        &self,
        engine: &E,
        detach_keys: String,
        report: &Filtered<'_>,
    ) -> Result {
        let one_off = self.one_off;
        let interactive = self.settings.options.interactive;
        let options = AttachOptions {
            stdin: interactive,
            stdout: true,
            stderr: true,
            detach_keys,
            tty: one_off.tty,
            ..AttachOptions::default()
        };
        let attached = engine.attach(&one_off.id, &options).await?;
        // Listened to before the start: with `--rm` nobody can be asked afterwards.
        let events = engine
            .events(&EventFilter {
                types: vec!["container".to_owned()],
                labels: vec![
                    format!("{}={}", labels::PROJECT, self.project.name),
                    format!("{}=True", labels::ONE_OFF),
                ],
                actions: vec!["die".to_owned(), "detach".to_owned()],
                ..EventFilter::default()
            })
            .await?;
        engine.start_container(&one_off.id).await?;
        let streams = Streams { stdin: interactive, tty: one_off.tty };
        let talk = converse(&self.context.ui, attached, streams, async |size| {
            engine.resize_container(&one_off.id, size).await
        });
        let live = async {
            run_one_off::started(self.project, one_off, engine, report).await?;
            talk.await?;
            Ok::<Option<i64>, Failure>(exit_code(events, &one_off.id).await?)
        };
        let code = tokio::select! {
            code = live => code?,
            failure = self.forward_signals(engine) => return Err(failure),
        };
        if let Some(code) = code {
            self.settled(engine).await;
            return Failure::from_exit_code(code);
        }
        Ok(())
    }

    /// Until everybody sees what the event has told: an engine tells the end of a container before
    /// it is done with it, and whoever lists containers then finds it running.
    async fn settled<E: Engine>(&self, engine: &E) {
        let id = &self.one_off.id;
        // The container has ended, whatever the answer.
        if self.settings.options.remove {
            let _ = engine.wait_container(id, WaitCondition::Removed).await;
        } else {
            let _ = engine.inspect_container(id).await;
        }
    }

    /// Passes signals on to the container; ends only when they cannot be listened to.
    async fn forward_signals<E: Engine>(&self, engine: &E) -> Failure {
        let (sender, mut signals) = tokio::sync::mpsc::unbounded_channel();
        for (name, kind) in FORWARDED {
            let mut listener = match signal(kind) {
                Ok(listener) => listener,
                Err(error) => return Failure::new(format!("cannot listen to {name}: {error}")),
            };
            let sender = sender.clone();
            tokio::spawn(async move {
                while listener.recv().await.is_some() && sender.send(name).is_ok() {}
            });
        }
        while let Some(name) = signals.recv().await {
            // A container that has just ended needs no signal any more.
            let _ = engine.kill_container(&self.one_off.id, Some(name)).await;
        }
        std::future::pending().await
    }
}

/// The code that the container ended with, or nothing when the user has detached from it.
async fn exit_code(
    mut events: Stream<EventMessage>,
    id: &str,
) -> std::result::Result<Option<i64>, EngineError> {
    while let Some(event) = events.next().await {
        let event = event?;
        if event.actor.id != id {
            continue;
        }
        if event.action == "detach" {
            return Ok(None);
        }
        let code = event.actor.attributes.get("exitCode");
        return Ok(Some(code.and_then(|code| code.parse().ok()).unwrap_or(0)));
    }
    Err(EngineError::Broken {
        context: "GET /events".to_owned(),
        reason: "the engine ended the stream".to_owned(),
    })
}
