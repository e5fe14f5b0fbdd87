//! Which of the items of an archive an engine means when it refuses that. Pure.

use std::path::{Path, PathBuf};

use super::pack::Item;
use crate::watch::Kind;

/// What stands at the end of the words about a file system that takes nothing: the next file in it would fail, too.
const READ_ONLY: &str = "read-only file system";

/// What is at fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The first item at which it shows. What stands before it in the archive has been unpacked.
    pub(super) at: usize,
    /// Where nothing can be brought, nor below.
    pub(super) place: PathBuf,
}

/// What is at fault, if the engine's words name it: the deepest of the items, and of the directories around them, that
/// is named.
pub(super) fn named(items: &[Item], words: &str) -> Option<Fault> {
    let named = items.iter().flat_map(|item| {
        let around = item.place.ancestors().filter(|path| path.parent().is_some());
        around.filter(|path| {
            // What is in the place of a file may be named as well.
            let is_file = *path == item.place && item.kind != Kind::Directory;
            has(words, path, is_file)
        })
    });
    let named = named.max_by_key(|path| path.as_os_str().len())?;
    let at = items.iter().position(|item| item.place.starts_with(named))?;
    let is_file = items.get(at)?.kind != Kind::Directory && items.get(at)?.place == named;
    let place = match named.parent().filter(|_| is_file && words.ends_with(READ_ONLY)) {
        Some(around) if around.parent().is_some() => around,
        _ => named,
    };
    Some(Fault { at, place: place.to_owned() })
}

/// Whether words have a path as a whole, or, where that counts, of something in it. Docker 28 tells of paths from the root on
/// without the slash before them.
fn has(words: &str, path: &Path, counts_inside: bool) -> bool {
    let Some(path) = path.to_str().map(|path| path.trim_start_matches('/')) else { return false };
    let is_free = |next: Option<char>| {
        next.is_none_or(|next| next.is_whitespace() || matches!(next, '"' | '\'' | ':'))
    };
    words.match_indices(path).any(|(at, _)| {
        let (before, after) = words.split_at(at);
        let before = before.strip_suffix('/').unwrap_or(before);
        let after = after.strip_prefix(path).unwrap_or_default();
        is_free(before.chars().next_back())
            && (is_free(after.chars().next()) || (counts_inside && after.starts_with('/')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(place: &str) -> Item {
        let kind = if place.ends_with('/') { Kind::Directory } else { Kind::File };
        let place = PathBuf::from(place.trim_end_matches('/'));
        Item { source: PathBuf::from("/src").join(&place), place, kind, mode: None }
    }

    fn fault(places: &[&str], words: &str) -> Option<(usize, String)> {
        let items: Vec<Item> = places.iter().map(|place| item(place)).collect();
        named(&items, words).map(|fault| (fault.at, fault.place.display().to_string()))
    }

    #[test]
    fn an_engine_names_what_it_does_not_take() {
        let places =
            ["/app/a", "/app/kdir", "/app/kdir2", "/app/vendor/", "/app/vendor/x", "/app/z"];
        let named = |words| fault(&places, words);
        let is = |at, place: &str| Some((at, place.to_owned()));
        let words = "cannot overwrite directory \"/app/kdir\" with non-directory \"/\"";
        assert_eq!(named(words), is(1, "/app/kdir"));
        let words = "unlinkat /app/a: device or resource busy";
        assert_eq!(named(words), is(0, "/app/a"));
        let words = "unlinkat /app/kdir2/inner: device or resource busy";
        assert_eq!(named(words), is(2, "/app/kdir2"));
        let words = "failed to Lchown \"/app/vendor\" for UID 0, GID 0: lchown /app/vendor: read-only file system";
        assert_eq!(named(words), is(3, "/app/vendor"));
        assert_eq!(named("open /app/vendor/x: read-only file system"), is(4, "/app/vendor"));
        let words = "cannot overwrite directory \"app/kdir\" with non-directory \"/\"";
        assert_eq!(named(words), is(1, "/app/kdir"));
        assert_eq!(named("RemoveAll app/a: device or resource busy"), is(0, "/app/a"));
        assert_eq!(named("RemoveAll my/app/a: device or resource busy"), None);
        assert_eq!(named("open /app/vendor/y: no space left on device"), None);
        assert_eq!(named("no space left on device"), None);
    }

    #[test]
    fn a_directory_that_cannot_be_made_stands_for_what_is_below() {
        let words = "mkdir /app/new: read-only file system";
        let found = fault(&["/app/a", "/app/new/one", "/app/new/two"], words);
        assert_eq!(found, Some((1, "/app/new".to_owned())));
    }
}
