//! Lock files as the tools write them, shortened.

use super::super::target::tests::target;
use super::*;

fn shown_all(locked: Result<Vec<Locked>, Unreadable>) -> Vec<String> {
    locked
        .unwrap()
        .into_iter()
        .map(|it| {
            let files = match &it.files {
                Files::Listed(release) => {
                    let source = if release.source { " s" } else { "" };
                    format!("{} wheels{source}", release.wheels.len())
                }
                Files::OnIndex(None) => "index".to_owned(),
                Files::OnIndex(Some(index)) => format!("index {index}"),
                Files::Elsewhere(From::Wheel(file)) => file.clone(),
                Files::Elsewhere(_) => "source".to_owned(),
            };
            format!("{} {} {} {files}", it.line, it.name, it.version)
        })
        .collect()
}

const UV: &str = r#"version = 1
requires-python = ">=3.12"

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "numpy" },
    { name = "pywin32", marker = "sys_platform == 'win32'" },
    { name = "uvicorn", extra = ["standard"] },
]

[package.optional-dependencies]
db = [{ name = "psycopg2-binary" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]
docs = [{ name = "sphinx" }]

[[package]]
name = "numpy"
version = "2.1.0"
source = { registry = "https://host/simple" }
sdist = { url = "https://files/numpy-2.1.0.tar.gz", hash = "sha256:00", size = 1 }
wheels = [
    { url = "https://files/a/numpy-2.1.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", hash = "sha256:00" },
    { url = "https://files/a/numpy-2.1.0-cp312-cp312-win_amd64.whl", hash = "sha256:00" },
]

[[package]]
name = "pywin32"
version = "306"
source = { registry = "https://host/simple" }

[[package]]
name = "uvicorn"
version = "0.30"
source = { registry = "https://host/simple" }
wheels = [{ url = "https://files/uvicorn-0.30-py3-none-any.whl" }]

[package.optional-dependencies]
standard = [{ name = "uvloop", marker = "platform_python_implementation != 'PyPy'" }]

[[package]]
name = "uvloop"
version = "0.20"
source = { registry = "https://host/simple" }
wheels = [{ url = "https://files/uvloop-0.20-cp312-cp312-manylinux2014_x86_64.whl" }]

[[package]]
name = "psycopg2-binary"
version = "2.9.9"
source = { git = "https://host/psycopg2?rev=1#00" }

[[package]]
name = "pytest"
version = "8"
source = { registry = "https://host/simple" }

[[package]]
name = "sphinx"
version = "8"
source = { url = "https://host/Sphinx-8-py3-none-any.whl" }
"#;

#[test]
fn uv_installs_what_is_reached() {
    let target = target("python:3.12", "arm64");
    let select = |selection| shown_all(uv(UV, &selection, &target));
    assert_eq!(
        select(Selection::default()),
        ["22 numpy 2.1.0 2 wheels s", "37 uvicorn 0.30 1 wheels", "46 uvloop 0.20 1 wheels"]
    );
    let selection = Selection {
        extras: vec!["db".to_owned()],
        groups: vec!["dev".to_owned(), "docs".to_owned()],
        ..Selection::default()
    };
    assert_eq!(
        select(selection)[3..],
        [
            "52 psycopg2-binary 2.9.9 source",
            "57 pytest 8 0 wheels",
            "62 sphinx 8 Sphinx-8-py3-none-any.whl"
        ]
    );
    let only = Selection { only: true, groups: vec!["docs".to_owned()], ..Selection::default() };
    assert_eq!(select(only).len(), 1);
}

#[test]
fn poetry_tells_groups_and_files() {
    let text = r#"
[[package]]
name = "Psycopg2-Binary"
version = "2.8.6"
description = "x"
optional = false
python-versions = ">=3.6"
groups = ["main"]
files = [
    {file = "psycopg2-binary-2.8.6.tar.gz", hash = "sha256:00"},
    {file = "psycopg2_binary-2.8.6-cp39-cp39-manylinux1_x86_64.whl", hash = "sha256:00"},
]

[[package]]
name = "pytest"
version = "8.0"
optional = false
groups = ["dev"]
files = [{file = "pytest-8.0-py3-none-any.whl", hash = "sha256:00"}]

[[package]]
name = "colorama"
version = "0.4"
optional = false
groups = ["main", "dev"]
markers = "sys_platform == \"win32\""
files = [{file = "colorama-0.4-py3-none-any.whl", hash = "sha256:00"}]

[[package]]
name = "redis"
version = "5.0"
optional = true
groups = ["main"]
files = [{file = "redis-5.0-py3-none-any.whl", hash = "sha256:00"}]

[[package]]
name = "mine"
version = "1.0"
optional = false
groups = ["main"]
files = []

[package.source]
type = "git"
url = "https://host/mine.git"

[extras]
cache = ["redis (>=5)"]

[metadata]
lock-version = "2.1"
"#;
    let target = target("python:3.9", "arm64");
    let all = Selection { development: true, ..Selection::default() };
    assert_eq!(
        shown_all(poetry(text, &all, &target)),
        ["3 psycopg2-binary 2.8.6 1 wheels s", "15 pytest 8.0 1 wheels", "37 mine 1.0 source"]
    );
    let main = Selection { extras: vec!["cache".to_owned()], ..Selection::default() };
    let names: Vec<_> =
        poetry(text, &main, &target).unwrap().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["psycopg2-binary", "redis", "mine"]);
}

