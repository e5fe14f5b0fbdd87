//! Paths that a builder wants together with whatever symbolic links on the way to them point at.

use std::collections::BTreeSet;
use std::path::Path;

use crate::build::dockerignore::{Matcher, clean};

/// Links on one path that are followed before we give up, as the kernel does.
const MOST_LINKS: usize = 255;

/// The include patterns for a builder that asks for `paths` and everything needed to reach them:
/// the paths, the links on the way, and where those lead. Empty when one of them is the root, which
/// needs no pattern.
pub(in crate::build) fn follow(root: &Path, paths: &[String]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for path in paths {
        add(root, path, &mut found, 0);
    }
    if found.contains(".") {
        return Vec::new();
    }
    // What lies below a path already there needs no pattern of its own.
    let mut patterns: Vec<String> = Vec::new();
    for path in found {
        let covered = patterns
            .last()
            .and_then(|last| path.strip_prefix(last.as_str()))
            .is_some_and(|rest| rest.starts_with('/'));
        if !covered {
            patterns.push(path);
        }
    }
    patterns
}

fn add(root: &Path, path: &str, found: &mut BTreeSet<String>, depth: usize) {
    let path = clean(&format!("/{path}"));
    let path = path.trim_start_matches('/');
    if path.is_empty() {
        found.insert(".".to_owned());
        return;
    }
    let mut current = String::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (part, tail) = rest.split_once('/').unwrap_or((rest, ""));
        rest = tail;
        if !current.is_empty() {
            current.push('/');
        }
        current.push_str(part);
        let targets = targets(root, &current);
        if !targets.is_empty() && depth < MOST_LINKS {
            // A link that was followed already ends a cycle.
            if found.insert(current.clone()) {
                for target in targets {
                    add(root, &format!("{target}/{rest}"), found, depth + 1);
                }
            }
            return;
        }
    }
    found.insert(current);
}

/// Where the links that `path` names lead, below the root; its last part may be a pattern.
fn targets(root: &Path, path: &str) -> Vec<String> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    if !name.contains(['*', '?', '[']) {
        return target(root, path).into_iter().collect();
    }
    let Ok(matcher) = Matcher::new(&[name]) else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(root.join(directory)) else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| matcher.matches(name))
        .filter_map(|name| target(root, &clean(&format!("{directory}/{name}"))))
        .collect()
}

fn target(root: &Path, path: &str) -> Option<String> {
    let path = path.trim_start_matches('/');
    let target = std::fs::read_link(root.join(path)).ok()?.into_os_string().into_string().ok()?;
    if target.starts_with('/') {
        return Some(clean(&target));
    }
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    Some(clean(&format!("/{directory}/{target}")))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::follow;

    fn ask(root: &std::path::Path, paths: &[&str]) -> Vec<String> {
        follow(root, &paths.iter().map(|&path| path.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn takes_links_and_what_they_point_at() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        std::fs::create_dir_all(at("real/sub")).unwrap();
        std::fs::write(at("real/sub/file"), "x").unwrap();
        symlink("real", at("alias")).unwrap();
        symlink("sub/file", at("real/short")).unwrap();
        symlink("/real/sub", at("absolute")).unwrap();
        symlink("loop-b", at("loop-a")).unwrap();
        symlink("loop-a", at("loop-b")).unwrap();
        symlink("../../..", at("real/up")).unwrap();
        assert_eq!(ask(root.path(), &["plain/path"]), ["plain/path"]);
        assert_eq!(ask(root.path(), &["alias/sub/file"]), ["alias", "real/sub/file"]);
        assert_eq!(ask(root.path(), &["alias/short"]), ["alias", "real/short", "real/sub/file"]);
        assert_eq!(ask(root.path(), &["absolute"]), ["absolute", "real/sub"]);
        assert_eq!(ask(root.path(), &["loop-a"]), ["loop-a", "loop-b"]);
        assert_eq!(ask(root.path(), &["al*"]), ["al*", "real"]);
        assert_eq!(ask(root.path(), &["real", "real/sub"]), ["real"]);
        assert_eq!(ask(root.path(), &["real/up", "x"]), [] as [&str; 0]);
    }
}
