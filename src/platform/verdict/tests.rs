use super::super::notice::notices;
use super::super::samples::{
    BOTH, built, fixed, guest, index, pinned, place, platform, stage, subject,
};
use super::super::subject::{
    Argument, By, Fixed, Packages, Pin, Recipe, Request, Source, Stage, Subject,
};
use super::super::{Ability, Gap, Guest, Offer};
use super::*;

/// `verdict how chosen [codes]: remedy`
fn told(subject: &Subject) -> String {
    let told = judge(subject, &guest());
    let chosen = told.chosen.map_or("-".to_owned(), |chosen| chosen.to_string());
    let codes: Vec<&str> = told.causes.iter().map(|cause| cause.code.word()).collect();
    let remedy = told.remedy.unwrap_or_default();
    format!("{} {} {chosen} {}: {remedy}", told.verdict.word(), told.how.word(), codes.join(","))
}

#[test]
fn an_image_with_a_native_variant_runs_natively() {
    assert_eq!(told(&subject(index(&BOTH))), "native native linux/arm64 : ");
    assert_eq!(told(&pinned(index(&BOTH), "linux/arm64/v8")), "native native linux/arm64 : ");
}

#[test]
fn a_pin_without_need_is_needless() {
    assert_eq!(
        told(&pinned(index(&BOTH), "linux/amd64")),
        "needless qemu linux/amd64 pinned: bireme platforms --fix db"
    );
    let told = judge(&pinned(index(&BOTH), "linux/amd64"), &guest());
    assert_eq!(told.causes[0].place, Some(place(7)));
    assert_eq!(told.causes[0].message, "pinned to linux/amd64 at compose.yaml:7");
}

#[test]
fn what_nobody_has_is_not_native_because_it_is_asked_for() {
    for gap in [Gap::NotFound, Gap::Denied] {
        let missing = pinned(Offer::Unknown(gap), "linux/arm64");
        assert_eq!(told(&missing), "unknown native linux/arm64 offer-unknown: ");
        let local = vec![platform("linux/arm64")];
        assert_eq!(told(&Subject { local, ..missing }), "native native linux/arm64 : ");
    }
    let silent = pinned(Offer::Unknown(Gap::OutOfTime), "linux/arm64");
    assert_eq!(told(&silent), "native native linux/arm64 : ");
}

#[test]
fn what_covers_for_the_platform_that_is_asked_for_is_what_runs() {
    let of_32_bits = index(&["linux/386"]);
    assert_eq!(
        told(&pinned(of_32_bits, "linux/amd64")),
        "cannot-run none linux/386 no-emulator,no-native-variant: docker run --privileged --rm tonistiigi/binfmt --install 386"
    );
    let several = index(&["linux/386", "linux/amd64"]);
    assert_eq!(
        told(&pinned(several, "linux/amd64")),
        "needed qemu linux/amd64 no-native-variant: "
    );
}

#[test]
fn what_may_run_natively_is_not_denied() {
    let ability = Ability { platform: platform("linux/386"), how: How::Unknown };
    let guest = Guest { own: platform("linux/amd64"), others: vec![ability], ..guest() };
    let told = judge(&subject(index(&["linux/386"])), &guest);
    assert_eq!((told.verdict, told.causes[0].code), (Verdict::Unknown, Code::GuestUnknown));
    let told = judge(&subject(index(&["linux/386", "linux/amd64"])), &guest);
    assert_eq!(told.verdict, Verdict::Native);
}

#[test]
fn the_environment_is_a_cause_of_its_own() {
    let request = Request { platform: platform("linux/amd64"), by: By::Environment(None) };
    let subject = Subject { request: Some(request), ..subject(index(&BOTH)) };
    assert_eq!(
        told(&subject),
        "needless qemu linux/amd64 default-platform: unset DOCKER_DEFAULT_PLATFORM"
    );
}

