use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::platform::Matching;

fn platform(text: &str) -> Platform {
    Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
}

fn facts(architecture: &str) -> Facts {
    Facts {
        os: "linux".into(),
        architecture: architecture.into(),
        product: Product::DockerEngine,
        matching: Matching::Covering,
        is_here: false,
        is_apple: false,
        level: None,
        tested: None,
        omits_32_bits: false,
        handled: None,
        translator: None,
        probed: BTreeMap::new(),
    }
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn handler(name: &str, emulated: &str, how: How) -> Handler {
    Handler {
        name: name.into(),
        platform: platform(emulated),
        interpreter: "/i".into(),
        how,
        for_containers: true,
    }
}

#[track_caller]
fn runs(finding: &Finding, expected: &[(&str, How)]) {
    for (name, how) in expected {
        assert_eq!(finding.guest.how(&platform(name)), *how, "{name}: {:#?}", finding.reasons);
    }
}

#[test]
fn the_kernel_of_this_machine_tells_everything() {
    let handlers = [
        handler("qemu-aarch64", "linux/arm64", How::Qemu),
        Handler { for_containers: false, ..handler("qemu-arm", "linux/arm/v7", How::Qemu) },
    ];
    let here = Facts { is_here: true, level: Some(3), ..facts("x86_64") };
    // What was remembered of handlers is older than what is seen.
    let remembered = Facts {
        probed: BTreeMap::from([("linux/riscv64".into(), Outcome::Ran(How::Emulated))]),
        tested: Some(list(&["linux/amd64", "linux/386"])),
        ..here.clone()
    };
    runs(
        &conclude(&remembered, Some(&handlers)),
        &[
            ("linux/amd64", How::Native),
            ("linux/amd64/v3", How::Native),
            ("linux/amd64/v4", How::None),
            ("linux/386", How::Native),
            ("linux/arm64", How::Qemu),
            ("linux/arm/v7", How::None),
            ("linux/riscv64", How::None),
        ],
    );
    let without_32_bits = Facts { tested: Some(list(&["linux/amd64"])), ..here.clone() };
    runs(&conclude(&without_32_bits, Some(&handlers)), &[("linux/386", How::None)]);
    runs(&conclude(&here, Some(&handlers)), &[("linux/386", How::Native)]);
    // Workers of a containerd store do not name what they count as covered.
    let omitted = Facts { omits_32_bits: true, ..without_32_bits };
    let how = |outcome: Option<Outcome>| {
        let probed = outcome.map(|it| ("linux/386".to_owned(), it)).into_iter().collect();
        let finding = conclude(&Facts { probed, ..omitted.clone() }, Some(&handlers));
        finding.guest.how(&platform("linux/386"))
    };
    assert_eq!(how(None), How::Unknown);
    assert_eq!(how(Some(Outcome::Ran(How::Native))), How::Native);
    assert_eq!(how(Some(Outcome::Refused)), How::None);
}

#[test]
fn an_old_cpu_still_runs_the_first_level() {
    let here = Facts { is_here: true, level: Some(1), ..facts("x86_64") };
    runs(
        &conclude(&here, Some(&[])),
        &[("linux/amd64", How::Native), ("linux/amd64/v2", How::None)],
    );
}

#[test]
fn buildkit_tells_what_runs_and_sometimes_by_what() {
    let new = list(&["linux/amd64", "linux/amd64/v2", "linux/arm64", "linux/386"]);
    let remote = Facts { tested: Some(new), ..facts("x86_64") };
    runs(
        &conclude(&remote, None),
        &[
            ("linux/amd64", How::Native),
            ("linux/amd64/v2", How::Native),
            ("linux/amd64/v3", How::None),
            ("linux/386", How::Native),
            ("linux/arm64", How::Qemu),
            ("linux/s390x", How::None),
            ("linux/loong64", How::Unknown),
        ],
    );
    let old = Facts { tested: Some(list(&["linux/amd64"])), ..facts("x86_64") };
    runs(
        &conclude(&old, None),
        &[("linux/amd64/v3", How::Unknown), ("linux/386", How::None), ("linux/arm64", How::None)],
    );
}

#[test]
fn on_a_mac_settings_tell_by_what_and_32_bits_do_not_run() {
    let tested = Some(list(&["linux/arm64", "linux/amd64", "linux/amd64/v2", "linux/386"]));
    let mac = Facts {
        product: Product::DockerDesktop,
        is_apple: true,
        tested,
        translator: Some((How::Rosetta, PathBuf::from("/h/settings-store.json"))),
        ..facts("aarch64")
    };
    runs(
        &conclude(&mac, None),
        &[
            ("linux/arm64", How::Native),
            ("linux/amd64", How::Rosetta),
            ("linux/amd64/v2", How::Rosetta),
            ("linux/amd64/v3", How::Unknown),
            ("linux/386", How::Qemu),
            ("linux/arm/v7", How::None),
            ("linux/arm/v6", How::None),
        ],
    );
    let silent = Facts { translator: None, ..mac.clone() };
    runs(&conclude(&silent, None), &[("linux/amd64", How::Emulated)]);
    let tried = Facts {
        probed: BTreeMap::from([("linux/amd64".into(), Outcome::Ran(How::Rosetta))]),
        ..silent
    };
    runs(&conclude(&tried, None), &[("linux/amd64", How::Rosetta)]);
    let with_arm =
        Facts { tested: Some(list(&["linux/arm64", "linux/arm/v7", "linux/arm/v6"])), ..mac };
    runs(&conclude(&with_arm, None), &[("linux/arm/v7", How::Qemu), ("linux/arm/v6", How::Qemu)]);
}

#[test]
fn on_other_arm_machines_32_bits_run_where_they_were_tried() {
    let server = Facts { tested: Some(list(&["linux/arm64", "linux/arm/v7"])), ..facts("aarch64") };
    runs(&conclude(&server, None), &[("linux/arm/v7", How::Native), ("linux/amd64", How::None)]);
    let newer = Facts { tested: Some(list(&["linux/arm64"])), ..facts("aarch64") };
    runs(&conclude(&newer, None), &[("linux/arm/v7", How::None)]);
    let handlers = [handler("qemu-arm", "linux/arm/v7", How::Qemu)];
    runs(&conclude(&newer, Some(&handlers)), &[("linux/arm/v7", How::Qemu)]);
}

#[test]
fn podman_tells_its_handlers() {
    let machine = Facts {
        product: Product::Podman,
        is_apple: true,
        handled: Some(list(&["linux/386", "linux/amd64", "linux/arm64be"])),
        ..facts("arm64")
    };
    runs(
        &conclude(&machine, None),
        &[
            ("linux/arm64", How::Native),
            ("linux/amd64", How::Emulated),
            ("linux/386", How::Qemu),
            ("linux/arm/v7", How::None),
            ("linux/s390x", How::None),
        ],
    );
}

#[test]
fn where_nothing_tells_nothing_is_said() {
    runs(
        &conclude(&facts("x86_64"), None),
        &[
            ("linux/amd64", How::Native),
            ("linux/386", How::Native),
            ("linux/amd64/v3", How::Unknown),
            ("linux/arm64", How::Unknown),
        ],
    );
    let apple = Facts { is_apple: true, ..facts("aarch64") };
    runs(&conclude(&apple, None), &[("linux/arm/v7", How::Unknown)]);
}

#[test]
fn where_nothing_else_tells_a_program_that_was_run_does() {
    let probed = BTreeMap::from([
        ("linux/arm64".into(), Outcome::Ran(How::Emulated)),
        ("linux/s390x".into(), Outcome::Refused),
        ("linux/riscv64".into(), Outcome::Unclear),
    ]);
    runs(
        &conclude(&Facts { probed, ..facts("x86_64") }, None),
        &[
            ("linux/arm64", How::Qemu),
            ("linux/s390x", How::None),
            ("linux/riscv64", How::Unknown),
            ("linux/386", How::Native),
        ],
    );
    let ran = BTreeMap::from([("linux/arm/v7".into(), Outcome::Ran(How::Emulated))]);
    let apple = Facts { is_apple: true, probed: ran.clone(), ..facts("aarch64") };
    runs(&conclude(&apple, None), &[("linux/arm/v7", How::Qemu)]);
    let server = Facts { probed: ran, ..facts("aarch64") };
    runs(&conclude(&server, None), &[("linux/arm/v7", How::Native)]);
}
