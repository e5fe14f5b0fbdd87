//! Runs a service's image natively and emulated, in turns, and takes the time.
//!
//! The containers are one-off containers of the service without ports; what they would write elsewhere goes into
//! anonymous volumes that go with them: named volumes are replaced, directories of this machine are read-only.
//! Nothing else is started. Images and networks of the engine are as they were when it is over ([`before`]).

mod before;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::compose::model::{Mount, Project, Service};
use crate::engine::api::{ContainerDetails, ImageDetails, RemoveContainer, WaitCondition};
use crate::engine::{DockerEngine, Engine, EngineError};
use crate::platform::Platform;
use crate::platform::cost::{Measurement, Run, Yardstick};
use crate::stack::images::NoBuilder;
use crate::stack::progress::Report;
use crate::stack::run_one_off::{self, OneOff};
use crate::stack::{StackError, execute, health};

use before::Before;

/// The longest that one run may take.
const LONGEST: Duration = Duration::from_mins(10);
/// The pause between two healthchecks of ours.
const PAUSE: Duration = Duration::from_millis(50);
/// A container that is unhealthy may still become healthy, and does where emulation is slow: it gets so many times the time that
/// it took to become unhealthy, and at least so much.
const GRACE: (u32, Duration) = (4, Duration::from_secs(10));
/// The part of a run that the engine's last count of CPU time may miss.
const UNCOUNTED: f64 = 0.1;

/// What is measured.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// The project.
    pub project: &'a Project,
    /// The service.
    pub service: &'a str,
    /// The command; empty for the service's own.
    pub command: &'a [String],
    /// The engine's own platform.
    pub native: &'a Platform,
    /// The one that is emulated.
    pub foreign: &'a Platform,
    /// Runs on each.
    pub runs: usize,
    /// Variables that the user's configuration gives to containers.
    pub proxy_environment: &'a BTreeMap<String, String>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The stack's refusal.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The engine's refusal.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// Something else: one sentence.
    #[error("{0}")]
    Other(String),
    /// The user has had enough.
    #[error("canceled")]
    Cancelled,
}

type Result<T> = std::result::Result<T, MeasureError>;

/// Measures. `told` hears of each run: whether it is emulated, and what came out.
///
/// # Errors
/// A service that cannot be measured, an image that is not there for both platforms, a run that
/// fails or takes too long, a cancellation. Its containers are removed in any case.
pub async fn measure(
    wish: &Wish<'_>,
    engine: &DockerEngine,
    report: &dyn Report,
    told: &mut (dyn FnMut(bool, Run) + Send),
    cancel: &CancellationToken,
) -> Result<Measurement> {
    let service = wish.project.services.get(wish.service);
    let service = service.ok_or_else(|| StackError::NoSuchService(wish.service.to_owned()))?;
    if service.build.is_some() || service.image.is_empty() {
        return Err(MeasureError::Other(format!(
            "{} is built here, for one platform at a time: only images of a registry can be measured",
            wish.service
        )));
    }
    let before = Before::of(&service.image, &wish.project.name, engine).await?;
    let outcome = measured(wish, &service.image, engine, report, told, cancel).await;
    before.restore(engine).await;
    outcome
}

async fn measured(
    wish: &Wish<'_>,
    name: &str,
    engine: &DockerEngine,
    report: &dyn Report,
    told: &mut (dyn FnMut(bool, Run) + Send),
    cancel: &CancellationToken,
) -> Result<Measurement> {
    let fetch = Images::fetch(wish, name, engine);
    let fetched = cancel.run_until_cancelled(fetch).await;
    let (images, yardstick) = fetched.unwrap_or(Err(MeasureError::Cancelled))?;
    Measuring { wish, engine, report, cancel, images: &images, yardstick }.run(told).await
}

/// The image for both platforms.
struct Images {
    name: String,
    native: Arc<ImageDetails>,
    foreign: Arc<ImageDetails>,
}