#[test]
fn a_stale_copy_is_told_where_there_is_a_native_variant() {
    let local = vec![platform("linux/amd64")];
    let stale = Subject { local: local.clone(), ..subject(index(&BOTH)) };
    assert_eq!(told(&stale), "needless qemu linux/amd64 stale-image: bireme pull db");
    let only = Subject { local: local.clone(), ..subject(index(&["linux/amd64"])) };
    assert_eq!(told(&only), "needed qemu linux/amd64 no-native-variant: ");
    let offline = Subject { local, ..subject(Offer::Unknown(Gap::OutOfTime)) };
    assert_eq!(told(&offline), "unknown qemu linux/amd64 offer-unknown: ");
}

#[test]
fn containers_from_before_a_mending_are_told() {
    let running = |text: &str| Subject { running: vec![platform(text)], ..subject(index(&BOTH)) };
    assert_eq!(
        told(&running("linux/amd64")),
        "needless native linux/arm64 former-container: bireme platforms --fix db"
    );
    assert_eq!(told(&running("linux/arm64")), "native native linux/arm64 : ");
}

#[test]
fn what_has_no_native_variant_is_needed() {
    assert_eq!(
        told(&pinned(index(&["linux/amd64"]), "linux/amd64")),
        "needed qemu linux/amd64 no-native-variant: "
    );
    // No index: it is taken whatever its platform.
    let single = Offer::Known { platforms: vec![platform("linux/amd64")], is_index: false };
    assert_eq!(told(&subject(single)), "needed qemu linux/amd64 no-native-variant: ");
}

#[test]
fn an_index_without_a_native_variant_must_be_asked_for_by_platform() {
    assert_eq!(
        told(&subject(index(&["linux/amd64"]))),
        "cannot-run none - no-native-variant: write `platform: linux/amd64` on the service: it \
         runs under QEMU here"
    );
}

#[test]
fn without_an_emulator_it_cannot_run() {
    assert_eq!(
        told(&pinned(index(&["linux/s390x"]), "linux/s390x")),
        "cannot-run none linux/s390x no-emulator,no-native-variant: docker run --privileged --rm \
         tonistiigi/binfmt --install s390x"
    );
    assert_eq!(
        told(&pinned(index(&["linux/s390x", "linux/arm64"]), "linux/s390x")),
        "cannot-run none linux/s390x no-emulator,pinned: bireme platforms --fix db"
    );
}

#[test]
fn a_platform_that_the_image_lacks_cannot_run() {
    assert_eq!(
        told(&pinned(index(&["linux/arm64"]), "linux/amd64")),
        "cannot-run qemu linux/amd64 not-offered: take out `platform` at compose.yaml:7: bireme \
         platforms --fix db"
    );
}

#[test]
fn nothing_is_guessed() {
    let unknown = Offer::Unknown(Gap::Unreachable("offline".to_owned()));
    assert_eq!(told(&subject(unknown.clone())), "unknown unknown - offer-unknown: ");
    assert_eq!(told(&pinned(unknown, "linux/amd64")), "unknown qemu linux/amd64 offer-unknown: ");
}

#[test]
fn a_pinned_build_is_needless_unless_bases_or_packages_need_it() {
    let build = |packages| Subject {
        build: Some(built(vec![stage("0", index(&BOTH), None)], packages)),
        ..pinned(index(&BOTH), "linux/amd64")
    };
    for (packages, expected) in [
        (Packages::None, "needless qemu linux/amd64 pinned: bireme platforms --fix db"),
        (Packages::Free, "needless qemu linux/amd64 pinned: bireme platforms --fix db"),
        (
            Packages::Unseen,
            "unknown qemu linux/amd64 packages-unseen: bireme platforms --packages db",
        ),
        (
            Packages::Unknown(vec![("there is no lock".to_owned(), Some(place(3)))]),
            "unknown qemu linux/amd64 packages-unseen: to see whether it can be built natively, take out `platform` \
             at compose.yaml:7, then: bireme build db",
        ),
        (
            Packages::Forcing(vec![("no wheel".to_owned(), None)]),
            "needed qemu linux/amd64 packages: ",
        ),
    ] {
        assert_eq!(told(&build(packages)), expected);
    }
    let foreign = Subject {
        build: Some(built(vec![stage("0", index(&["linux/amd64"]), None)], Packages::None)),
        ..pinned(index(&["linux/amd64"]), "linux/amd64")
    };
    assert_eq!(told(&foreign), "needed qemu linux/amd64 no-native-variant: ");
}

