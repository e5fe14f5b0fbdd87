//! Services that use one image name for different platforms, on an engine that keeps one image under a name.

use super::super::subject::Subject;
use super::super::{Guest, How, Matching};
use super::{Cause, Code, Judgement, Verdict};
use crate::compose::image_name::is_same_image;

/// Enters what the pin of one service does to the others that use its image without asking for a platform. Both slices are
/// in the same order.
///
/// A classic store moves the name to what was pulled last, and containers of whoever asks for nothing are made of that.
/// What is asked for is pulled last: otherwise the service that asks could not be made.
pub fn share_names(subjects: &[Subject], judgements: &mut [Judgement], guest: &Guest) {
    if guest.matching == Matching::Strict {
        return;
    }
    enter_clashes(judgements);
    let pins: Vec<Judgement> =
        judgements.iter().filter(|it| it.declared.is_some() && is_foreign(it)).cloned().collect();
    for (subject, judgement) in subjects.iter().zip(judgements) {
        let shares = |pin: &&Judgement| is_same_image(&pin.image, &judgement.image);
        let is_free = subject.request.is_none() && subject.build.is_none();
        if is_free
            && is_to_change(judgement)
            && let Some(pin) = pins.iter().find(shares)
        {
            enter(pin, judgement);
        }
    }
}

/// Enters that services ask for different platforms under one name, in the same words for all of them: what is pulled last
/// has the name, and a container of another platform cannot be created then.
fn enter_clashes(judgements: &mut [Judgement]) {
    let asks = |it: &&Judgement| {
        let is_there = !it.causes.iter().any(|cause| cause.code == Code::NotOffered);
        it.declared.is_some() && it.chosen.is_some() && !it.is_built && is_there
    };
    let asking: Vec<Judgement> = judgements.iter().filter(asks).cloned().collect();
    for judgement in judgements.iter_mut().filter(|it| asks(&&**it)) {
        let of_name = |it: &&Judgement| is_same_image(&it.image, &judgement.image);
        let group: Vec<&Judgement> = asking.iter().filter(of_name).collect();
        if group.iter().any(|other| other.chosen != judgement.chosen) {
            judgement.causes.push(clash(&group));
        }
    }
}

fn clash(group: &[&Judgement]) -> Cause {
    // Where all is native once needless pins are gone, what takes these away is told with them.
    let is_mended =
        |it: &&Judgement| it.how == How::Native || it.verdict == Verdict::Needless && !it.accepted;
    let remedy = if group.iter().all(is_mended) {
        ""
    } else {
        "; name the images by different tags, or by the digest of each platform's own image"
    };
    let asked = group.iter().filter_map(|it| {
        let (service, platform) = (&it.service, it.chosen.as_ref()?);
        Some(format!("{platform} for {service}"))
    });
    let (image, asked) = (&group[0].image, asked.collect::<Vec<_>>().join(" and "));
    Cause {
        code: Code::NameClash,
        message: format!(
            "{image} is asked for as {asked}, and the engine keeps one platform under a name: what is pulled last has it, \
             and a container of another platform cannot be created then{remedy}"
        ),
        place: None,
    }
}

/// Whether a service is thought to be native now, or once its image is pulled anew.
fn is_to_change(judgement: &Judgement) -> bool {
    is_native_by_itself(judgement)
        || judgement.causes.iter().any(|cause| cause.code == Code::StaleImage)
}

/// Whether its next containers are thought to be native.
fn is_native_by_itself(judgement: &Judgement) -> bool {
    judgement.verdict == Verdict::Native || judgement.first_code() == Some(Code::FormerContainer)
}

/// Whether a service gets, by a pull, an image that is not native.
fn is_foreign(judgement: &Judgement) -> bool {
    !judgement.is_built && judgement.how.is_emulated() && judgement.verdict == Verdict::Needless
}

fn enter(pin: &Judgement, judgement: &mut Judgement) {
    let Some(platform) = &pin.chosen else { return };
    let by = &pin.service;
    let place = pin.causes.first().and_then(|cause| cause.place.clone());
    let at = place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
    let cause = Cause {
        code: Code::SharedName,
        message: format!(
            "{by} asks for {platform}{at}, and the engine keeps one platform under a name"
        ),
        place,
    };
    if is_native_by_itself(judgement) {
        // Its next containers are no more native than those that there may be of before.
        judgement.causes = vec![cause];
        judgement.verdict = Verdict::Needless;
        judgement.former = None;
        (judgement.chosen, judgement.how) = (Some(platform.clone()), pin.how);
    } else {
        judgement.causes.push(cause);
    }
    judgement.remedy = Some(match &pin.remedy {
        Some(remedy) if !pin.accepted => remedy.clone(),
        _ => format!("let {by} or {} name its image by another tag or a digest", judgement.service),
    });
}

#[cfg(test)]
mod tests {
    use super::super::super::notice::{Notice, notices};
    use super::super::super::samples::{BOTH, guest, index, pinned, platform, subject};
    use super::super::judge;
    use super::*;

