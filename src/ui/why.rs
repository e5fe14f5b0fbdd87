//! Draws the history of containers ([`crate::stack::why`]). Pure.

use chrono::{DateTime, SecondsFormat, Utc};

use super::format::ago;
use super::style::Style;
use super::text::{hanging, pad, visible, width};
use crate::stack::plan::{Change, HIDDEN};
use crate::stack::record::Record;
use crate::stack::why::{Happening, History};

/// Digits of an id that are shown.
const SHORT: usize = 12;

/// The drawing, with a trailing newline; `now` is what times are told from, `columns` the width of
/// the terminal, if it is one.
pub fn why(
    histories: &[History],
    now: DateTime<Utc>,
    columns: Option<usize>,
    colour: bool,
) -> String {
    let drawing = Drawing { now, colour };
    let fitted = |line: &String| match columns {
        Some(columns) => hanging(line, columns, indent(line) + 2),
        None => line.clone(),
    };
    let blocks: Vec<String> = histories
        .iter()
        .map(|history| drawing.history(history).iter().map(fitted).collect::<Vec<_>>().join("\n"))
        .collect();
    blocks.join("\n\n") + "\n"
}

/// Blanks that a line begins with.
fn indent(line: &str) -> usize {
    let plain = console::strip_ansi_codes(line);
    plain.len() - plain.trim_start_matches(' ').len()
}

struct Drawing {
    now: DateTime<Utc>,
    colour: bool,
}

impl Drawing {
    fn history(&self, history: &History) -> Vec<String> {
        let mut lines = vec![self.title(history)];
        lines.push(format!(
            "  made {} by {}, from {} ({})",
            self.when(&history.created),
            visible(&history.made_by),
            visible(&history.image),
            short(&history.image_id)
        ));
        match &history.record {
            Some(record) => self.record(record, &mut lines),
            None => lines.push(unrecorded(history)),
        }
        self.state(history, &mut lines);
        if !history.events.is_empty() {
            lines.push("  what the engine remembers:".to_owned());
            lines.extend(history.events.iter().map(|event| self.event(event)));
        }
        lines.iter().map(|line| line.trim_end().to_owned()).collect()
    }

    fn title(&self, history: &History) -> String {
        let name = Style::STRONG.paint(&visible(&history.container), self.colour);
        let health = history.health.as_deref().filter(|health| *health != "none");
        let health = health.map(|health| format!(", {health}")).unwrap_or_default();
        let style = match (history.state.as_str(), history.exit_code) {
            ("running", _) if history.health.as_deref() == Some("unhealthy") => Style::ERROR,
            ("running", _) => Style::SUCCESS,
            (_, Some(code)) if code != 0 => Style::ERROR,
            _ => Style::WARNING,
        };
        let state = style.paint(&visible(&format!("{}{health}", history.state)), self.colour);
        format!("{name} {} is {state}", short(&history.id))
    }

    fn record(&self, record: &Record, lines: &mut Vec<String>) {
        let place = record.place.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        let reason = Style::STRONG.paint(&visible(&record.reason), self.colour);
        lines.push(format!("  why: {reason}{}", visible(&place)));
        self.changes(&record.changes, "       ", lines);
        for (index, old) in record.before.iter().enumerate() {
            let word = if index == 0 { "it replaced" } else { "before that:" };
            let made = DateTime::from_timestamp(old.created, 0)
                .map_or_else(String::new, |made| self.when(&made.to_rfc3339()));
            lines.push(format!(
                "  {word} {}, made {made} by {}; it was: {}",
                visible(&old.id),
                visible(&old.by),
                visible(&old.status)
            ));
            if !old.reason.is_empty() {
                lines.push(format!("       why: {}", visible(&old.reason)));
            }
            self.changes(&old.changes, "       ", lines);
        }
    }

    fn changes(&self, changes: &[Change], indent: &str, lines: &mut Vec<String>) {
        let first = changes.iter().map(|it| width(&visible(&it.field))).max().unwrap_or(0);
        for change in changes {
            let value = |value: &Option<String>| match value {
                Some(_) if change.hidden => HIDDEN.to_owned(),
                Some(value) => visible(value),
                None => "(none)".to_owned(),
            };
            let values = format!(
                "{} → {}",
                Style::ERROR.paint(&value(&change.old), self.colour),
                Style::SUCCESS.paint(&value(&change.new), self.colour)
            );
            let place = change.place.as_deref().map(visible).unwrap_or_default();
            let place = Style::DIM.paint(&place, self.colour);
            lines.push(format!(
                "{indent}{}  {values}  {place}",
                pad(&visible(&change.field), first)
            ));
        }
    }

    fn state(&self, history: &History, lines: &mut Vec<String>) {
        if !history.error.is_empty() {
            let text = format!("  it could not start: {}", visible(&history.error));
            lines.push(Style::ERROR.paint(&text, self.colour));
        }
        if history.started.is_empty() {
            lines.push("  it was never started".to_owned());
        } else {
            lines.push(format!("  started {}", self.when(&history.started)));
        }
        if history.restarts > 0 {
            let times = if history.restarts == 1 { "once" } else { "times" };
            let text = match history.restarts {
                1 => format!("  its restart policy started it again {times}"),
                count => format!("  its restart policy started it again {count} {times}"),
            };
            lines.push(Style::WARNING.paint(&text, self.colour));
        }
        if let Some(code) = history.exit_code {
            let when = if history.finished.is_empty() {
                String::new()
            } else {
                format!(" {}", self.when(&history.finished))
            };
            let meaning = if history.out_of_memory {
                ": it ran out of memory".to_owned()
            } else {
                meaning(code).map(|it| format!(": {it}")).unwrap_or_default()
            };
            let style = if code == 0 { Style::DIM } else { Style::ERROR };
            lines.push(
                style.paint(&format!("  ended{when} with exit code {code}{meaning}"), self.colour),
            );
        } else if history.out_of_memory {
            lines.push(Style::ERROR.paint("  a process of it ran out of memory", self.colour));
        }
        if let Some(fault) = &history.fault {
            let text = format!("  {}", visible(fault));
            lines.push(Style::ERROR.paint(&text, self.colour));
        }
        if let Some(probe) = &history.probe {
            let text = format!("  its last health probe failed: {}", visible(probe));
            lines.push(Style::ERROR.paint(&text, self.colour));
        }
    }

