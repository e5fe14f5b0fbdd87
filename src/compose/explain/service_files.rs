//! What the env files and label files of a service say, beside its Compose files.

use super::explanation::{Candidate, Outcome, Source};
use super::path::Step;
use super::record::Line;
use super::value::Values;
use super::variables::Sight;

impl Values<'_> {
    /// Adds what the env files and label files of a service say.
    pub(super) fn files_of_service(
        &self,
        steps: &[Step],
        candidates: &mut Vec<Candidate>,
        collection: bool,
    ) {
        let [Step::Key(section), Step::Key(service), Step::Key(attribute), rest @ ..] = steps
        else {
            return;
        };
        let (lines, source) = match attribute.as_str() {
            "environment" => (&self.record.environments, Source::EnvFile),
            "labels" => (&self.record.labels, Source::LabelFile),
            _ => return,
        };
        let Some(lines) = lines.get(service).filter(|_| section == "services") else { return };
        let asked = match rest {
            [] => None,
            [Step::Key(name)] => Some(name),
            _ => return,
        };
        let kind = if source == Source::EnvFile { "env_file" } else { "label_file" };
        if asked.is_none() && collection {
            return candidates.extend(self.whole_files(lines, candidates, source));
        }
        let wanted = lines.iter().enumerate().filter(|(_, line)| Some(&line.name) == asked);
        let own = candidates.iter().find(|it| it.outcome == Outcome::Wins).cloned();
        let mut winner: Option<Candidate> = own.clone();
        for (number, line) in wanted.rev() {
            let mut candidate = self.line(line, source);
            let sight = Sight::Service { service, source, number };
            candidate.variables = self.variables.uses_in_line(line, sight);
            match &winner {
                None => candidate.reason = format!("`{attribute}` does not say it, `{kind}` does"),
                Some(winner) => {
                    candidate.outcome = Outcome::Overridden;
                    candidate.by.clone_from(&winner.place);
                    let file = |it: &Candidate| it.place.as_ref().map(|place| place.file.clone());
                    candidate.reason = if own.is_some() {
                        format!("`{attribute}` wins over `{kind}`")
                    } else if file(winner) == file(&candidate) {
                        "a later line wins".to_owned()
                    } else {
                        format!("a later file of `{kind}` wins")
                    };
                }
            }
            if winner.is_none() {
                winner = Some(candidate.clone());
                candidates.insert(0, candidate);
            } else {
                candidates.push(candidate);
            }
        }
    }

    fn line(&self, line: &Line, source: Source) -> Candidate {
        Candidate {
            source,
            place: self.places.of(line.span),
            written: self.places.excerpt(line.span),
            value: Some(line.value.clone()),
            outcome: Outcome::Wins,
            reason: String::new(),
            by: None,
            via: Vec::new(),
            made: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// One candidate for each file, for a mapping as a whole.
    fn whole_files(&self, lines: &[Line], own: &[Candidate], source: Source) -> Vec<Candidate> {
        let mut files: Vec<(crate::diagnostic::FileId, usize)> = Vec::new();
        for line in lines {
            match files.iter_mut().find(|(file, _)| *file == line.span.file) {
                Some((_, count)) => *count += 1,
                None => files.push((line.span.file, 1)),
            }
        }
        let first = |file| lines.iter().find(|line| line.span.file == file);
        files
            .into_iter()
            .filter_map(|(file, count)| {
                let line = first(file)?;
                let plural = if count == 1 { "" } else { "s" };
                Some(Candidate {
                    written: format!("{count} variable{plural}"),
                    value: None,
                    outcome: Outcome::Kept,
                    reason: if own.is_empty() {
                        String::new()
                    } else {
                        "what is not said elsewhere".to_owned()
                    },
                    ..self.line(line, source)
                })
            })
            .collect()
    }
}
