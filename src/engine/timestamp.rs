//! Points in time as `--since` and `--until` take them, in the form that the Engine API takes:
//! a duration back from now, RFC 3339 with parts left out, or Unix time as it is.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime};

/// A text that is no point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to parse value as time or duration: {0:?}")]
pub struct TimestampError(String);

/// Seconds and nanoseconds since 1970 (`1700000000.000000000`), or the text itself where it is
/// Unix time already. Times without a zone are in that of `now`.
pub fn unix_time(text: &str, now: DateTime<FixedOffset>) -> Result<String, TimestampError> {
    let wrong = || TimestampError(text.to_owned());
    if text != "0"
        && let Some(back) = go_duration(text)
    {
        let then = now.checked_sub_signed(back).ok_or_else(wrong)?;
        return Ok(then.timestamp().to_string());
    }
    if let Some(time) = date_time(text, *now.offset()) {
        return Ok(format!("{}.{:09}", time.timestamp(), time.timestamp_subsec_nanos()));
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(seconds) && digits(fraction) { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// A date, or a date and a time, with or without a zone.
fn date_time(text: &str, zone: FixedOffset) -> Option<DateTime<FixedOffset>> {
    let (local, zone) = split_zone(text, zone)?;
    let local = match local.split_once('T') {
        None => NaiveDate::parse_from_str(local, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?,
        Some((date, time)) => {
            let time = match time.bytes().filter(|byte| *byte == b':').count() {
                0 => format!("{time}:00:00"),
                1 => format!("{time}:00"),
                _ => time.to_owned(),
            };
            NaiveDateTime::parse_from_str(&format!("{date}T{time}"), "%Y-%m-%dT%H:%M:%S%.f").ok()?
        }
    };
    local.and_local_timezone(zone).single()
}

/// Cuts `Z` or `+hh:mm` off.
fn split_zone(text: &str, zone: FixedOffset) -> Option<(&str, FixedOffset)> {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return Some((local, FixedOffset::east_opt(0)?));
    }
    let Some(start) = text.len().checked_sub("+00:00".len()) else { return Some((text, zone)) };
    let Some((local, offset)) = text.split_at_checked(start) else { return Some((text, zone)) };
    let sign = match offset.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return Some((text, zone)),
    };
    let hours: i32 = offset[1..3].parse().ok()?;
    let minutes: i32 = offset[4..6].parse().ok()?;
    Some((local, FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))?))
}

/// A duration as Go writes it: `90s`, `1h30m`, `1.5h`.
fn go_duration(text: &str) -> Option<Duration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (count, behind) = rest.split_at(end);
        let end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total += count.parse::<f64>().ok()? * seconds;
        rest = behind;
    }
    let length = Duration::from_std(std::time::Duration::try_from_secs_f64(total).ok()?).ok()?;
    Some(if negative { -length } else { length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_as_the_cli_does() {
        let now = DateTime::parse_from_rfc3339("2024-03-01T12:00:00+02:00").unwrap();
        for (text, expected) in [
            ("42", Some("42")),
            ("0", Some("0")),
            ("1700000000.5", Some("1700000000.5")),
            ("30s", Some("1709287170")),
            ("1h30m", Some("1709281800")),
            ("1.5h", Some("1709281800")),
            ("-1m", Some("1709287260")),
            ("2024-03-01", Some("1709244000.000000000")),
            ("2024-03-01T10", Some("1709280000.000000000")),
            ("2024-03-01T10:30", Some("1709281800.000000000")),
            ("2024-03-01T10:30:00Z", Some("1709289000.000000000")),
            ("2024-03-01T10:30:00.25-01:00", Some("1709292600.250000000")),
            ("2024-03-01Z", Some("1709251200.000000000")),
            ("yesterday", None),
            ("2024-13-01", None),
            ("", None),
            ("5 minutes", None),
            ("é2024é", None),
        ] {
            assert_eq!(unix_time(text, now).ok().as_deref(), expected, "{text}");
        }
    }
}
