//! Services that change what would start them anew: a program that writes below its mounted source whenever it starts would
//! be restarted without end. Pure but for the time, which it is told.
//!
//! What a container has written cannot be told from what a user has saved, except by when it comes. Where the same files ask
//! for a restart right after each, they are taken for the service's own: from then on they have to be left alone for a
//! while first, twice as long each time. So no save is lost for good, and any other file lets the restart go at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::links;
use super::session::Due;
use crate::compose::model::{Project, Service};
use crate::watch::derive::seen;

/// What comes within this time after a start may be what the program has written.
const SOON: Duration = Duration::from_secs(3);
/// How many restarts in a row may have been asked for so soon.
const ROUNDS: u32 = 3;
/// For how long files that are taken for the service's own are to be left alone at first.
const PAUSE: Duration = Duration::from_secs(5);
/// And at most.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// What is known of all services.
#[derive(Debug)]
pub(super) struct Loops {
    services: BTreeMap<String, Loop>,
    /// Directories and files in which the containers of a service can write.
    writable: BTreeMap<String, Vec<PathBuf>>,
}

/// What is known of a service.
#[derive(Debug, Default)]
struct Loop {
    /// Why it is to be started anew, or was.
    causes: BTreeSet<PathBuf>,
    /// When it was last; nothing before the first time, and while that is under way.
    started: Option<Instant>,
    /// How often in a row it was asked for right after a start, and by nothing else than the time before.
    rounds: u32,
    /// What is taken for the service's own.
    own: BTreeSet<PathBuf>,
    /// When something of that was last changed.
    touched: Option<Instant>,
    /// For how long it has to be left alone.
    pause: Duration,
    /// What waits for that.
    held: Due,
}

/// What is to be done about a rule that asks for a service to be started anew.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This now, which is what was asked for and what has waited.
    Go(Due),
    /// Nothing for now; with the file that is the reason where that is not known yet.
    Wait(Option<PathBuf>),
}

impl Loops {
    /// Nothing is known; `writable` is where the containers of each service can write.
    pub(super) fn new(writable: BTreeMap<String, Vec<PathBuf>>) -> Self {
        Self { services: BTreeMap::new(), writable }
    }

    /// A rule asks for a service to be started anew because of these paths.
    pub(super) fn judge(
        &mut self,
        service: &str,
        rule: usize,
        paths: Vec<PathBuf>,
        now: Instant,
    ) -> Verdict {
        let writable = self.writable.get(service).map(Vec::as_slice).unwrap_or_default();
        let may_be_own = |path: &PathBuf| writable.iter().any(|it| path.starts_with(it));
        let known = self.services.entry(service.to_owned()).or_default();
        let is_soon = known.started.is_some_and(|at| now.duration_since(at) < SOON);
        let were_left_alone = known.touched.is_some_and(|at| now.duration_since(at) >= SOON);
        if were_left_alone && !is_soon && known.held.is_empty() {
            (known.own, known.rounds) = (BTreeSet::new(), 0);
        }
        let is_own = !known.own.is_empty() && paths.iter().all(|path| known.own.contains(path));
        let returns = is_soon
            && paths.iter().all(|path| known.causes.contains(path))
            && paths.iter().all(may_be_own);
        if is_own {
            known.hold(rule, paths, now);
            return Verdict::Wait(None);
        }
        known.rounds = if returns { known.rounds + 1 } else { 0 };
        if known.rounds > ROUNDS {
            let first = paths.first().cloned();
            known.own.extend(paths.iter().cloned());
            known.pause = PAUSE;
            known.hold(rule, paths, now);
            return Verdict::Wait(first);
        }
        if known.started.take().is_some() {
            known.causes.clear();
        }
        known.causes.extend(paths.iter().cloned());
        let mut due = std::mem::take(&mut known.held);
        due.entry(rule).or_default().extend(paths);
        Verdict::Go(due)
    }

    /// A service was started anew.
    pub(super) fn started(&mut self, service: &str, now: Instant) {
        self.services.entry(service.to_owned()).or_default().started = Some(now);
    }

    /// When something has waited for long enough; `None` if nothing waits.
    pub(super) fn due(&self) -> Option<Instant> {
        self.services.values().filter_map(Loop::due).min()
    }