impl Images {
    /// The image for both platforms, and what it is measured to. What cannot be measured is not pulled for the other
    /// platform.
    async fn fetch(
        wish: &Wish<'_>,
        name: &str,
        engine: &DockerEngine,
    ) -> Result<(Self, Yardstick)> {
        // The name may lose it to the native one.
        let foreign = engine.inspect_image(name, Some(&wish.foreign.to_string())).await?;
        if let Some(foreign) = &foreign {
            yardstick(wish, foreign)?;
        }
        let native = fetched(name, wish.native, engine).await?;
        let yardstick = yardstick(wish, &native)?;
        let foreign = match foreign {
            Some(foreign) => foreign,
            None => fetched(name, wish.foreign, engine).await?,
        };
        Ok((Self { name: name.to_owned(), native, foreign }, yardstick))
    }
}

/// What of a service decides what a run of its image does: a figure is only that of services of which it is the same.
pub fn what_runs(service: &Service, command: &[String], yardstick: Yardstick) -> String {
    let own = if command.is_empty() { service.command.as_deref() } else { Some(command) };
    let health = service.healthcheck.as_ref().filter(|_| yardstick == Yardstick::Healthy);
    let test = health.map(|health| (health.disable, &health.test));
    format!("{:?}", (&service.entrypoint, own, test))
}

/// The end of a command that was given, else the healthcheck of the service or of its image.
fn yardstick(wish: &Wish<'_>, image: &ImageDetails) -> Result<Yardstick> {
    if !wish.command.is_empty() {
        return Ok(Yardstick::Exit);
    }
    let own = wish.project.services.get(wish.service);
    let own = own.and_then(|service| service.healthcheck.as_ref());
    let of_image = image.config.healthcheck.as_ref();
    let has_test = match own {
        Some(own) if own.disable => false,
        Some(own) if !own.test.is_empty() => own.test.first().is_some_and(|it| it != "NONE"),
        _ => of_image.is_some_and(|it| it.test.first().is_some_and(|kind| kind != "NONE")),
    };
    if has_test {
        return Ok(Yardstick::Healthy);
    }
    Err(MeasureError::Other(format!(
        "{0} has no healthcheck, so nothing tells when it is ready: give a command that ends \
         (bireme platforms --measure {0} -- COMMAND)",
        wish.service
    )))
}

/// The image for a platform, pulled if it is not here.
async fn fetched(
    name: &str,
    platform: &Platform,
    engine: &DockerEngine,
) -> Result<Arc<ImageDetails>> {
    let text = platform.to_string();
    if let Some(image) = engine.inspect_image(name, Some(&text)).await? {
        return Ok(image);
    }
    let missing = |reason: &str| {
        MeasureError::Other(format!("{name} cannot be had for {platform}: {reason}"))
    };
    let mut pull =
        engine.pull_image(name, Some(&text)).await.map_err(|it| missing(&it.to_string()))?;
    while let Some(progress) = pull.next().await {
        progress.map_err(|error| missing(&error.to_string()))?;
    }
    engine.inspect_image(name, Some(&text)).await?.ok_or_else(|| missing("it is not there"))
}

struct Measuring<'a> {
    wish: &'a Wish<'a>,
    engine: &'a DockerEngine,
    report: &'a dyn Report,
    cancel: &'a CancellationToken,
    images: &'a Images,
    yardstick: Yardstick,
}

