//! Files that are listened to before their stack is up, so that what is saved meanwhile is not missed.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::task::JoinHandle;

use super::links;
use crate::cli::failure::{Failure, Result};
use crate::cli::outputs::outputs;
use crate::compose::model::Project;
use crate::watch::{Echoes, Files, Rule, WatchError};

/// Files that are listened to, or will be in a moment.
pub(super) struct Listening {
    /// What was asked for, and [what containers hold](links).
    pub(super) rules: Arc<[Rule]>,
    /// What is no change, since we do it ourselves.
    pub(super) echoes: Echoes,
    /// Since when.
    pub(super) since: SystemTime,
    files: Hearing,
}

enum Hearing {
    /// It is being begun.
    Soon(JoinHandle<std::result::Result<Files, WatchError>>),
    /// It has begun.
    Now(Box<Files>),
}

impl Listening {
    /// Begins to listen, beside whatever is done until the [files](Self::files) are wanted.
    pub(super) fn begin(project: &Project, rules: &[Rule]) -> Self {
        let rules: Arc<[Rule]> = all_rules(project, rules);
        let (echoes, since) = (Echoes::new(&outputs()), SystemTime::now());
        let files = {
            let (rules, echoes) = (Arc::clone(&rules), echoes.clone());
            Hearing::Soon(tokio::task::spawn_blocking(move || Files::without(rules, echoes)))
        };
        Self { rules, echoes, since, files }
    }

    /// Whether other rules are to be listened to by now: a link may lead elsewhere.
    pub(super) fn is_outdated(listened: &[Rule], project: &Project, rules: &[Rule]) -> bool {
        *listened != *all_rules(project, rules)
    }

    /// Waits until all of it is listened to.
    ///
    /// # Errors
    /// A system that gives no thread.
    pub(super) async fn begun(self) -> Result<Self> {
        let (rules, echoes, since) = (Arc::clone(&self.rules), self.echoes.clone(), self.since);
        let files = Hearing::Now(Box::new(self.files().await?));
        Ok(Self { rules, echoes, since, files })
    }

    /// What is listened to, once all of it is.
    ///
    /// # Errors
    /// As [`Listening::begun`].
    pub(super) async fn files(self) -> Result<Files> {
        match self.files {
            Hearing::Soon(files) => {
                let files = files.await.map_err(|error| Failure::new(error.to_string()))?;
                Ok(files?)
            }
            Hearing::Now(files) => Ok(*files),
        }
    }
}

/// What was asked for, and what containers hold.
fn all_rules(project: &Project, rules: &[Rule]) -> Arc<[Rule]> {
    let all = rules.iter().cloned().chain(links::rules(project));
    all.map(|rule| rule.within(&project.working_dir)).collect()
}