#[test]
fn old_poetry_keeps_files_apart() {
    let text = r#"
[[package]]
name = "lxml"
version = "4.6.1"
category = "main"
optional = false

[[package]]
name = "pytest"
version = "6.0"
category = "dev"
optional = false

[metadata.files]
lxml = [
    {file = "lxml-4.6.1-cp39-cp39-manylinux1_x86_64.whl", hash = "sha256:00"},
    {file = "lxml-4.6.1.tar.gz", hash = "sha256:00"},
]
pytest = []
"#;
    let target = target("python:3.9", "arm64");
    let main = Selection::default();
    assert_eq!(shown_all(poetry(text, &main, &target)), ["3 lxml 4.6.1 1 wheels s"]);
}

#[test]
fn pylock_and_pipfile_are_read() {
    let target = target("python:3.12", "arm64");
    let text = r#"lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "attrs"
version = "25.1.0"
wheels = [{name = "attrs-25.1.0-py3-none-any.whl", url = "https://h/x", hashes = {sha256 = "00"}}]

[[packages]]
name = "win"
version = "1"
marker = "sys_platform == 'win32'"
sdist = {name = "win-1.tar.gz"}

[[packages]]
name = "vendored"
archive = {path = "vendor/vendored-1-cp312-cp312-linux_x86_64.whl"}

[[packages]]
name = "local"
directory = {path = "."}
"#;
    let all = Selection::default();
    assert_eq!(
        shown_all(pylock(text, &all, &target)),
        [
            "5 attrs 25.1.0 1 wheels",
            "16 vendored  vendored-1-cp312-cp312-linux_x86_64.whl",
            "20 local  source",
        ]
    );
    let text = r#"{
    "_meta": {"sources": [{"name": "pypi", "url": "https://pypi.org/simple"},
        {"name": "own", "url": "https://${WHO}:${KEY}@pkg.example/simple"}, {"name": "far", "url": "$FAR"}]},
    "default": {
        "psycopg2-binary": {
            "hashes": ["sha256:00"],
            "index": "pypi",
            "version": "==2.8.6"
        },
        "inner": {"index": "own", "version": "==1"},
        "other": {"index": "far", "version": "==1"},
        "mine": {"git": "https://h/mine.git", "ref": "00"},
        "pywin32": {"markers": "sys_platform == 'win32'", "version": "==306"}
    },
    "develop": {
        "pytest": {"version": "==8.0"}
    }
}"#;
    assert_eq!(
        shown_all(pipfile(text, &all, &target)),
        [
            "5 psycopg2-binary 2.8.6 index https://pypi.org/simple",
            "10 inner 1 index https://pkg.example/simple",
            "11 other 1 index",
            "12 mine  source"
        ]
    );
    let all = Selection { development: true, ..Selection::default() };
    assert_eq!(pipfile(text, &all, &target).unwrap().len(), 5);
}

#[test]
fn what_cannot_be_read_is_said() {
    let target = target("python:3.12", "arm64");
    let all = Selection::default();
    assert_eq!(uv("a = 1\nb =", &all, &target).unwrap_err().line, 2);
    assert_eq!(pipfile("{\n\"default\": 1}", &all, &target).unwrap_err().line, 2);
}