impl Measuring<'_> {
    async fn run(&self, told: &mut (dyn FnMut(bool, Run) + Send)) -> Result<Measurement> {
        let wish = self.wish;
        let yardstick = self.yardstick;
        let service = wish.project.services.get(wish.service);
        let (mut native, mut emulated) = (Vec::new(), Vec::new());
        for _ in 0..wish.runs {
            for is_emulated in [false, true] {
                let run = self.once(is_emulated, yardstick).await?;
                told(is_emulated, run);
                if is_emulated { emulated.push(run) } else { native.push(run) }
            }
        }
        Ok(Measurement {
            image: self.images.name.clone(),
            ids: (self.images.native.id.clone(), self.images.foreign.id.clone()),
            platform: wish.foreign.to_string(),
            command: wish.command.to_vec(),
            own: service.map(|service| what_runs(service, wish.command, yardstick)),
            yardstick,
            native,
            emulated,
            at: wish.now,
        })
    }

    /// One run in a container of its own, which is removed in any case.
    async fn once(&self, emulated: bool, yardstick: Yardstick) -> Result<Run> {
        let container = self.create(emulated).await?;
        let run = tokio::time::timeout(LONGEST, Box::pin(self.time(&container, yardstick)));
        let outcome = match self.cancel.run_until_cancelled(run).await {
            None => Err(MeasureError::Cancelled),
            Some(Err(_)) => Err(MeasureError::Other(format!(
                "a run took longer than {} minutes",
                LONGEST.as_secs() / 60
            ))),
            Some(Ok(outcome)) => outcome,
        };
        let removal = RemoveContainer { force: true, volumes: true };
        let removed = self.engine.remove_container(&container.id, removal).await;
        let run = outcome?;
        removed?;
        Ok(run)
    }

    async fn create(&self, emulated: bool) -> Result<OneOff> {
        let wish = self.wish;
        let (image, platform) = if emulated {
            (&self.images.foreign, wish.foreign)
        } else {
            (&self.images.native, wish.native)
        };
        let mut project = wish.project.clone();
        project.volumes.clear();
        if let Some(service) = project.services.get_mut(wish.service) {
            // By its id, where the name stands for one platform only.
            if self.images.native.id != self.images.foreign.id {
                service.image.clone_from(&image.id);
            }
            service.platform = platform.to_string();
            service.container_name.clear();
            service.volumes = service.volumes.iter().map(harmless).collect();
            service.post_start.clear();
            service.pre_stop.clear();
        }
        let options = run_one_off::Options {
            service: wish.service.to_owned(),
            command: wish.command.to_vec(),
            no_deps: true,
            pull: Some("never".to_owned()),
            ignore_orphans: true,
            proxy_environment: wish.proxy_environment.clone(),
            ..run_one_off::Options::default()
        };
        let (engine, report, cancel) = (self.engine, self.report, self.cancel);
        let create = run_one_off::create(&project, &options, engine, &NoBuilder, report, cancel);
        Ok(Box::pin(create).await?)
    }

    async fn time(&self, container: &OneOff, yardstick: Yardstick) -> Result<Run> {
        match yardstick {
            Yardstick::Exit => self.time_to_exit(container).await,
            Yardstick::Healthy => self.time_to_health(container).await,
        }
    }

    async fn time_to_exit(&self, container: &OneOff) -> Result<Run> {
        run_one_off::start(container, self.engine).await?;
        let begun = Instant::now();
        let mut counted = None;
        let count = async {
            if let Ok(mut usage) = self.engine.usage(&container.id, true).await {
                while let Some(Ok(sample)) = usage.next().await {
                    let total = sample.cpu_stats.cpu_usage.total_usage;
                    // Of a container that has ended the counters are empty.
                    if total > 0 {
                        counted = Some((begun.elapsed().as_secs_f64(), seconds(total)));
                    }
                }
            }
            std::future::pending::<Infallible>().await
        };
        let code = tokio::select! {
            code = self.engine.wait_container(&container.id, WaitCondition::NotRunning) => code?,
            never = count => match never {},
        };
        let ended = begun.elapsed();
        let details = self.details(container).await?;
        if code != 0 {
            return Err(self.failed(container, code).await);
        }
        let wall = seconds_between(&details).unwrap_or(ended.as_secs_f64());
        // The engine counts once a second: what was counted last must nearly be the end.
        let cpu = counted.filter(|(at, _)| *at >= wall * (1.0 - UNCOUNTED)).map(|(_, cpu)| cpu);
        Ok(Run { wall, cpu })
    }

    async fn time_to_health(&self, container: &OneOff) -> Result<Run> {
        let begun = Instant::now();
        run_one_off::start(container, self.engine).await?;
        let test = health::test(&self.details(container).await?)
            .ok_or_else(|| MeasureError::Other("its healthcheck cannot be run".to_owned()))?;
        let mut end = None;
        loop {
            let passed = execute::probe(self.engine, &container.id, test.clone()).await;
            if matches!(passed, Ok(0)) {
                break;
            }
            let state = self.details(container).await?.state;
            if !state.running {
                return Err(self.failed(container, state.exit_code).await);
            }
            if state.health.is_some_and(|health| health.status == "unhealthy") {
                let (times, least) = GRACE;
                let ends = *end.get_or_insert_with(|| least.max(begun.elapsed() * times));
                if begun.elapsed() > ends {
                    return Err(MeasureError::Other(format!(
                        "{} became unhealthy and stayed so: there is no time to measure",
                        self.wish.service
                    )));
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        let wall = begun.elapsed().as_secs_f64();
        let mut usage = self.engine.usage(&container.id, true).await?;
        let counted = usage.next().await.transpose()?;
        Ok(Run { wall, cpu: counted.map(|usage| seconds(usage.cpu_stats.cpu_usage.total_usage)) })
    }

    async fn details(&self, container: &OneOff) -> Result<ContainerDetails> {
        let gone = || MeasureError::Other(format!("container {} is gone", container.name));
        self.engine.inspect_container(&container.id).await?.ok_or_else(gone)
    }

    async fn failed(&self, container: &OneOff, code: i64) -> MeasureError {
        let service = self.wish.service;
        let fault = crate::stack::fault::of_container(self.engine, service, &container.id).await;
        let fault = fault.map(|fault| format!("; {fault}")).unwrap_or_default();
        MeasureError::Other(format!("a run of {service} ended with exit code {code}{fault}"))
    }
}

/// A mount that leaves nothing behind.
fn harmless(mount: &Mount) -> Mount {
    let mut mount = mount.clone();
    match mount.r#type.as_str() {
        "volume" => {
            mount.source.clear();
            // Engines give an anonymous volume as it is, whole and writable.
            mount.read_only = false;
            if let Some(options) = &mut mount.volume {
                options.subpath.clear();
            }
        }
        "bind" => mount.read_only = true,
        _ => {}
    }
    mount
}

/// From start to end, by the engine's clock. Nothing where it wrote down the start of a short run after its end (20.10).
fn seconds_between(details: &ContainerDetails) -> Option<f64> {
    let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    let state = &details.state;
    let span = time(&state.finished_at)? - time(&state.started_at)?;
    span.to_std().ok().map(|span| span.as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "few digits are shown")]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::model::Healthcheck;

    #[test]
    fn services_that_run_something_else_have_other_figures() {
        let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let one = Service { command: words("sleep 1"), ..Service::default() };
        let other = Service { command: words("sleep 2"), ..Service::default() };
        let health = Healthcheck {
            test: vec!["CMD".to_owned(), "true".to_owned()],
            ..Healthcheck::default()
        };
        let checked = Service { healthcheck: Some(health), ..one.clone() };
        let healthy = |service| what_runs(service, &[], Yardstick::Healthy);
        assert_ne!(healthy(&one), healthy(&other));
        assert_ne!(healthy(&one), healthy(&checked));
        let given = ["true".to_owned()];
        let given = |service| what_runs(service, &given, Yardstick::Exit);
        assert_eq!(given(&one), given(&other));
        assert_eq!(given(&one), given(&checked));
        let entered = Service { entrypoint: words("nice"), ..one.clone() };
        assert_ne!(given(&one), given(&entered));
    }
}
