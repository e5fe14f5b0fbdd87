//! Ignore files: patterns, and behind a line `-- paths --` the paths to ask for.

use bireme::build::dockerignore::{Matcher, ParentMatch, read};

use super::archive::{Member, members};

/// Both ways of asking agree, and a directory that is left out of a walk has nothing in it that
/// would have been found.
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
    let whole = matcher.matches(path);
    let mut parent = ParentMatch::default();
    for (at, _) in path.match_indices('/') {
        let directory = &path[..at];
        let (matched, below) = matcher.matches_below(directory, &parent);
        parent = below;
        if directory.is_empty() {
            continue;
        }
        if whole && !matched {
            assert!(matcher.may_match_below(directory), "{patterns:?}: {directory} of {path}");
        }
        if !whole && matched {
            assert!(matcher.may_except_below(directory), "{patterns:?}: {directory} of {path}");
        }
    }
    assert_eq!(matcher.matches_below(path, &parent).0, whole, "{patterns:?}: {path}");
}
