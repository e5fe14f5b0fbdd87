//! How long services are down: the longest way through the plan from the first stop of a service to
//! its start and its first health probe.
//!
//! How long a process takes to stop and a container to start is not known beforehand. So there are
//! two bounds: if everything goes at once, and if every process takes the whole time that it is
//! given and is healthy at the first probe. What cannot be bounded (a hook, a service that must
//! complete) leaves the second open.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{Fate, Finals, ServicePreview, Source};
use crate::compose::model::{Healthcheck, Service};
use crate::engine::api::HealthConfig;
use crate::stack::plan::{Action, ContainerRef, StepId, WaitCondition, place};

/// What one call of the engine takes: at best, and on a busy machine.
const CALL: Bounds = bounds(20, 200);
/// What the start of a container takes.
const START: Bounds = bounds(200, 1000);
/// What a process that ends at its signal takes to stop.
const QUICK_STOP: Duration = Duration::from_millis(100);
/// The grace of a container that nobody gave another.
const DEFAULT_GRACE: Duration = Duration::from_secs(10);
/// The pause between probes where nobody gave another.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);

/// The time that a service is down.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Downtime {
    /// The service.
    pub service: String,
    /// Seconds, if everything goes at once.
    #[serde(rename = "at_least_seconds", serialize_with = "seconds")]
    pub at_least: Duration,
    /// Seconds, if every process uses its grace and is healthy at the first probe; nothing where
    /// that cannot be said.
    #[serde(rename = "at_most_seconds", serialize_with = "bound")]
    pub at_most: Option<Duration>,
    /// What it is estimated from.
    pub from: Vec<String>,
}

/// Two bounds of a span of time; the upper one may be open.
#[derive(Debug, Clone, Copy, Default)]
struct Bounds {
    least: Duration,
    most: Option<Duration>,
}

const fn bounds(least: u64, most: u64) -> Bounds {
    Bounds { least: Duration::from_millis(least), most: Some(Duration::from_millis(most)) }
}

impl Bounds {
    fn then(self, other: Self) -> Self {
        Self {
            least: self.least + other.least,
            most: self.most.zip(other.most).map(|(one, two)| one + two),
        }
    }

    fn later(self, other: Self) -> Self {
        Self {
            least: self.least.max(other.least),
            most: self.most.zip(other.most).map(|(one, two)| one.max(two)),
        }
    }
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1000.0).round() / 1000.0)
}

#[expect(clippy::ref_option, reason = "serde hands over the field as it is")]
fn bound<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => seconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// The downtime of each service that has any, in the services' order.
pub(super) fn downtime(source: &Source<'_>, services: &[ServicePreview]) -> Vec<Downtime> {
    let clock = Clock { source, finals: Finals::of(source) };
    let times = clock.times();
    services.iter().filter_map(|service| clock.service(service, &times)).collect()
}

/// When a step begins and ends.
type Times = BTreeMap<StepId, (Bounds, Bounds)>;

struct Clock<'a, 'b> {
    source: &'b Source<'a>,
    finals: Finals<'a>,
}

impl Clock<'_, '_> {
    fn times(&self) -> Times {
        let mut times = Times::new();
        for (id, step) in self.source.plan.steps() {
            let begin = self
                .source
                .plan
                .before(id)
                .filter_map(|before| times.get(&before).map(|(_, end)| *end))
                .fold(bounds(0, 0), Bounds::later);
            times.insert(id, (begin, begin.then(self.cost(&step.action))));
        }
        times
    }

    fn cost(&self, action: &Action) -> Bounds {
        match action {
            Action::StopContainer { container, timeout } => self.stop(container, *timeout).0,
            Action::StartContainer { .. } | Action::UnpauseContainer { .. } => START,
            Action::RestartContainer { container, timeout } => {
                self.stop(container, *timeout).0.then(START)
            }
            Action::RunHook { .. } => Bounds { least: CALL.least, most: None },
            Action::WaitFor { service, condition, .. } => match condition {
                WaitCondition::CompletedSuccessfully => Bounds { least: CALL.least, most: None },
                WaitCondition::Healthy | WaitCondition::RunningOrHealthy => {
                    let probe = self.probe(service).map_or(Duration::ZERO, |(probe, _)| probe);
                    Bounds { least: CALL.least, most: Some(probe + Duration::from_secs(1)) }
                }
            },
            _ => CALL,
        }
    }

    fn desired(&self, service: &str) -> Option<&Service> {
        self.source.desired.service(service).map(|desired| &*desired.service)
    }

    /// What a stop takes, and where the grace is from.
    fn stop(&self, container: &ContainerRef, timeout: Option<i64>) -> (Bounds, String) {
        let observed = self.source.observed;
        let found = observed.containers.iter().find(|one| Some(&one.id) == container.id.as_ref());
        let service = found.and_then(|found| self.desired(&found.service));
        let details = container.id.as_ref().and_then(|id| observed.details.get(id));
        let own = details.and_then(|details| details.config.stop_timeout);
        let in_files = service.and_then(|service| service.stop_grace_period);
        let signal = match details {
            Some(details) => details.config.stop_signal.as_str(),
            None => service.map_or("", |service| service.stop_signal.as_str()),
        };
        if matches!(signal, "SIGKILL" | "KILL" | "9") {
            let quick = Bounds { least: CALL.least, most: Some(Duration::from_millis(500)) };
            return (quick, "at once (stop_signal SIGKILL)".to_owned());
        }
        let (grace, from) = match (timeout, own, in_files) {
            (Some(timeout), ..) => (timeout, "--timeout".to_owned()),
            (None, Some(own), _) => (own, "stop_grace_period".to_owned()),
            (None, None, Some(period)) if details.is_none() => {
                (period.0 / 1_000_000_000, "stop_grace_period".to_owned())
            }
            _ => {
                let seconds = i64::try_from(DEFAULT_GRACE.as_secs()).unwrap_or(i64::MAX);
                (seconds, "the engine's default grace".to_owned())
            }
        };
        match u64::try_from(grace) {
            Ok(grace) => {
                let most = Duration::from_secs(grace) + Duration::from_millis(500);
                let bounds = Bounds { least: QUICK_STOP.min(most), most: Some(most) };
                (bounds, format!("up to {grace} s ({from})"))
            }
            // The engine waits as long as it takes.
            Err(_) => (Bounds { least: QUICK_STOP, most: None }, format!("without limit ({from})")),
        }
    }

