//! Projects as they are on the index, shortened to the files that matter.

use super::super::releases::{IndexFile, releases};
use super::super::target::tests::target;
use super::*;

const PSYCOPG: &[&str] = &[
    "psycopg2-binary-2.8.6.tar.gz",
    "psycopg2_binary-2.8.6-cp38-cp38-manylinux1_x86_64.whl",
    "psycopg2_binary-2.8.6-cp39-cp39-manylinux1_x86_64.whl",
    "psycopg2-binary-2.9.tar.gz",
    "psycopg2_binary-2.9-cp39-cp39-manylinux1_x86_64.whl",
    "psycopg2-binary-2.9.1.tar.gz",
    "psycopg2_binary-2.9.1-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "psycopg2_binary-2.9.1-cp39-cp39-manylinux_2_24_aarch64.whl",
    "psycopg2-binary-2.9.9.tar.gz",
    "psycopg2_binary-2.9.9-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "psycopg2_binary-2.9.9-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
];

fn of(project: &str, files: &[&str]) -> Vec<Release> {
    let files = files.iter().map(|name| IndexFile {
        name: (*name).to_owned(),
        requires_python: String::new(),
        yanked: name.contains("-6.6.6"),
        metadata: None,
    });
    releases(project, files)
}

/// State, version for native, version for the pinned platform, first and newest native version.
fn told(requirement: &str, files: &[&str], image: &str, forms: &Forms) -> String {
    let requirement = Requirement::parse(requirement).unwrap();
    let releases = of(&requirement.name, files);
    let (native, pinned) = (target(image, "arm64"), target(image, "amd64"));
    let sides = Sides { native: &native, pinned: &pinned };
    let judgement = judge(&requirement, &[], &releases, forms, sides);
    let or = |text: Option<String>| text.unwrap_or("-".to_owned());
    format!(
        "{:?} {} {} {} {}",
        judgement.state,
        or(judgement.version),
        or(judgement.pinned_version),
        or(judgement.first_native),
        or(judgement.newest_native)
    )
}

#[test]
fn what_pip_would_take_decides() {
    let none = Forms::default();
    for (requirement, image, expected) in [
        ("psycopg2-binary==2.8.6", "python:3.9-slim", "NeedsCompiler 2.8.6 2.8.6 2.9.1 2.9.9"),
        ("psycopg2-binary<2.9", "python:3.9-slim", "NeedsCompiler 2.8.6 2.8.6 2.9.1 2.9.9"),
        ("psycopg2-binary>=2.8", "python:3.9-slim", "NativeWheel 2.9.9 2.9.9 - -"),
        ("psycopg2-binary==2.9.1", "python:3.9-slim", "NativeWheel 2.9.1 2.9.1 - -"),
        ("psycopg2-binary==2.8.6", "python:3.12-slim", "SourceOnly 2.8.6 2.8.6 - -"),
        ("psycopg2-binary==2.8.6", "python:3.9-alpine", "SourceOnly 2.8.6 2.8.6 - -"),
        ("psycopg2-binary==2.7", "python:3.9-slim", "NotFound - - - -"),
        ("psycopg2-binary==2.8.6", "mine/base", "NeedsCompiler 2.8.6 2.8.6 2.9.1 2.9.9"),
    ] {
        assert_eq!(told(requirement, PSYCOPG, image, &none), expected, "{requirement} {image}");
    }
}

#[test]
fn forms_that_are_refused_count() {
    let only = Forms { only_binary: vec![":all:".to_owned()], ..Forms::default() };
    let image = "python:3.9-slim";
    assert_eq!(
        told("psycopg2-binary==2.8.6", PSYCOPG, image, &only),
        "NoDistribution - 2.8.6 2.9.1 2.9.9"
    );
    let no = Forms { no_binary: vec!["psycopg2-binary".to_owned()], ..only };
    assert_eq!(
        told("psycopg2-binary==2.8.6", PSYCOPG, image, &no),
        "SourceOnly 2.8.6 2.8.6 - -",
        "a name goes before all"
    );
    let prefer = Forms { prefer_binary: true, ..Forms::default() };
    let files = ["a-1-cp39-cp39-manylinux2014_aarch64.whl", "a-2.tar.gz"];
    assert_eq!(told("a", &files, image, &prefer), "NativeWheel 1 2 - -");
    assert_eq!(told("a", &files, image, &Forms::default()), "SourceOnly 2 2 - -");
}

