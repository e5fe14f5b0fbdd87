//! What a container's state means for those who wait for it, and how its healthcheck is run. Pure.

use std::time::Duration;

use super::plan::WaitCondition;
use crate::engine::api::{ContainerDetails, ContainerState, HealthConfig};

/// What the engine assumes where a healthcheck says nothing.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
/// As above.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// As above.
const DEFAULT_START_INTERVAL: Duration = Duration::from_secs(5);
/// A first probe that the engine makes within this time is worth waiting for.
const NEAR: Duration = Duration::from_secs(1);
/// The shortest pause between two probes of ours.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// What a container's state means for a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Pending,
    /// It holds.
    Met,
    /// It holds as long as the container runs: nothing else tells how it is.
    Runs,
    /// It will never hold, since nothing tells how the container is; that it ends is worth more to know.
    Unprobed(String),
    /// It will never hold, and why.
    Failed(String),
    /// It ended, with this exit code, which is what was waited for.
    Ended(i64),
}

/// Judges a container that has been started. The words are Compose's.
pub fn verdict(details: &ContainerDetails, condition: WaitCondition) -> Verdict {
    let state = &details.state;
    let name = details.name.trim_start_matches('/');
    if state.status == "removing" {
        // Engines call it unhealthy then. It will be gone at once, which is what is to be told.
        return Verdict::Pending;
    }
    let ended = matches!(state.status.as_str(), "exited" | "dead");
    if condition == WaitCondition::CompletedSuccessfully {
        return if ended { Verdict::Ended(state.exit_code) } else { Verdict::Pending };
    }
    if ended {
        return Verdict::Failed(format!("container {name} exited ({})", state.exit_code));
    }
    match (&state.health, is_probed(details)) {
        (_, false) | (None, true) if condition == WaitCondition::RunningOrHealthy => {
            if state.running { Verdict::Runs } else { Verdict::Pending }
        }
        (_, false) | (None, true) => {
            Verdict::Unprobed(format!("container {name} has no healthcheck configured"))
        }
        (Some(health), true) => match health.status.as_str() {
            "healthy" => Verdict::Met,
            "unhealthy" => Verdict::Failed(format!("container {name} is unhealthy")),
            _ => Verdict::Pending,
        },
    }
}

/// What the last test of a container printed, if it failed and said anything.
pub(in crate::stack) fn failed_probe(state: &ContainerState) -> Option<&str> {
    let last = state.health.as_ref()?.log.last()?;
    let output = last.output.trim();
    (last.exit_code != 0 && !output.is_empty()).then_some(output)
}

/// For a container that the engine's own tests found healthy: the time from the last test that
/// failed, or from the start, to the first that passed.
pub fn unobserved(details: &ContainerDetails) -> Option<Duration> {
    let health = details.state.health.as_ref().filter(|health| health.status == "healthy")?;
    let passed = health.log.iter().rposition(|probe| probe.exit_code != 0).map_or(0, |at| at + 1);
    let begun = health.log.get(passed)?.start.as_str();
    let before = match passed.checked_sub(1) {
        Some(failed) => health.log[failed].end.as_str(),
        None => details.state.started_at.as_str(),
    };
    let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    (time(begun)? - time(before)?).to_std().ok()
}

fn is_probed(details: &ContainerDetails) -> bool {
    details
        .config
        .healthcheck
        .as_ref()
        .is_some_and(|check| check.test.first().is_some_and(|kind| kind != "NONE"))
}

/// How the engine's own test is run by us, where its first probe is far off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The command.
    pub command: Vec<String>,
    /// The longest time one probe may take.
    pub timeout: Duration,
    /// The longest pause between two.
    pub longest_pause: Duration,
}

impl Probe {
    /// The probe of a container whose healthcheck has not spoken yet; `None` when it has none, or
    /// when the engine itself will probe at once.
    pub fn of(details: &ContainerDetails) -> Option<Self> {
        if !is_probed(details) || details.state.health.as_ref()?.status != "starting" {
            return None;
        }
        let check = details.config.healthcheck.as_ref()?;
        let or = |nanoseconds: i64, default| match u64::try_from(nanoseconds) {
            Ok(0) | Err(_) => default,
            Ok(nanoseconds) => Duration::from_nanos(nanoseconds),
        };
        let interval = or(check.interval, DEFAULT_INTERVAL);
        if interval <= NEAR {
            return None;
        }
        let start_interval = or(check.start_interval, DEFAULT_START_INTERVAL);
        Some(Self {
            command: command(check)?,
            timeout: or(check.timeout, DEFAULT_TIMEOUT),
            longest_pause: interval.min(start_interval),
        })
    }

