//! The engine is met while the files are read, and asked what it will be asked anyway as soon as they
//! show the project's name.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::watch::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::failure::{Failure, Result};
use super::machine::Machine;
use super::runtime::{Interrupt, Signals, block_on, runtime};
use crate::compose::source::ProjectName;
use crate::compose::trace::Trace;
use crate::engine::{DockerEngine, Settings, Unmet};

/// An engine that was met while files were read.
pub(super) struct Met {
    /// The engine.
    pub(super) engine: Arc<DockerEngine>,
    /// The same, remembering what it was asked ahead.
    pub(super) looking: DockerEngine,
}

/// Passes the project's name on: the presumed one, and the true one where that is another.
struct Announcement(Sender<Vec<String>>);

impl Announcement {
    fn tell(&self, name: &str) {
        self.0.send_if_modified(|names| {
            let new = names.last().is_none_or(|last| last != name);
            if new {
                names.push(name.to_owned());
            }
            new
        });
    }
}

impl Trace for Announcement {
    fn presumed(&mut self, name: &str) {
        self.tell(name);
    }

    fn named(&mut self, name: &ProjectName) {
        self.tell(&name.name);
    }
}

impl Context {
    /// Runs `work`, the whole of a command, with something that `load` gives without the engine. The engine
    /// is met meanwhile and asked what `ahead` asks, as soon as `load` has told its trace the project's
    /// name; a second time if the one that was presumed was wrong. A failure to load comes first and
    /// waits for no engine.
    pub(super) fn with_engine_ahead<'a, T: 'a, A: Future<Output = ()> + Send + 'static>(
        &self,
        signals: Signals,
        load: impl FnOnce(&mut dyn Trace) -> Result<T>,
        ahead: impl Fn(DockerEngine, String) -> A + Clone + Send + 'static,
        work: impl AsyncFnOnce(&'a mut T, &'a Met, Interrupt) -> Result,
    ) -> Result {
        let machine = Machine::new(&self.process.variables, &self.global.engine);
        let (runtime, settings) = (runtime()?, self.settings());
        let (told, names) = channel(Vec::new());
        let unwanted = CancellationToken::new();
        let (loaded, met) = std::thread::scope(|scope| {
            let meeting = scope.spawn(|| {
                let meeting = meet(&runtime, settings, &machine, names, ahead);
                runtime.block_on(unwanted.run_until_cancelled(meeting))
            });
            let loaded = load(&mut Announcement(told));
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
            work(to_the_end(loaded), to_the_end(met), interrupt).await
        })
    }
}

/// Keeps something until the process ends, which gives everything back at once: one piece after the other
/// takes a noticeable part of a run that has nothing to do.
pub(super) fn to_the_end<'a, T: 'a>(thing: T) -> &'a mut T {
    Box::leak(Box::new(thing))
}

/// Connects. What is asked once a name is known is answered when it is.
async fn meet<A: Future<Output = ()> + Send + 'static>(
    runtime: &Runtime,
    settings: Result<Settings>,
    machine: &Machine,
    names: Receiver<Vec<String>>,
    ahead: impl Fn(DockerEngine, String) -> A + Clone + Send + 'static,
) -> Result<Met> {
    let unmet = Unmet::new(settings?)?;
    let presumed = unmet.presumed()?;
    if let Some(presumed) = presumed.clone() {
        runtime.spawn(ask(presumed, names.clone(), ahead.clone()));
    }
    let engine = Arc::new(unmet.meet(machine).await?);
    if let Some(looking) = presumed.and_then(|presumed| engine.remembering_with(&presumed)) {
        return Ok(Met { engine, looking });
    }
    let looking = engine.remembering();
    runtime.spawn(ask(looking.clone(), names, ahead));
    Ok(Met { engine, looking })
}

/// Asks what `ahead` asks about each name there is and will be.
async fn ask<A: Future<Output = ()> + Send + 'static>(
    engine: DockerEngine,
    mut names: Receiver<Vec<String>>,
    ahead: impl Fn(DockerEngine, String) -> A,
) {
    let mut asked = 0;
    loop {
        for name in names.borrow_and_update().iter().skip(asked) {
            asked += 1;
            tokio::spawn(ahead(engine.clone(), name.clone()));
        }
        if names.changed().await.is_err() {
            break;
        }
    }
}
