//! What is to be taken out for which services.

use std::path::{Path, PathBuf};

use super::Fix;
use crate::platform::Platform;
use crate::platform::mend::{Change, NewValue, Refusal, Unflagged, Wanted, without_flag};
use crate::platform::subject::Place;
use crate::platform::verdict::{Cause, Code, Judgement, Verdict};

/// What is to be done for which services.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// What is to be mended in Compose files.
    pub(super) wanted: Wanted,
    /// Services that a `FROM` pins, with its place.
    pub(super) flags: Vec<(String, Place)>,
    /// Services whose image the engine has for another CPU, or whose containers were made from such a one.
    pub(super) stale: Vec<String>,
    /// Services whose platform is decided where `--fix` does not write, and what does.
    pub(super) refused: Vec<Refusal>,
    /// What is said of the others that were named.
    pub(super) notes: Vec<String>,
}

impl Targets {
    pub(super) fn of(fix: &Fix, judgements: &[Judgement], native: &Platform) -> Self {
        let mut targets = Self::default();
        for judgement in judgements {
            let named = fix.services.contains(&judgement.service);
            if named || (fix.services.is_empty() && !judgement.accepted) {
                targets.add(judgement, named, native);
            }
        }
        targets
    }

    fn add(&mut self, judgement: &Judgement, named: bool, native: &Platform) {
        let service = &judgement.service;
        // What cannot run as it is asked for may run natively; its causes say so.
        let mendable = matches!(judgement.verdict, Verdict::Needless | Verdict::CannotRun);
        let mut found = false;
        for Cause { code, place, .. } in judgement.causes.iter().filter(|_| mendable) {
            match (code, place) {
                (Code::Pinned, _) => self.wanted.unpinned.push(service.clone()),
                (Code::NotOffered, Some(_)) if judgement.native.is_some() => {
                    self.wanted.unpinned.push(service.clone());
                }
                (Code::PinnedFrom, Some(place)) => {
                    self.flags.push((service.clone(), place.clone()));
                }
                (Code::PinnedArgument, _) => self.add_argument(judgement),
                (Code::StaleImage, _) => self.stale.push(service.clone()),
                (Code::DefaultPlatform, _) => self.notes.push(format!(
                    "{service}: no file asks for its platform, DOCKER_DEFAULT_PLATFORM does: unset it"
                )),
                _ => continue,
            }
            found = true;
        }
        // What was mended before, and goes on as it was.
        let is_foreign = |running: &Platform| native.preference(running).is_none();
        if judgement.verdict == Verdict::Native && judgement.running.iter().any(is_foreign) {
            self.stale.push(service.clone());
            found = true;
        }
        if named && !found {
            let reason = judgement.causes.first().map(|cause| format!(": {}", cause.message));
            let reason = reason.unwrap_or_default();
            self.notes.push(match judgement.verdict {
                Verdict::Native => format!("{service} runs natively"),
                Verdict::Needed => format!("{service} must be emulated{reason}"),
                Verdict::Needless | Verdict::CannotRun | Verdict::Unknown => {
                    format!("{service}: there is nothing to take out of a file{reason}")
                }
            });
        }
    }
}

impl Targets {
    fn add_argument(&mut self, judgement: &Judgement) {
        let Some(argument) = &judgement.argument else { return };
        let service = judgement.service.clone();
        match &argument.native {
            Some(native) if argument.is_mendable() => self.wanted.arguments.push(NewValue {
                service,
                name: argument.name.clone(),
                value: native.clone(),
            }),
            _ => {
                let causes = judgement.causes.iter();
                let told = causes.filter(|cause| cause.code == Code::PinnedArgument);
                let mut told: Vec<_> = told.map(|cause| cause.message.clone()).collect();
                told.push(argument.remedy(&service));
                let reason = told.join(": ");
                self.refused.push(Refusal { service, reason });
            }
        }
    }
}

