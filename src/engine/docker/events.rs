//! The engine's events, and its clock.
//!
//! An engine answers a request for events before it has begun to listen itself. What happens in
//! between would be lost; so the request names the moment of the call, and the engine sends what it
//! has kept since. That moment must be by the engine's clock, which in a virtual machine or on
//! another machine is not ours.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use hyper::{HeaderMap, Method};

use super::DockerEngine;
use super::json_stream::JsonDecoder;
use crate::engine::api::{EventFilter, EventMessage};
use crate::engine::transport::{Query, empty};
use crate::engine::{Result, Stream};

use super::calls::{filters, unix_time};
use super::processes::{body_reader, decoded};

/// How far the engine's clock is ahead of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// As far as can be told, not at all.
    Same,
    /// By at most this many nanoseconds; negative where it is behind.
    Apart(i128),
    /// The engine does not say.
    Unknown,
}

/// The moment before a ping.
pub(super) struct Started(i128);

impl Clock {
    /// Notes the time before a request.
    pub(super) fn start() -> Started {
        Started(nanoseconds(SystemTime::now()))
    }

    /// The moment `now` by the engine's clock, as the API takes it; never later than what the
    /// engine's clock shows, nor much earlier. `None` where it cannot be told.
    fn moment(self, now: SystemTime) -> Option<String> {
        let now = nanoseconds(now);
        let there = match self {
            Self::Same => now,
            Self::Apart(ahead) => now + ahead,
            Self::Unknown => return None,
        };
        let second = i128::from(1_000_000_000);
        Some(format!("{}.{:09}", there.div_euclid(second), there.rem_euclid(second)))
    }
}

impl Started {
    /// Compares our clock with the `Date` of an answer, which has whole seconds.
    pub(super) fn compare(&self, date: &str) -> Clock {
        self.compare_at(date, nanoseconds(SystemTime::now()))
    }

    fn compare_at(&self, date: &str, ended: i128) -> Clock {
        let Ok(date) = DateTime::parse_from_rfc2822(date) else { return Clock::Unknown };
        let second = i128::from(1_000_000_000);
        let date = i128::from(date.timestamp()) * second;
        // The engine wrote it between our two readings, up to a second after the full one.
        let (least, most) = (date - ended, date + second - self.0);
        if (least..=most).contains(&0) { Clock::Same } else { Clock::Apart(most) }
    }
}

/// Nanoseconds since 1970.
fn nanoseconds(time: SystemTime) -> i128 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}

impl DockerEngine {
    /// By how many seconds the engine's clock is ahead of this machine's, negative where it is behind; by the
    /// first answer, so to a second. `None` where the engine does not say.
    pub fn clock_ahead(&self) -> Option<i64> {
        match self.met.clock {
            Clock::Same => Some(0),
            Clock::Apart(ahead) => i64::try_from(ahead.div_euclid(1_000_000_000)).ok(),
            Clock::Unknown => None,
        }
    }

    /// SystemEvents.
    pub(super) async fn follow_events(&self, filter: &EventFilter) -> Result<Stream<EventMessage>> {
        let since = match (filter.since.as_str(), filter.until.as_str()) {
            ("", "") => self.met.clock.moment(SystemTime::now()),
            // An end that has passed is no end of what begins now.
            ("", _) => None,
            (since, _) => Some(unix_time(since)?),
        };
        let until = if filter.until.is_empty() { None } else { Some(unix_time(&filter.until)?) };
        let wanted = [
            ("type", filter.types.as_slice()),
            ("label", &filter.labels),
            ("event", &filter.actions),
        ];
        let path = Query::new("/events")
            .with_some("since", since.as_deref())
            .with_some("until", until.as_deref())
            .with_some("filters", filters(&wanted).as_deref())
            .build();
        let response =
            self.transport().request(Method::GET, &path, HeaderMap::new(), empty()).await?;
        Ok(decoded(body_reader(response), JsonDecoder::default(), "events".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_clocks_by_whole_seconds() {
        let second = 1_000_000_000;
        // 1994-11-15T08:12:31Z
        let date = "Tue, 15 Nov 1994 08:12:31 GMT";
        let then = 784_887_151 * second;
        for (started, ended, expected) in [
            (then, then + 5, Clock::Same),
            (then + second - 1, then + second + 9, Clock::Same),
            (then + 3 * second, then + 3 * second + 9, Clock::Apart(-2 * second)),
            (then - 9 * second, then - 9 * second + 9, Clock::Apart(10 * second)),
        ] {
            assert_eq!(Started(started).compare_at(date, ended), expected);
        }
        assert_eq!(Started(0).compare_at("", 1), Clock::Unknown);
    }

    #[test]
    fn tells_a_moment_by_the_engines_clock() {
        let now = UNIX_EPOCH + Duration::from_millis(1_500);
        for (clock, expected) in [
            (Clock::Same, Some("1.500000000")),
            (Clock::Apart(2_250_000_000), Some("3.750000000")),
            (Clock::Unknown, None),
        ] {
            assert_eq!(clock.moment(now).as_deref(), expected);
        }
    }
}
