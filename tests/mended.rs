//! Pins in every form that files may write them in, taken out and compared byte for byte: layouts are multiplied by
//! spellings, comments, line ends and what stands at the ends of a file, some thousand projects.
//!
//! In a layout `[-…-]` encloses what goes and `[+…+]` what comes; `KEY`, `VALUE` and `NOTE` are spelt in
//! several ways. Services named `db` are to be mended; all others keep what they have.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bireme::compose::assemble::{Selection, assemble};
use bireme::compose::files::Memory;
use bireme::compose::load::{LoadOptions, merged};
use bireme::compose::render::project_json;
use bireme::compose::source::Request;
use bireme::platform::mend::{Wanted, mend};
use serde_json::Value;

#[path = "mended/layouts.rs"]
mod layouts;

use layouts::{JSON, Layout, YAML};

/// How a key, a value and what is behind them are spelt.
#[derive(Debug, Clone, Copy)]
struct Spelling {
    key: &'static str,
    value: &'static str,
    note: &'static str,
}

/// How a file is stored.
#[derive(Debug, Clone, Copy)]
struct Storage {
    windows: bool,
    mark: bool,
    open_end: bool,
}

const SPELLINGS: [Spelling; 7] = [
    Spelling { key: "platform", value: "linux/amd64", note: "" },
    Spelling { key: "platform", value: "linux/amd64", note: " # the M1 of the year before last" },
    Spelling { key: "\"platform\"", value: "\"linux/amd64\"", note: "\t# ümläut" },
    Spelling { key: "'platform'", value: "'linux/amd64'", note: "  " },
    Spelling { key: "platform", value: "!!str linux/amd64", note: " # a: {b}, \"c" },
    Spelling { key: "\"plat\\u0066orm\"", value: "\"linux\\/amd64\"", note: "" },
    Spelling { key: "platform", value: "linux/x86_64", note: " #" },
];

const OF_JSON: [Spelling; 1] =
    [Spelling { key: "\"platform\"", value: "\"linux/amd64\"", note: "" }];

fn storages() -> impl Iterator<Item = Storage> {
    (0..8).map(|bits| Storage { windows: bits & 1 > 0, mark: bits & 2 > 0, open_end: bits & 4 > 0 })
}

/// The files of a layout, before and after.
struct Variant {
    before: BTreeMap<PathBuf, String>,
    after: BTreeMap<PathBuf, String>,
}

impl Variant {
    fn of(layout: &Layout, spelling: Spelling, storage: Storage) -> Self {
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        for (name, text) in layout.files {
            let spelt = text
                .replace("KEY", spelling.key)
                .replace("VALUE", spelling.value)
                .replace("NOTE", spelling.note);
            let path = PathBuf::from("/p").join(name);
            let [old, new] = [("[-", "-]", "[+", "+]"), ("[+", "+]", "[-", "-]")].map(
                |(kept, end_kept, gone, end_gone)| {
                    let text = without(&spelt, gone, end_gone);
                    text.replace(kept, "").replace(end_kept, "")
                },
            );
            if !old.is_empty() {
                before.insert(path.clone(), stored(&old, storage));
            }
            // A file of our own is not stored as the user's are.
            let is_new = old.is_empty();
            let new = if is_new {
                new
            } else if storage.open_end && text.trim_end().ends_with("-]") {
                // With its line break goes what was not there.
                stored(&format!("{new}@"), storage).replace('@', "")
            } else {
                stored(&new, storage)
            };
            after.insert(path, new);
        }
        Self { before, after }
    }
}

/// The text without what two marks enclose.
fn without(text: &str, begin: &str, end: &str) -> String {
    let mut parts = text.split(begin);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once(end).expect("a mark is closed").1)
}

fn stored(text: &str, storage: Storage) -> String {
    let Storage { windows, mark, open_end } = storage;
    let text = if open_end { text.strip_suffix('\n').unwrap_or(text) } else { text };
    let text = if windows { text.replace('\n', "\r\n") } else { text.to_owned() };
    format!("{}{text}", if mark { "\u{feff}" } else { "" })
}

