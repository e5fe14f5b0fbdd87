//! The file system, listened to: what changed, compared with what was there before, in batches.
//!
//! A thread of its own takes the system's events ([`listen`]), gathers them while more come ([`gather`]) and
//! compares the paths with what it knew of them ([`seen`], [`changes`]): an event only says where to look, what is there
//! says what happened. So an event too many does no harm, and one too few is made good by the next look.

mod above;
mod changes;
mod echoes;
mod gather;
mod listen;
mod seen;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Action, Batch, Change, Rule, WatchError, What};
pub use above::Above;
use changes::{Changes, Difference};
pub use echoes::{Echoes, FileId};
use gather::Gather;
use listen::Listener;
use seen::Seen;

/// How long to wait between two looks at directories that the system does not let us listen to,
const INTERVAL: Duration = Duration::from_secs(1);
/// but no less than so many times as long as a look takes: very many of them must not keep the machine busy.
const REST: u32 = 20;

/// In a storm events are taken so far apart: a thread that is woken for each of them costs as much as what it does with it.
const APART: Duration = Duration::from_millis(2);

/// Files that are watched.
pub struct Files {
    /// To the thread; closed when this is dropped, which ends it.
    inbox: Sender<Message>,
    batches: UnboundedReceiver<Part>,
    /// Whether the thread was asked for a batch that has not been fetched.
    asked: bool,
    initial: Vec<Vec<Change>>,
    /// Whether it was told that not everything can be listened to.
    noted: bool,
    listener: Arc<Listener>,
}

/// What the thread tells.
struct Part {
    batch: Batch,
    /// Whether it is of a storm that leaves in parts and goes on.
    goes_on: bool,
}

/// What the thread is told.
pub(in crate::watch) enum Message {
    /// Something happened at a path.
    Touched(PathBuf, Touch),
    /// The system lost events: anything may have happened.
    Lost,
    /// Somebody waits for the next batch.
    Wanted,
    /// Somebody waits for the last batch: everything is compared once more.
    Last,
    /// Nobody will ever again.
    Over,
}

/// What happened at a path, as far as it matters for how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::watch) enum Touch {
    /// It was written, and whoever writes it may go on.
    Writing,
    /// It is as it will be: closed after writing, or renamed, or its mode was changed.
    Settled,
    /// It was made: a file may still be written.
    Appeared,
    /// It came here whole, under a new name.
    Renamed,
    /// It is not there any more under this name.
    Vanished,
}

impl Files {
    /// Begins to watch what `rules` are about. Reads every directory there: blocks.
    ///
    /// # Errors
    /// A system that gives no thread. Directories that it does not let us listen to are read at intervals.
    pub fn new(rules: Arc<[Rule]>) -> Result<Self, WatchError> {
        Self::without(rules, Echoes::default())
    }

    /// The same, while echoes of what we do ourselves are no changes.
    ///
    /// # Errors
    /// As [`Files::new`].
    pub fn without(rules: Arc<[Rule]>, echoes: Echoes) -> Result<Self, WatchError> {
        let (inbox, messages) = channel();
        let listener = Arc::new(Listener::new(inbox.clone(), &rules));
        let mut seen = Seen::new(Arc::clone(&rules), Arc::clone(&listener), echoes);
        let found = seen.look_around();
        let initial = initial(&rules, &seen, &found);
        let (sender, batches) = unbounded_channel();
        let mut watch =
            Watch { rules, seen, gather: Gather::default(), wanted: false, batches: sender };
        std::thread::Builder::new()
            .name("files".to_owned())
            .spawn(move || watch.run(&messages))
            .map_err(|source| WatchError::System {
                path: PathBuf::from("."),
                source: notify::Error::io(source),
            })?;
        Ok(Self { inbox, batches, asked: false, initial, noted: false, listener })
    }

    /// What changed next, gathered as long as more comes. Nothing is lost when the call is dropped before it
    /// has answered. While nobody waits, changes are gathered on; the next part of a storm is made ready meanwhile.
    pub async fn next(&mut self) -> Batch {
        if !self.asked {
            self.ask();
        }
        match self.batches.recv().await {
            Some(Part { batch, goes_on }) => {
                self.asked = false;
                if goes_on {
                    self.ask();
                }
                batch
            }
            // The thread only ends with this.
            None => std::future::pending().await,
        }
    }

    fn ask(&mut self) {
        self.asked = self.inbox.send(Message::Wanted).is_ok();
    }

    /// Ends the watching: what has changed and was in no batch yet, whatever the system has told of it so far.
    pub async fn last(mut self) -> Option<Batch> {
        let _ = self.inbox.send(Message::Last);
        // A batch that was asked for before may come first.
        let mut last: Option<Batch> = None;
        while let Some(Part { batch, .. }) = self.batches.recv().await {
            match &mut last {
                Some(last) => last.changes.extend(batch.changes),
                None => last = Some(batch),
            }
        }
        last
    }