#[test]
fn a_build_for_one_platform_alone_is_pinned() {
    let request = Request { platform: platform("linux/amd64"), by: By::Build(Some(place(9))) };
    let subject = Subject {
        request: Some(request),
        build: Some(built(vec![stage("0", index(&BOTH), None)], Packages::None)),
        ..subject(index(&["linux/amd64"]))
    };
    assert_eq!(
        told(&subject),
        "needless qemu linux/amd64 pinned: add linux/arm64 to `build.platforms` of db"
    );
}

#[test]
fn a_build_for_platforms_that_its_base_lacks_cannot_be() {
    let request = |to: &str| Request { platform: platform(to), by: By::Build(Some(place(9))) };
    let build = |base: &[&str], platforms: &[&str]| {
        let platforms = platforms.iter().map(|it| platform(it)).collect();
        let stages = vec![stage("0", index(base), None)];
        Recipe { platforms, ..built(stages, Packages::None) }
    };
    let with = |build: Recipe, request: Option<Request>, offered: &[&str]| Subject {
        build: Some(build),
        request,
        ..subject(index(offered))
    };
    let one = build(&["linux/amd64"], &["linux/arm64"]);
    assert_eq!(
        told(&with(one, Some(request("linux/arm64")), &[])),
        "cannot-run native linux/arm64 not-offered: write linux/amd64 into `build.platforms` of db"
    );
    // Its base decides, not what it is told to be built for.
    let both = build(&["linux/amd64"], &BOTH);
    let request = Request { platform: platform("linux/amd64"), by: By::Service(Some(place(7))) };
    assert_eq!(
        told(&with(both, Some(request), &["linux/amd64"])),
        "needed qemu linux/amd64 no-native-variant: "
    );
}

#[test]
fn a_pinned_base_makes_a_build_foreign() {
    let stages = vec![stage("0", index(&BOTH), Some(fixed(None)))];
    let subject = Subject { build: Some(built(stages, Packages::None)), ..subject(index(&BOTH)) };
    assert_eq!(told(&subject), "needless qemu linux/amd64 pinned-from: bireme platforms --fix db");
}

#[test]
fn a_base_that_an_argument_pins_is_mended_where_its_value_is() {
    let told_of = |source: Source, native: Option<&str>| {
        let native = native.map(str::to_owned);
        let argument = Argument { name: "ARCH".to_owned(), source, native };
        let recipe =
            built(vec![stage("0", index(&BOTH), Some(fixed(Some(argument))))], Packages::None);
        told(&Subject { build: Some(recipe), ..subject(index(&BOTH)) })
    };
    let line = || Place { file: "Dockerfile".to_owned(), line: 3 };
    let set = |is_all, set_at| Source::Variable {
        name: "CPU".to_owned(),
        place: place(9),
        is_all,
        set_at,
    };
    let variable = |is_all| set(is_all, None);
    let in_file = || Some(Place { file: ".env".to_owned(), line: 2 });
    for (source, native, remedy) in [
        (Source::File(place(9)), Some("arm64"), "bireme platforms --fix db"),
        (
            Source::File(place(9)),
            None,
            "change the build argument ARCH at compose.yaml:9, or take it out of the `FROM`",
        ),
        (variable(true), Some("arm64"), "set CPU=arm64"),
        (
            variable(false),
            Some("linux/arm64"),
            "set CPU so that ARCH at compose.yaml:9 is linux/arm64",
        ),
        (set(true, in_file()), Some("arm64"), "set CPU=arm64 at .env:2"),
        (
            set(false, in_file()),
            Some("linux/arm64"),
            "set CPU at .env:2 so that ARCH at compose.yaml:9 is linux/arm64",
        ),
        (
            Source::Default(line()),
            Some("arm64"),
            "change the default of ARCH at Dockerfile:3 to arm64, or write `ARCH: arm64` into `build.args` of db",
        ),
        (Source::Nothing, Some("arm64"), "write `ARCH: arm64` into `build.args` of db"),
    ] {
        assert_eq!(
            told_of(source, native),
            format!("needless qemu linux/amd64 pinned-argument: {remedy}")
        );
    }
}

