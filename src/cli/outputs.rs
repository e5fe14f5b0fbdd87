//! The files that our output is written into: by ourselves, or by programs that read it (`bireme dev | tee dev.log`).
//! To a watch they are no saves: each line that it tells would be the next one.

use std::fs::{self, File, Metadata};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use crate::watch::FileId;

/// Where Linux tells of processes; elsewhere only files that we write into ourselves are found.
const PROCESSES: &str = "/proc";
/// The part of a descriptor's flags that says what it is open for (Linux, `O_ACCMODE`); 0 is for reading.
const ACCESS: u32 = 0o3;

/// A file, pipe or anything else that a process has open.
struct Descriptor {
    metadata: Metadata,
    is_written: bool,
}

/// The files, as far as the system tells.
pub(super) fn outputs() -> Vec<FileId> {
    let (out, error) = (std::io::stdout(), std::io::stderr());
    let streams = [out.as_fd(), error.as_fd()].into_iter();
    let metadata =
        streams.filter_map(|stream| File::from(stream.try_clone_to_owned().ok()?).metadata().ok());
    behind(metadata.collect())
}

/// The files among those that are written to, and those behind the pipes among them.
fn behind(written: Vec<Metadata>) -> Vec<FileId> {
    let is_pipe = |metadata: &Metadata| metadata.file_type().is_fifo();
    let others = if written.iter().any(is_pipe) { others() } else { Vec::new() };
    let (mut files, mut pipes) = (Vec::new(), Vec::new());
    let mut waiting = written;
    while let Some(metadata) = waiting.pop() {
        let id = FileId::of(&metadata);
        if metadata.is_file() && !files.contains(&id) {
            files.push(id);
        } else if is_pipe(&metadata) && !pipes.contains(&id) {
            pipes.push(id);
            let reads = |it: &Descriptor| !it.is_written && FileId::of(&it.metadata) == id;
            let readers = others.iter().filter(|descriptors| descriptors.iter().any(reads));
            let written = readers.flatten().filter(|descriptor| descriptor.is_written);
            waiting.extend(written.map(|descriptor| descriptor.metadata.clone()));
        }
    }
    files
}

/// What each other process has open that we may look at.
fn others() -> Vec<Vec<Descriptor>> {
    let Ok(processes) = fs::read_dir(PROCESSES) else { return Vec::new() };
    let ourselves = std::process::id();
    let is_other = |name: &str| name.parse().is_ok_and(|id: u32| id != ourselves);
    let others = processes.flatten().filter(|it| it.file_name().to_str().is_some_and(is_other));
    others.map(|process| descriptors(&process.path())).collect()
}

fn descriptors(process: &Path) -> Vec<Descriptor> {
    let Ok(entries) = fs::read_dir(process.join("fd")) else { return Vec::new() };
    let descriptor = |entry: fs::DirEntry| {
        let metadata = fs::metadata(entry.path()).ok()?;
        let kind = metadata.file_type();
        if !kind.is_file() && !kind.is_fifo() {
            return None;
        }
        let told = fs::read_to_string(process.join("fdinfo").join(entry.file_name())).ok()?;
        Some(Descriptor { metadata, is_written: access(&told)? != 0 })
    };
    entries.flatten().filter_map(descriptor).collect()
}

/// What a descriptor is open for, by what the system tells of it.
fn access(told: &str) -> Option<u32> {
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:"))?;
    Some(u32::from_str_radix(flags.trim(), 8).ok()? & ACCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_is_read_from_what_the_system_tells() {
        assert_eq!(access("pos:\t0\nflags:\t0100001\nmnt_id:\t29\n"), Some(1));
        assert_eq!(access("flags:\t00\n"), Some(0));
        assert_eq!(access("flags:\tmany\n"), None);
        assert_eq!(access(""), None);
    }

    #[test]
    fn what_is_written_into_directly_is_found() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let metadata = file.as_file().metadata().unwrap();
        assert_eq!(behind(vec![metadata.clone()]), [FileId::of(&metadata)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_programs_write_that_read_a_pipe_is_found() {
        use std::process::{Command, Stdio};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut child = Command::new("sh")
            .args(["-c", "cat | exec tee \"$0\""])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pipe = child.stdin.take().unwrap();
        let metadata = File::from(pipe.as_fd().try_clone_to_owned().unwrap()).metadata().unwrap();
        let is_found = || {
            let log = fs::metadata(&path).map(|metadata| FileId::of(&metadata));
            log.is_ok_and(|log| behind(vec![metadata.clone()]).contains(&log))
        };
        let begun = std::time::Instant::now();
        while !is_found() {
            assert!(begun.elapsed().as_secs() < 30, "{} is not found", path.display());
        }
        drop(pipe);
        child.wait().unwrap();
    }
}