#[test]
fn wheels_without_sources_are_all_there_is() {
    let files = [
        "tensorflow-2.4.0-cp38-cp38-manylinux2010_x86_64.whl",
        "tensorflow-2.10.0-cp38-cp38-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
        "tensorflow-2.10.0-cp38-cp38-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    ];
    let none = Forms::default();
    assert_eq!(
        told("tensorflow==2.4", &files, "python:3.8", &none),
        "NoDistribution - 2.4.0 2.10.0 2.10.0"
    );
    assert_eq!(told("tensorflow==2.4", &files, "python:3.12", &none), "NotFound - - - -");
    assert_eq!(told("tensorflow", &files, "python:3.8", &none), "NativeWheel 2.10.0 2.10.0 - -");
}

#[test]
fn unfinished_and_withdrawn_releases_are_rarely_taken() {
    let none = Forms::default();
    let image = "python:3.9";
    let files = ["a-1-py3-none-any.whl", "a-2rc1-py3-none-any.whl", "a-6.6.6-py3-none-any.whl"];
    assert_eq!(told("a", &files, image, &none), "Pure 1 1 - -");
    assert_eq!(told("a>=2rc1", &files, image, &none), "Pure 2rc1 2rc1 - -");
    assert_eq!(told("a==6.6.6", &files, image, &none), "Pure 6.6.6 6.6.6 - -");
    assert_eq!(told("a>3", &files, image, &none), "NotFound - - - -");
    assert_eq!(told("b", &["b-1a1-py3-none-any.whl"], image, &none), "Pure 1a1 1a1 - -");
    let pre = Forms { pre: true, ..Forms::default() };
    assert_eq!(told("a", &files, image, &pre), "Pure 2rc1 2rc1 - -");
}

#[test]
fn local_labels_are_no_matter_to_a_plain_pin() {
    let files = [
        "torch-2.1.0+cpu-cp311-cp311-linux_x86_64.whl",
        "torch-2.1.0-cp311-cp311-manylinux2014_aarch64.whl",
    ];
    assert_eq!(
        told("torch==2.1.0", &files, "python:3.11", &Forms::default()),
        "NativeWheel 2.1.0 2.1.0+cpu - -"
    );
}

#[test]
fn without_a_version_of_python_all_must_be_covered() {
    let files = [
        "a-1-cp38-cp38-manylinux2014_x86_64.whl",
        "a-1-cp39-cp39-manylinux2014_x86_64.whl",
        "a-1-cp39-cp39-manylinux2014_aarch64.whl",
    ];
    assert_eq!(told("a", &files, "mine/base", &Forms::default()), "Unknown 1 1 - -");
    assert_eq!(told("a", &files[1..], "mine/base", &Forms::default()), "NativeWheel 1 1 - -");
}

#[test]
fn files_elsewhere_are_judged_by_their_names() {
    let none = Forms::default();
    let image = "python:3.9";
    for (requirement, expected) in [
        ("a @ https://h/a-1-cp39-cp39-linux_x86_64.whl", "NoDistribution 1 1 - -"),
        ("a @ https://h/a-1-cp39-cp39-linux_aarch64.whl", "NativeWheel 1 1 - -"),
        ("a @ https://h/a-1-py3-none-any.whl", "Pure 1 1 - -"),
        ("a @ git+https://h/a", "SourceOnly - - - -"),
    ] {
        assert_eq!(told(requirement, &[], image, &none), expected, "{requirement}");
    }
}
