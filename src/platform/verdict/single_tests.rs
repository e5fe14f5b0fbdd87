//! Verdicts on builds whose bases are no indexes, which BuildKit takes whatever it builds for, and on bases of which
//! nothing is known.

use super::super::samples::{BOTH, built, fixed, guest, index, pinned, platform, stage, subject};
use super::super::subject::{Packages, Pin, Recipe, Stage, Subject};
use super::super::{Gap, Offer};
use super::*;

/// An image for one platform alone.
fn single(text: &str) -> Offer {
    Offer::Known { platforms: vec![platform(text)], is_index: false }
}

/// `verdict how chosen [codes]`
fn told(subject: &Subject) -> String {
    let told = judge(subject, &guest());
    let chosen = told.chosen.map_or("-".to_owned(), |chosen| chosen.to_string());
    let codes: Vec<&str> = told.causes.iter().map(|cause| cause.code.word()).collect();
    format!("{} {} {chosen} {}", told.verdict.word(), told.how.word(), codes.join(","))
}

fn of(stages: Vec<Stage>, like: Subject) -> Subject {
    Subject { build: Some(built(stages, Packages::None)), ..like }
}

fn offered(text: &str) -> Subject {
    subject(single(text))
}

#[test]
fn a_build_has_the_platform_of_a_base_that_is_for_no_other() {
    let foreign = |pin| vec![stage("0", single("linux/amd64"), pin)];
    let needed = "needed qemu linux/amd64 no-native-variant";
    for pin in [None, Some(Pin::Target), Some(Pin::Builder), Some(fixed(None))] {
        assert_eq!(told(&of(foreign(pin.clone()), offered("linux/amd64"))), needed, "{pin:?}");
        for asked in BOTH {
            let asked_for = pinned(single("linux/amd64"), asked);
            assert_eq!(told(&of(foreign(pin.clone()), asked_for)), needed, "{pin:?} {asked}");
        }
    }
    let elsewhere = of(foreign(None), subject(Offer::Unknown(Gap::Builder("far".to_owned()))));
    assert_eq!(told(&elsewhere), needed);

    let native = |pin| vec![stage("0", single("linux/arm64"), pin)];
    let is_native = "native native linux/arm64 ";
    assert_eq!(
        told(&of(native(None), pinned(single("linux/arm64"), "linux/amd64"))),
        is_native,
        "what is asked for changes nothing"
    );
    assert_eq!(told(&of(native(Some(fixed(None))), offered("linux/arm64"))), is_native);
}

#[test]
fn what_ends_on_the_builders_platform_runs_there_whatever_is_asked_for() {
    let stages = || vec![stage("0", index(&BOTH), Some(Pin::Builder))];
    let asked = of(stages(), pinned(index(&BOTH), "linux/amd64"));
    assert_eq!(told(&asked), "native native linux/arm64 ");
    // That of a builder elsewhere is not this one's.
    let far = Recipe { elsewhere: true, ..built(stages(), Packages::None) };
    let asked = Subject { build: Some(far), ..pinned(index(&BOTH), "linux/amd64") };
    assert!(told(&asked).starts_with("needless qemu linux/amd64"), "{}", told(&asked));
}

#[test]
fn without_an_emulator_a_build_on_such_a_base_cannot_run() {
    let stages = vec![stage("0", single("linux/s390x"), None)];
    assert_eq!(
        told(&of(stages, offered("linux/s390x"))),
        "cannot-run none linux/s390x no-emulator,no-native-variant"
    );
}

#[test]
fn files_of_such_an_image_go_into_an_image_of_any_platform() {
    let source = || Stage { runs: false, ..stage("from", single("linux/amd64"), None) };
    let into = |base: &[&str], like: Subject| {
        told(&of(vec![source(), stage("1", index(base), None)], like))
    };
    assert_eq!(into(&BOTH, subject(index(&BOTH))), "native native linux/arm64 ");
    assert_eq!(
        into(&BOTH, pinned(index(&BOTH), "linux/amd64")),
        "needless qemu linux/amd64 pinned"
    );
    let recipe = built(vec![source(), stage("1", index(&BOTH), None)], Packages::None);
    assert_eq!(recipe.lacking(&platform("linux/arm64")), None);
}

#[test]
fn a_stage_on_such_a_base_is_told_beside_a_native_image() {
    let before = |text: &str, pin| {
        let first = stage("tools", single(text), pin);
        of(vec![first, stage("1", index(&BOTH), None)], subject(index(&BOTH)))
    };
    let subject = before("linux/amd64", None);
    assert_eq!(told(&subject), "needed native linux/arm64 no-native-variant");
    assert_eq!(
        judge(&subject, &guest()).causes[0].message,
        "stage tools must be emulated: python:3.12 does not exist for linux/arm64, only for linux/amd64"
    );
    // What a `--platform` says makes no difference.
    assert_eq!(told(&before("linux/amd64", Some(Pin::Builder))), told(&subject));
    assert_eq!(told(&before("linux/arm64", Some(fixed(None)))), "native native linux/arm64 ");
    let far = judge(&before("linux/s390x", None), &guest());
    assert_eq!((far.verdict, far.is_of_stages), (Verdict::CannotRun, true));
    assert_eq!(
        far.causes[0].message,
        "stage tools begins with python:3.12, an image of linux/s390x, for which the engine (linux/arm64) has no \
         emulator"
    );
}

#[test]
fn a_stage_that_is_native_for_every_target_is_no_hint() {
    let stages = vec![
        stage("assets", single("linux/arm64"), None),
        stage("1", index(&["linux/amd64"]), None),
    ];
    let subject = of(stages, pinned(index(&["linux/amd64"]), "linux/amd64"));
    assert_eq!(told(&subject), "needed qemu linux/amd64 no-native-variant");
}

#[test]
fn what_a_build_makes_is_not_guessed() {
    let gap = || Offer::Unknown(Gap::NotFound);
    let to_be_built = of(vec![stage("0", gap(), None)], subject(gap()));
    assert_eq!(told(&to_be_built), "unknown native linux/arm64 offer-unknown");
    let unread = Subject {
        build: Some(Recipe::default()),
        ..subject(Offer::Unknown(Gap::Unreadable("it is not there".to_owned())))
    };
    assert_eq!(told(&unread), "unknown native linux/arm64 offer-unknown");
    for unknown in [to_be_built, unread] {
        let there = Subject { local: vec![platform("linux/arm64")], ..unknown };
        assert_eq!(told(&there), "native native linux/arm64 ");
    }
}

#[test]
fn an_image_for_nothing_is_told_as_one() {
    let told = judge(&pinned(index(&[]), "linux/amd64"), &guest());
    assert_eq!(
        told.causes[0].message,
        "postgres:16 does not exist for linux/amd64, nor for any other platform"
    );
}
