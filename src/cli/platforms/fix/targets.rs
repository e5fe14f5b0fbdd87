//! What is to be taken out for which services.

use std::path::{Path, PathBuf};

use super::Fix;
use crate::platform::Platform;
use crate::platform::mend::{Change, Edited, NewValue, Refusal, Wanted, with_platform};
use crate::platform::subject::{Place, without_default_platform};
use crate::platform::verdict::{Cause, Code, Judgement, Verdict};

/// What is to be done for which services.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// What is to be mended in Compose files.
    pub(super) wanted: Wanted,
    /// What is to be changed in `FROM`s.
    pub(super) flags: Vec<Flag>,
    /// Services whose image the engine has for another CPU, or whose containers were made from such a one.
    pub(super) stale: Vec<String>,
    /// Services whose platform is decided where `--fix` does not write, and what does.
    pub(super) refused: Vec<Refusal>,
    /// What is said of the others that were named.
    pub(super) notes: Vec<String>,
}

/// A `FROM` that pins a service, or a stage of its build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flag {
    /// Where it is.
    pub(super) place: Place,
    /// What becomes of its platform.
    pub(super) becomes: Becomes,
    /// The service.
    pub(super) service: String,
}

/// What becomes of the platform that a `FROM` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Becomes {
    /// It is taken out: the image is of the platform that is built for.
    Nothing,
    /// The builder's own. A stage that was fixed to one makes the same for every platform, and goes on to.
    Builders,
}

impl Targets {
    pub(super) fn of(fix: &Fix, judgements: &[Judgement], native: &Platform) -> Self {
        let mut targets = Self::default();
        let is_meant = |it: &Judgement| {
            fix.services.contains(&it.service) || (fix.services.is_empty() && !it.accepted)
        };
        for judgement in judgements.iter().filter(|it| is_meant(it)) {
            let named = fix.services.contains(&judgement.service);
            let mut bases =
                judgements.iter().filter(|it| judgement.base.as_ref() == Some(&it.service));
            targets.add(judgement, named, bases.any(is_meant), native);
        }
        let accepted = judgements.iter().filter(|it| it.accepted);
        for other in accepted.filter(|it| !fix.services.contains(&it.service)) {
            targets.leave_to(other);
        }
        targets.notes.extend(left_out(fix, judgements));
        targets
    }

    /// Leaves the `FROM`s that another service has, too, and keeps.
    fn leave_to(&mut self, other: &Judgement) {
        let is_its = |flag: &mut Flag| {
            other.causes.iter().any(|cause| {
                // That of a base is not its own.
                cause.code != Code::ServiceBase && cause.place.as_ref() == Some(&flag.place)
            })
        };
        for Flag { place, service, .. } in self.flags.extract_if(.., is_its) {
            let reason = format!(
                "the `FROM` at {place} is also that of {}, whose emulation is accepted",
                other.service
            );
            self.refused.push(Refusal { service, reason });
        }
    }

