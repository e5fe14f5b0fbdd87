//! The line that is said of services which are emulated needlessly, or cannot run, wherever a stack
//! is brought up: one for each cause, and none of what is as it must be.

use std::collections::BTreeSet;

use super::How;
use super::verdict::{Cause, Code, Judgement, Verdict};

/// What is said of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The services that it concerns.
    pub services: Vec<String>,
    /// What is said of them.
    pub verdict: Verdict,
    /// The line, without the services.
    pub text: String,
}

impl Notice {
    /// The whole line.
    pub fn line(&self) -> String {
        format!("{}: {}", self.services.join(", "), self.text)
    }
}

/// What is to be said of these verdicts, in their order. What its owner accepts is not spoken of,
/// unless it cannot run at all.
pub fn notices<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Vec<Notice> {
    let mut notices: Vec<(Key, Vec<&Judgement>)> = Vec::new();
    let judgements: Vec<&Judgement> = judgements.into_iter().collect();
    for judgement in judgements.iter().copied().filter(|judgement| is_worth_a_word(judgement)) {
        let key = key(judgement);
        match notices.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(judgement),
            None => notices.push((key, vec![judgement])),
        }
    }
    notices
        .into_iter()
        .filter_map(|(_, group)| {
            let text = format!("{}{}", text(&group)?, of_sharers(&group, &judgements));
            let services = group.iter().map(|judgement| judgement.service.clone()).collect();
            Some(Notice { services, verdict: group.first()?.verdict, text })
        })
        .collect()
}

/// What is to be said of data where emulated containers give way to native ones.
pub fn risks<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Vec<String> {
    let replaced = judgements.into_iter().filter(|it| it.how == How::Native);
    let line = |judgement: &Judgement| {
        let risk = judgement.risk.as_ref().filter(|risk| !risk.is_portable)?;
        Some(format!("{}: {}", judgement.service, risk.text))
    };
    replaced.filter_map(line).collect()
}

/// What is to be said of containers that go on under an emulator although the next ones will be native.
pub fn of_former_containers<'a>(
    judgements: impl IntoIterator<Item = &'a Judgement>,
) -> Vec<String> {
    let line = |judgement: &Judgement| {
        let cause = judgement.causes.iter().find(|cause| cause.code == Code::FormerContainer)?;
        let remedy = judgement.remedy.as_ref().map(|remedy| format!("; {remedy}"));
        let remedy = remedy.unwrap_or_default();
        Some(format!("{}: {}{remedy}", judgement.service, cause.message))
    };
    judgements.into_iter().filter(|judgement| !judgement.accepted).filter_map(line).collect()
}

fn is_worth_a_word(judgement: &Judgement) -> bool {
    // Of an image that is there no stage is run.
    if judgement.is_of_stages && !judgement.is_to_be_built {
        return false;
    }
    match judgement.verdict {
        Verdict::Needless => !judgement.accepted,
        Verdict::CannotRun => true,
        Verdict::Native | Verdict::Needed | Verdict::Unknown => false,
    }
}

/// Those that would be native but for a pin of the group: with it, they are mended, too.
fn of_sharers(group: &[&Judgement], all: &[&Judgement]) -> String {
    let pins: Vec<&Cause> = group.iter().filter_map(|judgement| judgement.causes.first()).collect();
    let is_of_them = |cause: &Cause| pins.iter().any(|pin| pin.place == cause.place);
    let is_one = |judgement: &Judgement| {
        let cause = judgement.causes.iter().find(|cause| cause.code == Code::SharedName);
        judgement.verdict == Verdict::Native && !judgement.accepted && cause.is_some_and(is_of_them)
    };
    let sharers: Vec<&str> =
        all.iter().filter(|it| is_one(it)).map(|it| it.service.as_str()).collect();
    match &*sharers {
        [] => String::new(),
        [one] => format!(" ({one} uses the image's name and gets it, too)"),
        several => format!(" ({} use the image's name and get it, too)", several.join(", ")),
    }
}

/// What makes two services one cause: the same line of a file, the same variable, the same image.
type Key = (Verdict, Code, String);

fn key(judgement: &Judgement) -> Key {
    let Some(cause) = judgement.causes.first() else {
        return (judgement.verdict, Code::OfferUnknown, judgement.service.clone());
    };
    let what = match (&cause.place, cause.code) {
        (Some(place), _) => place.to_string(),
        (None, Code::DefaultPlatform) => String::new(),
        (None, Code::NoEmulator) => {
            judgement.chosen.as_ref().map(ToString::to_string).unwrap_or_default()
        }
        (None, Code::StaleImage | Code::NoNativeVariant) => judgement.image.clone(),
        (None, _) => judgement.service.clone(),
    };
    (judgement.verdict, cause.code, what)
}

