//! Files that are watched, and whether a container has them.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Files of one directory.
const PER_DIRECTORY: usize = 100;
/// Directories in which a checkout adds and takes away instead of changing: one in so many.
const RENEWED: usize = 100;
/// How much a file of a tree has in it: about as much as a source file.
const SIZE: usize = 2048;
/// Between two looks at a file that is not there yet.
const INTERVAL: Duration = Duration::from_micros(200);
/// The same while a whole tree is waited for, which takes seconds: the processor's time is left to those who are measured.
const INTERVAL_OF_TREES: Duration = Duration::from_millis(5);
/// After which a file never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes so many files as a checkout does: each in the place of the one before, which is taken away first. With
/// the next `state` all of them change, and one directory in a hundred goes for a new one.
pub(crate) fn check_out(root: &Path, files: usize, state: usize) -> Result<()> {
    for directory in 0..files.div_ceil(PER_DIRECTORY) {
        let path = directory_of(root, directory, state);
        fs::create_dir_all(&path)?;
        for file in (0..PER_DIRECTORY).take(files - directory * PER_DIRECTORY) {
            let path = path.join(format!("file{file}.py"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => fs::write(path, content(directory * PER_DIRECTORY + file, state))?,
            }
        }
        if let Some(former) = state.checked_sub(1).map(|it| directory_of(root, directory, it))
            && former != path
        {
            fs::remove_dir_all(former)?;
        }
    }
    Ok(())
}

/// Makes so many small files that nobody reads.
pub(crate) fn plant(root: &Path, files: usize) -> Result<()> {
    for directory in 0..files.div_ceil(PER_DIRECTORY) {
        let path = directory_of(root, directory, 0);
        fs::create_dir_all(&path)?;
        for file in (0..PER_DIRECTORY).take(files - directory * PER_DIRECTORY) {
            fs::write(path.join(format!("file{file}.py")), "pass\n")?;
        }
    }
    Ok(())
}

fn directory_of(root: &Path, directory: usize, state: usize) -> PathBuf {
    let name = if directory.is_multiple_of(RENEWED) {
        format!("package{directory}-{state}")
    } else {
        format!("package{directory}")
    };
    root.join(name)
}

fn content(file: usize, state: usize) -> String {
    let mut text = String::with_capacity(SIZE + 64);
    while text.len() < SIZE {
        let place = text.len();
        // Writing to a text does not fail.
        let _ = writeln!(text, "value = ({file}, {state}, {place})");
    }
    text
}

/// Waits until a file elsewhere has the content of one here; when that was seen.
pub(crate) fn wait_for_file(here: &Path, there: &Path) -> Result<Instant> {
    let content = fs::read(here)?;
    let is_there = || fs::read(there).is_ok_and(|found| found == content);
    if !wait(Instant::now() + PATIENCE, INTERVAL, is_there) {
        return Err(Error::other(format!("{} never came", there.display())));
    }
    Ok(Instant::now())
}

/// Waits until a tree elsewhere is as the one here; when that was seen, nothing if it is not by then. Each file is read once
/// when it is as it should be, so the waiting costs the machine little; at the end both are compared as wholes.
pub(crate) fn wait_for_tree(here: &Path, there: &Path, end: Instant) -> Result<Option<Instant>> {
    let mut waiting = vec![PathBuf::new()];
    while let Some(path) = waiting.pop() {
        let (source, copy) = (here.join(&path), there.join(&path));
        let came = if source.is_dir() {
            let names = names(&source)?;
            // From the first on, as archives have it.
            waiting.extend(names.iter().rev().map(|name| path.join(name)));
            wait(end, INTERVAL_OF_TREES, || self::names(&copy).is_ok_and(|found| found == names))
        } else {
            let content = fs::read(&source)?;
            wait(end, INTERVAL_OF_TREES, || fs::read(&copy).is_ok_and(|found| found == content))
        };
        if !came {
            return Ok(None);
        }
    }
    let seen = Instant::now();
    let Counted { missing, stray, .. } = count(here, there)?;
    if missing + stray > 0 {
        return Err(Error::other(format!("{} is not what it should be", there.display())));
    }
    Ok(Some(seen))
}

/// Whether something is so before the end.
fn wait(end: Instant, interval: Duration, is_there: impl Fn() -> bool) -> bool {
    while !is_there() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(interval);
    }
    true
}

fn names(directory: &Path) -> Result<BTreeSet<OsString>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// How far a tree is as another one.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Files that are as they should be.
    pub(crate) same: usize,
    /// Files that are not there, or not as they should be.
    pub(crate) missing: usize,
    /// Files and directories that should not be there.
    pub(crate) stray: usize,
}

/// Compares a tree elsewhere with the one here.
pub(crate) fn count(here: &Path, there: &Path) -> Result<Counted> {
    let mut counted = Counted::default();
    let mut waiting = vec![PathBuf::new()];
    while let Some(path) = waiting.pop() {
        let (source, copy) = (here.join(&path), there.join(&path));
        if source.is_dir() {
            let expected = names(&source)?;
            let found = names(&copy).unwrap_or_default();
            counted.stray += found.difference(&expected).count();
            waiting.extend(expected.iter().map(|name| path.join(name)));
        } else if fs::read(&copy).is_ok_and(|found| fs::read(&source).is_ok_and(|it| it == found)) {
            counted.same += 1;
        } else {
            counted.missing += 1;
        }
    }
    Ok(counted)
}
