//! Times as Go prints them, with the name of the zone: `2024-05-01 10:00:00 +0200 CEST`.

use tz::{DateTime, TimeZone};

/// A time zone with the names that it has had.
#[derive(Debug, Clone)]
pub(super) struct Zone(TimeZone);

impl Zone {
    /// The zone of the process, whose `TZ` is given: without one that of the machine. What cannot be
    /// read is UTC.
    pub(super) fn new(variable: Option<&str>) -> Self {
        let zone = match variable {
            None => TimeZone::local(),
            Some("") => Ok(TimeZone::utc()),
            Some(name) => TimeZone::from_posix_tz(name),
        };
        Self(zone.unwrap_or_else(|_| TimeZone::utc()))
    }

    /// A Unix time as Go prints it.
    pub(super) fn written(&self, seconds: i64) -> String {
        let Ok(time) = DateTime::from_timespec(seconds, 0, self.0.as_ref()) else {
            return String::new();
        };
        let local = time.local_time_type();
        let minutes = local.ut_offset() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let offset = format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60);
        let name = match local.time_zone_designation() {
            "" => "UTC",
            name => name,
        };
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} {offset} {name}",
            time.year(),
            time.month(),
            time.month_day(),
            time.hour(),
            time.minute(),
            time.second(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_bear_the_name_of_their_zone() {
        for (zone, text) in [
            ("", "2023-11-14 22:13:20 +0000 UTC"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2023-11-14 23:13:20 +0100 CET"),
            ("<-0330>3:30", "2023-11-14 18:43:20 -0330 -0330"),
            ("No/Such/Zone", "2023-11-14 22:13:20 +0000 UTC"),
        ] {
            assert_eq!(Zone::new(Some(zone)).written(1_700_000_000), text, "{zone}");
        }
    }
}