/// The Dockerfiles whose `FROM` names a platform, without that: in files of their own or in Compose files. `directory` is
/// the project's.
pub(super) fn without_flags(
    flags: &[(String, Place)],
    directory: &Path,
) -> (Vec<Change>, Vec<Refusal>) {
    let (mut changes, mut refused) = (Vec::new(), Vec::new());
    let mut flags: Vec<_> = flags.iter().collect();
    flags.sort_by(|(_, one), (_, other)| one.cmp(other));
    flags.dedup_by(|(_, one), (_, other)| one == other);
    for (service, place) in flags {
        if let Err(reason) = take_flag(&mut changes, directory.join(&place.file), place) {
            refused.push(Refusal { service: service.clone(), reason });
        }
    }
    (changes, refused)
}

fn take_flag(changes: &mut Vec<Change>, path: PathBuf, place: &Place) -> Result<(), String> {
    let known = changes.iter_mut().find(|change| change.path == path);
    let text = match &known {
        Some(change) => change.after.clone(),
        None => std::fs::read_to_string(&path)
            .map_err(|error| format!("{} cannot be read: {error}", place.file))?,
    };
    match without_flag(&text, place.line) {
        Unflagged::Text(after) => {
            match known {
                Some(change) => change.after = after,
                None => changes.push(Change { path, before: Some(text), after }),
            }
            Ok(())
        }
        Unflagged::Arguments(names) => Err(format!(
            "the platform of its `FROM` at {place} comes from the build argument {}: change that",
            names.join(", ")
        )),
        Unflagged::Nothing => Err(format!("no `FROM` with a platform stands at {place} any more")),
    }
}

/// What is to be written after both: a file that is in both was changed by the first ones before.
pub(super) fn joined(first: Vec<Change>, then: Vec<Change>) -> Vec<Change> {
    let mut changes = first;
    for change in then {
        match changes.iter_mut().find(|before| before.path == change.path) {
            Some(before) => before.after = change.after,
            None => changes.push(change),
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::How;

    fn judgement(service: &str, verdict: Verdict, causes: &[(Code, Option<Place>)]) -> Judgement {
        Judgement {
            service: service.to_owned(),
            image: "x".to_owned(),
            declared: None,
            offered: Vec::new(),
            chosen: None,
            running: Vec::new(),
            how: How::Qemu,
            verdict,
            accepted: service.starts_with("accepted"),
            causes: causes
                .iter()
                .map(|(code, place)| Cause {
                    code: *code,
                    message: "why".to_owned(),
                    place: place.clone(),
                })
                .collect(),
            argument: None,
            remedy: None,
            cost: None,
            risk: None,
            is_built: false,
            native: None,
        }
    }

    #[test]
    fn what_is_needless_is_mended_and_of_the_rest_is_told() {
        let place = Place { file: "Dockerfile".to_owned(), line: 1 };
        let both = [(Code::Pinned, None), (Code::PinnedFrom, Some(place.clone()))];
        let judgements = [
            judgement("a", Verdict::Needless, &[(Code::Pinned, None)]),
            judgement("accepted", Verdict::Needless, &[(Code::Pinned, None)]),
            judgement("b", Verdict::Needed, &[(Code::NoNativeVariant, None)]),
            judgement("c", Verdict::Needless, &[(Code::PinnedFrom, Some(place.clone()))]),
            judgement("d", Verdict::CannotRun, &[(Code::NoEmulator, None), (Code::Pinned, None)]),
            judgement("e", Verdict::Native, &[]),
            judgement("f", Verdict::Needless, &both),
        ];
        let native = Platform::new("linux", "arm64", "");
        let all = Targets::of(&Fix::default(), &judgements, &native);
        assert_eq!(
            (all.wanted.unpinned, all.notes.len()),
            (["a", "d", "f"].map(str::to_owned).to_vec(), 0)
        );
        assert_eq!(all.flags, ["c", "f"].map(|it| (it.to_owned(), place.clone())));
        let services = ["accepted", "b", "e"].map(str::to_owned).to_vec();
        let named = Targets::of(&Fix { services, ..Fix::default() }, &judgements, &native);
        assert_eq!(named.wanted.unpinned, ["accepted"]);
        assert_eq!(named.notes, ["b must be emulated: why", "e runs natively"]);
        let foreign = vec![Platform::new("linux", "amd64", "")];
        let left = Judgement { running: foreign, ..judgement("g", Verdict::Native, &[]) };
        assert_eq!(Targets::of(&Fix::default(), &[left], &native).stale, ["g"]);
    }
}