    fn event(&self, event: &Happening) -> String {
        let when = DateTime::from_timestamp_nanos(event.time_nano);
        let when = Style::DIM.paint(&self.when(&when.to_rfc3339()), self.colour);
        format!("    {when}  {} {}", visible(&event.action), visible(&event.detail))
    }

    /// `2026-11-25T01:02:03Z (4 minutes ago)`.
    fn when(&self, text: &str) -> String {
        let Ok(time) = DateTime::parse_from_rfc3339(text) else { return visible(text) };
        let time = time.with_timezone(&Utc);
        let seconds = self.now.signed_duration_since(time).num_seconds().max(0);
        let exact = time.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("{exact} ({})", ago(seconds).to_lowercase())
    }
}

/// Why a container without a record is there, as far as that can be known.
fn unrecorded(history: &History) -> String {
    let text = match &history.replaced {
        Some(name) => format!(
            "it replaced the container {name:?}; {} keeps no record of why",
            history.made_by
        ),
        None => format!(
            "no container was there before it, or none that it took over; {} keeps no record \
                 of why",
            history.made_by
        ),
    };
    format!("  why: {}", visible(&text))
}

/// What an exit code says by custom.
fn meaning(code: i64) -> Option<String> {
    Some(match code {
        125 => "the engine could not run it".to_owned(),
        126 => "its command cannot be executed".to_owned(),
        127 => "its command was not found".to_owned(),
        137 => "killed (signal 9): a stop that took longer than its grace, `kill`, or the kernel \
                for want of memory"
            .to_owned(),
        143 => "ended by the signal to stop (15)".to_owned(),
        129..=159 => format!("ended by signal {}", code - 128),
        _ => return None,
    })
}

fn short(id: &str) -> String {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    visible(id.get(..SHORT).unwrap_or(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::record::Predecessor;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_600, 0).unwrap_or_default()
    }

    fn history() -> History {
        History {
            container: "shop-web-1".into(),
            id: "0123456789abcdef".into(),
            service: "web".into(),
            made_by: "Docker Compose 2.40.3".into(),
            created: "2023-11-14T22:13:20.5Z".into(),
            image: "busybox".into(),
            image_id: "sha256:fedcba9876543210".into(),
            state: "running".into(),
            started: "2023-11-14T22:13:21Z".into(),
            ..History::default()
        }
    }

    #[test]
    fn of_a_container_of_compose_is_told_what_can_be_known() {
        let crashed = History {
            state: "exited".into(),
            finished: "2023-11-14T22:15:00Z".into(),
            exit_code: Some(137),
            restarts: 2,
            replaced: Some("web-1".into()),
            ..history()
        };
        assert_eq!(
            why(&[crashed], now(), None, false),
            "\
shop-web-1 0123456789ab is exited
  made 2023-11-14T22:13:20Z (9 minutes ago) by Docker Compose 2.40.3, from busybox (fedcba987654)
  why: it replaced the container \"web-1\"; Docker Compose 2.40.3 keeps no record of why
  started 2023-11-14T22:13:21Z (9 minutes ago)
  its restart policy started it again 2 times
  ended 2023-11-14T22:15:00Z (8 minutes ago) with exit code 137: killed (signal 9): a stop that took longer than its grace, `kill`, or the kernel for want of memory
"
        );
    }

    #[test]
    fn a_record_tells_the_last_change_and_those_before() {
        let change = |field: &str, old: &str, new: &str, hidden| Change {
            field: field.into(),
            old: Some(old.into()),
            new: Some(new.into()),
            place: Some("compose.yaml:5:7".into()),
            hidden,
        };
        let record = Record {
            by: "Bireme 0.1.0".into(),
            reason: "service \"web\" changed".into(),
            changes: vec![
                change("environment.MODE", "a", "b", false),
                change("environment.KEY", "", "", true),
            ],
            before: vec![Predecessor {
                id: "feedfacebeef".into(),
                created: 1_700_000_000,
                by: "Docker Compose 2.40.3".into(),
                status: "Up 4 minutes".into(),
                ..Predecessor::default()
            }],
            ..Record::default()
        };
        let made = History { record: Some(record), made_by: "Bireme 0.1.0".into(), ..history() };
        assert_eq!(
            why(&[made], now(), None, false),
            "\
shop-web-1 0123456789ab is running
  made 2023-11-14T22:13:20Z (9 minutes ago) by Bireme 0.1.0, from busybox (fedcba987654)
  why: service \"web\" changed
       environment.MODE  a → b  compose.yaml:5:7
       environment.KEY   (hidden) → (hidden)  compose.yaml:5:7
  it replaced feedfacebeef, made 2023-11-14T22:13:20Z (10 minutes ago) by Docker Compose 2.40.3; it was: Up 4 minutes
  started 2023-11-14T22:13:21Z (9 minutes ago)
"
        );
    }
}
