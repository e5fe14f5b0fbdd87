//! A small engine in memory, for tests of how plans are carried out: seeded delays, refused calls,
//! answers that get lost, and event streams that break. It keeps the rules of a real engine that
//! matter here: names are unique, what is used cannot be removed, health comes with time.
//!
//! A test instrument only: behaviour is proved on real engines.

mod engine;
mod state;
mod tests;

use std::sync::{Arc, Mutex};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tokio::sync::mpsc;

use crate::engine::api::{ApiVersion, Description, EventActor, EventMessage};
use crate::engine::{EngineError, Result};
use state::State;

/// How often things go wrong, from 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    /// A call that changes something is refused.
    pub(super) refused: f64,
    /// A call that changes something is carried out, and its answer gets lost.
    pub(super) lost_answer: f64,
    /// An event gets lost, with the stream that should have carried it.
    pub(super) lost_event: f64,
}

/// An engine in memory.
pub(super) struct Simulation {
    description: Description,
    random: Mutex<SmallRng>,
    faults: Mutex<Faults>,
    state: Mutex<State>,
    listeners: Mutex<Vec<mpsc::UnboundedSender<Result<EventMessage>>>>,
}

impl Simulation {
    /// An engine that has the image `busybox` and nothing else. Its time goes on beside the other
    /// tasks until it is dropped.
    pub(super) fn new(seed: u64, api_version: ApiVersion) -> Arc<Self> {
        let engine = Arc::new(Self {
            description: Description {
                endpoint: "simulation".into(),
                api_version,
                os: "linux".into(),
                buildkit: true,
                server: String::new(),
                swarm_active: false,
            },
            random: Mutex::new(SmallRng::seed_from_u64(seed)),
            faults: Mutex::new(Faults::default()),
            state: Mutex::new(State::default()),
            listeners: Mutex::new(Vec::new()),
        });
        let clock = Arc::downgrade(&engine);
        tokio::spawn(async move {
            while let Some(engine) = clock.upgrade() {
                for happening in engine.with(State::tick) {
                    engine.emit(&happening);
                }
                drop(engine);
                tokio::task::yield_now().await;
            }
        });
        engine
    }

    /// From now on things go wrong as often as this.
    pub(super) fn set_faults(&self, faults: Faults) {
        *self.faults.lock().expect("no test panics while holding it") = faults;
    }

    /// Looks at or changes the state.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().expect("no test panics while holding it"))
    }

    fn chance(&self, probability: f64) -> bool {
        self.random.lock().expect("no test panics while holding it").random_bool(probability)
    }

    /// Lets other tasks go first, a random number of times.
    async fn delay(&self) {
        let turns =
            self.random.lock().expect("no test panics while holding it").random_range(0..12);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// A call that only looks.
    async fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        self.delay().await;
        self.with(|state| look(state))
    }

    /// A call that changes something; it gives what happened to which containers.
    async fn write<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<(T, Vec<Happening>)>,
    ) -> Result<T> {
        self.delay().await;
        let faults = *self.faults.lock().expect("no test panics while holding it");
        if self.chance(faults.refused) {
            return Err(refused("refused by the simulation"));
        }
        let (answer, happenings) = self.with(change)?;
        for happening in &happenings {
            self.emit(happening);
        }
        self.delay().await;
        if self.chance(faults.lost_answer) {
            return Err(EngineError::Broken {
                context: "read the answer".into(),
                reason: "lost by the simulation".into(),
            });
        }
        Ok(answer)
    }

    fn emit(&self, happening: &Happening) {
        let lost = self.faults.lock().expect("no test panics while holding it").lost_event;
        let message = EventMessage {
            kind: "container".into(),
            action: happening.action.into(),
            actor: EventActor { id: happening.container.clone(), ..EventActor::default() },
            time_nano: 1,
        };
        let mut listeners = self.listeners.lock().expect("no test panics while holding it");
        listeners.retain(|listener| {
            // Dropping the sender ends the stream.
            !self.chance(lost) && listener.send(Ok(message.clone())).is_ok()
        });
    }

    fn listen(&self) -> mpsc::UnboundedReceiver<Result<EventMessage>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners.lock().expect("no test panics while holding it").push(sender);
        receiver
    }
}

/// Something that happened to a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happening {
    pub(super) container: String,
    pub(super) action: &'static str,
}

/// A refusal.
pub(super) fn refused(message: &str) -> EngineError {
    EngineError::Refused { status: 500, message: message.to_owned() }
}