#[test]
fn a_builder_stage_of_a_needed_emulation_is_told_that_it_could_be_native() {
    let stages = vec![
        stage("assets", index(&BOTH), None),
        stage("tools", index(&BOTH), Some(Pin::Builder)),
        stage("2", index(&["linux/amd64"]), None),
    ];
    let subject = Subject {
        build: Some(built(stages, Packages::None)),
        ..pinned(index(&["linux/amd64"]), "linux/amd64")
    };
    assert_eq!(told(&subject), "needed qemu linux/amd64 no-native-variant,builder-stage: ");
    let build = subject.build.map(|build| Recipe { elsewhere: true, ..build });
    let subject = Subject { build, ..subject };
    assert_eq!(told(&subject), "needed qemu linux/amd64 no-native-variant: ");
}

/// A build of a native image, of stages before that.
fn with_stages(stages: Vec<Stage>, packages: Packages) -> Subject {
    let stages = stages.into_iter().chain([stage("last", index(&BOTH), None)]).collect();
    Subject { build: Some(built(stages, packages)), ..subject(index(&BOTH)) }
}

#[test]
fn a_stage_that_is_pinned_without_need_is_told_though_the_image_is_native() {
    let pinned = || stage("build", index(&BOTH), Some(fixed(None)));
    let needless = "needless native linux/arm64 pinned-stage: bireme platforms --fix db";
    let subject = with_stages(vec![pinned()], Packages::None);
    assert_eq!(told(&subject), needless);
    let cause = &judge(&subject, &guest()).causes[0];
    assert_eq!(
        cause.message,
        "stage build runs emulated (QEMU) needlessly: pinned to linux/amd64 at Dockerfile:1, although \
         python:3.12 exists for linux/arm64"
    );
    assert_eq!(cause.place.as_ref().map(|place| place.line), Some(1));
    // One that begins with it has its platform from there.
    let more = Stage { name: "test".to_owned(), ..pinned() };
    let two = judge(&with_stages(vec![pinned(), more], Packages::None), &guest());
    assert_eq!(two.causes.len(), 1);
    assert!(two.causes[0].message.starts_with("stages build, test run emulated (QEMU) needlessly"));

    let silent = Stage { runs: false, ..pinned() };
    let none = "native native linux/arm64 : ";
    assert_eq!(told(&with_stages(vec![silent], Packages::None)), none);
    let builders = stage("build", index(&BOTH), Some(Pin::Builder));
    assert_eq!(told(&with_stages(vec![builders], Packages::None)), none);
    let mut elsewhere = subject.clone();
    elsewhere.build = elsewhere.build.map(|build| Recipe { elsewhere: true, ..build });
    assert_eq!(told(&elsewhere), none);
    // Without a native variant among several it is what is asked for; one alone is taken as it is.
    let alone = Offer::Known { platforms: vec![platform("linux/arm64")], is_index: false };
    let alone = stage("build", alone, Some(fixed(None)));
    assert_eq!(told(&with_stages(vec![alone], Packages::None)), none);
}

#[test]
fn a_stage_that_must_be_foreign_is_needed() {
    let foreign = stage("build", index(&["linux/amd64"]), Some(fixed(None)));
    assert_eq!(
        told(&with_stages(vec![foreign], Packages::None)),
        "needed native linux/arm64 no-native-variant: "
    );
    let unknown = Offer::Unknown(Gap::OutOfTime);
    let unknown = stage("build", unknown, Some(fixed(None)));
    assert_eq!(
        told(&with_stages(vec![unknown], Packages::None)),
        "unknown native linux/arm64 offer-unknown: "
    );
    let missing = stage("build", index(&["linux/arm64"]), Some(fixed(None)));
    assert_eq!(
        told(&with_stages(vec![missing], Packages::None)),
        "cannot-run native linux/arm64 not-offered,pinned-stage: bireme platforms --fix db"
    );
    let installing = |installs| {
        let installing = stage("build", index(&BOTH), Some(fixed(None)));
        let forcing = Packages::Forcing(vec![("no wheel".to_owned(), None)]);
        told(&with_stages(vec![Stage { installs, ..installing }], forcing))
    };
    assert_eq!(installing(true), "needed native linux/arm64 packages: ");
    let needless = "needless native linux/arm64 pinned-stage: bireme platforms --fix db";
    assert_eq!(installing(false), needless, "its packages are those of the last stage");
}