    fn named(service: &str, subject: Subject) -> Subject {
        Subject { service: service.to_owned(), ..subject }
    }

    fn told(subjects: &[Subject], guest: &Guest) -> Vec<String> {
        let mut judgements: Vec<Judgement> = subjects.iter().map(|it| judge(it, guest)).collect();
        share_names(subjects, &mut judgements, guest);
        notices(&judgements).iter().map(Notice::line).collect()
    }

    #[test]
    fn different_platforms_of_one_name_clash() {
        let native = named("db", pinned(index(&BOTH), "linux/arm64"));
        let foreign = named("tool", pinned(index(&BOTH), "linux/amd64"));
        let of_pin = "tool: runs emulated (QEMU) needlessly: pinned to linux/amd64 at compose.yaml:7, although \
                      postgres:16 exists for linux/arm64; bireme platforms --fix tool";
        let clash = "db, tool: postgres:16 is asked for as linux/arm64 for db and linux/amd64 for tool, and the engine \
                     keeps one platform under a name: what is pulled last has it, and a container of another platform \
                     cannot be created then";
        assert_eq!(
            told(&[native.clone(), foreign.clone()], &guest()),
            [of_pin.to_owned(), clash.to_owned()]
        );
        let accepted = Subject { accepted: true, ..foreign.clone() };
        let tags =
            "; name the images by different tags, or by the digest of each platform's own image";
        assert_eq!(told(&[native.clone(), accepted.clone()], &guest()), [format!("{clash}{tags}")]);
        let full = Subject { image: "docker.io/library/postgres:16".to_owned(), ..native.clone() };
        assert_eq!(told(&[accepted.clone(), full], &guest()).len(), 1);
        let strict = Guest { matching: Matching::Strict, ..guest() };
        assert_eq!(told(&[native.clone(), accepted.clone()], &strict), [""; 0]);
        let other = Subject { image: "redis:7".to_owned(), ..accepted.clone() };
        assert_eq!(told(&[native, other], &guest()), [""; 0]);
        assert_eq!(told(&[accepted.clone(), named("more", accepted)], &guest()), [""; 0]);
        let absent = named("db", pinned(index(&["linux/amd64"]), "linux/arm64"));
        let lines = told(&[absent, foreign], &guest());
        assert!(!lines.iter().any(|line| line.contains("keeps one platform")), "{lines:?}");
    }

    #[test]
    fn a_pin_is_also_that_of_who_shares_the_name() {
        let pin = named("db", pinned(index(&BOTH), "linux/amd64"));
        let free = named("api", subject(index(&BOTH)));
        let stale = Subject { local: vec![platform("linux/amd64")], ..free.clone() };
        let line = "db: runs emulated (QEMU) needlessly: pinned to linux/amd64 at compose.yaml:7, although \
                    postgres:16 exists for linux/arm64; bireme platforms --fix db";
        let shared = format!("{line} (api uses the image's name and gets it, too)");
        assert_eq!(told(&[free.clone(), pin.clone()], &guest()), std::slice::from_ref(&shared));
        // The copy is what the pin brought.
        assert_eq!(told(&[stale.clone(), pin.clone()], &guest()), [shared]);
        let accepted = Subject { accepted: true, ..pin.clone() };
        let of_name = "api: will be emulated needlessly: db asks for linux/amd64 at compose.yaml:7, and the engine \
                       keeps one platform under a name; let db or api name its image by another tag or a digest";
        assert_eq!(told(&[free.clone(), accepted.clone()], &guest()), [of_name]);
        let of_copy = "api: runs emulated (QEMU) needlessly: the copy of postgres:16 that the engine has is of \
                       linux/amd64, although postgres:16 exists for linux/arm64; let db or api name its image by \
                       another tag or a digest";
        assert_eq!(told(&[stale, accepted.clone()], &guest()), [of_copy]);
        let verdict = |subjects: &[Subject]| {
            let mut judgements: Vec<Judgement> =
                subjects.iter().map(|it| judge(it, &guest())).collect();
            share_names(subjects, &mut judgements, &guest());
            let it = &judgements[0];
            (it.verdict, it.how, it.chosen.clone())
        };
        let emulated = (Verdict::Needless, How::Qemu, Some(platform("linux/amd64")));
        assert_eq!(verdict(&[free.clone(), pin.clone()]), emulated);
        assert_eq!(verdict(&[free.clone(), accepted.clone()]), emulated);
        let both = [Subject { accepted: true, ..free.clone() }, accepted];
        assert_eq!(told(&both, &guest()), [""; 0]);
        let strict = Guest { matching: Matching::Strict, ..guest() };
        assert_eq!(told(&[free.clone(), pin], &strict), [line]);
        let other = named(
            "db",
            Subject { image: "redis:7".to_owned(), ..pinned(index(&BOTH), "linux/amd64") },
        );
        assert_eq!(told(&[free, other], &guest()).len(), 1);
    }
}