/// The service whose mending with `--fix` is all of its remedy.
fn fixed_with(judgement: &Judgement) -> Option<&str> {
    let service = judgement.remedy.as_deref()?.strip_prefix("bireme platforms --fix ")?;
    (!service.contains([' ', ';'])).then_some(service)
}

fn text(group: &[&Judgement]) -> Option<String> {
    let first = group.first()?;
    let cause = first.causes.first()?;
    let remedy = match (cause.code, group) {
        (
            Code::Pinned | Code::PinnedFrom | Code::PinnedStage | Code::PinnedArgument,
            [_, _, ..],
        ) if first.verdict == Verdict::Needless => group
            .iter()
            .map(|it| fixed_with(it))
            .collect::<Option<BTreeSet<_>>>()
            .map(|names| {
                format!(
                    "bireme platforms --fix {}",
                    names.into_iter().collect::<Vec<_>>().join(" ")
                )
            })
            .or_else(|| first.remedy.clone()),
        _ => first.remedy.clone(),
    };
    let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
    if first.verdict == Verdict::CannotRun {
        let what = if first.is_of_stages { "be built" } else { "run" };
        return Some(format!("cannot {what} here: {}{remedy}", cause.message));
    }
    if first.is_of_stages {
        // The cause says everything.
        return Some(format!("{}{remedy}", cause.message));
    }
    let native = first.native.as_ref().map(|native| match group {
        [one] if one.is_built => format!(", although it can be built for {native}"),
        [one] => format!(", although {} exists for {native}", one.image),
        _ => format!(", although there is {native}"),
    });
    let how = first.how.emulated();
    let cost = first.cost.as_ref().filter(|_| group.len() == 1);
    let cost = cost.map(|cost| format!(" ({})", cost.text)).unwrap_or_default();
    let native = native.unwrap_or_default();
    let run = if group.len() == 1 { "runs" } else { "run" };
    Some(format!("{run} {how} needlessly{cost}: {}{native}{remedy}", cause.message))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{BOTH, guest, index, place, platform, subject};
    use super::super::subject::{By, Request, Subject};
    use super::super::verdict::judge;
    use super::*;

    fn judged(service: &str, by: By, offered: &[&str], accepted: bool) -> Judgement {
        let service = service.to_owned();
        let request = Some(Request { platform: platform("linux/amd64"), by });
        judge(&Subject { service, request, accepted, ..subject(index(offered)) }, &guest())
    }

    fn line(number: u32) -> By {
        By::Service(Some(place(number)))
    }

    fn said(judgements: &[Judgement]) -> Vec<String> {
        notices(judgements).iter().map(Notice::line).collect()
    }

    #[test]
    fn one_line_for_one_cause() {
        let one = judged("db", line(7), &BOTH, false);
        assert_eq!(
            said(std::slice::from_ref(&one)),
            [
                "db: runs emulated (QEMU) needlessly: pinned to linux/amd64 at compose.yaml:7, although \
              postgres:16 exists for linux/arm64; bireme platforms --fix db"
            ]
        );
        let shared = judged("replica", line(7), &BOTH, false);
        let other = judged("cache", line(9), &BOTH, false);
        assert_eq!(
            said(&[one, other, shared]),
            [
                "db, replica: run emulated (QEMU) needlessly: pinned to linux/amd64 at \
                 compose.yaml:7, although there is linux/arm64; bireme platforms --fix db replica",
                "cache: runs emulated (QEMU) needlessly: pinned to linux/amd64 at compose.yaml:9, \
                 although postgres:16 exists for linux/arm64; bireme platforms --fix cache",
            ]
        );
        let by_default = |name| judged(name, By::Environment, &BOTH, false);
        assert_eq!(
            said(&[by_default("a"), by_default("b")]),
            [
                "a, b: run emulated (QEMU) needlessly: DOCKER_DEFAULT_PLATFORM is linux/amd64, although \
              there is linux/arm64; unset DOCKER_DEFAULT_PLATFORM"
            ]
        );
    }

    #[test]
    fn what_must_be_and_what_is_accepted_is_not_spoken_of() {
        let needed = judged("a", line(1), &["linux/amd64"], false);
        let accepted = judged("b", line(2), &BOTH, true);
        assert_eq!(said(&[needed, accepted]), [""; 0]);
    }

    #[test]
    fn containers_that_go_on_emulated_are_told() {
        let running = vec![platform("linux/amd64")];
        let former = Subject { running, ..subject(index(&BOTH)) };
        let accepted = Subject { accepted: true, ..former.clone() };
        let judged = [former, accepted, subject(index(&BOTH))].map(|it| judge(&it, &guest()));
        assert_eq!(said(&judged), [""; 0]);
        assert_eq!(
            of_former_containers(&judged),
            [
                "db: its containers are still of linux/amd64 and run under QEMU: the next ones will be native; \
              bireme platforms --fix db"
            ]
        );
    }
}
