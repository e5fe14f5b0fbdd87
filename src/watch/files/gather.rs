//! How long to wait for more: no fixed time, but by what the file system does. Pure.
//!
//! A save is a write and its close, and goes at once. What is being written is waited for until it is closed.
//! Where much happens at once (a checkout, a formatter) it is gathered while it lasts. What vanishes may be
//! half of a save: editors move the old file away and put the new one in its place.

use std::collections::HashMap;
use std::path::PathBuf;
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

/// Paths that were touched.
#[derive(Debug, Default)]
pub(super) struct Gather {
    paths: HashMap<PathBuf, Touched>,
    first: Option<Instant>,
    last: Option<Instant>,
    lost: bool,
}

/// What is known of one of them.
#[derive(Debug, Clone, Copy)]
struct Touched {
    touch: Touch,
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
}

impl Gather {
    /// A path was touched.
    pub(super) fn touched(&mut self, path: PathBuf, touch: Touch, now: Instant) {
        self.note(now);
        let renews = matches!(touch, Touch::Appeared | Touch::Renamed | Touch::Vanished);
        self.paths
            .entry(path)
            .and_modify(|touched| {
                touched.renewed |= renews;
                touched.touch = touch;
                touched.at = now;
            })
            .or_insert(Touched { touch, at: now, renewed: renews });
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
        let (first, last) = (self.first?, self.last?);
        let storm = self.lost || self.paths.len() > STORM;
        let quiet = last + if storm { MANY } else { FEW };
        // In a storm each waits within the quiet of all.
        let awaited = self.paths.values().filter(|_| !storm).filter_map(Touched::awaited).max();
        Some(awaited.map_or(quiet, |until| until.max(quiet)).min(first + AT_MOST))
    }

    /// Everything so far.
    pub(super) fn take(&mut self) -> Gathered {
        let taken = std::mem::take(self);
        let paths = taken.paths.into_iter().map(|(path, touched)| (path, touched.renewed));
        Gathered { paths: paths.collect(), first: taken.first, lost: taken.lost }
    }
}

impl Touched {
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

    /// When it is due, after touches of paths at milliseconds.
    fn due(touches: &[(&str, Touch, u64)]) -> Option<u128> {
        let start = Instant::now();
        let mut gather = Gather::default();
        for (path, touch, at) in touches {
            gather.touched(PathBuf::from(path), *touch, start + Duration::from_millis(*at));
        }
        gather.due().map(|due| (due - start).as_millis())
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
    fn what_came_and_went_is_told_as_renewed() {
        let mut gather = Gather::default();
        let now = Instant::now();
        gather.touched(PathBuf::from("a"), Touch::Vanished, now);
        gather.touched(PathBuf::from("a"), Touch::Settled, now);
        gather.touched(PathBuf::from("b"), Touch::Settled, now);
        let mut paths = gather.take().paths;
        paths.sort();
        assert_eq!(paths, [(PathBuf::from("a"), true), (PathBuf::from("b"), false)]);
        assert_eq!(gather.due(), None);
    }
}
