//! What was measured, kept for each engine in the user's state directory.

use std::path::PathBuf;

use crate::cli::process::Process;
use crate::cli::state;
use crate::compose::model::Project;
use crate::platform::cost::Measurement;
use crate::platform::verdict::Judgement;
use crate::survey::measure::what_runs;

/// Measurements that are kept for an engine; of more, the oldest go.
const MOST: usize = 200;
/// Bytes of a file that is read.
const LONGEST: u64 = 4 << 20;

/// The measurements on one engine.
pub(in crate::cli) struct Ledger {
    path: Option<PathBuf>,
    kept: Vec<Measurement>,
}

impl Ledger {
    /// What was measured on the engine at `endpoint`; nothing where that cannot be read.
    pub(in crate::cli) fn open(process: &Process, endpoint: &str) -> Self {
        let name = format!("{}.json", state::short_digest(endpoint));
        let path = state::directory(process).map(|state| state.join("measurements").join(name));
        let text = path.as_ref().and_then(|path| state::read(path, LONGEST));
        let kept = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { path, kept }
    }

    /// Adds what was measured, in the place of an earlier measurement of the same.
    ///
    /// # Errors
    /// What the operating system says.
    pub(in crate::cli) fn keep(&mut self, measurement: Measurement) -> std::io::Result<()> {
        let what = |it: &Measurement| (it.ids.clone(), it.command.clone(), it.own.clone());
        self.kept.retain(|other| what(other) != what(&measurement));
        self.kept.push(measurement);
        let beyond = self.kept.len().saturating_sub(MOST);
        self.kept.drain(..beyond);
        match &self.path {
            Some(path) => state::replace(path, &serde_json::to_vec(&self.kept)?),
            None => Ok(()),
        }
    }

    /// Writes beside each verdict on what is emulated what that costs, where it was measured with what the service
    /// runs. `now` is in seconds since 1970.
    pub(in crate::cli) fn add_costs(
        &self,
        judgements: &mut [Judgement],
        project: &Project,
        now: i64,
    ) {
        for judgement in judgements.iter_mut().filter(|judgement| judgement.how.is_emulated()) {
            let Some(platform) = judgement.chosen.as_ref().map(ToString::to_string) else {
                continue;
            };
            let Some(service) = project.services.get(&judgement.service) else { continue };
            let of_it = |one: &&Measurement| {
                let own = what_runs(service, &one.command, one.yardstick);
                one.image == judgement.image
                    && one.platform == platform
                    && one.own.as_ref() == Some(&own)
            };
            // The service's own command says more than one that was given.
            let newest =
                self.kept.iter().filter(of_it).max_by_key(|one| (one.command.is_empty(), one.at));
            judgement.cost = newest.and_then(|one| one.cost(now));
        }
    }
}
