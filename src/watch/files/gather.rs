//! How long to wait for more: no fixed time, but by what the file system does. Pure.
//!
//! A save is a write and its close, and goes at once. What is being written is waited for until it is closed.
//! Where much happens at once (a checkout, a formatter) it is gathered while it lasts. What vanishes may be
//! half of a save: editors move the old file away and put the new one in its place.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Touch;

/// After the last event of a few: time for the rest of one save.
const FEW: Duration = Duration::from_millis(2);
/// After the last event of many.
const MANY: Duration = Duration::from_millis(20);
/// From how many paths on they are many.
const STORM: usize = 12;
/// How long something that appeared may take to be written, if it ever is.
const TO_BE_WRITTEN: Duration = Duration::from_millis(10);
/// How long a file that is being written is waited for after its last write.
const TO_BE_CLOSED: Duration = Duration::from_millis(60);
/// How long something that vanished may take to come back.
const TO_COME_BACK: Duration = Duration::from_millis(20);
/// After which nothing is waited for.
const AT_MOST: Duration = Duration::from_secs(1);
/// The same for what is only brought somewhere: the engine takes longer for many files than whoever writes them, so
/// it begins while the storm lasts.
const IN_PARTS: Duration = Duration::from_millis(100);

/// Paths that were touched.
#[derive(Debug, Default)]
pub(super) struct Gather {
    paths: HashMap<PathBuf, Touched>,
    first: Option<Instant>,
    last: Option<Instant>,
    lost: bool,
    /// Whether something is to follow that should happen once for all of them.
    as_one: bool,
}

/// What is known of one of them.
#[derive(Debug, Clone, Copy)]
struct Touched {
    touch: Touch,
    since: Instant,
    at: Instant,
    /// Whether it appeared or vanished: what is there now may not be what was there before.
    renewed: bool,
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Paths, and whether each appeared or vanished in between.
    pub(super) paths: Vec<(PathBuf, bool)>,
    /// When the first of them was touched.
    pub(super) first: Option<Instant>,
    /// Whether events were lost.
    pub(super) lost: bool,
    /// Whether it is a part of a storm that goes on.
    pub(super) goes_on: bool,
}

impl Gather {
    /// Whether a path is among what was gathered.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.paths.contains_key(path)
    }

    /// A path was touched; `as_one` is whether more follows from it than that it is brought somewhere.
    pub(super) fn touched(&mut self, path: PathBuf, touch: Touch, as_one: bool, now: Instant) {
        self.note(now);
        self.as_one |= as_one;
        let renews = matches!(touch, Touch::Appeared | Touch::Renamed | Touch::Vanished);
        self.paths
            .entry(path)
            .and_modify(|touched| {
                touched.renewed |= renews;
                touched.touch = touch;
                touched.at = now;
            })
            .or_insert(Touched { touch, since: now, at: now, renewed: renews });
    }

    /// Events were lost.
    pub(super) fn lost(&mut self, now: Instant) {
        self.note(now);
        self.lost = true;
    }

    fn note(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// When to look, if nothing more happens; `None` when nothing has happened.
    pub(super) fn due(&self) -> Option<Instant> {
        let (first, quiet) = (self.first?, self.quiet()?);
        let at_most = first + if self.leaves_in_parts() { IN_PARTS } else { AT_MOST };
        // In a storm each waits within the quiet of all.
        let awaited = if self.is_storm() {
            None
        } else {
            self.paths.values().filter_map(Touched::awaited).max()
        };
        Some(awaited.map_or(quiet, |until| until.max(quiet)).min(at_most))
    }

    /// When a few, or many, are over, if nothing more happens.
    fn quiet(&self) -> Option<Instant> {
        Some(self.last? + if self.is_storm() { MANY } else { FEW })
    }

    /// Whether there is too much to look at each by itself.
    pub(super) fn is_storm(&self) -> bool {
        self.lost || self.paths.len() > STORM
    }

    fn leaves_in_parts(&self) -> bool {
        self.is_storm() && !self.lost && !self.as_one
    }

    /// Everything so far; but of a storm that goes on and leaves in parts not what is not whole yet.
    pub(super) fn take(&mut self, now: Instant) -> Gathered {
        let goes_on = self.leaves_in_parts() && self.quiet().is_some_and(|quiet| now < quiet);
        let mut taken = std::mem::take(self);
        if goes_on {
            let is_unfinished = |(_, touched): &(&PathBuf, &Touched)| touched.is_unfinished(now);
            let unfinished: HashSet<PathBuf> =
                taken.paths.iter().filter(is_unfinished).map(|(path, _)| path.clone()).collect();
            // Nothing comes before the directory that it is in.
            let waits = |path: &Path| path.ancestors().any(|around| unfinished.contains(around));
            self.paths = taken.paths.extract_if(|path, _| waits(path)).collect();
            self.first = self.paths.values().map(|touched| touched.since).min();
            self.last = self.paths.values().map(|touched| touched.at).max();
        }
        let paths = taken.paths.into_iter().map(|(path, touched)| (path, touched.renewed));
        Gathered { paths: paths.collect(), first: taken.first, lost: taken.lost, goes_on }
    }
}

