//! Several files in one text, so that seeds can be read and written by hand:
//!
//! ```text
//! services: {web: {image: a}}
//! -- override.yaml --
//! services: {web: {image: b}}
//! -- link.yaml -> override.yaml --
//! ```
//!
//! A line `-- NAME --` starts a file, `-- NAME -> TARGET --` is a symbolic link. What stands before
//! the first such line is a file as well; the caller says what it is called.

use std::path::{Component, Path};

/// A file or a link of an archive.
pub enum Member {
    File { name: String, content: Vec<u8> },
    Link { name: String, target: String },
}

/// Takes an archive apart; `first` is the name of what stands before the first marker.
pub fn members(data: &[u8], first: &str) -> Vec<Member> {
    let mut members = Vec::new();
    let mut name = first.to_owned();
    let mut content = Vec::new();
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let Some(marker) = marker(line) else {
            content.extend_from_slice(line);
            continue;
        };
        if let Some((link, target)) = marker.split_once(" -> ") {
            if plain(link) && plain(target) {
                members.push(Member::Link { name: link.to_owned(), target: target.to_owned() });
            }
        } else if plain(marker) {
            let before = std::mem::replace(&mut name, marker.to_owned());
            members.push(Member::File { name: before, content: std::mem::take(&mut content) });
        }
    }
    members.push(Member::File { name, content });
    members
}

fn marker(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?.trim_end();
    line.strip_prefix("-- ")?.strip_suffix(" --")
}

/// Whether a name stays below its directory.
fn plain(name: &str) -> bool {
    !name.is_empty()
        && !name.contains('\0')
        && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}