#[test]
fn a_stage_that_nothing_runs_keeps_an_image_from_being_built() {
    let far = || {
        let place = Place { file: "Dockerfile".to_owned(), line: 1 };
        let platform = platform("linux/s390x");
        Some(Pin::Fixed(Box::new(Fixed { platform, place, argument: None, is_editable: true })))
    };
    let of = |offer: Offer| with_stages(vec![stage("build", offer, far())], Packages::None);
    let subject = of(index(&["linux/s390x", "linux/arm64"]));
    assert_eq!(
        told(&subject),
        "cannot-run native linux/arm64 no-emulator,pinned-stage: bireme platforms --fix db"
    );
    assert_eq!(
        told(&of(index(&["linux/s390x"]))),
        "cannot-run native linux/arm64 no-emulator,no-native-variant: docker run --privileged --rm \
         tonistiigi/binfmt --install s390x"
    );
    // Where the image is there, that is said of its next build, and keeps nothing from being run.
    let there = Subject { local: vec![platform("linux/arm64")], ..subject.clone() };
    assert_eq!(told(&there), told(&subject));
    let told = |subject: &Subject| notices(&[judge(subject, &guest())]).len();
    assert_eq!((told(&subject), told(&there)), (1, 0));
}

#[test]
fn pins_of_a_service_and_of_its_stages_are_told_together() {
    let stages = vec![
        stage("build", index(&BOTH), Some(fixed(None))),
        Stage {
            place: Place { file: "Dockerfile".to_owned(), line: 4 },
            ..stage("1", index(&BOTH), None)
        },
    ];
    let subject = Subject {
        build: Some(built(stages, Packages::None)),
        ..pinned(index(&BOTH), "linux/amd64")
    };
    assert_eq!(
        told(&subject),
        "needless qemu linux/amd64 pinned,pinned-stage: bireme platforms --fix db"
    );
}

#[test]
fn a_build_for_several_platforms_is_told_what_could_be_native() {
    let build = built(
        vec![stage("assets", index(&BOTH), None), stage("1", index(&BOTH), None)],
        Packages::None,
    );
    let for_both = |recipe: Recipe| Subject {
        build: Some(Recipe { platforms: BOTH.map(platform).to_vec(), ..recipe }),
        ..subject(index(&BOTH))
    };
    assert_eq!(told(&for_both(build)), "native native linux/arm64 builder-stage: ");
    // What the image goes back to must be of its platform; a stage beside it is named with the `FROM` that counts.
    let on = |name: &str, begins_with: Option<usize>| Stage {
        begins_with,
        place: Place { file: "Dockerfile".to_owned(), line: begins_with.map_or(5, |_| 7) },
        ..stage(name, index(&BOTH), None)
    };
    let stages = vec![on("base", None), on("middle", Some(0)), on("1", Some(1))];
    assert_eq!(told(&for_both(built(stages, Packages::None))), "native native linux/arm64 : ");
    let silent = Stage { runs: false, ..on("tools", None) };
    let stages = vec![silent, on("assets", Some(0)), on("1", None)];
    let causes = judge(&for_both(built(stages, Packages::None)), &guest()).causes;
    let [cause] = &causes[..] else { panic!("{causes:?}") };
    assert!(
        cause.message.starts_with("stage assets") && cause.message.contains("in stage tools"),
        "{cause:?}"
    );
    assert_eq!(cause.place.as_ref().map(|place| place.line), Some(5));
}

#[test]
fn what_a_builder_elsewhere_builds_for_is_not_known() {
    let elsewhere = || Subject {
        build: Some(built(vec![stage("0", index(&BOTH), None)], Packages::None)),
        ..subject(Offer::Unknown(Gap::Builder("far".to_owned())))
    };
    assert_eq!(told(&elsewhere()), "unknown unknown - offer-unknown: ");
    let subject = Subject { local: vec![platform("linux/arm64")], ..elsewhere() };
    assert_eq!(told(&subject), "native native linux/arm64 : ");
}

