//! Verdicts where an engine takes less of an index than the CPU would run.

use super::super::notice::notices;
use super::super::samples;
use super::super::subject::{By, Request, Subject};
use super::super::{Ability, Guest, How, Matching, Offer, Platform, Product};
use super::*;

fn platform(text: &str) -> Platform {
    samples::platform(&format!("linux/{text}"))
}

/// An amd64 guest at the third level, with QEMU for arm64.
fn guest(matching: Matching) -> Guest {
    let ability = |(text, how)| Ability { platform: platform(text), how };
    let others = [("amd64/v2", How::Native), ("amd64/v3", How::Native), ("arm64", How::Qemu)];
    Guest {
        own: platform("amd64"),
        others: others.map(ability).to_vec(),
        rest: How::None,
        product: Product::DockerEngine,
        matching,
    }
}

fn subject(offered: &[&str], asked: Option<&str>) -> Subject {
    let by = By::Service(Some(samples::place(7)));
    let platforms = offered.iter().map(|text| platform(text)).collect();
    let offer = Offer::Known { platforms, is_index: true };
    let request = asked.map(|text| Request { platform: platform(text), by });
    Subject { request, ..samples::subject(offer) }
}

/// `verdict chosen [codes]: remedy`
fn told(subject: &Subject, matching: Matching) -> String {
    let told = judge(subject, &guest(matching));
    let chosen = told.chosen.map_or("-".to_owned(), |chosen| chosen.to_string());
    let codes: Vec<&str> = told.causes.iter().map(|cause| cause.code.word()).collect();
    let remedy = told.remedy.unwrap_or_default();
    format!("{} {chosen} {}: {remedy}", told.verdict.word(), codes.join(","))
}

#[test]
fn a_native_variant_that_is_not_taken_unasked_must_be_asked_for() {
    let of_two = subject(&["amd64/v2"], None);
    let refused = "cannot-run - not-offered: write `platform: linux/amd64/v2` on the service: it runs natively here";
    assert_eq!(told(&of_two, Matching::Exact), refused);
    assert_eq!(told(&of_two, Matching::Strict), refused);
    assert_eq!(told(&of_two, Matching::Covering), "native linux/amd64/v2 : ");
    let lines = notices(&[judge(&of_two, &guest(Matching::Exact))]);
    assert_eq!(
        lines[0].line(),
        "db: cannot run here: postgres:16 does not exist for linux/amd64, only for linux/amd64/v2, and Docker \
         before 23.0 takes linux/amd64/v2 only where it is asked for; write `platform: linux/amd64/v2` on the \
         service: it runs natively here"
    );
    for matching in [Matching::Exact, Matching::Covering, Matching::Strict] {
        let asked = subject(&["amd64/v2"], Some("amd64/v2"));
        assert_eq!(told(&asked, matching), "native linux/amd64/v2 : ");
        // A copy that is there is used as it is.
        let local = Subject { local: vec![platform("amd64/v2")], ..of_two.clone() };
        assert_eq!(told(&local, matching), "native linux/amd64/v2 : ");
    }
}

#[test]
fn a_pin_to_a_variant_that_the_engine_does_not_stretch_cannot_run() {
    let of_one = subject(&["amd64", "arm64"], Some("amd64/v2"));
    assert_eq!(told(&of_one, Matching::Covering), "native linux/amd64 : ");
    for matching in [Matching::Exact, Matching::Strict] {
        assert_eq!(
            told(&of_one, matching),
            "cannot-run linux/amd64/v2 not-offered: take out `platform` at compose.yaml:7: bireme platforms \
             --fix db"
        );
    }
    let message = |matching| judge(&of_one, &guest(matching)).causes[0].message.clone();
    assert_eq!(
        message(Matching::Strict),
        "postgres:16 does not exist for linux/amd64/v2, only for linux/amd64, linux/arm64, and an engine with \
         containerd's image store takes no linux/amd64 in its place"
    );
}

#[test]
fn programs_of_32_bits_are_taken_by_some_engines_alone() {
    let unasked = subject(&["386"], None);
    assert_eq!(
        told(&unasked, Matching::Exact),
        "cannot-run - not-offered: write `platform: linux/386` on the service: it runs natively here"
    );
    assert_eq!(told(&unasked, Matching::Covering), "native linux/386 : ");
    assert_eq!(told(&unasked, Matching::Strict), "native linux/386 : ");
    let asked = subject(&["386"], Some("amd64"));
    assert_eq!(
        told(&asked, Matching::Exact),
        "cannot-run linux/amd64 not-offered: write `platform: linux/386` on the service"
    );
    assert_eq!(told(&asked, Matching::Covering), "native linux/386 : ");
    assert_eq!(
        told(&asked, Matching::Strict),
        "cannot-run linux/amd64 not-offered: take out `platform` at compose.yaml:7: bireme platforms --fix db"
    );
}

#[test]
fn a_foreign_pin_is_replaced_where_its_absence_would_not_do() {
    let pinned = subject(&["amd64/v2", "arm64"], Some("arm64"));
    assert_eq!(
        told(&pinned, Matching::Exact),
        "needless linux/arm64 pinned: write `platform: linux/amd64/v2` on the service"
    );
    assert_eq!(judge(&pinned, &guest(Matching::Exact)).native, None);
    assert_eq!(
        told(&pinned, Matching::Covering),
        "needless linux/arm64 pinned: bireme platforms --fix db"
    );
}
