//! Where the last runs are kept: a small file for each project of each engine, in the user's state
//! directory. Nothing but `timeline` reads it, and a run goes on as well without it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::process::Process;
use crate::cli::state;
use crate::stack::timeline::Timeline;

/// Projects that are remembered; of more, those that were not touched for longest are forgotten.
const MOST_FILES: usize = 100;
/// Bytes of a record that is read or written; a hundred services need a tenth.
const LONGEST: u64 = 4 << 20;

/// The last runs of a project.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::cli) struct Runs {
    /// The last that brought something up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) start: Option<Timeline>,
    /// The last that took something down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) stop: Option<Timeline>,
}

/// The file of a project.
pub(in crate::cli) struct Store(PathBuf);

impl Store {
    /// The file of a project of the engine at `endpoint`; `None` for a user without a home.
    pub(in crate::cli) fn of(process: &Process, endpoint: &str, project: &str) -> Option<Self> {
        let name =
            format!("{project}-{}.json", state::short_digest(&format!("{endpoint}\n{project}")));
        let path = state::directory(process)?.join("timelines").join(name);
        Some(Self(path))
    }

    /// What is kept; nothing where that cannot be read.
    pub(in crate::cli) fn read(&self) -> Runs {
        let text = state::read(&self.0, LONGEST);
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Keeps a run in the place of the last of its kind.
    ///
    /// # Errors
    /// What the operating system says.
    pub(in crate::cli) fn keep(&self, timeline: &Timeline) -> std::io::Result<()> {
        let mut runs = self.read();
        let place = if timeline.is_teardown() { &mut runs.stop } else { &mut runs.start };
        *place = Some(timeline.clone());
        let text = serde_json::to_vec(&runs)?;
        state::replace(&self.0, &text)?;
        let Some(directory) = self.0.parent() else { return Ok(()) };
        forget(directory)
    }
}

/// Removes the oldest records beyond the bound.
fn forget(directory: &Path) -> std::io::Result<()> {
    let mut files: Vec<_> = std::fs::read_dir(directory)?
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let beyond = files.len().saturating_sub(MOST_FILES);
    for (_, path) in files.into_iter().take(beyond) {
        std::fs::remove_file(path)?;
    }
    Ok(())
}
