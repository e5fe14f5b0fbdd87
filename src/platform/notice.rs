//! The line that is said of services which are emulated needlessly, or cannot run, wherever a stack
//! is brought up: one for each cause, and none of what is as it must be.

use std::collections::BTreeSet;

use super::How;
use super::subject::without_default_platform;
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

/// A cause of a verdict.
type Said<'a> = (&'a Judgement, &'a Cause);

/// What is to be said of these verdicts, in their order. What its owner accepts is not spoken of,
/// unless it cannot run at all.
pub fn notices<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Vec<Notice> {
    let mut notices: Vec<(Key, Vec<Said<'_>>)> = Vec::new();
    let judgements: Vec<&Judgement> = judgements.into_iter().collect();
    let worth: Vec<&Judgement> =
        judgements.iter().copied().filter(|judgement| is_worth_a_word(judgement)).collect();
    for said in worth.iter().copied().flat_map(spoken_of) {
        if is_of_base(said, &worth) || is_of_pin(said, &worth) {
            continue;
        }
        let key = key(said);
        match notices.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(said),
            None => notices.push((key, vec![said])),
        }
    }
    let told = notices.iter().filter_map(|(_, group)| {
        let sharers = of_sharers(group, &judgements);
        let text = format!("{}{sharers}{}", text(group)?, of_followers(group, &worth));
        let services = group.iter().map(|(judgement, _)| judgement.service.clone()).collect();
        Some(Notice { services, verdict: group.first()?.0.verdict, text })
    });
    let is_named = |it: &&Judgement| {
        notices.iter().any(|(_, group)| sharers(group, &judgements).any(|one| one == *it))
    };
    let unnamed = judgements.iter().copied().filter(|it| !is_named(it));
    told.chain(unnamed.filter_map(of_shared_name)).chain(of_clashes(&judgements)).collect()
}

/// What is said of services that ask for different platforms under one image name, whatever else is said or accepted.
fn of_clashes(judgements: &[&Judgement]) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    for judgement in judgements {
        let mut clashes = judgement.causes.iter().filter(|cause| cause.code == Code::NameClash);
        let Some(Cause { message, .. }) = clashes.next() else { continue };
        let service = judgement.service.clone();
        match notices.iter_mut().find(|notice| notice.text == *message) {
            Some(notice) => notice.services.push(service),
            None => notices.push(Notice {
                services: vec![service],
                verdict: judgement.verdict,
                text: message.clone(),
            }),
        }
    }
    notices
}

/// What is said of a service that would be native but for another one which has the image's name, and whose own emulation
/// is not spoken of.
fn of_shared_name(judgement: &Judgement) -> Option<Notice> {
    let cause = shared_name(judgement).filter(|_| is_by_name_alone(judgement))?;
    let remedy = judgement.remedy.as_ref().map(|remedy| format!("; {remedy}")).unwrap_or_default();
    Some(Notice {
        services: vec![judgement.service.clone()],
        verdict: judgement.verdict,
        text: format!("will be emulated needlessly: {}{remedy}", cause.message),
    })
}

/// Whether nothing but the pin of another service makes a service foreign.
fn is_by_name_alone(judgement: &Judgement) -> bool {
    judgement.first_code() == Some(Code::SharedName)
}

/// Why a service would be native, at once or after a pull, and will not.
fn shared_name(judgement: &Judgement) -> Option<&Cause> {
    judgement.causes.iter().find(|cause| cause.code == Code::SharedName && !judgement.accepted)
}

/// The causes that get a line: the first one, whose remedy mostly mends the others, too. A variable of the
/// environment does not, when it is taken away: what a Dockerfile pins is then still pinned.
fn spoken_of(judgement: &Judgement) -> Vec<Said<'_>> {
    let Some((first, others)) = judgement.causes.split_first() else { return Vec::new() };
    let is_own = |cause: &&Cause| match cause.code {
        Code::PinnedFrom | Code::PinnedArgument => true,
        Code::PinnedStage => judgement.is_to_be_built,
        _ => false,
    };
    let others = others.iter().filter(|_| first.code == Code::DefaultPlatform).filter(is_own);
    std::iter::once(first).chain(others).map(|cause| (judgement, cause)).collect()
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
    // The one is told with the pin or of its own, the other once it is known whether its containers go on.
    if judgement.is_foreign_by_others() {
        return false;
    }
    match judgement.verdict {
        Verdict::Needless => !judgement.accepted,
        Verdict::CannotRun => true,
        Verdict::Native | Verdict::Needed | Verdict::Unknown => false,
    }
}

