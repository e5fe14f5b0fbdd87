//! What named the project.

use super::explanation::{Candidate, Outcome, Source};
use super::value::Values;
use super::variables::{Sight, Variables};
use crate::compose::source::NameSource;

impl Values<'_> {
    /// The project's name has sources of its own.
    pub(super) fn name(&self, candidates: &mut Vec<Candidate>) {
        let Some(named) = &self.record.named else { return };
        candidates.retain(|candidate| candidate.source == Source::File);
        let other = |source, written: String, value: &str| Candidate {
            source,
            place: None,
            written,
            value: Some(value.to_owned()),
            outcome: Outcome::Overridden,
            reason: String::new(),
            by: None,
            via: Vec::new(),
            made: Vec::new(),
            variables: Vec::new(),
        };
        let mut stronger = Vec::new();
        if let Some(flag) = self.request.project_name.as_deref().filter(|it| !it.is_empty()) {
            stronger.push(other(Source::Flag, format!("-p {flag}"), flag));
        }
        let variables = Variables { with_name: false, ..self.variables };
        let variable = variables.candidates("COMPOSE_PROJECT_NAME", Sight::of_part(0));
        stronger.extend(variable.into_iter().filter(|it| it.value.as_deref() != Some("")));
        let directory = self.project.and_then(|project| project.working_dir.file_name());
        let directory = directory.map(|name| name.to_string_lossy().into_owned());
        let weaker = directory.map(|name| other(Source::Directory, format!("{name}/"), &name));
        let (source, reason) = match named.source {
            NameSource::Flag => (Source::Flag, "`-p` comes before everything"),
            NameSource::Environment => {
                (Source::Shell, "COMPOSE_PROJECT_NAME comes before `name:` and the directory")
            }
            NameSource::Files => (Source::File, "the last file that has `name:`"),
            NameSource::Directory => {
                (Source::Directory, "nothing names the project, so its directory does")
            }
        };
        let mut all: Vec<Candidate> =
            stronger.into_iter().chain(std::mem::take(candidates)).chain(weaker).collect();
        let is_winner = |candidate: &Candidate| {
            candidate.source == source
                || (source == Source::Shell && candidate.source == Source::EnvFile)
        };
        let winner = all.iter().position(is_winner);
        for (index, candidate) in all.iter_mut().enumerate() {
            if Some(index) == winner {
                candidate.outcome = Outcome::Wins;
                reason.clone_into(&mut candidate.reason);
                if candidate.value.as_ref() != Some(&named.name) {
                    candidate.made.push(format!("in the form of project names: {:?}", named.name));
                }
            } else {
                candidate.outcome = Outcome::Overridden;
                candidate.made.clear();
                "something stronger names the project".clone_into(&mut candidate.reason);
            }
        }
        all.sort_by_key(|candidate| candidate.outcome != Outcome::Wins);
        *candidates = all;
    }
}
