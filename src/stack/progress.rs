//! What a run tells of itself while it goes on. The stack reports [`Event`]s and never prints;
//! `ui` decides how each is shown.

use super::course::{Course, Moment, Observation};

/// What an event is about. The name is the engine's (`shop-web-1`), not the file's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A container.
    Container(String),
    /// The files of a container: copied, made into an image or an archive. The container's name.
    Files(String),
    /// A network.
    Network(String),
    /// A volume.
    Volume(String),
    /// An image that is removed.
    Image(String),
    /// The pull of a service's image.
    Pull(String),
    /// The push of an image, by the name that is pushed.
    Push(String),
    /// The build of a service's image.
    Build(String),
    /// A service as a whole: one that is skipped, or one that a provider provides.
    Service(String),
    /// A model that services use.
    Model(String),
}

/// How far an activity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It goes on.
    Working,
    /// It ended well.
    Done,
    /// It ended, but not as asked.
    Warning,
    /// It failed.
    Error,
}

/// One change of state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is about.
    pub subject: Subject,
    /// A part of it with a progress of its own: a layer of a pull, a step of a build.
    pub part: Option<String>,
    /// How far it is.
    pub status: Status,
    /// One word or a few: `Creating`, `Created`, `Waiting`, `Healthy`, `Pulling fs layer`.
    pub text: String,
    /// More words: the cause, an error, the last line of output.
    pub details: String,
    /// Bytes or items done, and in all (0 when not known).
    pub progress: Option<(u64, u64)>,
    /// Whether lines leave it out: Docker Compose has none for it, and what it tells is told elsewhere.
    pub only_live: bool,
}

impl Event {
    /// An event without details.
    pub fn new(subject: Subject, status: Status, text: impl Into<String>) -> Self {
        Self {
            subject,
            part: None,
            status,
            text: text.into(),
            details: String::new(),
            progress: None,
            only_live: false,
        }
    }

    /// Told in a live view only.
    #[must_use]
    pub fn only_live(mut self) -> Self {
        self.only_live = true;
        self
    }

    /// With more words.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.details = details.into();
        self
    }
}

/// Takes what a run tells. Called from many tasks at once; must not block.
pub trait Report: Send + Sync {
    /// Something changed its state.
    fn event(&self, event: Event);
    /// A sentence that belongs to no subject, such as a warning about orphans.
    fn warning(&self, message: &str);
    /// A sentence for those who look for a mistake; shown with `--verbose` only.
    fn debug(&self, _message: &str) {}
    /// Output of a build step or a hook: whose, and one line without its end.
    fn output(&self, subject: &Subject, line: &str);
    /// A walk over a plan begins. One ends before the next begins.
    fn course(&self, _course: &Course) {}
    /// What became of a step of the course, by its number.
    fn step(&self, _step: usize, _moment: Moment) {}
    /// What was seen at the end of a step.
    fn observed(&self, _step: usize, _observation: Observation) {}
}