    /// What has.
    pub(super) fn take(&mut self, now: Instant) -> Due {
        let mut due = Due::new();
        let over = self.services.values_mut().filter(|it| it.due().is_some_and(|at| at <= now));
        for known in over {
            known.pause = (known.pause * 2).min(LONGEST_PAUSE);
            due.append(&mut known.held);
        }
        due
    }
}

impl Loop {
    fn hold(&mut self, rule: usize, paths: Vec<PathBuf>, now: Instant) {
        self.touched = Some(now);
        let held = self.held.entry(rule).or_default();
        held.extend(paths);
        held.sort_unstable();
        held.dedup();
    }

    fn due(&self) -> Option<Instant> {
        (!self.held.is_empty()).then(|| self.touched.map(|at| at + self.pause)).flatten()
    }
}

/// Files and directories of this machine that the containers of each service can write, also behind links.
pub(super) fn writable(project: &Project) -> BTreeMap<String, Vec<PathBuf>> {
    let of_service = |service: &Service| {
        let seen = seen(project, service).into_iter().filter(|seen| !seen.read_only);
        let paths = seen
            .flat_map(|seen| [links::behind(&seen.path, &project.working_dir), Some(seen.path)]);
        (service.name.clone(), paths.flatten().collect())
    };
    project.services.values().map(of_service).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        loops: Loops,
        begun: Instant,
    }

    impl Case {
        fn new() -> Self {
            let writable = [("web".to_owned(), vec!["/mounted".into()])].into();
            Self { loops: Loops::new(writable), begun: Instant::now() }
        }

        fn at(&self, millis: u64) -> Instant {
            self.begun + Duration::from_millis(millis)
        }

        /// Whether a change goes at once. The service is started anew then.
        fn save(&mut self, millis: u64, path: &str) -> bool {
            let now = self.at(millis);
            let verdict = self.loops.judge("web", 0, vec![path.into()], now);
            let goes = matches!(verdict, Verdict::Go(_));
            if goes {
                self.loops.started("web", now);
            }
            goes
        }

        /// What has waited until then. The service is started anew by it.
        fn take(&mut self, millis: u64) -> usize {
            let now = self.at(millis);
            let due = self.loops.take(now);
            if !due.is_empty() {
                self.loops.started("web", now);
            }
            due.len()
        }
    }

    /// Up to where it is known that a program writes a file when it starts.
    fn looping() -> Case {
        let mut case = Case::new();
        for round in 0..4 {
            assert!(case.save(round * 1000, "/mounted/state"), "{round}");
        }
        assert!(!case.save(4000, "/mounted/state"));
        case
    }

    #[test]
    fn what_is_written_at_each_start_has_to_be_left_alone() {
        let mut case = looping();
        assert_eq!(case.loops.due(), Some(case.at(9000)));
        assert!(!case.save(5000, "/mounted/state"));
        assert_eq!(case.take(9000), 0);
        assert_eq!(case.take(10_000), 1);
        assert_eq!(case.loops.due(), None);
        assert!(!case.save(11_000, "/mounted/state"));
        assert_eq!(case.loops.due(), Some(case.at(21_000)), "twice as long");
    }

    #[test]
    fn another_file_lets_it_go_at_once() {
        let mut case = looping();
        assert!(case.save(4500, "/mounted/app.py"));
        assert_eq!(case.loops.due(), None, "nothing is left to wait");
        assert!(!case.save(5000, "/mounted/state"), "it is known by now");
    }

    #[test]
    fn saves_of_a_user_go_at_once() {
        let mut case = Case::new();
        for round in 0..20 {
            assert!(case.save(round * 3000, "/mounted/app.py"), "one after the other");
        }
        let mut case = Case::new();
        for round in 0..20 {
            assert!(case.save(round * 1000, "/brought/app.py"), "no container can write it");
        }
        let mut case = Case::new();
        case.loops.writable = [("other".to_owned(), vec!["/mounted".into()])].into();
        for round in 0..20 {
            assert!(case.save(round * 1000, "/mounted/state"), "only another service can write it");
        }
        let mut case = Case::new();
        for round in 0..20 {
            let path = ["/mounted/a.py", "/mounted/b.py"][round % 2];
            assert!(case.save(round as u64 * 1000, path), "different ones");
        }
        let mut case = looping();
        assert_eq!(case.take(9000), 1);
        assert!(case.save(60_000, "/mounted/state"), "it has been left alone");
    }
}
