//! The engine is met while the files are read, and asked what it will be asked anyway as soon as they
//! have given the project's name.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
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

/// Passes the project's name on, once.
struct Announcement(Option<oneshot::Sender<String>>);

impl Trace for Announcement {
    fn named(&mut self, name: &ProjectName) {
        if let Some(waiting) = self.0.take() {
            // Nobody waits when no engine was met, which is told later.
            let _ = waiting.send(name.name.clone());
        }
    }
}

impl Context {
    /// Runs `work` with something that `load` gives without the engine, which meanwhile is met and asked
    /// what `ahead` asks, as soon as `load` has told its trace the project's name. A failure to load
    /// comes first and waits for no engine.
    pub(super) fn with_engine_ahead<T, A: Future<Output = ()> + Send + 'static>(
        &self,
        signals: Signals,
        load: impl FnOnce(&mut dyn Trace) -> Result<T>,
        ahead: impl FnOnce(DockerEngine, String) -> A + Send,
        work: impl AsyncFnOnce(T, Met, Interrupt) -> Result,
    ) -> Result {
        let machine = Machine::new(&self.process.variables, &self.global.engine);
        let (runtime, settings) = (runtime()?, self.settings());
        let (announce, name) = oneshot::channel();
        let unwanted = CancellationToken::new();
        let (loaded, met) = std::thread::scope(|scope| {
            let meeting = scope.spawn(|| {
                let meeting = meet(&runtime, settings, &machine, name, ahead);
                runtime.block_on(unwanted.run_until_cancelled(meeting))
            });
            let loaded = load(&mut Announcement(Some(announce)));
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

/// Connects, and begins to ask once the name is known; the answers come when they come.
async fn meet<A: Future<Output = ()> + Send + 'static>(
    runtime: &Runtime,
    settings: Result<Settings>,
    machine: &Machine,
    name: oneshot::Receiver<String>,
    ahead: impl FnOnce(DockerEngine, String) -> A,
) -> Result<Met> {
    let engine = DockerEngine::connect(settings?, machine).await?;
    let looking = engine.remembering();
    if let Ok(name) = name.await {
        runtime.spawn(ahead(looking.clone(), name));
    }
    Ok(Met { engine: Arc::new(engine), looking })
}
