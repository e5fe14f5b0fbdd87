//! Ignore files: patterns, and behind a line `-- paths --` the paths to ask for.

use bireme::build::dockerignore::{Matcher, ParentMatch, read};

use super::archive::{Member, members};

/// A walk that leaves out whole directories where the matcher says that it may finds as much as one
/// that looks at everything. Asking for a path at once may say something else than walking to it,
/// in the engine's client as well: a pattern that changes nothing for a directory is not remembered.
pub fn check(data: &[u8]) {
    let mut patterns = Vec::new();
    let mut paths = String::from("a\na/b\nsrc/main.rs\n");
    for member in members(data, "patterns") {
        let Member::File { name, content } = member else { continue };
        let text = String::from_utf8_lossy(&content);
        if name == "paths" { paths.push_str(&text) } else { patterns.extend(read(&text)) }
    }
    let Ok(matcher) = Matcher::new(&patterns) else { return };
    for path in paths.lines().filter(|path| !path.is_empty()).take(50) {
        check_path(&matcher, path, &patterns);
    }
}

fn check_path(matcher: &Matcher, path: &str, patterns: &[String]) {
    matcher.matches(path);
    let mut parent = ParentMatch::default();
    let mut directories = Vec::new();
    for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
        let directory = &path[..at];
        let (excluded, below) = matcher.matches_below(directory, &parent);
        parent = below;
        directories.push((directory, excluded));
    }
    let (whole, _) = matcher.matches_below(path, &parent);
    for (directory, excluded) in directories {
        if whole && !excluded {
            assert!(matcher.may_match_below(directory), "{patterns:?}: {directory} of {path}");
        }
        if !whole && excluded {
            assert!(matcher.may_except_below(directory), "{patterns:?}: {directory} of {path}");
        }
    }
}
