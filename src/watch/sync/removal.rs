//! Taking things away in a container.
//!
//! The Engine API has no call for it. In a container that runs and has an `rm`, that does it. Everywhere else, and
//! for a few things since it is faster than a process, an archive does: unpacking an entry first takes away what is
//! at its place (moby's `archive.Unpack`). A hard link from a place to itself can then not be made, and so leaves
//! nothing there. A directory in which there is nothing but what is to go goes so with all that.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tar::{Builder, EntryType, Header};

use super::SyncError;
use super::journal::Before;
use super::standing::{Standing, standing};
use crate::engine::api::{ExecCreate, Unpack};
use crate::engine::transport::full;
use crate::engine::{Engine, EngineError};

/// Up to how many things go without a process.
const FEW: usize = 8;
/// How many bytes of paths a command may have; systems allow at least twice as many.
const ARGUMENTS: usize = 64 << 10;
/// Up to how many bytes of a directory are read to learn what is in it.
const READ: usize = 4 << 20;
/// For how long archives take things away, one after the other, before anything else has its turn.
const TURN: Duration = Duration::from_millis(250);

/// Something to be taken away.
#[derive(Debug, Clone)]
pub(super) struct Removal {
    /// Where it is: absolute.
    pub(super) place: PathBuf,
    /// What it may be. A directory goes only if nothing is left in it.
    pub(super) before: Before,
}

/// What came of removals.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// What is gone that was there.
    pub(super) places: Vec<PathBuf>,
    /// What cannot be taken away, nor what is around it, and why.
    pub(super) failed: Vec<(PathBuf, String)>,
    /// What was not tried, for lack of time.
    pub(super) left: Vec<PathBuf>,
    /// Whether the container has no such command.
    pub(super) lacks_command: bool,
}

impl Removed {
    /// Why something in a directory stays.
    fn stays(&self, directory: &Path) -> Option<String> {
        let inside = self.failed.iter().find(|(place, _)| place.starts_with(directory));
        inside.map(|(_, reason)| reason.clone())
    }
}

