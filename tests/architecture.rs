//! The rules of the house, read off the source: pure rooms stay pure, and arrows point inwards.
//!
//! `docs/architecture.md` has the rooms and their reasons. This test looks at the paths that the code names
//! (`use` lines and others), without comments and without unit tests (at the end of a file, or in `tests.rs`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every room with its depth: a room may use rooms of a smaller depth. `lib.rs` declares no other.
const ROOMS: [(&str, u8); 13] = [
    ("diagnostic", 0),
    ("compose", 1),
    ("graph", 2),
    ("platform", 2),
    ("engine", 2),
    ("remote", 3),
    ("stack", 3),
    ("build", 4),
    ("packages", 4),
    ("watch", 5),
    ("ui", 4),
    ("survey", 5),
    ("cli", 6),
];

/// What takes everything as arguments: a room, or a part of one.
const PURE: [&str; 21] = [
    "build/buildx/choice",
    "build/buildx/container",
    "build/buildx/driver",
    "build/buildx/store",
    "diagnostic",
    "compose",
    "graph",
    "packages/dockerfile",
    "packages/image",
    "packages/index/netrc",
    "packages/index/page",
    "packages/lines",
    "packages/node",
    "packages/python",
    "packages/report",
    "packages/ruby",
    "platform",
    "stack/desired",
    "stack/reconcile",
    "stack/plan",
    "watch/derive",
];

/// Where a pure room's small trait meets the world.
const EDGES: [&str; 1] = ["compose/files/disk.rs"];

/// What a pure room may not name: runtimes, engines, terminals, the process, the disk, sockets, clocks.
const IMPURE: [&str; 15] = [
    "tokio",
    "bollard",
    "hyper",
    "console",
    "notify",
    "rustix",
    "std::env",
    "std::process",
    "std::fs",
    "TcpStream",
    "UnixStream",
    "std::thread",
    "SystemTime",
    "Instant",
    "Utc::now",
];

#[test]
fn pure_rooms_name_nothing_impure() {
    let mut found = Vec::new();
    for file in sources() {
        if !PURE.iter().any(|room| file.belongs_to(room)) || EDGES.contains(&file.name.as_str()) {
            continue;
        }
        for path in named_paths(&file.code) {
            if let Some(impure) = IMPURE.iter().find(|impure| names(&path.text, impure)) {
                found.push(format!("{}:{}: names `{impure}`", file.name, path.line));
            }
        }
    }
    assert!(found.is_empty(), "pure rooms take everything as arguments:\n{}", found.join("\n"));
}

#[test]
fn arrows_point_inwards() {
    let mut found = Vec::new();
    let mut level = BTreeSet::new();
    for file in sources() {
        let Some(from) = file.room() else { continue };
        for path in named_paths(&file.code) {
            let Some(to) =
                path.text.strip_prefix("crate::").and_then(|rest| rest.split("::").next())
            else {
                continue;
            };
            let (Some(depth), Some(other)) = (depth(from), depth(to)) else { continue };
            if other > depth {
                found.push(format!(
                    "{}:{}: `{from}` uses `{to}`, which lies further out",
                    file.name, path.line
                ));
            } else if other == depth && from != to {
                level.insert((from.to_owned(), to.to_owned()));
            }
        }
    }
    for (from, to) in &level {
        if from < to && level.contains(&(to.clone(), from.clone())) {
            found.push(format!("`{from}` and `{to}` use each other"));
        }
    }
    assert!(found.is_empty(), "an arrow never points outwards:\n{}", found.join("\n"));
}

#[test]
fn every_room_has_its_place() {
    let map = fs::read_to_string(source_folder().join("lib.rs")).expect("src/lib.rs is there");
    for line in map.lines() {
        let declared = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "));
        if let Some(room) = declared.and_then(|rest| rest.strip_suffix(';')) {
            assert!(depth(room).is_some(), "`{room}` is not in ROOMS: say how deep it lies");
        }
    }
}

