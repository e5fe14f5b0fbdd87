//! What can be known of a mount without asking anybody: that it is the very directory of this machine.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether a process in a container, by its number on this machine, has at `target` the directory `source` of this
/// machine: the same one of the same file system under the same kernel, so that whoever listens there hears of all that
/// happens here. `None` if we may not look.
pub fn is_same(process: i64, target: &str, source: &Path) -> Option<bool> {
    if process <= 0 {
        return None;
    }
    // The root of the process as it sees it (proc(5)); for others than root only of their own processes.
    let there = std::fs::metadata(format!("/proc/{process}/root{target}")).ok()?;
    let here = std::fs::metadata(source).ok()?;
    Some(there.dev() == here.dev() && there.ino() == here.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_the_same_as_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let own = i64::from(std::process::id());
        let target = folder.path().to_str().unwrap();
        assert_eq!(is_same(own, target, folder.path()), Some(true));
        assert_eq!(is_same(own, target, Path::new("/")), Some(false));
        assert_eq!(is_same(own, "/nowhere/at/all", Path::new("/")), None);
        assert_eq!(is_same(0, target, folder.path()), None);
    }
}