/// Takes things away, what is in a directory before it, as `removals` have it. `may_command` is whether a command can
/// be tried. Without one, no more of many goes than fits into a turn.
pub(super) async fn remove<E: Engine>(
    engine: &E,
    container: &str,
    may_command: bool,
    removals: &[Removal],
) -> Result<Removed, SyncError> {
    let mut removed = Removed { lacks_command: !may_command, ..Removed::default() };
    let begun = Instant::now();
    // Each turn gets on with archives, too.
    let whole = whole(engine, container, removals, begun + TURN / 2).await?;
    let is_gone = |it: &&Removal| whole.iter().any(|gone| it.place.starts_with(gone));
    let (gone, left): (Vec<&Removal>, Vec<_>) = removals.iter().partition(is_gone);
    removed.places.extend(gone.into_iter().map(|it| it.place.clone()));
    let left = left.into_iter();
    // In a file there is nothing else to go.
    let (others, files): (Vec<_>, Vec<_>) = left.partition(|removal| removal.before.directory);
    // Where one may be a file, the command fails for all.
    let are_directories = others.iter().all(|removal| !removal.before.file);
    for (removals, command, can_do) in
        [(files, &["rm", "-f", "--"][..], true), (others, &["rmdir", "--"], are_directories)]
    {
        // Names of other bytes than text cannot be said in a command.
        let is_text = removals.iter().all(|removal| removal.place.to_str().is_some());
        let is_many = removals.len() > FEW;
        // What is left may be in these directories.
        let is_few = !is_many && removed.left.is_empty();
        let can_do = can_do && is_many && is_text && removed.left.is_empty();
        if can_do && !removed.lacks_command {
            match by_command(engine, container, command, &removals).await {
                Answer::Done => {
                    removed.places.extend(removals.into_iter().map(|it| it.place.clone()));
                    continue;
                }
                Answer::Failed | Answer::NotNow => {}
                Answer::Never => removed.lacks_command = true,
            }
        }
        for (at, Removal { place, .. }) in removals.into_iter().enumerate() {
            if let Some(reason) = removed.stays(place) {
                removed.failed.push((place.clone(), reason));
                continue;
            }
            // A few go in any case before what comes, and each turn gets on.
            let may_go = is_few || (at == 0 && removed.left.is_empty());
            if !may_go && begun.elapsed() > TURN {
                removed.left.push(place.clone());
                continue;
            }
            match by_archive(engine, container, place).await {
                Ok(true) => removed.places.push(place.clone()),
                Ok(false) => {}
                Err(SyncError::InTheWay(it, reason)) => {
                    let error = SyncError::InTheWay(it, reason);
                    removed.failed.push((place.clone(), error.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

/// Takes away directories with all that is in them, where it is no more than is to go and more than a few, until it is
/// too late; which.
async fn whole<E: Engine>(
    engine: &E,
    container: &str,
    removals: &[Removal],
    late: Instant,
) -> Result<Vec<PathBuf>, SyncError> {
    let going: HashSet<&Path> = removals.iter().map(|removal| &*removal.place).collect();
    let directories: HashSet<&Path> =
        removals.iter().filter(|it| it.before.directory).map(|it| &*it.place).collect();
    let mut inside: BTreeMap<&Path, usize> = BTreeMap::new();
    for place in &going {
        if let Some(top) = place.ancestors().skip(1).filter(|it| directories.contains(it)).last() {
            *inside.entry(top).or_default() += 1;
        }
    }
    let mut gone = Vec::new();
    for (top, _) in inside.into_iter().filter(|(_, count)| *count > FEW) {
        if Instant::now() > late {
            break;
        }
        if standing(engine, container, top).await? != Some(Standing::Directory) {
            continue;
        }
        let found = content(engine, container, top).await?;
        if found.is_some_and(|found| found.iter().all(|place| going.contains(&**place))) {
            match unpack_over(engine, container, top).await {
                Ok(()) => gone.push(top.to_owned()),
                // Something in there may stay: each by itself then.
                Err(SyncError::InTheWay(..)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(gone)
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It has done everything.
    Done,
    /// Not everything.
    Failed,
    /// The container takes none as long as it does not run, or is paused.
    NotNow,
    /// There is no such command.
    Never,
}

/// Has a command do it in the container.
async fn by_command<E: Engine>(
    engine: &E,
    container: &str,
    command: &[&str],
    removals: &[&Removal],
) -> Answer {
    for paths in parts(removals) {
        let answer = run(engine, container, command, paths).await;
        if answer != Answer::Done {
            return answer;
        }
    }
    Answer::Done
}

/// As many as fit into a command, again and again.
fn parts(removals: &[&Removal]) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = Vec::new();
    let mut length = ARGUMENTS;
    for removal in removals {
        let path = removal.place.to_string_lossy().into_owned();
        length += path.len() + 1;
        if length > ARGUMENTS {
            length = path.len() + 1;
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(path);
        }
    }
    parts
}

/// Runs a command.
async fn run<E: Engine>(
    engine: &E,
    container: &str,
    command: &[&str],
    paths: Vec<String>,
) -> Answer {
    let body = ExecCreate {
        attach_stdout: true,
        attach_stderr: true,
        user: "0".to_owned(),
        cmd: command.iter().map(|&word| word.to_owned()).chain(paths).collect(),
        ..ExecCreate::default()
    };
    let Ok(exec) = engine.create_exec(container, &body).await else { return Answer::NotNow };
    // An engine refuses to start what is not there, or says so by the exit code.
    let Ok(mut attached) = engine.start_exec(&exec, false).await else { return Answer::Never };
    while let Some(piece) = attached.output.next().await {
        if piece.is_err() {
            return Answer::Failed;
        }
    }
    match engine.inspect_exec(&exec).await.map(|exec| exec.exit_code) {
        Ok(Some(0)) => Answer::Done,
        Ok(Some(126 | 127)) => Answer::Never,
        _ => Answer::Failed,
    }
}

/// Takes one thing away, unless it is a directory with something in it: that was never brought there. Whether it has.
async fn by_archive<E: Engine>(
    engine: &E,
    container: &str,
    path: &Path,
) -> Result<bool, SyncError> {
    let Some(found) = standing(engine, container, path).await? else { return Ok(false) };
    // Nothing but itself, by whatever name the engine gives for bytes that are no text.
    let is_empty = |content: Option<Vec<PathBuf>>| content.is_some_and(|it| it.len() == 1);
    if found == Standing::Directory && !is_empty(content(engine, container, path).await?) {
        return Ok(false);
    }
    unpack_over(engine, container, path).await.map(|()| true)
}

/// Takes away what is at a place, whatever it is, by an archive that cannot be unpacked there.
async fn unpack_over<E: Engine>(engine: &E, container: &str, path: &Path) -> Result<(), SyncError> {
    let in_the_way = |reason: String| SyncError::InTheWay(path.display().to_string(), reason);
    let archive = link_to_itself(path).map_err(|error| in_the_way(error.to_string()))?;
    let options = Unpack { overwrite: true, ..Unpack::default() };
    match engine.upload(container, "/", options, full(archive)).await {
        Err(error @ (EngineError::Unreachable { .. } | EngineError::Broken { .. })) => {
            Err(error.into())
        }
        Ok(()) => Ok(()),
        Err(error) => match standing(engine, container, path).await? {
            None => Ok(()),
            Some(_) => Err(in_the_way(error.to_string())),
        },
    }
}

/// A directory and everything in it; nothing where that is too much to be read, or cannot be.
async fn content<E: Engine>(
    engine: &E,
    container: &str,
    directory: &Path,
) -> Result<Option<Vec<PathBuf>>, SyncError> {
    let mut archive = engine.download(container, directory).await?.content;
    let mut bytes = Vec::new();
    while let Some(piece) = archive.next().await {
        bytes.extend_from_slice(&piece?);
        if bytes.len() > READ {
            return Ok(None);
        }
    }
    Ok(places(&bytes, directory).ok())
}

/// Places of the entries of a directory's archive, whose names begin with that of the directory.
fn places(archive: &[u8], directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let around = directory.parent().unwrap_or(directory);
    let mut archive = tar::Archive::new(archive);
    // Without the slash at the end of directories.
    let place = |entry: std::io::Result<tar::Entry<'_, _>>| {
        Ok(around.join(entry?.path()?).components().collect())
    };
    archive.entries()?.map(place).collect()
}

fn link_to_itself(place: &Path) -> std::io::Result<Vec<u8>> {
    let name = place.strip_prefix("/").unwrap_or(place);
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Link);
    header.set_size(0);
    header.set_mode(0o644);
    let mut tar = Builder::new(Vec::new());
    tar.append_link(&mut header, name, name)?;
    tar.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_in_the_container() {
        let mut tar = Builder::new(Vec::new());
        for name in ["old/", "old/sub/", "old/sub/a.py"] {
            let mut header = Header::new_gnu();
            header.set_size(0);
            tar.append_data(&mut header, name, std::io::empty()).unwrap();
        }
        let archive = tar.into_inner().unwrap();
        let found = places(&archive, Path::new("/app/old")).unwrap();
        assert_eq!(found, ["/app/old", "/app/old/sub", "/app/old/sub/a.py"].map(PathBuf::from));
        assert!(places(&[1; 700], Path::new("/app/old")).is_err());
    }
}