impl Touched {
    /// Whether more is to be expected of it, and has not been for too long.
    fn is_unfinished(&self, now: Instant) -> bool {
        self.awaited().is_some_and(|until| now < until) && now < self.since + AT_MOST
    }

    /// Until when more is to be expected of it.
    fn awaited(&self) -> Option<Instant> {
        Some(
            self.at
                + match self.touch {
                    Touch::Settled | Touch::Renamed => return None,
                    Touch::Appeared => TO_BE_WRITTEN,
                    Touch::Writing => TO_BE_CLOSED,
                    Touch::Vanished => TO_COME_BACK,
                },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it is due, after touches of paths at milliseconds from which more follows.
    fn due(touches: &[(&str, Touch, u64)]) -> Option<u128> {
        let start = Instant::now();
        gathering(start, true, touches).due().map(|due| (due - start).as_millis())
    }

    fn gathering(start: Instant, as_one: bool, touches: &[(&str, Touch, u64)]) -> Gather {
        let mut gather = Gather::default();
        for (path, touch, at) in touches {
            let at = start + Duration::from_millis(*at);
            gather.touched(PathBuf::from(path), *touch, as_one, at);
        }
        gather
    }

    #[test]
    fn a_save_goes_at_once_and_what_is_not_whole_is_waited_for() {
        assert_eq!(due(&[]), None);
        assert_eq!(due(&[("a", Touch::Writing, 0), ("a", Touch::Settled, 1)]), Some(3));
        assert_eq!(due(&[("a", Touch::Appeared, 0)]), Some(10));
        assert_eq!(due(&[("a", Touch::Writing, 5)]), Some(65));
        // Moved away, and written anew in its place.
        assert_eq!(due(&[("a", Touch::Vanished, 0)]), Some(20));
        assert_eq!(
            due(&[("a", Touch::Vanished, 0), ("a", Touch::Appeared, 1), ("a", Touch::Settled, 3)]),
            Some(5)
        );
        // Written for ever.
        let writes: Vec<_> = (0..100).map(|at| ("a", Touch::Writing, at * 20)).collect();
        assert_eq!(due(&writes), Some(1000));
    }

    #[test]
    fn a_storm_is_gathered_while_it_lasts() {
        let names: Vec<String> = (0..100).map(|number| format!("f{number}")).collect();
        let touches: Vec<_> =
            names.iter().zip(0..).map(|(name, at)| (name.as_str(), Touch::Settled, at)).collect();
        assert_eq!(due(&touches), Some(99 + 20));
    }

    #[test]
    fn a_storm_of_what_is_only_brought_leaves_in_parts() {
        let names: Vec<String> = (0..100).map(|number| format!("f{number}")).collect();
        let of_all = |touch| names.iter().map(move |name| (name.as_str(), touch));
        let at = |(number, (name, touch))| (name, touch, u64::from(number * 5u32));
        let mut touches: Vec<_> = (0..).zip(of_all(Touch::Settled)).map(at).collect();
        touches.push(("f99", Touch::Vanished, 496));
        touches.push(("half", Touch::Writing, 497));
        touches.push(("new", Touch::Appeared, 497));
        touches.push(("new/file", Touch::Settled, 497));
        assert_eq!(due(&touches), Some(517));
        let start = Instant::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut gather = gathering(start, false, &touches);
        assert_eq!(gather.due(), Some(after(100)));
        assert_eq!(gather.take(after(500)).paths.len(), 99);
        // What is not whole yet comes next, however long it takes, but not for ever.
        assert_eq!(gather.due(), Some(after(557)));
        let renewed = |taken: Gathered| taken.paths.into_iter().collect::<HashMap<_, _>>();
        let rest = [("f99", true), ("half", false), ("new", true), ("new/file", false)]
            .map(|(name, it)| (PathBuf::from(name), it));
        assert_eq!(renewed(gather.take(after(557))), HashMap::from(rest));
        let mut writing = gathering(start, false, &touches);
        writing.touched("half".into(), Touch::Writing, false, after(1490));
        assert_eq!(writing.take(after(1500)).paths.len(), 103);
    }

    #[test]
    fn a_storm_that_is_over_leaves_whole() {
        let start = Instant::now();
        let names: Vec<String> = (0..100).map(|number| format!("f{number}")).collect();
        let touches: Vec<_> = names.iter().map(|name| (name.as_str(), Touch::Writing, 0)).collect();
        let mut gather = gathering(start, false, &touches);
        assert_eq!(gather.take(start + MANY).paths.len(), 100);
        assert_eq!(gather.due(), None);
    }

    #[test]
    fn what_came_and_went_is_told_as_renewed() {
        let now = Instant::now();
        let touches =
            [("a", Touch::Vanished, 0), ("a", Touch::Settled, 0), ("b", Touch::Settled, 0)];
        let mut gather = gathering(now, false, &touches);
        let mut paths = gather.take(now).paths;
        paths.sort();
        assert_eq!(paths, [(PathBuf::from("a"), true), (PathBuf::from("b"), false)]);
        assert_eq!(gather.due(), None);
    }
}
