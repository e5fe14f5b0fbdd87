//! The life of a one-off container in the foreground: attached to, started, listened to until it ends
//! or the user detaches.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, stream};

use super::settings::Settings;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::interactive::{Streams, converse};
use crate::cli::lifetime::{End, Ended, forward_signals};
use crate::cli::report::Filtered;
use crate::compose::model::Project;
use crate::engine::api::AttachOptions;
use crate::engine::{Attached, Engine};
use crate::stack::progress::Report;
use crate::stack::run_one_off::{self, OneOff};
use crate::stack::{fault, labels};

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
        let mut attached = engine.attach(&one_off.id, &options).await?;
        let tail = Tail::of(&mut attached);
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
            Ended::Exited(code) => {
                self.explain(engine, code, &tail.bytes()).await;
                Failure::from_container(code)
            }
            Ended::Detached => Ok(()),
        }
    }

    /// Says what was the matter, where its platform was. The container may be gone by now.
    async fn explain<E: Engine>(&self, engine: &E, code: i64, output: &[u8]) {
        if code != 0
            && let Some(fault) = fault::of_one_off(engine, self.one_off, code, output).await
        {
            Report::warning(&self.context.ui, &format!("{}: {fault}", self.one_off.service));
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

/// So many bytes of the last output are kept.
const KEPT: usize = 4096;

/// The last output of a container.
struct Tail(Arc<Mutex<Vec<u8>>>);

impl Tail {
    /// Takes note of what comes from a container.
    fn of(attached: &mut Attached) -> Self {
        let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
        let known = Arc::clone(&kept);
        let output = std::mem::replace(&mut attached.output, stream::empty().boxed());
        attached.output = output
            .inspect(move |chunk| {
                if let Ok(chunk) = chunk {
                    keep(&mut known.lock().unwrap_or_else(PoisonError::into_inner), chunk.bytes());
                }
            })
            .boxed();
        Self(kept)
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Adds to what is kept, and forgets what is too long ago.
fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.extend_from_slice(bytes.get(bytes.len().saturating_sub(KEPT)..).unwrap_or_default());
    let surplus = kept.len().saturating_sub(KEPT);
    kept.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_output_is_kept() {
        let mut kept = Vec::new();
        keep(&mut kept, b"begin");
        assert_eq!(kept, b"begin");
        keep(&mut kept, &[b'x'; 2 * KEPT]);
        keep(&mut kept, b"end");
        assert_eq!(kept.len(), KEPT);
        assert!(kept.ends_with(b"xend"));
    }
}
