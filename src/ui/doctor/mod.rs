//! What `doctor` has to tell of an engine: the report, and how it is drawn. Pure.

mod text;

use serde::Serialize;

pub use text::text;

/// The whole report, as programs read it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Where the engine is.
    pub endpoint: Option<Endpoint>,
    /// What was tried, where no engine answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Attempt>,
    /// What answered.
    pub engine: Option<Engine>,
    /// What builds images instead of the engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builder: Option<Builder>,
    /// What runs there, and by what.
    pub platforms: Vec<Platform>,
    /// What programs in containers hear of changes to files.
    pub file_events: Option<FileEvents>,
    /// The project, where there are files.
    pub project: Option<Project>,
    /// What is wrong, the worst first.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether something does not work.
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// Where an engine is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// As a URL.
    pub host: String,
    /// The context; `default` where none is in use.
    pub context: String,
    /// What decided on it, as a user would say it.
    pub origin: String,
}

/// A socket that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// As a URL.
    pub host: String,
    /// Whose it is, or what decided on it.
    pub what: String,
    /// What came of it.
    pub answer: String,
}

/// An engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Engine {
    /// The product.
    pub product: String,
    /// Release.
    pub version: String,
    /// Versions of the Engine API.
    pub api: Api,
    /// The Linux in which containers run.
    pub guest: Guest,
    /// How images are kept.
    pub images: Images,
    /// What builds: `buildkit`, `buildah` (Podman) or `classic`.
    pub builder: &'static str,
    /// By how many seconds its clock is ahead of this machine's.
    pub clock_ahead: Option<i64>,
    /// Room for images and volumes, where it can be seen.
    pub disk: Option<Disk>,
}

/// A builder of buildx.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Builder {
    /// Its name.
    pub name: String,
    /// Its driver: `docker-container`, `remote` …
    pub driver: String,
}

/// Versions of the Engine API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Api {
    /// The one in use.
    pub used: String,
    /// The oldest that the engine speaks.
    pub oldest: String,
    /// The newest.
    pub newest: String,
}

/// The Linux in which containers run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Guest {
    /// Its name and release.
    pub system: String,
    /// Kernel.
    pub kernel: String,
    /// Host name.
    pub name: String,
    /// Its platform.
    pub platform: String,
    /// CPUs.
    pub cpus: i64,
    /// Bytes of memory.
    pub memory: i64,
    /// Whether it is this machine.
    pub is_this_machine: bool,
    /// Whether the engine runs without root's rights.
    pub is_rootless: bool,
}

/// How images are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Images {
    /// `containerd` or `classic`.
    pub store: &'static str,
    /// The storage driver.
    pub driver: String,
}

/// Room for images and volumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// Directory of the engine.
    pub path: String,
    /// Bytes free.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
}

/// How a platform runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Platform {
    /// The platform.
    pub platform: String,
    /// `native`, `rosetta`, `qemu`, `none` or `unknown`.
    pub how: &'static str,
    /// The same in a sentence.
    #[serde(skip)]
    pub shown: String,
    /// The evidence.
    pub because: String,
    /// What to do where it does not run.
    pub remedy: Option<String>,
}

/// What programs in containers hear of changes to files that are made on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileEvents {
    /// `all`, `most`, `attributes`, `none`, `elsewhere` or `unknown`.
    pub arrival: &'static str,
    /// Why.
    pub because: String,
    /// What to do where not everything arrives.
    pub remedy: Option<String>,
}

/// A project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its services.
    pub services: Vec<Service>,
}

/// What a service runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name.
    pub service: String,
    /// Its image.
    pub image: String,
    /// The platform that it gets, where that is known.
    pub platform: Option<String>,
    /// How that runs.
    pub how: &'static str,
    /// The same in a sentence.
    #[serde(skip)]
    pub shown: String,
    /// Whether its image is built, and not pulled.
    #[serde(skip)]
    pub is_built: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not work.
    Error,
    /// Something may not work.
    Warning,
    /// Something to know.
    Note,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What: a sentence, no trailing period; may have more lines.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
}

/// The report as one JSON object.
pub fn json(report: &Report) -> String {
    // Texts, numbers and lists: there is nothing in it that JSON has not.
    serde_json::to_string_pretty(report).unwrap_or_default()
}
