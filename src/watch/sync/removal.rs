//! Taking things away in a container.
//!
//! The Engine API has no call for it. In a container that runs and has an `rm`, that does it. Everywhere else, and
//! for a few things since it is faster than a process, an archive does: unpacking an entry first takes away what is
//! at its place (moby's `archive.Unpack`). A hard link from a place to itself can then not be made, and so leaves
//! nothing there.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use tar::{Builder, EntryType, Header};

use super::SyncError;
use crate::engine::api::{ExecCreate, Unpack};
use crate::engine::transport::full;
use crate::engine::{Engine, EngineError};

/// Up to how many things go without a process.
const FEW: usize = 4;
/// How many bytes of paths a command may have; systems allow at least twice as many.
const ARGUMENTS: usize = 64 << 10;

/// Something to be taken away.
#[derive(Debug, Clone)]
pub(super) struct Removal {
    /// Where it is: absolute.
    pub(super) place: PathBuf,
    /// Whether it is a directory, as far as is known. One goes only if nothing is left in it.
    pub(super) directory: bool,
}

/// Takes things away, in this order; how many of them. `runs` is whether a command can be tried.
pub(super) async fn remove<E: Engine>(
    engine: &E,
    container: &str,
    runs: bool,
    removals: &[Removal],
) -> Result<usize, SyncError> {
    if removals.is_empty() {
        return Ok(0);
    }
    // What is in a directory goes before it.
    let (directories, files): (Vec<_>, Vec<_>) =
        removals.iter().partition(|removal| removal.directory);
    // It fails where something is left in a directory, but also where it is none.
    for (removals, command) in [(files, &["rm", "-f", "--"][..]), (directories, &["rmdir", "--"])] {
        if runs && removals.len() > FEW && by_command(engine, container, command, &removals).await {
            continue;
        }
        for removal in removals {
            by_archive(engine, container, &removal.place).await?;
        }
    }
    Ok(removals.len())
}

/// Whether a command in the container has done it.
async fn by_command<E: Engine>(
    engine: &E,
    container: &str,
    command: &[&str],
    removals: &[&Removal],
) -> bool {
    for paths in parts(removals) {
        if run(engine, container, command, paths).await != Some(0) {
            return false;
        }
    }
    true
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

/// Runs a command; its exit code, unless it could not be run.
async fn run<E: Engine>(
    engine: &E,
    container: &str,
    command: &[&str],
    paths: Vec<String>,
) -> Option<i64> {
    let body = ExecCreate {
        attach_stdout: true,
        attach_stderr: true,
        user: "0".to_owned(),
        cmd: command.iter().map(|&word| word.to_owned()).chain(paths).collect(),
        ..ExecCreate::default()
    };
    let exec = engine.create_exec(container, &body).await.ok()?;
    let mut attached = engine.start_exec(&exec, false).await.ok()?;
    while let Some(piece) = attached.output.next().await {
        piece.ok()?;
    }
    let code = engine.inspect_exec(&exec).await.ok()?.exit_code?;
    // 126 and 127: there is no such command.
    (code < 126).then_some(code)
}

/// Takes one thing away by an archive that cannot be unpacked.
async fn by_archive<E: Engine>(engine: &E, container: &str, path: &Path) -> Result<(), SyncError> {
    let place = path.to_string_lossy();
    let Some(stat) = engine.path_stat(container, &place).await? else { return Ok(()) };
    if stat.is_directory() && !is_empty(engine, container, &place).await? {
        // What is in there was never brought there.
        return Ok(());
    }
    let archive = link_to_itself(path)
        .map_err(|error| SyncError::InTheWay(place.to_string(), error.to_string()))?;
    let options = Unpack { overwrite: true, ..Unpack::default() };
    match engine.upload(container, "/", options, full(archive)).await {
        Err(error @ (EngineError::Unreachable { .. } | EngineError::Broken { .. })) => {
            Err(error.into())
        }
        Ok(()) => Ok(()),
        Err(error) => match engine.path_stat(container, &place).await? {
            None => Ok(()),
            Some(_) => Err(SyncError::InTheWay(place.to_string(), error.to_string())),
        },
    }
}

/// Whether a directory has nothing in it.
async fn is_empty<E: Engine>(engine: &E, container: &str, place: &str) -> Result<bool, SyncError> {
    let archive = engine.download(container, place).await?;
    let mut content = archive.content;
    let mut bytes = 0;
    // An archive of one directory is its header and two empty blocks, perhaps filled up.
    let mut start = Vec::new();
    while let Some(piece) = content.next().await {
        let piece = piece?;
        bytes += piece.len();
        start.extend_from_slice(&piece);
        if bytes > 1 << 16 {
            break;
        }
    }
    let mut archive = tar::Archive::new(&start[..]);
    let entries = archive.entries().map(|entries| entries.flatten().take(2).count());
    Ok(entries.unwrap_or(2) < 2)
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
