//! The system's events of directories.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use rustix::io::Errno;

use super::{Message, Touch};
use crate::watch::Rule;

/// Whether each directory is listened to by itself. There a directory can be listened to before it is read, so
/// that nothing is missed in between; elsewhere the system tells of whole trees.
const EACH: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Listens to directories.
pub(super) struct Listener {
    /// What the rules watch.
    roots: HashSet<PathBuf>,
    state: Mutex<State>,
}

struct State {
    /// `None` where the system gives no listener.
    watcher: Option<RecommendedWatcher>,
    /// Directories that are not listened to, though they should be.
    unheard: BTreeSet<PathBuf>,
    /// Why not.
    reason: Option<String>,
}

impl Listener {
    /// Listens to nothing yet; tells `inbox` what happens.
    pub(super) fn new(inbox: Sender<Message>, rules: &[Rule]) -> Self {
        let watcher = notify::recommended_watcher(move |event| forward(event, &inbox));
        let (watcher, reason) = match watcher {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(without_listener(&error))),
        };
        let state = State { watcher, unheard: BTreeSet::new(), reason };
        Self {
            roots: rules.iter().map(|rule| rule.path.clone()).collect(),
            state: Mutex::new(state),
        }
    }

    /// Listens to a directory: to what is in it, not to what is below. Whether it could.
    pub(super) fn listen(&self, directory: &Path) -> bool {
        let within_root = !EACH && directory.ancestors().skip(1).any(|up| self.roots.contains(up));
        if within_root {
            return true;
        }
        let whole = !EACH && self.roots.contains(directory);
        let mode = if whole { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        let mut state = self.state();
        let Some(watcher) = &mut state.watcher else {
            state.unheard.insert(directory.to_owned());
            return false;
        };
        match watcher.watch(directory, mode) {
            Ok(()) => {
                state.unheard.remove(directory);
                true
            }
            // It is gone again, and its directory tells so; or we may not read it anyway.
            Err(error) if is_gone(&error) => true,
            Err(error) => {
                state.unheard.insert(directory.to_owned());
                state.reason.get_or_insert(match error.kind {
                    ErrorKind::MaxFilesWatch => {
                        "no more watches are to be had (fs.inotify.max_user_watches)".to_owned()
                    }
                    _ => error.to_string(),
                });
                false
            }
        }
    }

    /// Has a directory read at intervals for now.
    pub(super) fn mistrust(&self, directory: &Path, reason: &io::Error) {
        let mut state = self.state();
        state.unheard.insert(directory.to_owned());
        let told = || format!("cannot read {}: {reason}", directory.display());
        state.reason.get_or_insert_with(told);
    }

    /// Does not listen to a directory any more that has gone, or that another one has replaced.
    pub(super) fn forget(&self, directory: &Path) {
        let mut state = self.state();
        state.unheard.remove(directory);
        if let Some(watcher) = &mut state.watcher {
            // The system has forgotten what is gone.
            let _ = watcher.unwatch(directory);
        }
    }

    /// The directories that cannot be listened to.
    pub(super) fn unheard(&self) -> Vec<PathBuf> {
        self.state().unheard.iter().cloned().collect()
    }

    /// Whether there is any.
    pub(super) fn has_unheard(&self) -> bool {
        !self.state().unheard.is_empty()
    }

    /// What the user should know.
    pub(super) fn note(&self) -> Option<String> {
        let state = self.state();
        let reason = state.reason.as_deref().filter(|_| !state.unheard.is_empty())?;
        let these = match state.unheard.len() {
            1 => "1 directory cannot be listened to and is".to_owned(),
            several => format!("{several} directories cannot be listened to and are"),
        };
        Some(format!("{these} read about every second: {reason}"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A state is whole even if a holder panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the system gives no listener.
fn without_listener(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::Io(error) if Errno::from_io_error(error) == Some(Errno::MFILE) => {
            "no more listeners are to be had (fs.inotify.max_user_instances, or the limit of open files)"
                .to_owned()
        }
        _ => error.to_string(),
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::NotFound
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::PermissionDenied
        ),
        _ => false,
    }
}

fn forward(event: notify::Result<notify::Event>, inbox: &Sender<Message>) {
    let Ok(event) = event else {
        // What cannot be read any more may have been anything.
        let _ = inbox.send(Message::Lost);
        return;
    };
    if event.need_rescan() {
        let _ = inbox.send(Message::Lost);
        return;
    }
    let Some(touch) = touch(event.kind) else { return };
    for (at, path) in event.paths.into_iter().enumerate() {
        let touch = match event.kind {
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) if at == 0 => Touch::Vanished,
            _ => touch,
        };
        // Nobody listens any more when the program ends.
        let _ = inbox.send(Message::Touched(path, touch));
    }
}

/// What an event means; `None` for what changes nothing.
fn touch(kind: EventKind) -> Option<Touch> {
    Some(match kind {
        EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write) => return None,
        EventKind::Create(_) => Touch::Appeared,
        EventKind::Modify(ModifyKind::Data(_)) if EACH => Touch::Writing,
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
            Touch::Vanished
        }
        EventKind::Modify(ModifyKind::Name(_)) => Touch::Renamed,
        _ => Touch::Settled,
    })
}
