//! Waiting for containers: by events, with a look at the container as the check after a gap.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::broadcast::error::RecvError;

use super::watch::{Signal, Watch};
use super::{Executor, Failure, exec};
use crate::engine::Engine;
use crate::engine::api::ContainerDetails;
use crate::stack::StackError;
use crate::stack::course::Observation;
use crate::stack::desired::START_INTERVAL;
use crate::stack::error::engine_words;
use crate::stack::health::{self, Probe, Verdict, verdict};
use crate::stack::images::Builder;
use crate::stack::plan::{Action, ContainerRef, Shown, Step, WaitCondition, WaitLimit};
use crate::stack::progress::{Event, Status, Subject};

/// A container that nothing probes is taken to run when it has for so long: one that ends at once has
/// not come up. This is how long it is until Docker Compose looks.
const SETTLED: Duration = Duration::from_millis(500);

/// A container that did not become what was waited for.
struct Unmet {
    name: String,
    id: String,
    message: String,
}

/// Waits as a step says.
pub(super) async fn wait<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    watch: &Watch<'_, E>,
    number: usize,
    step: &Step,
) -> Result<(), Failure> {
    let Action::WaitFor { limit, .. } = &step.action else { return Ok(()) };
    tell(executor, step, Status::Working, "Waiting", "");
    let (longest, error) = match *limit {
        None => return wait_all(executor, watch, number, step).await,
        Some(WaitLimit::Dependency(longest)) => (longest, StackError::DependencyTimeout),
        Some(WaitLimit::Application(longest)) => {
            let nanoseconds = i64::try_from(longest.as_nanos()).unwrap_or(i64::MAX);
            let told = crate::compose::model::Duration(nanoseconds).to_string();
            (longest, StackError::WaitTimeout(told))
        }
    };
    let waited = tokio::time::timeout(longest, wait_all(executor, watch, number, step)).await;
    waited.unwrap_or(Err(error.into()))
}

async fn wait_all<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    watch: &Watch<'_, E>,
    number: usize,
    step: &Step,
) -> Result<(), Failure> {
    let Action::WaitFor { service, containers, condition, required, .. } = &step.action else {
        return Ok(());
    };
    let mut waits: FuturesUnordered<_> = containers
        .iter()
        .map(|container| wait_one(executor, watch, number, container, *condition))
        .collect();
    while let Some(verdict) = waits.next().await {
        match verdict? {
            Ok(Some(code)) => {
                // The first one that ended decides.
                return ended(executor, step, service, containers, code, *required).await;
            }
            Ok(None) => {}
            Err(unmet) => return fail(executor, step, service, unmet, *required).await,
        }
    }
    tell(executor, step, Status::Done, "Healthy", "");
    Ok(())
}

/// Waits for one container: `None` when the condition holds, or the exit code that was waited for.
async fn wait_one<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    watch: &Watch<'_, E>,
    number: usize,
    container: &ContainerRef,
    condition: WaitCondition,
) -> Result<Result<Option<i64>, Unmet>, Failure> {
    let id = executor.id(container)?;
    let engine = executor.run.engine;
    let unmet = |message: String| Unmet { name: container.name.clone(), id: id.clone(), message };
    // Listening begins before the first look, so that nothing falls in between.
    let mut signals = watch.listen();
    let begun = Instant::now();
    let mut probed = false;
    loop {
        let details = match engine.inspect_container(&id).await {
            Ok(Some(details)) => details,
            Ok(None) => return Ok(Err(unmet(format!("container {} is gone", container.name)))),
            Err(error) => return Ok(Err(unmet(engine_words(&error)))),
        };
        match verdict(&details, condition) {
            Verdict::Met => {
                if let Some(unobserved) = health::unobserved(&details) {
                    observe(executor, number, container, &details, unobserved);
                }
                return Ok(Ok(None));
            }
            Verdict::Runs | Verdict::Unprobed(_) if begun.elapsed() < SETTLED => {
                let settled = SETTLED.saturating_sub(begun.elapsed());
                let signal = concerning(&mut signals, &id);
                match tokio::time::timeout(settled, signal).await {
                    Ok(Some(reason)) => return Ok(Err(unmet(reason))),
                    // Events come late: what counts is that it runs once the time is over.
                    Ok(None) | Err(_) => continue,
                }
            }
            Verdict::Runs => return Ok(Ok(None)),
            Verdict::Ended(code) => return Ok(Ok(Some(code))),
            Verdict::Unprobed(message) | Verdict::Failed(message) => {
                return Ok(Err(unmet(message)));
            }
            Verdict::Pending => {}
        }
        let probe = Probe::of(&details)
            .filter(|_| condition != WaitCondition::CompletedSuccessfully && !probed);
        tokio::select! {
            lost = concerning(&mut signals, &id) => {
                if let Some(reason) = lost {
                    return Ok(Err(unmet(reason)));
                }
            }
            passed = run_probe(engine, &id, probe) => {
                if let Some(unobserved) = passed {
                    observe(executor, number, container, &details, unobserved);
                    return Ok(Ok(None));
                }
                probed = true;
            }
        }
    }
}

