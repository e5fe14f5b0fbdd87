//! `.dockerignore`: which files of a directory stay out of a build.
//!
//! The semantics are those of the engine's own client (moby's `ignorefile` and `patternmatcher`):
//! root-anchored patterns of Go's `filepath.Match` extended by `**`, the last match wins, `!`
//! includes again, and a pattern that matches a directory matches everything below it.
//! This room is pure: file contents come in as text.

mod glob;
mod matcher;

pub use glob::BadPattern;
pub use matcher::{Matcher, ParentMatch};

/// The patterns of an ignore file, in order, cleaned as the engine's client cleans them: comments
/// and blank lines are gone, white space is trimmed, a leading `/` is dropped, `!` is kept.
pub fn read(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| match line.strip_prefix('!') {
            Some(pattern) => format!("!{}", clean_pattern(pattern.trim())),
            None => clean_pattern(line),
        })
        .collect()
}

/// The names under which a Dockerfile's ignore file is looked for, best first: beside the
/// Dockerfile as `<Dockerfile>.dockerignore`, then `.dockerignore` at the root of the context.
pub fn candidates(dockerfile: &str) -> [String; 2] {
    [format!("{dockerfile}.dockerignore"), ".dockerignore".to_owned()]
}

fn clean_pattern(pattern: &str) -> String {
    if pattern.is_empty() {
        return String::new();
    }
    let cleaned = clean(pattern);
    match cleaned.strip_prefix('/') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => cleaned,
    }
}

/// The shortest path that means the same, by text alone (Go's `path.Clean`).
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, read};

    #[test]
    fn reads_lines_as_the_engines_client_does() {
        let text = "\u{feff}# comment\n  \n /node_modules/ \n! keep/me \n#not\n a/../b \n!\n./x//y\n/\n  # kept, since it does not start the line";
        assert_eq!(
            read(text),
            [
                "node_modules",
                "!keep/me",
                "b",
                "!",
                "x/y",
                "/",
                "# kept, since it does not start the line"
            ]
        );
    }

    #[test]
    fn cleans_paths() {
        for (given, expected) in [
            ("a/b/", "a/b"),
            ("./a", "a"),
            ("a//b", "a/b"),
            ("a/./b/../c", "a/c"),
            ("../a", "../a"),
            ("/../a", "/a"),
            ("a/..", "."),
            ("", "."),
            ("/", "/"),
        ] {
            assert_eq!(clean(given), expected, "{given}");
        }
    }
}
