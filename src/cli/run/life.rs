//! The life of a one-off container in the foreground: attached to, started, listened to until it ends
//! or the user detaches.

use super::settings::Settings;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::interactive::{Streams, converse};
use crate::cli::lifetime::{End, Ended, forward_signals};
use crate::cli::report::Filtered;
use crate::compose::model::Project;
use crate::engine::Engine;
use crate::engine::api::AttachOptions;
use crate::stack::labels;
use crate::stack::run_one_off::{self, OneOff};

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
        let labels = vec![format!("{}={}", labels::PROJECT, self.project.name)];
        // Listened to before the start: with `--rm` nobody can be asked afterwards.
        let mut end = End::listen(engine, labels, &one_off.id).await?;
        run_one_off::start(one_off, engine).await?;
        let streams = Streams { stdin: interactive, tty: one_off.tty, ..Streams::default() };
        let talk = converse(&self.context.ui, attached, streams, async |size| {
            engine.resize_container(&one_off.id, size).await
        });
        let live = async {
            run_one_off::started(self.project, one_off, engine, report).await?;
            talk.await?;
            let ended = end.come().await?;
            if ended != Ended::Detached {
                self.settle(engine, &mut end).await;
            }
            Ok(ended)
        };
        match forward_signals(engine, &one_off.id, self.context.process.front(), live).await?.0 {
            Ended::Exited(code) => Failure::from_container(code),
            Ended::Detached => Ok(()),
        }
    }

    /// Until everybody sees that it has ended.
    async fn settle<E: Engine>(&self, engine: &E, end: &mut End<'_>) {
        if self.settings.options.remove {
            end.gone(engine).await;
        } else {
            end.settled(engine).await;
        }
    }
}
