//! Packages of builds, asked of an index that is a thread of the test.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bireme::packages::{Inspector, Report, Request, Settings, State, Verdict};
use bireme::platform::Platform;
use tempfile::TempDir;

const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// An index over HTTP.
struct Index {
    url: String,
    /// First lines of the requests, with what was said of credentials and of what is known.
    requests: Arc<Mutex<Vec<String>>>,
}

/// A page: content type, body.
type Pages = HashMap<String, (String, String)>;

impl Index {
    fn start(pages: Pages) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, pages) = (Arc::clone(&requests), Arc::new(pages));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, pages) = (Arc::clone(&seen), Arc::clone(&pages));
                thread::spawn(move || serve(stream, &pages, &seen));
            }
        });
        Self { url: format!("http://{address}/simple"), requests }
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.requests.lock().expect("no thread panics"));
        asked.sort();
        asked
    }
}

fn serve(mut stream: TcpStream, pages: &Pages, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket can be shared"));
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut said = path.clone();
        let mut matches = false;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                break;
            }
            let line = line.to_lowercase();
            if line.starts_with("authorization:") {
                said.push_str(" authorized");
            }
            matches |= line.starts_with("if-none-match: \"1\"");
        }
        seen.lock().expect("no thread panics").push(said);
        if path.contains("/slow/") {
            thread::sleep(Duration::from_secs(5));
        }
        let answer = match pages.get(&path) {
            None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Some(_) if matches => "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned(),
            Some((kind, body)) => format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nETag: \"1\"\r\nCache-Control: max-age={}\r\nContent-Length: {}\r\n\r\n{body}",
                if path.contains("stale") { 0 } else { 600 },
                body.len()
            ),
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn json(files: &[&str]) -> (String, String) {
    let files: Vec<_> = files
        .iter()
        .map(|name| format!(r#"{{"filename": "{name}", "url": "x", "hashes": {{}}}}"#))
        .collect();
    (JSON.to_owned(), format!(r#"{{"files": [{}]}}"#, files.join(",")))
}

fn html(files: &[&str]) -> (String, String) {
    let mut body = "<!DOCTYPE html><html><body>".to_owned();
    for name in files {
        write!(body, "<a href=\"../../{name}#sha256=00\">{name}</a>").expect("it is a string");
    }
    ("text/html".to_owned(), body)
}

/// The pages of an index.
fn pages(list: Vec<(&str, (String, String))>) -> Pages {
    list.into_iter().map(|(name, page)| (format!("/simple/{name}/"), page)).collect()
}

/// A user's machine, with nothing of the real one.
struct Machine {
    home: TempDir,
    variables: BTreeMap<String, String>,
}

impl Machine {
    fn new(index: &str) -> Self {
        let variables = [("PIP_INDEX_URL".to_owned(), index.to_owned())].into();
        Self { home: tempfile::tempdir().expect("a directory can be made"), variables }
    }

    fn inspect(&self, dockerfile: &str, files: &[(&str, &str)], limit: Duration) -> Report {
        let context = |path: &str| {
            files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned())
        };
        let inspector = Inspector::new(Settings {
            variables: self.variables.clone(),
            home: Some(self.home.path().to_owned()),
        });
        let (args, versions) = (BTreeMap::new(), BTreeMap::new());
        let request = Request {
            dockerfile,
            file: "Dockerfile",
            target: "",
            args: &args,
            context: &context,
            python_versions: &versions,
            native: &Platform::new("linux", "arm64", ""),
            pinned: &Platform::new("linux", "amd64", ""),
            built_for: &Platform::new("linux", "amd64", ""),
            deadline: Instant::now() + limit,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(inspector.inspect(&request))
    }
}

const DOCKERFILE: &str = "FROM python:3.9-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n";
const LIMIT: Duration = Duration::from_secs(30);

fn psycopg() -> (String, String) {
    json(&[
        "psycopg2-binary-2.8.6.tar.gz",
        "psycopg2_binary-2.8.6-cp39-cp39-manylinux1_x86_64.whl",
        "psycopg2-binary-2.9.1.tar.gz",
        "psycopg2_binary-2.9.1-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "psycopg2_binary-2.9.1-cp39-cp39-manylinux_2_24_aarch64.whl",
    ])
}

fn sentences(report: &Report) -> Vec<String> {
    let native = Platform::new("linux", "arm64", "");
    report.packages.iter().map(|it| format!("{} {}", it.place, it.sentence(&native))).collect()
}

#[test]
fn a_package_without_a_native_wheel_forces_the_pin() {
    let index = Index::start(pages(vec![
        ("psycopg2-binary", psycopg()),
        ("django", html(&["Django-3.2-py3-none-any.whl", "Django-3.2.tar.gz"])),
        ("numpy", html(&["numpy-1.21.0-cp39-cp39-manylinux2014_aarch64.whl"])),
        ("uwsgi", json(&["uWSGI-2.0.20.tar.gz"])),
    ]));
    let machine = Machine::new(&index.url);
    let files = [("requirements.txt", "Django==3.2\npsycopg2-binary==2.8.6\nnumpy\nuwsgi\nmine\n")];
    let report = machine.inspect(DOCKERFILE, &files, LIMIT);
    assert_eq!(report.verdict, Verdict::Forces);
    assert_eq!(
        report.untold,
        ["django 3.2", "numpy 1.21.0", "psycopg2-binary 2.8.6", "uwsgi 2.0.20"],
        "the index offers no metadata"
    );
    assert!(!report.has_compiler);
    assert_eq!(
        sentences(&report),
        [
            "requirements.txt:2 psycopg2-binary 2.8.6 has no wheel for linux/arm64 and would need a compiler; 2.9.1 is the first with one",
            "requirements.txt:1 django 3.2 is the same on every platform",
            "requirements.txt:3 numpy 1.21.0 has a wheel for linux/arm64",
            "requirements.txt:4 uwsgi 2.0.20 is built from source on every platform",
            "requirements.txt:5 mine could not be looked at: the index has no such project",
        ]
    );
    let data = serde_json::to_value(&report).expect("it is plain data");
    assert_eq!(data["packages"][0]["state"], "needs-compiler");
    assert_eq!(index.asked().len(), 5);
}

#[test]
fn answers_are_kept_and_asked_for_again_by_their_names() {
    let index = Index::start(pages(vec![
        ("psycopg2-binary", psycopg()),
        ("stale", json(&["stale-1-py3-none-any.whl"])),
    ]));
    let machine = Machine::new(&index.url);
    let files = [("requirements.txt", "psycopg2-binary>=2.9\nstale\nnone\n")];
    let first = machine.inspect(DOCKERFILE, &files, LIMIT);
    assert_eq!(index.asked().len(), 3);
    let second = machine.inspect(DOCKERFILE, &files, LIMIT);
    assert_eq!(first, second);
    assert_eq!(index.asked(), ["/simple/stale/"], "what is fresh is not asked for");
}

#[test]
fn a_lock_file_names_the_index_of_each_package() {
    let own = Index::start(pages(vec![(
        "inner",
        json(&["inner-1.0-cp39-cp39-manylinux2014_x86_64.whl", "inner-1.0.tar.gz"]),
    )]));
    let users = Index::start(pages(vec![("attrs", json(&["attrs-25.1.0-py3-none-any.whl"]))]));
    let lock = format!(
        r#"{{
    "_meta": {{"sources": [
        {{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": true}},
        {{"name": "own", "url": "{}", "verify_ssl": true}}
    ]}},
    "default": {{
        "attrs": {{"index": "pypi", "version": "==25.1.0"}},
        "inner": {{"index": "own", "version": "==1.0"}}
    }}
}}"#,
        own.url
    );
    let dockerfile =
        "FROM python:3.9-slim\nCOPY Pipfile Pipfile.lock ./\nRUN pipenv sync --system\n";
    let machine = Machine::new(&users.url);
    let report = machine.inspect(dockerfile, &[("Pipfile.lock", &lock), ("Pipfile", "")], LIMIT);
    assert_eq!(
        sentences(&report),
        [
            "Pipfile.lock:8 inner 1.0 has no wheel for linux/arm64 and would need a compiler",
            "Pipfile.lock:7 attrs 25.1.0 is the same on every platform",
        ]
    );
    assert_eq!(own.asked(), ["/simple/inner/"]);
    assert_eq!(
        users.asked(),
        ["/simple/attrs/"],
        "the user's stands in the place of the public one"
    );
}

/// A page whose files have their metadata beside them, and that metadata.
fn with_metadata(name: &str, files: &[(&str, &[&str])]) -> Vec<(String, (String, String))> {
    let listed: Vec<_> = files
        .iter()
        .map(|(file, _)| {
            format!(r#"{{"filename": "{file}", "url": "{file}", "core-metadata": true}}"#)
        })
        .collect();
    let page = (JSON.to_owned(), format!(r#"{{"files": [{}]}}"#, listed.join(",")));
    let metadata = files.iter().map(|(file, needs)| {
        let needs = needs.iter().flat_map(|need| ["Requires-Dist: ", need, "\n"]);
        let needs: String = needs.collect();
        let text = format!("Metadata-Version: 2.1\nName: {name}\n{needs}\nIt is a package.\n");
        (format!("/simple/{name}/{file}.metadata"), ("text/plain".to_owned(), text))
    });
    std::iter::once((format!("/simple/{name}/"), page)).chain(metadata).collect()
}

/// What `app` and `old` need in turn: `app` for Python 3.9, where files name neither.
fn with_needs() -> Pages {
    let wheel = |name: &str| format!("{name}-1-py3-none-any.whl");
    let mut pages: Pages = with_metadata(
        "app",
        &[(&wheel("app"), &["psycopg2-binary<2.9", "late; python_version > '3.9'", "tail[fast]"])],
    )
    .into_iter()
    .collect();
    pages.extend(with_metadata(
        "tail",
        &[(&wheel("tail"), &["end; extra == 'fast'", "none; extra == 'slow'"])],
    ));
    pages.extend(with_metadata("end", &[("end-2-cp39-cp39-manylinux2014_aarch64.whl", &["app"])]));
    pages.insert("/simple/psycopg2-binary/".to_owned(), psycopg());
    pages.insert("/simple/old/".to_owned(), json(&["old-1.tar.gz"]));
    pages
}

#[test]
fn what_packages_need_in_turn_is_looked_at() {
    let index = Index::start(with_needs());
    let machine = Machine::new(&index.url);
    let files = [("requirements.txt", "app\nold\n")];
    let report = machine.inspect(DOCKERFILE, &files, LIMIT);
    assert_eq!(
        sentences(&report),
        [
            "requirements.txt:1 psycopg2-binary 2.8.6 (for app) has no wheel for linux/arm64 and would need a compiler; 2.9.1 is the first with one",
            "requirements.txt:1 app 1 is the same on every platform",
            "requirements.txt:2 old 1 is built from source on every platform",
            "requirements.txt:1 end 2 (for tail) has a wheel for linux/arm64",
            "requirements.txt:1 tail 1 (for app) is the same on every platform",
        ]
    );
    assert_eq!(report.untold, ["old 1", "psycopg2-binary 2.8.6"]);
    assert_eq!(report.verdict, Verdict::Forces);
    let asked = index.asked();
    assert_eq!(asked.len(), 5 + 3, "each page and each text once: {asked:?}");
    assert_eq!(machine.inspect(DOCKERFILE, &files, LIMIT), report);
    assert_eq!(index.asked(), [""; 0], "all is kept");

    // Whoever says so gets only what is written down.
    let alone = DOCKERFILE.replace("install", "install --no-deps");
    assert_eq!(machine.inspect(&alone, &files, LIMIT).packages.len(), 2);
}

#[test]
fn what_is_needed_and_not_answered_is_unknown() {
    let mut pages = with_needs();
    pages.remove("/simple/tail/tail-1-py3-none-any.whl.metadata");
    pages.insert(
        "/simple/psycopg2-binary/".to_owned(),
        json(&["psycopg2_binary-2.8-py3-none-any.whl"]),
    );
    let index = Index::start(pages);
    let report =
        Machine::new(&index.url).inspect(DOCKERFILE, &[("requirements.txt", "app\n")], LIMIT);
    assert_eq!(report.verdict, Verdict::Unknown);
    let notes: Vec<_> = report.notes.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        notes,
        ["what tail 1 needs is not known: 127.0.0.1 answers 404 Not Found for its metadata"]
    );
}

#[test]
fn what_is_not_answered_in_time_is_unknown() {
    let index = Index::start(pages(vec![("a", json(&["a-1-py3-none-any.whl"]))]));
    let machine = Machine::new(&index.url);
    let files = [("requirements.txt", "a\nslow\n")];
    let started = Instant::now();
    let report = machine.inspect(DOCKERFILE, &files, Duration::from_millis(1500));
    assert!(started.elapsed() < Duration::from_secs(4), "the deadline is kept");
    assert_eq!(report.verdict, Verdict::Unknown);
    let states: Vec<_> = report.packages.iter().map(|it| it.state).collect();
    assert_eq!(states, [State::Pure, State::Unknown]);
    let nobody = Machine::new("http://127.0.0.1:9/simple");
    let report = nobody.inspect(DOCKERFILE, &files[..1], LIMIT);
    assert_eq!(report.verdict, Verdict::Unknown);
}

#[test]
fn the_indexes_of_files_and_credentials_are_used() {
    let index = Index::start(pages(vec![("a", json(&["a-1-py3-none-any.whl"]))]));
    let other = Index::start(pages(vec![("b", json(&["b-1-cp39-cp39-manylinux2014_x86_64.whl"]))]));
    let machine = Machine::new("http://127.0.0.1:9/simple");
    let login = "machine 127.0.0.1 login me password secret\n";
    std::fs::write(machine.home.path().join(".netrc"), login).expect("it can be written");
    let secret = other.url.replace("http://", "http://user:p%40ss@");
    let text = format!("--index-url {}\n--extra-index-url {secret}\na\nb\n", index.url);
    let report = machine.inspect(DOCKERFILE, &[("requirements.txt", &text)], LIMIT);
    assert_eq!(
        sentences(&report),
        [
            "requirements.txt:4 b 1 has no wheel for linux/arm64",
            "requirements.txt:3 a 1 is the same on every platform",
        ]
    );
    assert_eq!(index.asked(), ["/simple/a/ authorized", "/simple/b/ authorized"]);
    assert_eq!(other.asked(), ["/simple/a/ authorized", "/simple/b/ authorized"]);
}

#[test]
fn lock_files_need_no_index_but_for_a_way_out() {
    let index = Index::start(pages(vec![("psycopg2-binary", psycopg())]));
    let machine = Machine::new(&index.url);
    let dockerfile = "FROM python:3.9\nCOPY . /app\nWORKDIR /app\nRUN poetry install\n";
    let lock = |version: &str, wheel: &str| {
        format!(
            "[[package]]\nname = \"psycopg2-binary\"\nversion = \"{version}\"\nfiles = [{{file = \"psycopg2_binary-{version}-{wheel}.whl\"}}]\n"
        )
    };
    let free = lock("2.9.1", "cp39-cp39-manylinux_2_24_aarch64");
    let report = machine.inspect(dockerfile, &[("poetry.lock", &free)], LIMIT);
    assert_eq!((report.verdict, report.untold.len()), (Verdict::Free, 0));
    assert!(report.has_compiler, "the image has one");
    assert!(index.asked().is_empty());
    let forced = lock("2.8.6", "cp39-cp39-manylinux1_x86_64");
    let report = machine.inspect(dockerfile, &[("poetry.lock", &forced)], LIMIT);
    assert_eq!(
        sentences(&report),
        [
            "poetry.lock:2 psycopg2-binary 2.8.6 has no wheel for linux/arm64; 2.9.1 is the first with one"
        ]
    );
    assert_eq!(index.asked().len(), 1);
}

#[test]
fn packages_of_node_and_ruby_are_read_from_their_lock_files() {
    let machine = Machine::new("http://127.0.0.1:9/simple");
    let npm = r#"{"lockfileVersion": 3, "packages": {
"node_modules/esbuild": {"version": "0.21.5", "optionalDependencies": {"@esbuild/linux-arm64": "0.21.5", "@esbuild/linux-x64": "0.21.5"}},
"node_modules/@esbuild/linux-x64": {"version": "0.21.5", "cpu": ["x64"], "os": ["linux"], "optional": true}
}}"#;
    let dockerfile =
        "FROM node:20\nCOPY package-lock.json package.json /app/\nRUN cd /app && npm ci\n";
    let report = machine.inspect(dockerfile, &[("package-lock.json", npm)], LIMIT);
    assert_eq!(
        sentences(&report),
        [
            "package-lock.json:2 esbuild 0.21.5 has no package for linux/arm64: `@esbuild/linux-arm64` exists and is not in the lock file, which was written on another platform"
        ]
    );
    let dockerfile = "FROM ruby:3.3\nWORKDIR /app\nCOPY Gemfile* ./\nRUN bundle install\n";
    let gems = "GEM\n  specs:\n    nokogiri (1.15.4-x86_64-linux)\n\nPLATFORMS\n  x86_64-linux\n";
    let report = machine.inspect(dockerfile, &[("Gemfile.lock", gems)], LIMIT);
    assert_eq!(
        sentences(&report),
        [
            "Gemfile.lock:5 Gemfile.lock is not locked for linux/arm64: `bundle lock --add-platform aarch64-linux` mends that"
        ]
    );
    assert_eq!(
        machine.inspect("FROM alpine\nRUN true\n", &[], LIMIT).verdict,
        Verdict::NothingInstalled
    );
}

#[test]
fn lock_files_of_poetry_without_groups_are_followed_from_the_project() {
    let machine = Machine::new("http://127.0.0.1:9/simple");
    let package = |name: &str, more: &str| {
        let file = format!("files = [{{file = \"{name}-1-py3-none-any.whl\"}}]");
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"1\"\noptional = false\n{file}\n{more}\n"
        )
    };
    let needs = "[package.dependencies]\nCommon_Part = \"*\"\nextra-part = {version = \"*\", optional = true, markers = \"extra == \\\"more\\\"\"}\nwin = {version = \"*\", markers = \"sys_platform == \\\"win32\\\"\"}\n\n[package.extras]\nmore = [\"extra.part (>=1)\"]\n";
    let lock = [
        package("web", needs),
        package(
            "lint",
            "[package.dependencies]\ncommon-part = [{version = \">=1\"}]\nown = \"*\"\n",
        ),
        package("own", ""),
        package("common-part", ""),
        package("extra-part", ""),
        package("win", ""),
        package("cache", "").replace("optional = false", "optional = true"),
        package("pages", ""),
        "[extras]\nquick = [\"cache\"]\n\n[metadata]\nlock-version = \"2.0\"\n".to_owned(),
    ]
    .concat();
    let project = r#"[tool.poetry.dependencies]
python = "^3.9"
Web = "^1 || ^2"
cache = { version = "1", optional = true }
[tool.poetry.extras]
quick = ["cache"]
[tool.poetry.group.dev.dependencies]
lint = "*"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
pages = "*"
"#;
    let names = |flags: &str, project: &str| {
        let dockerfile =
            format!("FROM python:3.9\nCOPY . /app\nWORKDIR /app\nRUN poetry install {flags}\n");
        let files = [("poetry.lock", &lock[..]), ("pyproject.toml", project)];
        let report = machine.inspect(&dockerfile, &files, LIMIT);
        assert_eq!(report.verdict, Verdict::Free, "{flags}: {:?}", report.notes);
        report.packages.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    for (flags, expected) in [
        ("", &["web", "lint", "own", "common-part"][..]),
        ("--only main", &["web", "common-part"]),
        ("--no-dev", &["web", "common-part"]),
        ("--without dev -E quick", &["web", "common-part", "cache"]),
        ("--only dev", &["lint", "own", "common-part"]),
        ("--no-dev --with docs", &["web", "common-part", "pages"]),
    ] {
        assert_eq!(names(flags, project), expected, "{flags}");
    }
    let with_extra = project.replace("\"^1 || ^2\"", "{ version = \"*\", extras = [\"more\"] }");
    assert_eq!(names("--only main", &with_extra), ["web", "common-part", "extra-part"]);
    let bare = |flags: &str| {
        let dockerfile =
            format!("FROM python:3.9\nCOPY . /app\nWORKDIR /app\nRUN poetry install {flags}\n");
        machine.inspect(&dockerfile, &[("poetry.lock", &lock)], LIMIT)
    };
    assert_eq!(bare("").packages.len(), 7);
    let report = bare("--only main");
    assert_eq!((report.verdict, report.packages.len()), (Verdict::Unknown, 0));
    assert_eq!(
        report.notes[0].message,
        "cannot be read: which groups its packages are for stands in no `pyproject.toml`"
    );
}