    /// When the engine first probes a service, and where that is from.
    fn probe(&self, service: &str) -> Option<(Duration, String)> {
        let desired = self.source.desired.service(service)?;
        let path = format!("services.{service}.healthcheck");
        let from = |key: &str| match place(self.source.project, &format!("{path}.{key}")) {
            Some(place) => format!("healthcheck.{key}, {place}"),
            None => format!("healthcheck.{key}"),
        };
        let image = self.source.observed.images.get(&desired.image_key());
        let of_image = image.and_then(|image| image.config.healthcheck.as_ref());
        match &desired.service.healthcheck {
            Some(Healthcheck { disable: true, .. }) => None,
            Some(check) => {
                let start_interval = check.start_period.and(check.start_interval);
                let own = start_interval.map(|it| (it, "start_interval"));
                let own = own.or(check.interval.map(|it| (it, "interval")));
                match own {
                    Some((time, key)) => Some((nanoseconds(time.0), from(key))),
                    None => Some(interval_of(of_image)),
                }
            }
            None => of_image.filter(|check| is_probed(check)).map(|check| interval_of(Some(check))),
        }
    }

    fn service(&self, service: &ServicePreview, times: &Times) -> Option<Downtime> {
        let is_down = |fate| matches!(fate, Fate::Replace | Fate::Restart);
        let affected: Vec<&str> = service
            .containers
            .iter()
            .filter(|one| is_down(one.fate))
            .map(|one| one.name.as_str())
            .collect();
        let stays = service.containers.iter().any(|one| one.fate == Fate::Keep);
        if affected.is_empty() || stays {
            return None;
        }
        let mut stop: Option<(Bounds, String)> = None;
        let mut start: Option<(StepId, Bounds)> = None;
        for (id, step) in self.source.plan.steps() {
            let Some((begin, end)) = times.get(&id) else { continue };
            match &step.action {
                Action::StopContainer { container, timeout }
                    if affected.contains(&self.finals.name(container)) =>
                {
                    let from = self.stop(container, *timeout).1;
                    if stop.as_ref().is_none_or(|(first, _)| begin.least < first.least) {
                        stop = Some((*begin, from));
                    }
                }
                Action::StartContainer { container }
                    if affected.contains(&self.finals.name(container)) =>
                {
                    let later = start.map_or(*end, |(_, other)| other.later(*end));
                    start = Some((id, later));
                }
                _ => {}
            }
        }
        // One that does not run is not down for longer than it is anyway.
        let ((begin, stopping), (start, end)) = (stop?, start?);
        let mut from = vec![format!("stop {stopping}")];
        let mut length = Bounds {
            least: end.least.saturating_sub(begin.least),
            // The latest end behind the latest beginning.
            most: end.most.zip(begin.most).map(|(end, begin)| end.saturating_sub(begin)),
        };
        from.extend(self.waits(start));
        from.push("start 0.2 to 1 s".to_owned());
        if let Some((probe, key)) = self.probe(&service.service) {
            length.most = length.most.map(|most| most + probe);
            from.push(format!("first health probe after {} ({key})", in_seconds(probe)));
        }
        Some(Downtime {
            service: service.service.clone(),
            at_least: length.least,
            at_most: length.most,
            from,
        })
    }

    /// What a start waits for.
    fn waits(&self, start: StepId) -> Vec<String> {
        let plan = self.source.plan;
        plan.before(start)
            .filter_map(|before| match &plan.step(before).action {
                Action::WaitFor { service, condition, .. } => Some(match condition {
                    WaitCondition::CompletedSuccessfully => {
                        format!("as long as {service:?} takes to complete")
                    }
                    _ => format!("until {service:?} is ready"),
                }),
                Action::RunHook { .. } => Some("as long as a hook takes".to_owned()),
                _ => None,
            })
            .collect()
    }
}

fn is_probed(check: &HealthConfig) -> bool {
    check.test.first().is_some_and(|kind| kind != "NONE")
}

fn interval_of(check: Option<&HealthConfig>) -> (Duration, String) {
    match check.map(|check| check.interval).filter(|interval| *interval > 0) {
        Some(interval) => (nanoseconds(interval), "the image's healthcheck".to_owned()),
        None => (DEFAULT_INTERVAL, "the engine's default interval".to_owned()),
    }
}

fn nanoseconds(time: i64) -> Duration {
    Duration::from_nanos(u64::try_from(time).unwrap_or(0))
}

/// `5 s`, `0.5 s`.
fn in_seconds(time: Duration) -> String {
    format!("{} s", (time.as_secs_f64() * 10.0).round() / 10.0)
}
