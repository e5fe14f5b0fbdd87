//! How far a container's log has been shown, by the times that the engine writes before its lines.
//! Pure.
//!
//! A log is read anew when its container starts again and when a connection broke. What was shown
//! before must not be shown twice, and nothing may be left out: so the engine is asked for what it
//! wrote at the last time that was shown or later, and of that as many lines are passed over as
//! were shown.

/// The last line that was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Its time, as the engine writes it; empty before the first one.
    time: Vec<u8>,
    /// How many lines of that time were shown.
    lines: usize,
}

/// Passes over what was shown before.
#[derive(Debug)]
pub(super) struct Resumed {
    shown: Position,
    passed: usize,
    over: bool,
}

impl Position {
    /// Notes a line that was shown.
    pub(super) fn advance(&mut self, time: &[u8]) {
        if self.time == time {
            self.lines += 1;
        } else {
            self.time.clear();
            self.time.extend_from_slice(time);
            self.lines = 1;
        }
    }

    /// The time from which the log must be read again; `None` when nothing was shown.
    pub(super) fn since(&self) -> Option<String> {
        (!self.time.is_empty()).then(|| String::from_utf8_lossy(&self.time).into_owned())
    }

    /// The lines to pass over in a log that is read from [`Self::since`].
    pub(super) fn resume(&self) -> Resumed {
        Resumed { shown: self.clone(), passed: 0, over: self.time.is_empty() }
    }
}

impl Resumed {
    /// Whether the next line, which has this time, is new.
    pub(super) fn is_new(&mut self, time: &[u8]) -> bool {
        if self.over {
            return true;
        }
        if time == self.shown.time && self.passed < self.shown.lines {
            self.passed += 1;
            return false;
        }
        // Engines that know whole seconds only begin earlier. Times of one engine have one form,
        // in which earlier ones come first.
        if time < self.shown.time.as_slice() {
            return false;
        }
        self.over = true;
        true
    }
}

/// Takes a line of a log apart: the time that the engine writes before it, and the rest. `None`
/// when it begins with no time, as what continues a line does.
pub(super) fn timed(line: &[u8]) -> Option<(&[u8], &[u8])> {
    // 2024-01-02T13:23:37Z is the shortest, nine decimals and an offset make the longest.
    let end = line.iter().take(36).position(|byte| *byte == b' ')?;
    let (time, rest) = (&line[..end], &line[end + 1..]);
    let is_time = time.len() >= 20
        && [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')]
            .iter()
            .all(|(at, byte)| time[*at] == *byte)
        && time[..4].iter().all(u8::is_ascii_digit);
    is_time.then_some((time, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: &[u8] = b"2024-01-02T13:23:37.000000001Z";
    const SAME: &[u8] = b"2024-01-02T13:23:37.000000002Z";
    const LATE: &[u8] = b"2024-01-02T13:23:37.000000003Z";

    #[test]
    fn as_many_lines_are_passed_over_as_were_shown() {
        let mut position = Position::default();
        assert_eq!(position.since(), None);
        assert!(position.resume().is_new(EARLY), "nothing was shown yet");
        for time in [EARLY, SAME, SAME] {
            position.advance(time);
        }
        assert_eq!(position.since().as_deref(), Some("2024-01-02T13:23:37.000000002Z"));
        let mut resumed = position.resume();
        let new: Vec<bool> = [EARLY, SAME, SAME, SAME, LATE, EARLY]
            .iter()
            .map(|time| resumed.is_new(time))
            .collect();
        // The last one was written when the engine's clock had been set back.
        assert_eq!(new, [false, false, false, true, true, true]);
        // A log that was cleared meanwhile.
        assert!(position.resume().is_new(LATE));
    }

    #[test]
    fn only_times_are_taken_for_times() {
        for (line, expected) in [
            (&b"2024-01-02T13:23:37.123456789Z hello"[..], Some(&b"hello"[..])),
            (b"2024-01-02T13:23:37.123456789+02:00  two", Some(b" two")),
            (b"2024-01-02T13:23:37Z ", Some(b"")),
            (b"hello world", None),
            (b"2024-01-02 13:23:37 hello", None),
            (b"a-very-long-word-without-any-space-in-it", None),
            (b"", None),
        ] {
            assert_eq!(timed(line).map(|(_, rest)| rest), expected);
        }
    }
}