    /// `has_mended_base` is whether the service whose image it goes back to is mended.
    fn add(
        &mut self,
        judgement: &Judgement,
        named: bool,
        has_mended_base: bool,
        native: &Platform,
    ) {
        let service = &judgement.service;
        // What cannot run as it is asked for may run natively; its causes say so.
        let mendable = matches!(judgement.verdict, Verdict::Needless | Verdict::CannotRun);
        if let Some(reason) = kept_by_another(judgement) {
            self.refused.push(Refusal { service: service.clone(), reason });
            return;
        }
        let asks_itself = judgement.causes.iter().any(|cause| cause.code == Code::Pinned);
        let mut found = false;
        for Cause { code, place, .. } in judgement.causes.iter().filter(|_| mendable) {
            match (code, place) {
                // Without its pin the engine would take no image of the index.
                (Code::Pinned, _) if !judgement.is_built && judgement.native.is_none() => continue,
                (Code::Pinned, _) if self.wanted.unpinned.contains(service) => continue,
                (Code::Pinned, _) => self.wanted.unpinned.push(service.clone()),
                (Code::NotOffered, Some(_)) if judgement.native.is_some() => {
                    self.wanted.unpinned.push(service.clone());
                }
                (Code::PinnedFrom, Some(place)) => {
                    self.add_flag(service, place, Becomes::Nothing);
                }
                (Code::PinnedStage, Some(place)) => {
                    self.add_flag(service, place, Becomes::Builders);
                }
                (Code::PinnedArgument, _) => self.add_arguments(judgement),
                (Code::StaleImage, _) => self.stale.push(service.clone()),
                // It becomes what its base becomes.
                (Code::ServiceBase, _) if has_mended_base && !judgement.is_of_stages => {
                    self.stale.push(service.clone());
                }
                // What holds when the pin is gone is told with what stays emulated.
                (Code::DefaultPlatform, _) if asks_itself => continue,
                (Code::DefaultPlatform, place) => self.refused.push(Refusal {
                    service: service.clone(),
                    reason: format!(
                        "no Compose file asks for its platform, DOCKER_DEFAULT_PLATFORM does: {}",
                        without_default_platform(place.as_ref())
                    ),
                }),
                _ => continue,
            }
            found = true;
        }
        // What was mended before, or by the mending of who has the name, too, and goes on as it was.
        let is_foreign = |running: &Platform| native.preference(running).is_none();
        let is_native_next =
            judgement.verdict == Verdict::Native || judgement.is_foreign_by_others();
        if is_native_next && judgement.running.iter().any(is_foreign) {
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
    fn add_flag(&mut self, service: &str, place: &Place, becomes: Becomes) {
        self.flags.push(Flag { place: place.clone(), becomes, service: service.to_owned() });
    }

    /// All of a service; more than once is no more.
    fn add_arguments(&mut self, judgement: &Judgement) {
        for argument in judgement.arguments() {
            let service = judgement.service.clone();
            if let (Some(native), true) = (&argument.native, argument.is_mendable()) {
                let name = argument.name.clone();
                let new = NewValue { service, name, value: native.clone() };
                if !self.wanted.arguments.contains(&new) {
                    self.wanted.arguments.push(new);
                }
                continue;
            }
            let is_of = |cause: &&Cause| {
                let place = argument.place();
                cause.code == Code::PinnedArgument
                    && (place.is_none() || cause.place.as_ref() == place)
            };
            let told = judgement.causes.iter().filter(is_of).map(|cause| cause.message.clone());
            let reason: Vec<_> = told.chain([argument.remedy(&service)]).collect();
            let refusal = Refusal { service, reason: reason.join(": ") };
            if !self.refused.contains(&refusal) {
                self.refused.push(refusal);
            }
        }
    }
}

/// Why a service gets what another one asks for, which is not to be mended.
fn kept_by_another(judgement: &Judgement) -> Option<String> {
    let shared = judgement.causes.iter().find(|cause| cause.code == Code::SharedName)?;
    let remedy = judgement.remedy.as_ref().filter(|it| !it.starts_with(super::COMMAND))?;
    Some(format!("{}: {remedy}", shared.message))
}

/// What is said of services that were not named, and that the same would mend.
fn left_out(fix: &Fix, judgements: &[Judgement]) -> Option<String> {
    let is_left = |it: &&Judgement| {
        let command = format!("bireme platforms --fix {}", it.service);
        let is_mended = it.remedy.as_ref() == Some(&command);
        is_mended && !it.accepted && !fix.services.contains(&it.service)
    };
    let left = judgements.iter().filter(|_| !fix.services.is_empty()).filter(is_left);
    let left: Vec<&str> = left.map(|judgement| judgement.service.as_str()).collect();
    let verb = if left.len() == 1 { "is" } else { "are" };
    (!left.is_empty()).then(|| {
        format!(
            "{} {verb} emulated needlessly, too: bireme platforms --fix {}",
            left.join(", "),
            left.join(" ")
        )
    })
}

/// The Dockerfiles whose `FROM` names a platform, mended: in files of their own or in Compose files, where a `$` is
/// doubled. `directory` is the project's.
pub(super) fn mended_flags(
    flags: &[Flag],
    directory: &Path,
    is_compose_file: &dyn Fn(&Path) -> bool,
    is_others: &dyn Fn(&Path) -> bool,
) -> (Vec<Change>, Vec<Refusal>) {
    let (mut changes, mut refused) = (Vec::new(), Vec::new());
    let mut flags: Vec<_> = flags.iter().collect();
    flags.sort();
    // What an image is pinned by is taken out, whatever stages it pins besides.
    flags.dedup_by(|one, other| one.place == other.place);
    for Flag { place, becomes, service } in flags {
        let path = directory.join(&place.file);
        if is_others(&path) {
            let reason = format!(
                "the `FROM` at {place} is in other people's code: change it there, or use a Dockerfile of your own"
            );
            refused.push(Refusal { service: service.clone(), reason });
            continue;
        }
        let platform = match becomes {
            Becomes::Nothing => None,
            Becomes::Builders if is_compose_file(&path) => Some("$$BUILDPLATFORM"),
            Becomes::Builders => Some("$BUILDPLATFORM"),
        };
        let is_inline = is_compose_file(&path);
        if let Err(reason) = mend_flag(&mut changes, path, place, platform, is_inline) {
            refused.push(Refusal { service: service.clone(), reason });
        }
    }
    (changes, refused)
}

fn mend_flag(
    changes: &mut Vec<Change>,
    path: PathBuf,
    place: &Place,
    platform: Option<&str>,
    is_inline: bool,
) -> Result<(), String> {
    let known = changes.iter_mut().find(|change| change.path == path);
    let text = match &known {
        Some(change) => change.after.clone(),
        None => std::fs::read_to_string(&path)
            .map_err(|error| format!("{} cannot be read: {error}", place.file))?,
    };
    match with_platform(&text, place.line, platform) {
        Edited::Text(after) => {
            match known {
                Some(change) => change.after = after,
                None => changes.push(Change { path, before: Some(text), after }),
            }
            Ok(())
        }
        Edited::Arguments(names) => Err(format!(
            "the platform of its `FROM` at {place} comes from the build argument {}: change that",
            names.join(", ")
        )),
        Edited::Nothing if is_inline => Err(format!(
            "the Dockerfile at {place} is not in a block (`|`), so its `FROM` must be changed by hand"
        )),
        Edited::Nothing => Err(format!("no `FROM` with a platform stands at {place} any more")),
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
pub(super) mod testing {
    use super::*;
    use crate::platform::How;

    pub(in crate::cli::platforms::fix) fn judgement(
        service: &str,
        verdict: Verdict,
        causes: &[(Code, Option<Place>)],
    ) -> Judgement {
        Judgement {
            service: service.to_owned(),
            image: "x".to_owned(),
            declared: None,
            offered: Vec::new(),
            chosen: None,
            running: Vec::new(),
            how: How::Qemu,
            verdict,
            is_of_stages: false,
            accepted: service.starts_with("accepted"),
            causes: causes
                .iter()
                .map(|(code, place)| Cause {
                    code: *code,
                    message: "why".to_owned(),
                    place: place.clone(),
                })
                .collect(),
            pins: Vec::new(),
            remedy: None,
            cost: None,
            former: None,
            risk: None,
            is_built: false,
            is_to_be_built: false,
            base: None,
            native: Some(Platform::new("linux", "arm64", "")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::judgement;
    use super::*;

    #[test]
    fn a_dockerfile_of_others_is_left_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let text = "FROM --platform=linux/amd64 alpine\n";
        for name in ["own", "vendor/x"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("Dockerfile"), text).unwrap();
        }
        let flags = ["own", "vendor/x"].map(|name| Flag {
            place: Place { file: format!("{name}/Dockerfile"), line: 1 },
            becomes: Becomes::Nothing,
            service: name.to_owned(),
        });
        let others = |path: &Path| path.starts_with(folder.path().join("vendor"));
        let (changes, refused) = mended_flags(&flags, folder.path(), &|_| false, &others);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].after, "FROM alpine\n");
        let refused: Vec<&str> = refused.iter().map(|it| it.service.as_str()).collect();
        assert_eq!(refused, ["vendor/x"]);
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
        let flag = |service: &str, becomes| Flag {
            place: place.clone(),
            becomes,
            service: service.to_owned(),
        };
        assert_eq!(all.flags, ["c", "f"].map(|it| flag(it, Becomes::Nothing)));
        let stage = [(Code::PinnedStage, Some(place.clone()))];
        let stage = [judgement("h", Verdict::Needless, &stage)];
        let flags = Targets::of(&Fix::default(), &stage, &native).flags;
        assert_eq!(flags, [flag("h", Becomes::Builders)]);
        let shared = [(Code::PinnedFrom, Some(place.clone()))];
        let shared = ["a", "accepted"].map(|it| judgement(it, Verdict::Needless, &shared));
        let left = Targets::of(&Fix::default(), &shared, &native);
        assert!(left.flags.is_empty() && left.refused[0].reason.contains("that of accepted"));
        let services = ["a", "accepted"].map(str::to_owned).to_vec();
        let both = Targets::of(&Fix { services, ..Fix::default() }, &shared, &native);
        assert_eq!((both.flags.len(), both.refused.len()), (2, 0));
        let services = ["accepted", "b", "e"].map(str::to_owned).to_vec();
        let named = Targets::of(&Fix { services, ..Fix::default() }, &judgements, &native);
        assert_eq!(named.wanted.unpinned, ["accepted"]);
        assert_eq!(named.notes, ["b must be emulated: why", "e runs natively"]);
        let fix = |it: &Judgement| Some(format!("bireme platforms --fix {}", it.service));
        let with_remedies: Vec<Judgement> =
            judgements.iter().map(|it| Judgement { remedy: fix(it), ..it.clone() }).collect();
        let services = ["b", "d", "e", "f"].map(str::to_owned).to_vec();
        let some = Targets::of(&Fix { services, ..Fix::default() }, &with_remedies, &native);
        assert_eq!(
            some.notes.last().map(String::as_str),
            Some("a, c are emulated needlessly, too: bireme platforms --fix a c")
        );
        assert_eq!(Targets::of(&Fix::default(), &with_remedies, &native).notes, [""; 0]);
        // Without its pin the engine would take nothing.
        let bound = judgement("h", Verdict::Needless, &[(Code::Pinned, None)]);
        let bound = [Judgement { native: None, ..bound }];
        assert!(Targets::of(&Fix::default(), &bound, &native).wanted.unpinned.is_empty());
        let foreign = vec![Platform::new("linux", "amd64", "")];
        let left = Judgement { running: foreign, ..judgement("g", Verdict::Native, &[]) };
        assert_eq!(Targets::of(&Fix::default(), &[left], &native).stale, ["g"]);
    }
}
