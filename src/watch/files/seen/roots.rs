//! Where rules begin: what leads to their paths may go and come back, too.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Changes, Seen};
use crate::watch::Rule;

impl Seen {
    /// Reads on from where each rule [begins](start), if that is not known: at the start, and when what was there has gone.
    pub(super) fn take_root(&mut self, changes: &mut Changes) {
        for rule in &*Arc::clone(&self.rules) {
            loop {
                let start = start(rule);
                self.read(&start, changes);
                if start.is_dir() {
                    break;
                }
                // It went before anybody listened.
                self.lose(&start, changes);
            }
        }
    }

    /// Looks at a directory around which nothing was read. What is in another one that was not read is seen when that is.
    pub(super) fn look_at_start(&mut self, path: &Path, renewed: bool, changes: &mut Changes) {
        if !self.directories.contains_key(path) {
            return;
        }
        if !path.is_dir() {
            self.lose(path, changes);
        } else if renewed {
            self.read_again(path, changes);
        }
    }
}

/// Where to begin with a rule: at the directory from which on it is followed, so that the whole way from there is listened
/// to; where that is not there, or a link on the way leads elsewhere, at the nearest directory around its path that is.
fn start(rule: &Rule) -> PathBuf {
    let around = rule.path.ancestors().skip(1);
    let mut there = around.skip_while(|path| !path.is_dir());
    let nearest = there.next().unwrap_or(Path::new("/"));
    if !nearest.starts_with(rule.origin()) {
        return nearest.to_owned();
    }
    let mut start = nearest;
    while start != rule.origin()
        && !start.is_symlink()
        && let Some(up) = start.parent()
    {
        start = up;
    }
    start.to_owned()
}