    /// For each rule with `initial_sync`, everything that was there at the start and that it takes, from the
    /// top; nothing for the others.
    pub fn initial(&mut self) -> Vec<Vec<Change>> {
        std::mem::take(&mut self.initial)
    }

    /// What the user should know of the watching; told once. Directories that come later may be the first that
    /// cannot be listened to.
    pub fn note(&mut self) -> Option<String> {
        let note = self.listener.note().filter(|_| !self.noted);
        self.noted |= note.is_some();
        note
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // A thread that has ended needs no word.
        let _ = self.inbox.send(Message::Over);
    }
}

/// What was found at the start, for the rules that want all of it.
fn initial(rules: &[Rule], seen: &Seen, found: &Changes) -> Vec<Vec<Change>> {
    let of = |(index, rule): (usize, &Rule)| {
        let taken = found.present().filter(|(path, _)| rule.initial_sync && rule.takes(path));
        let change = |(path, kind): (&PathBuf, _)| Change {
            path: path.clone(),
            what: What::Present(kind),
            mode: seen.mode(path),
            is_new: true,
            rules: vec![index],
        };
        taken.map(change).collect()
    };
    rules.iter().enumerate().map(of).collect()
}

/// The thread's part.
struct Watch {
    rules: Arc<[Rule]>,
    seen: Seen,
    gather: Gather,
    wanted: bool,
    batches: UnboundedSender<Part>,
}

impl Watch {
    fn run(&mut self, messages: &Receiver<Message>) {
        let mut look = Instant::now() + INTERVAL;
        loop {
            let due = self.gather.due().filter(|_| self.wanted);
            let next = due.into_iter().chain(self.seen.has_unheard().then_some(look)).min();
            match self.receive(messages, next) {
                Ok(Message::Touched(path, touch)) => {
                    // What is gathered already was judged then.
                    if self.gather.has(&path) {
                        self.gather.touched(path, touch, false, Instant::now());
                    } else if self.seen.concerns(&path) {
                        self.touched(path, touch);
                    }
                }
                Ok(Message::Lost) => self.gather.lost(Instant::now()),
                Ok(Message::Wanted) => self.wanted = true,
                Ok(Message::Last) => {
                    self.gather.lost(Instant::now());
                    return self.send();
                }
                Ok(Message::Over) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) if due.is_some() && due == next => self.send(),
                Err(RecvTimeoutError::Timeout) => look = self.look(),
            }
        }
    }

    /// The next message, unless it is time for something else before it comes.
    fn receive(
        &self,
        messages: &Receiver<Message>,
        next: Option<Instant>,
    ) -> Result<Message, RecvTimeoutError> {
        let wait = || next.map(|next| next.saturating_duration_since(Instant::now()));
        if self.gather.is_storm() && wait().is_none_or(|wait| wait > APART) {
            match messages.try_recv() {
                Err(TryRecvError::Empty) => std::thread::sleep(APART),
                message => return message.map_err(|_| RecvTimeoutError::Disconnected),
            }
        }
        match wait() {
            Some(Duration::ZERO) => messages.try_recv().map_err(|_| RecvTimeoutError::Timeout),
            Some(wait) => messages.recv_timeout(wait),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Looks at the directories that the system tells nothing of; when to look again.
    fn look(&mut self) -> Instant {
        let begun = Instant::now();
        for path in self.seen.unheard_changes() {
            self.touched(path, Touch::Settled);
        }
        Instant::now() + INTERVAL.max(begun.elapsed() * REST)
    }

    fn touched(&mut self, path: PathBuf, touch: Touch) {
        let mut following = self.rules.iter().filter(|rule| rule.action != Action::Sync);
        let as_one = following.any(|rule| rule.takes(&path));
        self.gather.touched(path, touch, as_one, Instant::now());
    }

    /// Looks at what was gathered and sends what has changed there.
    fn send(&mut self) {
        let gathered = self.gather.take(Instant::now());
        let noticed = gathered.first.unwrap_or_else(Instant::now);
        let differing = if gathered.lost {
            self.seen.look_around_again()
        } else {
            self.seen.look_at(gathered.paths)
        };
        let changes: Vec<Change> = differing
            .into_iter()
            .filter_map(|Difference { path, what, is_new }| {
                let takes = |(index, rule): (usize, &Rule)| rule.takes(&path).then_some(index);
                let rules: Vec<usize> = self.rules.iter().enumerate().filter_map(takes).collect();
                let mode = self.seen.mode(&path);
                (!rules.is_empty()).then_some(Change { path, what, mode, is_new, rules })
            })
            .collect();
        if !changes.is_empty() {
            self.wanted = false;
            // Nobody is there any more: the next message says so.
            let batch = Batch { noticed, changes };
            let _ = self.batches.send(Part { batch, goes_on: gathered.goes_on });
        }
    }
}

#[cfg(test)]
mod tests;