/// Those that would be native but for a pin of the group: with it, they are mended, too.
fn sharers<'a>(group: &[Said<'_>], all: &[&'a Judgement]) -> impl Iterator<Item = &'a Judgement> {
    let is_of_them = |cause: &Cause| group.iter().any(|(_, pin)| pin.place == cause.place);
    all.iter().copied().filter(move |it| shared_name(it).is_some_and(is_of_them))
}

fn of_sharers(group: &[Said<'_>], all: &[&Judgement]) -> String {
    let sharers: Vec<&str> = sharers(group, all).map(|it| it.service.as_str()).collect();
    match &*sharers {
        [] => String::new(),
        [one] => format!(" ({one} uses the image's name and gets it, too)"),
        several => format!(" ({} use the image's name and get it, too)", several.join(", ")),
    }
}

/// Whether a cause is that of another service which has a line of its own: the one whose image is built upon.
fn is_of_base((judgement, cause): Said<'_>, worth: &[&Judgement]) -> bool {
    let is_base = |it: &&Judgement| judgement.base.as_ref() == Some(&it.service);
    cause.code == Code::ServiceBase && worth.iter().any(is_base)
}

/// Whether a cause is a copy that the pin of another service, which has a line of its own, brings again and again.
fn is_of_pin((judgement, cause): Said<'_>, worth: &[&Judgement]) -> bool {
    let is_told = |shared: &Cause| {
        let mut told = worth.iter().filter_map(|it| it.causes.first());
        told.any(|pin| pin.place == shared.place)
    };
    cause.code == Code::StaleImage && shared_name(judgement).is_some_and(is_told)
}

/// Services that are built upon the image of a group, whose first cause it is: they have no line of their own.
fn of_followers(group: &[Said<'_>], worth: &[&Judgement]) -> String {
    let follows = |it: &&&Judgement| {
        let is_first = |(base, cause): &Said<'_>| {
            it.base.as_ref() == Some(&base.service) && base.causes.first() == Some(*cause)
        };
        let of_base = it.causes.iter().any(|cause| cause.code == Code::ServiceBase);
        of_base && group.iter().any(is_first)
    };
    let told = |verdict: &dyn Fn(Verdict) -> bool, one: &str, several: &str| {
        let services = worth.iter().filter(follows).filter(|it| verdict(it.verdict));
        let names: Vec<&str> = services.map(|it| it.service.as_str()).collect();
        match &*names {
            [] => String::new(),
            [name] => format!(" ({name} {one})"),
            names => format!(" ({} {several})", names.join(", ")),
        }
    };
    let emulated = told(
        &|verdict| verdict != Verdict::CannotRun,
        "goes back to its image and is emulated, too",
        "go back to its image and are emulated, too",
    );
    let refused = told(
        &|verdict| verdict == Verdict::CannotRun,
        "goes back to its image and cannot be built",
        "go back to its image and cannot be built",
    );
    emulated + &refused
}

/// What makes two services one cause: the same line of a file, the same variable, the same image.
type Key = (Verdict, Code, String);

fn key((judgement, cause): Said<'_>) -> Key {
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

/// What mends one cause. The remedy of a verdict is for all of its causes.
fn remedy((judgement, cause): Said<'_>) -> Option<String> {
    if spoken_of(judgement).len() == 1 {
        return judgement.remedy.clone();
    }
    let service = &judgement.service;
    Some(match (cause.code, judgement.pin(cause)) {
        (Code::DefaultPlatform, _) => without_default_platform(cause.place.as_ref()),
        (_, Some(pin)) => pin.remedy(service),
        _ => format!("bireme platforms --fix {service}"),
    })
}

/// The service whose mending with `--fix` is all of a remedy.
fn fixed_with(remedy: &str) -> Option<&str> {
    let service = remedy.strip_prefix("bireme platforms --fix ")?;
    (!service.contains([' ', ';'])).then_some(service)
}

/// What mends all of a group: that of the first one, unless each has its own.
fn remedy_of_all(group: &[Said<'_>]) -> Option<String> {
    let (judgement, cause) = group.first()?;
    let remedies: Vec<String> = group.iter().filter_map(|said| remedy(*said)).collect();
    let services = remedies.iter().map(|it| fixed_with(it)).collect::<Option<BTreeSet<_>>>();
    match (cause.code, services) {
        (
            Code::Pinned | Code::PinnedFrom | Code::PinnedStage | Code::PinnedArgument,
            Some(services),
        ) if judgement.verdict == Verdict::Needless && services.len() > 1 => {
            let services: Vec<&str> = services.into_iter().collect();
            Some(format!("bireme platforms --fix {}", services.join(" ")))
        }
        (Code::DefaultPlatform, _) => change_for_all(&remedies),
        _ => remedies.into_iter().next(),
    }
}

/// One change for several services, and the commands behind it that replace what each of them has.
fn change_for_all(remedies: &[String]) -> Option<String> {
    let change = remedies.first()?.split("; ").next()?.to_owned();
    let mut commands: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for remedy in remedies {
        let renewals = remedy.split("; ").filter(|it| it.starts_with("bireme "));
        for (command, service) in renewals.filter_map(|renewal| renewal.rsplit_once(' ')) {
            match commands.iter_mut().find(|(other, _)| *other == command) {
                Some((_, services)) => _ = services.insert(service),
                None => commands.push((command, BTreeSet::from([service]))),
            }
        }
    }
    let commands = commands.into_iter().map(|(command, services)| {
        format!("; {command} {}", services.into_iter().collect::<Vec<_>>().join(" "))
    });
    Some(change + &commands.collect::<String>())
}

fn text(group: &[Said<'_>]) -> Option<String> {
    let (first, cause) = *group.first()?;
    let remedy = remedy_of_all(group).map(|remedy| format!("; {remedy}")).unwrap_or_default();
    if first.verdict == Verdict::CannotRun {
        let what = if first.is_of_stages { "be built" } else { "run" };
        return Some(format!("cannot {what} here: {}{remedy}", cause.message));
    }
    // The cause says everything, or how it runs was said of the first one.
    if first.is_of_stages || first.causes.first() != Some(cause) {
        return Some(format!("{}{remedy}", cause.message));
    }
    let native = first.native.as_ref().map(|native| match group {
        [_] if first.is_built => format!(", although it can be built for {native}"),
        [_] => format!(", although {} exists for {native}", first.image),
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
    use super::super::samples::{BOTH, built, guest, index, place, platform, stage, subject};
    use super::super::subject::{By, Fixed, Packages, Pin, Place, Request, Stage, Subject};
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
        let by_default = |name| judged(name, By::Environment(None), &BOTH, false);
        assert_eq!(
            said(&[by_default("a"), by_default("b")]),
            [
                "a, b: run emulated (QEMU) needlessly: DOCKER_DEFAULT_PLATFORM is linux/amd64, although \
              there is linux/arm64; unset DOCKER_DEFAULT_PLATFORM"
            ]
        );
        let stale = |service: &str, keeps_copies| {
            let by = By::Environment(None);
            let request = Some(Request { platform: platform("linux/amd64"), by });
            let (service, local) = (service.to_owned(), vec![platform("linux/amd64")]);
            let subject = subject(index(&BOTH));
            judge(&Subject { service, request, local, keeps_copies, ..subject }, &guest())
        };
        assert_eq!(
            said(&[stale("a", false), stale("b", true), by_default("c"), stale("d", false)]),
            [
                "a, b, c, d: run emulated (QEMU) needlessly: DOCKER_DEFAULT_PLATFORM is linux/amd64, although \
              there is linux/arm64; unset DOCKER_DEFAULT_PLATFORM; bireme pull a d; bireme pull --policy always b"
            ]
        );
    }

    #[test]
    fn what_a_dockerfile_pins_is_said_beside_the_environment() {
        let judged = |service: &str, stages: Vec<Stage>| {
            let request = Request { platform: platform("linux/amd64"), by: By::Environment(None) };
            let build = Some(built(stages, Packages::None));
            let service = service.to_owned();
            judge(
                &Subject { service, build, request: Some(request), ..subject(index(&BOTH)) },
                &guest(),
            )
        };
        let free = || stage("1", index(&BOTH), None);
        let pinned_at = |line, is_editable| {
            let place = Place { file: "Dockerfile".to_owned(), line };
            Some(Pin::Fixed(Box::new(Fixed {
                platform: platform("linux/amd64"),
                place,
                argument: None,
                is_editable,
            })))
        };
        let at = |line| pinned_at(line, true);
        let of_stage = || vec![stage("build", index(&BOTH), at(1)), free()];
        assert_eq!(
            said(&[
                judged("plain", vec![free()]),
                judged("web", of_stage()),
                judged("job", of_stage()),
                judged("base", vec![stage("0", index(&BOTH), at(9))]),
                judged("quoted", vec![stage("0", index(&BOTH), pinned_at(4, false))]),
            ]),
            [
                "plain, web, job, base, quoted: run emulated (QEMU) needlessly: DOCKER_DEFAULT_PLATFORM is linux/amd64, \
                 although there is linux/arm64; unset DOCKER_DEFAULT_PLATFORM",
                "web, job: stage build runs emulated (QEMU) needlessly: pinned to linux/amd64 at Dockerfile:1, \
                 although python:3.12 exists for linux/arm64; bireme platforms --fix job web",
                "base: its base is pinned to linux/amd64 at Dockerfile:9; bireme platforms --fix base",
                "quoted: its base is pinned to linux/amd64 at Dockerfile:4; change the `FROM` at Dockerfile:4 by hand, \
                 or write its Dockerfile as a block (`|`)",
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