fn request(layout: &Layout) -> Request {
    Request {
        files: layout.named.iter().map(|&name| name.to_owned()).collect(),
        project_name: Some("p".to_owned()),
        current_directory: PathBuf::from("/p"),
        ..Request::default()
    }
}

fn memory(files: &BTreeMap<PathBuf, String>) -> Memory {
    files.iter().fold(Memory::default(), |memory, (path, text)| memory.file(path, text.as_str()))
}

/// The project as `config --format json` prints it.
fn said(request: &Request, files: &BTreeMap<PathBuf, String>) -> Result<Value, String> {
    let (options, files) = (LoadOptions::default(), memory(files));
    let project = merged(request, &options, &files)
        .and_then(|merged| assemble(merged, &options, &Selection::default(), &files))
        .map_err(|failure| failure.to_string())?
        .0;
    serde_json::from_str(&project_json(&project)).map_err(|error| error.to_string())
}

fn is_wanted(service: &str) -> bool {
    service.starts_with("db")
}

/// What is wrong with how a variant is mended.
fn check(layout: &Layout, variant: &Variant) -> Result<(), String> {
    let mut request = request(layout);
    let before = said(&request, &variant.before)?;
    let services = before["services"].as_object().ok_or("it has no services")?;
    let wanted: Vec<String> = services.keys().filter(|it| is_wanted(it)).cloned().collect();
    for service in &wanted {
        if services[service]["platform"].is_null() {
            return Err(format!("{service} has no pin to begin with"));
        }
    }
    let wanted = Wanted { unpinned: wanted, ..Wanted::default() };
    let native = bireme::platform::Platform::new("linux", "arm64", "");
    let mending = mend(&request, &memory(&variant.before), &wanted, &native)
        .map_err(|failure| failure.to_string())?;
    if !mending.refused.is_empty() {
        return Err(format!("{:?}", mending.refused));
    }
    let mut files = variant.before.clone();
    files.extend(mending.changes.into_iter().map(|change| (change.path, change.after)));
    for (path, expected) in &variant.after {
        let found = files.get(path).map_or("", String::as_str);
        if found != expected {
            return Err(format!(
                "{}\n  expected {expected:?}\n  found    {found:?}",
                path.display()
            ));
        }
    }
    if files.len() > variant.after.len() {
        return Err(format!("more files than expected: {:?}", files.keys()));
    }
    if let Some(path) = mending.to_name {
        request.files.push(path.display().to_string());
    }
    let mut expected = before;
    let services = expected["services"].as_object_mut().ok_or("it has no services")?;
    for (_, service) in services.iter_mut().filter(|(name, _)| is_wanted(name)) {
        service.as_object_mut().ok_or("it is no mapping")?.remove("platform");
    }
    let after = said(&request, &files)?;
    if without_extensions(after.clone()) != without_extensions(expected) {
        return Err(format!("it says something else now: {after}"));
    }
    Ok(())
}

/// What `x-` mappings share is no part of the services.
fn without_extensions(mut said: Value) -> Value {
    if let Some(root) = said.as_object_mut() {
        root.retain(|key, _| !key.starts_with("x-"));
    }
    said
}

fn check_all(layouts: &[Layout], spellings: &[Spelling]) {
    let (mut count, mut failures) = (0, Vec::<String>::new());
    for layout in layouts {
        for &spelling in spellings {
            for storage in storages() {
                count += 1;
                if let Err(problem) = check(layout, &Variant::of(layout, spelling, storage)) {
                    failures.push(format!("{}, {spelling:?}, {storage:?}: {problem}", layout.what));
                    break;
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn pins_in_yaml_are_taken_out_and_nothing_else() {
    check_all(YAML, &SPELLINGS);
}

#[test]
fn pins_in_json_are_taken_out_and_nothing_else() {
    check_all(JSON, &OF_JSON);
}
