//! Items on their way into a container, whatever of them it does not take: what an engine refuses is dropped from the
//! archive, and the rest is sent. An engine unpacks one item after the other, so what stands before the first that it
//! refuses has arrived; where it does not say which one that is, halves of the archive are tried.

use std::path::{Path, PathBuf};

use super::SyncError;
use super::fault::{Fault, named};
use super::journal::Before;
use super::owner::Owner;
use super::pack::{Fate, Item, pack};
use super::removal::{Removal, remove};
use super::standing::{Standing, standing};
use crate::engine::api::Unpack;
use crate::engine::{Engine, EngineError};
use crate::watch::Kind;

/// How many refusals are followed up at once: each costs another archive.
const REFUSALS: usize = 32;

/// What came of items.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    /// How many were written.
    pub(super) written: usize,
    /// Bytes of their content.
    pub(super) bytes: u64,
    /// Directories among them.
    pub(super) directories: Vec<PathBuf>,
    /// Places of what has gone or become something else since it was seen, and of what was not tried.
    pub(super) left: Vec<PathBuf>,
    /// Places that cannot be brought, and why.
    pub(super) failed: Vec<(PathBuf, String)>,
}

/// Brings items into a container, whose they are then.
///
/// # Errors
/// What is about the container or the engine as a whole.
pub(super) async fn deliver<E: Engine>(
    engine: &E,
    container: &str,
    owner: Owner,
    items: Vec<Item>,
) -> Result<Delivered, SyncError> {
    let waiting = if items.is_empty() { Vec::new() } else { vec![items] };
    let done = Delivered::default();
    let mut delivery = Delivery { engine, container, waiting, refusals: 0, done };
    while let Some(part) = delivery.waiting.pop() {
        let (fates, outcome) = put(engine, container, owner, part.clone()).await;
        match outcome {
            Ok(()) => delivery.arrive(&part, &fates),
            Err(error) => delivery.go_on(part, &fates, error).await?,
        }
    }
    Ok(delivery.done)
}

/// A delivery under way.
struct Delivery<'a, E> {
    engine: &'a E,
    container: &'a str,
    /// Parts that are still to be sent, the next one last.
    waiting: Vec<Vec<Item>>,
    refusals: usize,
    done: Delivered,
}

impl<E: Engine> Delivery<'_, E> {
    /// What of a part was packed has arrived.
    fn arrive(&mut self, part: &[Item], fates: &[Fate]) {
        for (item, fate) in part.iter().zip(fates) {
            match fate {
                Fate::Packed(bytes) => {
                    self.done.written += 1;
                    self.done.bytes += bytes;
                    if item.kind == Kind::Directory {
                        self.done.directories.push(item.place.clone());
                    }
                }
                Fate::LeftOut => self.done.left.push(item.place.clone()),
                Fate::Unreadable(reason) => self.done.failed.push((
                    item.place.clone(),
                    format!("cannot read {}: {reason}", item.source.display()),
                )),
            }
        }
    }

    /// Goes on with the rest of a part that was refused.
    async fn go_on(
        &mut self,
        part: Vec<Item>,
        fates: &[Fate],
        error: SyncError,
    ) -> Result<(), SyncError> {
        if !error.may_be_of_item() {
            return Err(error);
        }
        self.refusals += 1;
        let reason = error.to_string();
        let fault = match &error {
            SyncError::Unreadable { .. } => {
                let unread = part.get(fates.len()).map(|item| item.place.clone());
                unread.map(|place| Fault { at: fates.len(), place })
            }
            _ => named(&part, &reason).filter(|fault| fault.at <= fates.len()),
        };
        let Some(Fault { at, place }) = fault else { return self.halve(part, error) };
        let mut part = part;
        let mut rest = part.split_off(at);
        self.arrive(&part, fates);
        if self.refusals > REFUSALS {
            self.done.left.extend(rest.into_iter().map(|item| item.place));
            return Ok(());
        }
        let is_in_the_way = reason.contains("cannot overwrite non-directory");
        if !(is_in_the_way && self.clear(&rest).await?) {
            let failed = rest.extract_if(.., |item| item.place.starts_with(&place));
            let reason = of_place(&place, &reason);
            self.done.failed.extend(failed.map(|item| (item.place, reason.clone())));
        }
        self.wait(rest);
        Ok(())
    }

    /// Tries the halves of a part in which something unknown is at fault.
    fn halve(&mut self, mut part: Vec<Item>, error: SyncError) -> Result<(), SyncError> {
        if part.len() == 1 || self.refusals > REFUSALS {
            // Not of an item at all.
            if matches!(error, SyncError::Engine(EngineError::Broken { .. })) {
                return Err(error);
            }
            let words = error.to_string();
            let failed = |Item { place, .. }| {
                let reason = of_place(&place, &words);
                (place, reason)
            };
            self.done.failed.extend(part.into_iter().map(failed));
            return Ok(());
        }
        let second = part.split_off(part.len() / 2);
        self.wait(second);
        self.wait(part);
        Ok(())
    }

    fn wait(&mut self, part: Vec<Item>) {
        if !part.is_empty() {
            self.waiting.push(part);
        }
    }

    /// Takes away what stands where directories are to be: an image may have something else there. Whether there was
    /// anything.
    async fn clear(&self, items: &[Item]) -> Result<bool, SyncError> {
        let mut removals = Vec::new();
        for Item { place, .. } in items.iter().filter(|item| item.kind == Kind::Directory) {
            let found = standing(self.engine, self.container, place).await?;
            if found.is_some_and(|found| found != Standing::Directory) {
                let before = Before { file: true, directory: false };
                removals.push(Removal { place: place.clone(), before });
            }
        }
        // What is left for lack of time is in the way again.
        let removed = remove(self.engine, self.container, false, &removals).await?;
        Ok(!removed.places.is_empty())
    }
}

/// Words about a place that name it.
fn of_place(place: &Path, words: &str) -> String {
    let name = place.display().to_string();
    if words.contains(&name) { words.to_owned() } else { format!("{name}: {words}") }
}

/// Sends an archive of items: what became of each as far as they were packed, and what the engine says.
async fn put<E: Engine>(
    engine: &E,
    container: &str,
    owner: Owner,
    items: Vec<Item>,
) -> (Vec<Fate>, Result<(), SyncError>) {
    let sources: Vec<PathBuf> = items.iter().map(|item| item.source.clone()).collect();
    let (tar, packing) = pack(items, owner);
    let sent = engine.upload(container, "/", Unpack::default(), tar).await;
    let unreadable =
        |path: &Path, reason| SyncError::Unreadable { path: path.display().to_string(), reason };
    let (fates, packed) = match packing.await {
        Ok(packed) => packed,
        Err(error) => (Vec::new(), Err(std::io::Error::other(error.to_string()))),
    };
    let outcome = match (packed, sent) {
        (Ok(()), Ok(())) => Ok(()),
        // A file that cannot be read explains more than the engine's view of a broken archive.
        (Err(reason), Ok(()) | Err(EngineError::Broken { .. }))
            if reason.kind() != std::io::ErrorKind::BrokenPipe =>
        {
            let source = sources.get(fates.len()).map_or(Path::new("archive"), PathBuf::as_path);
            Err(unreadable(source, reason))
        }
        (_, Err(error)) => Err(error.into()),
        (Err(reason), Ok(())) => Err(unreadable(Path::new("archive"), reason)),
    };
    (fates, outcome)
}