#[test]
fn paths_are_found_however_they_are_written() {
    let code = "use std::{env, time::{Duration, SystemTime}};\nuse crate::{\n    stack::plan::Plan,\n    ui,\n};\n\
                // use tokio::fs;\nlet a = crate::engine::Endpoint::parse(\"std::fs::read\");\n";
    let paths: Vec<_> = named_paths(&without_comments_and_strings(code))
        .into_iter()
        .map(|path| path.text)
        .collect();
    let expected = [
        "std::env",
        "std::time::Duration",
        "std::time::SystemTime",
        "crate::stack::plan::Plan",
        "crate::ui",
        "crate::engine::Endpoint::parse",
    ];
    assert_eq!(paths, expected);
    assert!(names("std::time::SystemTime", "SystemTime") && names("tokio::fs", "tokio"));
    assert!(
        !names("crate::console_output", "console") && !names("crate::std::environment", "std::env")
    );
}

struct Source {
    /// Below `src`, with slashes.
    name: String,
    code: String,
}

impl Source {
    fn belongs_to(&self, room: &str) -> bool {
        self.name.strip_prefix(room).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
    }

    fn room(&self) -> Option<&str> {
        let first = self.name.split('/').next()?;
        let room = first.strip_suffix(".rs").unwrap_or(first);
        depth(room).map(|_| room)
    }
}

fn depth(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, depth)| *depth)
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![source_folder()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of src can be read") {
            let path = entry.expect("an entry of src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
                let name = path.strip_prefix(source_folder()).expect("it was found there");
                let name = name.to_string_lossy().replace('\\', "/");
                found.push(Source { name, code: without_comments_and_strings(code) });
            }
        }
    }
    found
}

/// Blanks what is not code, and keeps the line breaks.
fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let mut in_string = false;
        let mut previous = ' ';
        for (at, character) in line.char_indices() {
            if !in_string && line[at..].starts_with("//") {
                break;
            }
            if character == '"' && previous != '\\' && previous != '\'' {
                in_string = !in_string;
            } else if !in_string {
                code.push(character);
            }
            previous = character;
        }
        code.push('\n');
    }
    code
}

/// A path that some code names, and where.
struct NamedPath {
    text: String,
    line: usize,
}

/// Every `a::b` in a piece of code; `a::{b, c::d}` counts as `a::b` and `a::c::d`.
fn named_paths(code: &str) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let start = rest[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1);
        let line = code[..code.len() - rest.len() + start].matches('\n').count() + 1;
        let (tree, after) = take_tree(&rest[start..]);
        for text in leaves(tree) {
            found.push(NamedPath { text, line });
        }
        rest = after;
    }
    found
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Splits off a path with its groups: it ends at the first character that is part of neither.
fn take_tree(code: &str) -> (&str, &str) {
    let mut open = 0_usize;
    let mut previous = ' ';
    for (at, character) in code.char_indices() {
        match character {
            '{' if previous == ':' || open > 0 => open += 1,
            '}' if open > 0 => {
                open -= 1;
                if open == 0 {
                    return code.split_at(at + 1);
                }
            }
            ':' => {}
            _ if open > 0 || is_name(character) => {}
            _ => return code.split_at(at),
        }
        previous = character;
    }
    (code, "")
}

/// The single paths of `a::{b, c::{d, e}}`.
fn leaves(tree: &str) -> Vec<String> {
    let Some((prefix, group)) = tree.split_once('{') else {
        return vec![tree.trim().trim_end_matches(':').to_owned()];
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let mut found = Vec::new();
    let mut open = 0_usize;
    let mut start = 0;
    for (at, character) in group.char_indices().chain([(group.len(), ',')]) {
        match character {
            '{' => open += 1,
            '}' => open -= 1,
            ',' if open == 0 => {
                let part = group[start..at].trim();
                if !part.is_empty() {
                    found.extend(
                        leaves(part).into_iter().map(|leaf| format!("{}{leaf}", prefix.trim())),
                    );
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// Whether a path has these segments, one after the other: crates at its beginning, the rest anywhere.
fn names(path: &str, segments: &str) -> bool {
    let has = |from: &str| {
        from.strip_prefix(segments).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let starts_lowercase = segments.starts_with(char::is_lowercase);
    has(path) || (!starts_lowercase && path.match_indices("::").any(|(at, _)| has(&path[at + 2..])))
}
