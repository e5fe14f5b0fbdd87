//! The events of a build as lines, in the manner of BuildKit's plain output. Pure.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::build::{BuildEvent, StepId, title};
use crate::engine::LineSplitter;
use crate::ui::format::decimal_size;

/// Numbers of steps over all builds of a run: two builds side by side share one count.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    last: u32,
}

/// The lines of one build.
pub(super) struct Lines {
    service: String,
    numbers: Arc<Mutex<Numbers>>,
    steps: HashMap<StepId, u32>,
    /// Numbers of those that have begun and not ended.
    under_way: BTreeSet<u32>,
    outputs: HashMap<StepId, LineSplitter>,
}

impl Lines {
    /// Nothing has happened yet.
    pub(super) fn new(service: &str, numbers: Arc<Mutex<Numbers>>) -> Self {
        Self {
            service: service.to_owned(),
            numbers,
            steps: HashMap::new(),
            under_way: BTreeSet::new(),
            outputs: HashMap::new(),
        }
    }

    /// Takes an event and hands over the lines that come of it.
    pub(super) fn take(&mut self, event: &BuildEvent, mut line: impl FnMut(&str)) {
        match event {
            BuildEvent::Started { step, name } => {
                let number = self.number(*step);
                self.under_way.insert(number);
                line(&format!("#{number} {}", title(&self.service, name)));
            }
            BuildEvent::Completed { step, cached, duration } => {
                self.finish(*step, &mut line);
                let number = self.number(*step);
                self.under_way.remove(&number);
                line(&if *cached {
                    format!("#{number} CACHED")
                } else {
                    format!("#{number} DONE {:.1}s", duration.as_secs_f64())
                });
            }
            BuildEvent::Failed { step, error } => {
                self.finish(*step, &mut line);
                let number = self.number(*step);
                self.under_way.remove(&number);
                line(&if error.ends_with("context canceled") {
                    format!("#{number} CANCELED")
                } else {
                    format!("#{number} ERROR: {error}")
                });
            }
            BuildEvent::Log { step, offset, bytes, .. } => {
                let number = self.number(*step);
                let splitter = self.outputs.entry(*step).or_default();
                splitter.push(bytes, |text| {
                    let text = String::from_utf8_lossy(text);
                    line(&format!("#{number} {:.3} {text}", offset.as_secs_f64()));
                });
            }
            BuildEvent::Warning { message, url, lines, .. } => {
                let place = lines.map(|(first, _)| format!(" (line {first})"));
                // Some builders say it themselves.
                let place = place.filter(|place| !message.ends_with(place.as_str()));
                let more = if url.is_empty() { String::new() } else { format!(" {url}") };
                line(&format!("WARN: {message}{}{more}", place.unwrap_or_default()));
            }
            BuildEvent::Progress { step, part, current, total, done: true, .. } => {
                let number = self.number(*step);
                line(&format!("#{number} {part}{} done", amount(*current, *total)));
            }
            BuildEvent::Progress { .. } | BuildEvent::Record(_) => {}
        }
    }

    /// The build was given up: so are the steps that are under way.
    pub(super) fn cancel(&mut self, mut line: impl FnMut(&str)) {
        for number in std::mem::take(&mut self.under_way) {
            line(&format!("#{number} CANCELED"));
        }
    }

    /// What a step wrote without ending the line.
    fn finish(&mut self, step: StepId, line: &mut impl FnMut(&str)) {
        let rest = self.outputs.get_mut(&step).and_then(LineSplitter::finish);
        if let Some(rest) = rest {
            line(&format!("#{} {}", self.number(step), String::from_utf8_lossy(&rest)));
        }
    }

    fn number(&mut self, step: StepId) -> u32 {
        if let Some(number) = self.steps.get(&step) {
            return *number;
        }
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.last += 1;
        self.steps.insert(step, numbers.last);
        numbers.last
    }
}

/// ` 1.03MB / 1.03MB`, or what of it is known.
fn amount(current: u64, total: u64) -> String {
    let size = |count| decimal_size(count, 3);
    match (current, total) {
        (0, 0) => String::new(),
        (current, 0) => format!(" {}", size(current)),
        (current, total) => format!(" {} / {}", size(current), size(total)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::build::LogStream;

    #[test]
    fn events_become_lines_with_one_count_over_all_builds() {
        let numbers = Arc::default();
        let mut web = Lines::new("web", Arc::clone(&numbers));
        let mut db = Lines::new("db", numbers);
        let mut told = Vec::new();
        let step = StepId(1);
        let log = |text: &str| BuildEvent::Log {
            step,
            stream: LogStream::Out,
            offset: Duration::from_millis(1234),
            bytes: text.as_bytes().to_vec(),
        };
        let started = |name: &str| BuildEvent::Started { step, name: name.to_owned() };
        let done =
            |cached| BuildEvent::Completed { step, cached, duration: Duration::from_millis(260) };
        web.take(&started("[2/3] RUN make"), |line| told.push(line.to_owned()));
        db.take(&started("exporting to image"), |line| told.push(line.to_owned()));
        web.take(&log("one\ntw"), |line| told.push(line.to_owned()));
        web.take(&log("o"), |line| told.push(line.to_owned()));
        let part = |current, done| BuildEvent::Progress {
            step,
            part: "exporting layers".to_owned(),
            action: String::new(),
            current,
            total: 2_000_000,
            done,
        };
        db.take(&part(1_000_000, false), |line| told.push(line.to_owned()));
        db.take(&part(2_000_000, true), |line| told.push(line.to_owned()));
        web.take(&done(false), |line| told.push(line.to_owned()));
        db.cancel(|line| told.push(line.to_owned()));
        web.cancel(|line| told.push(line.to_owned()));
        db.take(&done(true), |line| told.push(line.to_owned()));
        assert_eq!(
            told,
            [
                "#1 [web 2/3] RUN make",
                "#2 [db] exporting to image",
                "#1 1.234 one",
                "#2 exporting layers 2MB / 2MB done",
                "#1 two",
                "#1 DONE 0.3s",
                "#2 CANCELED",
                "#2 CACHED",
            ]
        );
    }
}
