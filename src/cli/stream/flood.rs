//! When containers write without a break, every line of theirs would wake the thread that carries
//! them, and that would cost it and the engine more than the line itself. So that thread sleeps a
//! moment before it waits for more, and finds many lines at once.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Bytes that Linux lets wait in the buffer of a local connection, and what it counts for each piece
/// there beside its own. A writer waits when the buffer is full.
const BUFFER: usize = 208 * 1024;
const OVERHEAD: usize = 512;
/// How long the pieces are counted before it is said whether they are a flood.
const WINDOW: Duration = Duration::from_millis(5);
/// Pieces a second that are one.
const MANY: u128 = 10_000;
/// The bounds of a sleep: what it takes to be worth its while, and half of what a screen takes to
/// show something new.
const SHORTEST: Duration = Duration::from_micros(250);
const LONGEST: Duration = Duration::from_millis(8);

/// What a thread has carried lately.
#[derive(Debug, Clone, Copy, Default)]
struct Flood {
    /// Since when pieces are counted.
    since: Option<Instant>,
    pieces: usize,
    /// The most that one connection held since the last sleep, in bytes of its buffer.
    fullest: usize,
    /// How long to sleep; zero while there is no flood.
    sleep: Duration,
}

thread_local! {
    static FLOOD: Cell<Flood> = Cell::default();
}

/// What one connection held, as far as it was read without a wait.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    pieces: usize,
    /// Bytes of the connection's buffer.
    held: usize,
}

impl Reading {
    /// Notes that a piece was read, of so many bytes.
    pub(super) fn add(&mut self, bytes: usize) {
        self.pieces += 1;
        self.held += bytes + OVERHEAD;
    }

    /// Whether it is time to turn to the other connections: what is known already is that this one's
    /// buffer was more than half full.
    pub(super) fn is_long(self) -> bool {
        self.held > BUFFER / 2
    }
}

/// Notes what this thread has read.
pub(super) fn carried(reading: Reading) {
    FLOOD.set(FLOOD.get().with(reading));
}

/// Sleeps if there is a flood. For a thread that has carried all there was and would now wait for
/// more.
pub(in crate::cli) fn let_gather() {
    let flood = FLOOD.get();
    if flood.since.is_none() && flood.pieces == 0 {
        return;
    }
    let flood = flood.judged(Instant::now());
    FLOOD.set(flood);
    if !flood.sleep.is_zero() {
        std::thread::sleep(flood.sleep);
    }
}

impl Flood {
    fn with(self, reading: Reading) -> Self {
        let fullest = self.fullest.max(reading.held);
        Self { pieces: self.pieces + reading.pieces, fullest, ..self }
    }

    /// How long to sleep now, and what is counted from here on.
    fn judged(self, now: Instant) -> Self {
        let Some(counted) = self.since.map(|since| now - since) else {
            // How long these pieces took to come is not known.
            return Self { since: Some(now), ..Self::default() };
        };
        if counted < WINDOW {
            return Self { fullest: 0, sleep: self.adapted(), ..self };
        }
        let second = Duration::from_secs(1).as_nanos();
        let is_flood = self.pieces as u128 * second >= counted.as_nanos() * MANY;
        if is_flood {
            let sleep = self.adapted().max(SHORTEST);
            Self { since: Some(now), pieces: 0, fullest: 0, sleep }
        } else {
            Self::default()
        }
    }

    /// The sleep that lets the fullest buffer get half full.
    fn adapted(self) -> Duration {
        if self.fullest > BUFFER / 2 {
            self.sleep / 2
        } else if self.fullest < BUFFER / 4 {
            (self.sleep * 2).min(LONGEST)
        } else {
            self.sleep
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn microseconds(count: u64) -> Duration {
        Duration::from_micros(count)
    }

    fn times(interval: Duration, within: Duration) -> u32 {
        u32::try_from(within.as_nanos() / interval.as_nanos()).unwrap()
    }

    fn reading(pieces: u32, line: usize) -> Reading {
        let mut reading = Reading::default();
        (0..pieces).for_each(|_| reading.add(line));
        reading
    }

    /// The sleeps of a thread that carries lines of this many bytes from so many connections, each of
    /// which gets one in every `interval`.
    fn sleeps(connections: usize, line: usize, interval: Duration) -> Vec<Duration> {
        let mut now = Instant::now();
        let mut flood = Flood::default();
        let mut waiting = Duration::ZERO;
        (0..2000)
            .map(|_| {
                let pieces = times(interval, waiting);
                waiting -= interval * pieces;
                for _ in 0..connections {
                    flood = flood.with(reading(pieces, line));
                }
                flood = flood.judged(now);
                // A line wakes who waits.
                let turn = flood.sleep.max(interval);
                now += turn;
                waiting += turn;
                flood.sleep
            })
            .collect()
    }

    #[test]
    fn a_few_lines_never_wait() {
        for (connections, interval) in [(1, 110), (5, 600), (20, 2100)] {
            let sleeps = sleeps(connections, 80, microseconds(interval));
            assert!(sleeps.iter().all(Duration::is_zero), "{connections}, one in {interval}");
        }
    }

    #[test]
    fn a_flood_is_let_gather_and_keeps_no_writer_waiting() {
        for (connections, line, interval) in [(20, 80, 100), (1, 80, 8), (4, 4000, 100)] {
            let interval = microseconds(interval);
            let steady = &sleeps(connections, line, interval)[1000..];
            let pieces = times(interval, *steady.iter().max().unwrap());
            let fullest = pieces as usize * (OVERHEAD + line);
            assert!(steady.iter().all(|sleep| *sleep >= SHORTEST), "{connections} of {line}");
            assert!(fullest < BUFFER, "{connections} of {line}: {fullest}");
        }
        assert_eq!(sleeps(20, 80, microseconds(100))[1999], LONGEST);
    }

    #[test]
    fn the_end_of_a_flood_is_seen_at_once() {
        let start = Instant::now();
        let begun = Flood::default().with(reading(1, 80)).judged(start);
        let flood = begun.with(reading(1000, 80)).judged(start + WINDOW);
        assert_eq!(flood.sleep, SHORTEST);
        let quiet = flood.judged(start + WINDOW * 2);
        assert_eq!(quiet.sleep, Duration::ZERO);
        assert!(quiet.since.is_none());
    }
}
