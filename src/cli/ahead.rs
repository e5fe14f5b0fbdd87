//! The engine is met while the files are read, and asked what it will be asked anyway as soon as they
//! show the project's name.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::failure::{Failure, Result};
use super::machine::Machine;
use super::runtime::{Interrupt, Signals, block_on, runtime};
use crate::compose::source::ProjectName;
use crate::compose::trace::Trace;
use crate::engine::{DockerEngine, Settings};

/// An engine that was met while files were read.
pub(super) struct Met {
    /// The engine.
    pub(super) engine: Arc<DockerEngine>,
    /// The same, remembering what it was asked ahead.
    pub(super) looking: DockerEngine,
}

/// Passes the project's name on: the presumed one, and the true one where that is another.
struct Announcement {
    waiting: UnboundedSender<String>,
    presumed: Option<String>,
}

impl Announcement {
    fn send(&self, name: &str) {
        // Nobody waits when no engine was met, which is told later.
        let _ = self.waiting.send(name.to_owned());
    }
}

impl Trace for Announcement {
    fn presumed(&mut self, name: &str) {
        self.send(name);
        self.presumed = Some(name.to_owned());
    }

    fn named(&mut self, name: &ProjectName) {
        if self.presumed.as_ref() != Some(&name.name) {
            self.send(&name.name);
        }
    }
}

impl Context {
    /// Runs `work` with something that `load` gives without the engine, which meanwhile is met and asked
    /// what `ahead` asks, as soon as `load` has told its trace the project's name; a second time if
    /// the one that was presumed was wrong. A failure to load comes first and waits for no engine.
    pub(super) fn with_engine_ahead<T, A: Future<Output = ()> + Send + 'static>(
        &self,
        signals: Signals,
        load: impl FnOnce(&mut dyn Trace) -> Result<T>,
        ahead: impl Fn(DockerEngine, String) -> A + Send + 'static,
        work: impl AsyncFnOnce(T, Met, Interrupt) -> Result,
    ) -> Result {
        let machine = Machine::new(&self.process.variables, &self.global.engine);
        let (runtime, settings) = (runtime()?, self.settings());
        let (waiting, names) = unbounded_channel();
        let unwanted = CancellationToken::new();
        let (loaded, met) = std::thread::scope(|scope| {
            let meeting = scope.spawn(|| {
                let meeting = meet(&runtime, settings, &machine, names, ahead);
                runtime.block_on(unwanted.run_until_cancelled(meeting))
            });
            let loaded = load(&mut Announcement { waiting, presumed: None });
            if loaded.is_err() {
                unwanted.cancel();
            }
            (loaded, meeting.join())
        });
        let both = loaded.and_then(|loaded| match met {
            Ok(met) => Ok((loaded, met.unwrap_or(Err(Failure::Interrupted))?)),
            Err(panic) => std::panic::resume_unwind(panic),
        });
        let (loaded, met) = match both {
            Ok(both) => both,
            Err(failure) => {
                // Looking up the engine's host may still go on, and nobody waits for it.
                runtime.shutdown_background();
                return Err(failure);
            }
        };
        block_on(runtime, &self.ui, self.process.front(), signals, async |interrupt| {
            work(loaded, met, interrupt).await
        })
    }
}

/// Connects. What is asked once a name is known is answered when it is.
async fn meet<A: Future<Output = ()> + Send + 'static>(
    runtime: &Runtime,
    settings: Result<Settings>,
    machine: &Machine,
    mut names: UnboundedReceiver<String>,
    ahead: impl Fn(DockerEngine, String) -> A + Send + 'static,
) -> Result<Met> {
    let engine = DockerEngine::connect(settings?, machine).await?;
    let looking = engine.remembering();
    let asking = looking.clone();
    runtime.spawn(async move {
        while let Some(name) = names.recv().await {
            tokio::spawn(ahead(asking.clone(), name));
        }
    });
    Ok(Met { engine: Arc::new(engine), looking })
}
