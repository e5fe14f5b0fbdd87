//! The file system, listened to: what changed, compared with what was there before, in batches.
//!
//! A thread of its own takes the system's events ([`listen`]), gathers them while more come ([`gather`]) and
//! compares the paths with what it knew of them ([`seen`]): an event only says where to look, what is there
//! says what happened. So an event too many does no harm, and one too few is made good by the next look.

mod echoes;
mod gather;
mod listen;
mod seen;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Action, Batch, Change, Rule, WatchError, What};
pub use echoes::{Echoes, FileId};
use gather::Gather;
use listen::Listener;
use seen::{Changes, Difference, Seen};

/// How long to wait between two looks at directories that the system does not let us listen to,
const INTERVAL: Duration = Duration::from_secs(1);
/// but no less than so many times as long as a look takes: very many of them must not keep the machine busy.
const REST: u32 = 20;

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
            let message = match next.map(|next| next.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => messages.try_recv().map_err(|_| RecvTimeoutError::Timeout),
                Some(wait) => messages.recv_timeout(wait),
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
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
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::compose::model::{Develop, Project, Service, WatchTrigger};
    use crate::watch::Kind;
    use crate::watch::rule::rules;

    /// What becomes of a directory that one rule watches: each path by each state once, in the order of the paths.
    /// A machine that is busy may show more states on the way than an idle one.
    async fn after(before: impl Fn(&Path), act: impl Fn(&Path)) -> Vec<(String, What)> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("src");
        fs::create_dir(&root).unwrap();
        before(&root);
        let mut files = Files::new(watching(&root).into()).unwrap();
        act(&root);
        let mut changes = Vec::new();
        // Everything that comes within a time in which nothing more came.
        while let Ok(batch) = tokio::time::timeout(Duration::from_millis(200), files.next()).await {
            changes.extend(batch.changes);
        }
        let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let mut told: Vec<_> =
            changes.iter().map(|change| (name(&change.path), change.what)).collect();
        told.sort();
        told.dedup();
        told
    }

    /// Waits until a path is told of in this state.
    async fn until(files: &mut Files, path: &Path, what: What) {
        let is_it = |change: &Change| change.path == path && change.what == what;
        while !files.next().await.changes.iter().any(is_it) {}
    }

    fn watching(root: &Path) -> Vec<Rule> {
        let trigger = WatchTrigger {
            path: root.to_string_lossy().into_owned(),
            action: "sync".to_owned(),
            target: "/app".to_owned(),
            ignore: vec!["node_modules/".to_owned()],
            ..WatchTrigger::default()
        };
        let develop = Develop { watch: vec![trigger], ..Develop::default() };
        let service =
            Service { name: "web".to_owned(), develop: Some(develop), ..Service::default() };
        let mut project = Project::unwritten("reload");
        project.services.insert("web".to_owned(), service);
        rules(&project, &[]).unwrap().rules
    }

    #[tokio::test]
    async fn what_was_in_no_batch_is_in_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("src");
        fs::create_dir(&root).unwrap();
        let begin = || Files::new(watching(&root).into()).unwrap();
        assert!(begin().last().await.is_none());
        let files = begin();
        fs::write(root.join("saved"), "text").unwrap();
        let last = files.last().await.unwrap();
        assert_eq!(last.changes.len(), 1);
        assert_eq!(last.changes[0].path, root.join("saved"));
    }

    #[tokio::test]
    async fn echoes_are_no_changes_but_changes_are() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("src");
        fs::create_dir(&root).unwrap();
        let (ours, others) = (root.join("ours"), root.join("others"));
        for path in [&ours, &others] {
            fs::write(path, "old").unwrap();
        }
        let echoes = Echoes::default();
        let mut files = Files::without(watching(&root).into(), echoes.clone()).unwrap();
        echoes.expect(&ours);
        for path in [&ours, &others] {
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(fs::metadata(path).unwrap().modified().unwrap()).unwrap();
        }
        until(&mut files, &others, FILE).await;
        let quiet = tokio::time::timeout(Duration::from_millis(200), files.next()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        fs::write(&ours, "new").unwrap();
        until(&mut files, &ours, FILE).await;
    }

    #[tokio::test]
    async fn what_our_output_is_written_into_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("src");
        fs::create_dir(&root).unwrap();
        let (ours, others) = (root.join("dev.out"), root.join("others"));
        fs::write(&ours, "").unwrap();
        let echoes = Echoes::new(&[FileId::of(&fs::metadata(&ours).unwrap())]);
        let mut files = Files::without(watching(&root).into(), echoes).unwrap();
        fs::write(&ours, "a line").unwrap();
        fs::write(&others, "saved").unwrap();
        let told = files.next().await.changes;
        let told: Vec<_> = told.iter().map(|change| (&change.path, change.is_new)).collect();
        assert_eq!(told, [(&others, true)]);
        fs::write(&ours, "a line and another").unwrap();
        fs::rename(&ours, root.join("moved.out")).unwrap();
        assert!(files.last().await.is_none());
    }

    const FILE: What = What::Present(Kind::File);
    const DIRECTORY: What = What::Present(Kind::Directory);

    fn told(expected: &[(&str, What)]) -> Vec<(String, What)> {
        expected.iter().map(|(name, what)| ((*name).to_owned(), *what)).collect()
    }

    #[tokio::test]
    async fn saves_are_told_once_whatever_way_an_editor_goes() {
        let old = |root: &Path| fs::write(root.join("a.py"), "old").unwrap();
        let in_place = |root: &Path| fs::write(root.join("a.py"), "new").unwrap();
        assert_eq!(after(old, in_place).await, told(&[("a.py", FILE)]));
        let renamed = |root: &Path| {
            fs::write(root.join(".a.py.swp"), "new").unwrap();
            fs::rename(root.join(".a.py.swp"), root.join("a.py")).unwrap();
        };
        assert_eq!(after(old, renamed).await, told(&[("a.py", FILE)]));
        let moved_away = |root: &Path| {
            fs::rename(root.join("a.py"), root.join("a.py~")).unwrap();
            fs::write(root.join("a.py"), "new").unwrap();
            fs::remove_file(root.join("a.py~")).unwrap();
        };
        let states = after(old, moved_away).await;
        assert!(states.contains(&("a.py".to_owned(), FILE)), "{states:?}");
        assert!(states.iter().all(|(name, _)| name == "a.py"), "{states:?}");
        let nothing = |root: &Path| {
            fs::read(root.join("a.py")).unwrap();
        };
        assert_eq!(after(old, nothing).await, told(&[]));
    }

    #[tokio::test]
    async fn new_directories_are_told_with_all_that_is_in_them() {
        let act = |root: &Path| {
            fs::create_dir_all(root.join("one/two/three")).unwrap();
            fs::write(root.join("one/two/three/file"), "x").unwrap();
            fs::create_dir_all(root.join("node_modules/left")).unwrap();
            fs::write(root.join("node_modules/left/out"), "x").unwrap();
        };
        assert_eq!(
            after(|_| {}, act).await,
            told(&[
                ("one", DIRECTORY),
                ("one/two", DIRECTORY),
                ("one/two/three", DIRECTORY),
                ("one/two/three/file", FILE)
            ])
        );
    }

    #[tokio::test]
    async fn what_is_gone_is_told_with_all_that_was_in_it() {
        let before = |root: &Path| {
            fs::create_dir_all(root.join("one/two")).unwrap();
            fs::write(root.join("one/two/file"), "x").unwrap();
            fs::write(root.join("kind"), "x").unwrap();
        };
        let act = |root: &Path| {
            fs::rename(root.join("one"), root.join("other")).unwrap();
            fs::write(root.join("other/two/more"), "x").unwrap();
            fs::remove_file(root.join("kind")).unwrap();
            fs::create_dir(root.join("kind")).unwrap();
        };
        assert_eq!(
            after(before, act).await,
            told(&[
                ("kind", DIRECTORY),
                ("kind", What::Gone(Kind::File)),
                ("one", What::Gone(Kind::Directory)),
                ("one/two", What::Gone(Kind::Directory)),
                ("one/two/file", What::Gone(Kind::File)),
                ("other", DIRECTORY),
                ("other/two", DIRECTORY),
                ("other/two/file", FILE),
                ("other/two/more", FILE),
            ])
        );
    }

    #[tokio::test]
    async fn a_directory_that_moved_is_listened_to_under_its_new_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("src");
        fs::create_dir_all(root.join("one")).unwrap();
        let mut files = Files::new(watching(&root).into()).unwrap();
        for (from, to) in [("one", "two"), ("two", "three")] {
            fs::rename(root.join(from), root.join(to)).unwrap();
            until(&mut files, &root.join(to), DIRECTORY).await;
            let file = root.join(to).join("file");
            fs::write(&file, to).unwrap();
            until(&mut files, &file, FILE).await;
            fs::remove_file(&file).unwrap();
            until(&mut files, &file, What::Gone(Kind::File)).await;
        }
    }

    #[tokio::test]
    async fn what_is_watched_need_not_be_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("one/two");
        let mut files = Files::new(watching(&root).into()).unwrap();
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("file"), "x").unwrap();
        let mut seen = Vec::new();
        while !seen.contains(&root.join("file")) {
            seen.extend(files.next().await.changes.into_iter().map(|change| change.path));
        }
        assert!(!seen.contains(&folder.path().join("one")), "{seen:?}");
    }

    #[tokio::test]
    async fn directories_that_change_places_are_listened_to() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("src");
        for name in ["a/sub", "b/sub"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let mut files = Files::new(watching(&root).into()).unwrap();
        for (from, to) in [("b", "c"), ("a", "b"), ("c", "a")] {
            fs::rename(root.join(from), root.join(to)).unwrap();
        }
        fs::write(root.join("mark"), "").unwrap();
        until(&mut files, &root.join("mark"), FILE).await;
        for name in ["a/sub/file", "b/sub/file"] {
            fs::write(root.join(name), "").unwrap();
            until(&mut files, &root.join(name), FILE).await;
        }
    }
}
