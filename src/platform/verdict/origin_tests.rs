//! What is told to be changed, which must work where it is told.

use super::super::Platform;
use super::super::notice::{Notice, notices};
use super::super::samples::{BOTH, built, guest, index, pinned, place, platform, stage, subject};
use super::super::subject::{By, Fixed, Packages, Pin, Place, Recipe, Request, Subject};
use super::*;

fn asked(by: By) -> Subject {
    let request = Some(Request { platform: platform("linux/amd64"), by });
    Subject { request, ..subject(index(&BOTH)) }
}

/// The codes of causes, and the remedy.
fn told(subject: &Subject) -> (String, String) {
    let told = judge(subject, &guest());
    let codes: Vec<&str> = told.causes.iter().map(|cause| cause.code.word()).collect();
    (codes.join(","), told.remedy.unwrap_or_default())
}

#[test]
fn a_policy_that_keeps_copies_must_be_overruled() {
    let local = vec![platform("linux/amd64")];
    let stale = Subject { local, keeps_copies: true, ..subject(index(&BOTH)) };
    assert_eq!(told(&stale).1, "bireme pull --policy always db");
}

#[test]
fn variables_have_a_remedy_of_their_own() {
    let remedy = "set ARCH=arm64".to_owned();
    let by = By::Variables { place: Some(place(7)), remedy };
    assert_eq!(told(&asked(by.clone())), ("pinned".to_owned(), "set ARCH=arm64".to_owned()));
    let lines = notices(&[judge(&asked(by), &guest())]);
    assert_eq!(
        lines.iter().map(Notice::line).collect::<Vec<_>>(),
        [
            "db: runs emulated (QEMU) needlessly: pinned to linux/amd64 at compose.yaml:7, although postgres:16 \
          exists for linux/arm64; set ARCH=arm64"
        ]
    );
}

#[test]
fn a_copy_that_a_variable_leaves_behind_is_pulled_again() {
    let local = |platforms: &[&str]| platforms.iter().map(|text| platform(text)).collect();
    let stale = Subject { local: local(&["linux/amd64"]), ..asked(By::Environment(None)) };
    assert_eq!(told(&stale).1, "unset DOCKER_DEFAULT_PLATFORM; bireme pull db");
    let by = By::Variables { place: None, remedy: "unset P".to_owned() };
    let kept = Subject { local: local(&["linux/amd64"]), keeps_copies: true, ..asked(by) };
    assert_eq!(told(&kept).1, "unset P; bireme pull --policy always db");
    let both = Subject { local: local(&BOTH), ..stale };
    assert_eq!(told(&both).1, "unset DOCKER_DEFAULT_PLATFORM");
    let pinned = Subject { local: local(&["linux/amd64"]), ..asked(By::Service(None)) };
    assert_eq!(told(&pinned).1, "bireme platforms --fix db", "which pulls");
}

#[test]
fn a_line_of_an_environment_file_is_named() {
    let line = Place { file: ".env".to_owned(), line: 2 };
    let subject = asked(By::Environment(Some(line.clone())));
    let (codes, remedy) = told(&subject);
    assert_eq!(codes, "default-platform");
    assert_eq!(remedy, "take DOCKER_DEFAULT_PLATFORM out of .env:2");
    let cause = &judge(&subject, &guest()).causes[0];
    assert_eq!(cause.message, "DOCKER_DEFAULT_PLATFORM is linux/amd64 at .env:2");
    assert_eq!(cause.place, Some(line));
}

#[test]
fn a_platform_and_a_list_that_names_it_alone_are_told_together() {
    let recipe = |platforms: &[Platform]| Recipe {
        platforms: platforms.to_vec(),
        platforms_at: Some(place(5)),
        ..built(vec![stage("0", index(&BOTH), None)], Packages::None)
    };
    let of = |platforms: &[Platform]| Subject {
        build: Some(recipe(platforms)),
        ..pinned(index(&["linux/amd64"]), "linux/amd64")
    };
    let fix = "bireme platforms --fix db";
    assert_eq!(
        told(&of(&[platform("linux/amd64")])),
        ("pinned,pinned".to_owned(), format!("{fix}; add linux/arm64 to `build.platforms` of db"))
    );
    assert_eq!(told(&of(&BOTH.map(platform))), ("pinned".to_owned(), fix.to_owned()));
}

#[test]
fn a_dockerfile_that_is_not_edited_is_changed_by_hand() {
    let place = Place { file: "compose.yaml".to_owned(), line: 5 };
    let platform = platform("linux/amd64");
    let fixed = Fixed { platform, place, argument: None, is_editable: false };
    let stages = vec![stage("0", index(&BOTH), Some(Pin::Fixed(Box::new(fixed))))];
    let subject = Subject { build: Some(built(stages, Packages::None)), ..subject(index(&BOTH)) };
    assert_eq!(
        told(&subject).1,
        "change the `FROM` at compose.yaml:5 by hand, or write its Dockerfile as a block (`|`)"
    );
}