/// Until something happened to a container that may change the verdict, or events were missed.
/// Gives a reason when there will be no more events.
async fn concerning(
    signals: &mut tokio::sync::broadcast::Receiver<Signal>,
    container: &str,
) -> Option<String> {
    loop {
        match signals.recv().await {
            Ok(Signal::Container(id)) if id != container => {}
            Ok(Signal::Container(_) | Signal::Look) | Err(RecvError::Lagged(_)) => return None,
            Ok(Signal::Lost(reason)) => return Some(reason),
            Err(RecvError::Closed) => return Some("the engine's events ended".to_owned()),
        }
    }
}

/// Tells how a container became healthy.
fn observe<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    number: usize,
    container: &ContainerRef,
    details: &ContainerDetails,
    unobserved: Duration,
) {
    let check = details.config.healthcheck.as_ref();
    let observation = Observation::Health {
        container: container.name.clone(),
        unobserved,
        start_interval: check.is_some_and(|check| check.start_interval > 0),
        old_engine: executor.run.engine.describe().api_version < START_INTERVAL,
    };
    executor.run.report.observed(number, observation);
}

/// Runs the healthcheck's own test until it passes, and gives the pause before that. Gives nothing
/// when the container cannot run it; the engine's word is waited for then.
async fn run_probe<E: Engine>(
    engine: &E,
    container: &str,
    probe: Option<Probe>,
) -> Option<Duration> {
    let Some(probe) = probe else { return std::future::pending().await };
    let mut failures = 0;
    let mut pause = Duration::ZERO;
    loop {
        let begun = Instant::now();
        let test = exec::test(engine, container, probe.command.clone());
        match tokio::time::timeout(probe.timeout, test).await {
            Ok(Ok(0)) => return Some(pause),
            Ok(Ok(_)) | Err(_) => failures += 1,
            Ok(Err(_)) => return None,
        }
        pause = probe.pause(failures, begun.elapsed());
        tokio::time::sleep(pause).await;
    }
}

/// A container ended, as was waited for: with 0 all is well.
async fn ended<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    step: &Step,
    service: &str,
    containers: &[ContainerRef],
    code: i64,
    required: bool,
) -> Result<(), Failure> {
    if code == 0 {
        tell(executor, step, Status::Done, "Exited", "");
        return Ok(());
    }
    let message = format!("{service:?} didn't complete successfully: exit {code}");
    let Some(container) = containers.first() else { return Ok(()) };
    if !required {
        skip(executor, step, &format!("optional dependency {message}"), "");
        return Ok(());
    }
    let message = format!("service {message}");
    tell(executor, step, Status::Error, &message, "");
    let id = executor.id(container)?;
    Err(executor.container_failure(step, &container.name, &id, message).await.into())
}

async fn fail<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    step: &Step,
    service: &str,
    unmet: Unmet,
    required: bool,
) -> Result<(), Failure> {
    let condition = match &step.action {
        Action::WaitFor { condition, .. } => *condition,
        _ => WaitCondition::Healthy,
    };
    let Unmet { name, id, message } = unmet;
    if !required {
        let reason = match condition {
            WaitCondition::RunningOrHealthy => "is not running or is unhealthy",
            _ => "failed to start",
        };
        let text = format!("optional dependency {service:?} {reason}");
        skip(executor, step, &text, &format!(": {message}"));
        return Ok(());
    }
    let message = match condition {
        WaitCondition::RunningOrHealthy => message,
        _ => format!("dependency failed to start: {message}"),
    };
    tell(executor, step, Status::Error, "Error", &message);
    Err(executor.container_failure(step, &name, &id, message).await.into())
}

/// An optional dependency is not there: a warning, and on it goes.
fn skip<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    step: &Step,
    text: &str,
    reason: &str,
) {
    tell(executor, step, Status::Warning, &format!("Skipped: {text}"), "");
    executor.run.report.warning(&format!("{text}{reason}"));
}

/// Tells of the containers that a step waits for: as Docker Compose once for each that waits, where
/// it tells anything.
fn tell<E: Engine, B: Builder>(
    executor: &Executor<'_, E, B>,
    step: &Step,
    status: Status,
    text: &str,
    details: &str,
) {
    let Action::WaitFor { containers, condition, waiters, .. } = &step.action else { return };
    let failed_to_run = status == Status::Error && *condition == WaitCondition::RunningOrHealthy;
    let only_live = step.shown == Shown::Untold || failed_to_run;
    for container in (0..*waiters).flat_map(|_| containers) {
        let event = Event {
            only_live,
            ..Event::new(Subject::Container(container.name.clone()), status, text)
        };
        executor.run.report.event(event.details(details));
    }
}