#[test]
fn what_is_known_to_fail_is_told_and_what_stands_in_for_an_image() {
    let named = |image: &str, offer: Offer, to: &str| Subject {
        image: image.to_owned(),
        ..pinned(offer, to)
    };
    let amd64 = || index(&["linux/amd64"]);
    assert_eq!(
        told(&named("mcr.microsoft.com/mssql/server:2022-latest", amd64(), "linux/amd64")),
        "cannot-run qemu linux/amd64 trap,no-native-variant: run it under Rosetta, or on an engine for amd64"
    );
    assert_eq!(
        told(&named("mysql:5.7", amd64(), "linux/amd64")),
        "needed qemu linux/amd64 no-native-variant: use mysql:8.4 or mariadb:10.11 (it does not read the \
         other's files: dump the data, and load it into the new one) in its place, which exists for \
         linux/arm64"
    );
    // What may fail stops nothing.
    assert_eq!(
        told(&named("mongo:7", index(&BOTH), "linux/amd64")),
        "needless qemu linux/amd64 pinned: bireme platforms --fix db"
    );
    let tigerbeetle = named("ghcr.io/tigerbeetle/tigerbeetle", index(&BOTH), "linux/amd64");
    assert_eq!(
        told(&tigerbeetle),
        "cannot-run qemu linux/amd64 trap,pinned: bireme platforms --fix db"
    );
    let base = Stage { base: "gvenzl/oracle-xe:21".to_owned(), ..stage("0", amd64(), None) };
    let build = Some(built(vec![base], Packages::None));
    assert_eq!(
        told(&Subject { build, ..named("shop-db", amd64(), "linux/amd64") }),
        "cannot-run qemu linux/amd64 trap,no-native-variant: use gvenzl/oracle-free, which exists for \
         arm64, or an engine for amd64 (colima start --arch x86_64)"
    );
}

#[test]
fn files_of_emulated_databases_are_a_risk_and_no_others() {
    let of = |image: &str, running: &[&str], data: &[&str]| {
        let subject = Subject {
            image: image.to_owned(),
            running: running.iter().map(|it| platform(it)).collect(),
            data: data.iter().map(ToString::to_string).collect(),
            ..subject(index(&BOTH))
        };
        judge(&subject, &guest()).risk.map(|risk| risk.is_portable)
    };
    let data = &["volume p_data"][..];
    assert_eq!(of("postgres:16", &["linux/amd64"], data), Some(false));
    assert_eq!(of("mysql:8", &["linux/amd64"], data), Some(true));
    assert_eq!(of("postgres:16", &["linux/amd64"], &[]), None, "it has no files");
    assert_eq!(of("postgres:16", &["linux/arm64"], data), None, "it runs natively");
    assert_eq!(of("postgres:16", &["linux/amd64", "linux/arm64"], data), None);
    assert_eq!(of("postgres:16", &[], data), None, "it never ran");
    assert_eq!(of("nginx", &["linux/amd64"], data), None);
}

#[test]
fn a_variable_and_a_from_are_both_to_be_mended() {
    let stages = vec![stage("app", index(&BOTH), Some(fixed(None)))];
    let subject = Subject {
        build: Some(built(stages, Packages::None)),
        request: Some(Request { platform: platform("linux/amd64"), by: By::Environment(None) }),
        ..subject(index(&BOTH))
    };
    let remedy = judge(&subject, &guest()).remedy;
    assert_eq!(remedy.as_deref(), Some("unset DOCKER_DEFAULT_PLATFORM; bireme platforms --fix db"));
}

#[test]
fn a_from_for_a_platform_that_its_base_lacks_is_what_is_to_be_mended() {
    let of = |offered: &[&str]| {
        let stages = vec![stage("app", index(offered), Some(fixed(None)))];
        let build = Some(built(stages, Packages::None));
        told(&Subject { build, ..subject(index(&["linux/amd64"])) })
    };
    // It is fixed to linux/amd64.
    assert_eq!(
        of(&["linux/arm64"]),
        "cannot-run qemu linux/amd64 not-offered,pinned-from: bireme platforms --fix db"
    );
    assert_eq!(
        of(&["linux/s390x"]),
        "cannot-run qemu linux/amd64 not-offered: let it begin with another image, or another version of it"
    );
}