    /// The pause behind the `failures`-th probe that failed (from 1), which took `taken`: it
    /// doubles, and is never shorter than the probe was long.
    pub fn pause(&self, failures: u32, taken: Duration) -> Duration {
        let doubled = SHORTEST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16));
        doubled.min(self.longest_pause).max(taken)
    }
}

/// The test of a container's healthcheck as words; `None` where it has none.
pub fn test(details: &ContainerDetails) -> Option<Vec<String>> {
    command(details.config.healthcheck.as_ref()?)
}

/// The test as words; `CMD-SHELL` goes to the shell.
fn command(check: &HealthConfig) -> Option<Vec<String>> {
    let (kind, words) = check.test.split_first()?;
    match kind.as_str() {
        "CMD" => Some(words.to_vec()),
        "CMD-SHELL" => Some(vec!["/bin/sh".to_owned(), "-c".to_owned(), words.first()?.clone()]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::{ContainerCreate, ContainerState, Health};

    fn container(status: &str, code: i64, test: &[&str], health: Option<&str>) -> ContainerDetails {
        ContainerDetails {
            name: "/shop-db-1".into(),
            state: ContainerState {
                status: status.into(),
                running: status == "running",
                exit_code: code,
                health: health.map(|status| Health { status: status.into(), ..Health::default() }),
                ..ContainerState::default()
            },
            config: ContainerCreate {
                healthcheck: Some(HealthConfig {
                    test: test.iter().map(|word| (*word).to_owned()).collect(),
                    interval: 30_000_000_000,
                    ..HealthConfig::default()
                }),
                ..ContainerCreate::default()
            },
            ..ContainerDetails::default()
        }
    }

    #[test]
    fn verdicts_have_composes_words() {
        use WaitCondition::{CompletedSuccessfully, Healthy, RunningOrHealthy};
        let failed = |words: &str| Verdict::Failed(words.to_owned());
        let test = &["CMD", "true"][..];
        for (container, condition, expected) in vec![
            (container("running", 0, test, Some("starting")), Healthy, Verdict::Pending),
            (container("running", 0, test, Some("healthy")), Healthy, Verdict::Met),
            (
                container("running", 0, test, Some("unhealthy")),
                Healthy,
                failed("container shop-db-1 is unhealthy"),
            ),
            (container("exited", 1, test, None), Healthy, failed("container shop-db-1 exited (1)")),
            (
                container("running", 0, &[], None),
                Healthy,
                Verdict::Unprobed("container shop-db-1 has no healthcheck configured".into()),
            ),
            (container("running", 0, &["NONE"], None), RunningOrHealthy, Verdict::Runs),
            (container("restarting", 1, &[], None), RunningOrHealthy, Verdict::Pending),
            (
                container("exited", 0, &[], None),
                RunningOrHealthy,
                failed("container shop-db-1 exited (0)"),
            ),
            (container("exited", 3, test, None), CompletedSuccessfully, Verdict::Ended(3)),
            (container("running", 0, test, None), CompletedSuccessfully, Verdict::Pending),
        ] {
            let status = &container.state.status;
            assert_eq!(verdict(&container, condition), expected, "{status} for {condition:?}");
        }
    }

    #[test]
    fn probes_only_where_the_engine_would_be_late() {
        let mut slow = container("running", 0, &["CMD-SHELL", "pg_isready"], Some("starting"));
        let probe = Probe::of(&slow).expect("the first probe is 30 s away");
        assert_eq!(probe.command, ["/bin/sh", "-c", "pg_isready"]);
        assert_eq!(probe.longest_pause, Duration::from_secs(5));
        let pauses: Vec<u128> = (1..9)
            .map(|failures| probe.pause(failures, Duration::from_millis(20)).as_millis())
            .collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(probe.pause(1, Duration::from_secs(2)), Duration::from_secs(2));
        if let Some(check) = &mut slow.config.healthcheck {
            check.interval = 1_000_000_000;
        }
        assert_eq!(Probe::of(&slow), None, "the engine probes within a second");
    }
}
