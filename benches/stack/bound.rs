//! The engine's own bound: the calls that a stack cannot do without, sent bare.
//!
//! No file is read, nothing is decided and nothing printed; the connection is open already. What
//! the engine then takes nobody can go below.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::time::{Duration, Instant};

use bireme::engine::api::{
    ContainerCreate, ContainerFilter, EndpointSettings, HealthConfig, HostConfig, NetworkCreate,
    NetworkingConfig, RemoveContainer,
};
use bireme::engine::{DockerEngine, Engine as _, EngineError};
use futures_util::future::try_join_all;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::engine;
use crate::stack::{COMMAND, IMAGE, STOP_SIGNAL, dependencies};

/// Name of what the bound makes.
const PROJECT: &str = "bound";

/// Bare calls to the engine that the environment names.
pub(crate) struct Bound {
    runtime: Runtime,
    engine: DockerEngine,
}

impl Bound {
    /// Connects.
    pub(crate) fn connect() -> Result<Self, Box<dyn Error>> {
        let (runtime, engine) = engine::connect()?;
        Ok(Self { runtime, engine })
    }

    /// Makes and starts a stack of so many services, so many calls at once, each service as soon as
    /// the one it depends on is started, and takes it away again; what each of the two took.
    pub(crate) fn up_and_down(
        &self,
        services: usize,
        at_once: usize,
    ) -> Result<(Duration, Duration), EngineError> {
        let dependencies = dependencies(services);
        let room = Semaphore::new(at_once);
        self.runtime.block_on(async {
            let begun = Instant::now();
            self.look().await?;
            self.engine.create_network(&network()).await?;
            let started = marks(services);
            try_join_all((0..services).map(|service| {
                let (room, started, dependency) = (&room, &started, dependencies[service]);
                async move {
                    let name = container_name(service);
                    let place = room.acquire().await;
                    self.engine.create_container(&name, None, &container(None)).await?;
                    drop(place);
                    if let Some(dependency) = dependency {
                        started[dependency].cancelled().await;
                    }
                    let place = room.acquire().await;
                    self.engine.start_container(&name).await?;
                    drop(place);
                    started[service].cancel();
                    Ok::<(), EngineError>(())
                }
            }))
            .await?;
            let up = begun.elapsed();
            let begun = Instant::now();
            self.list().await?;
            let gone = marks(services);
            try_join_all((0..services).map(|service| {
                let (room, gone, dependencies) = (&room, &gone, &dependencies);
                async move {
                    for dependent in 0..services {
                        if dependencies[dependent] == Some(service) {
                            gone[dependent].cancelled().await;
                        }
                    }
                    let name = container_name(service);
                    let place = room.acquire().await;
                    self.engine.stop_container(&name, None).await?;
                    let options = RemoveContainer { force: true, volumes: false };
                    self.engine.remove_container(&name, options).await?;
                    drop(place);
                    gone[service].cancel();
                    Ok::<(), EngineError>(())
                }
            }))
            .await?;
            self.engine.remove_network(PROJECT).await?;
            Ok((up, begun.elapsed()))
        })
    }

    /// What must be read to know that there is nothing to do.
    pub(crate) fn look_again(&self) -> Result<Duration, EngineError> {
        let begun = Instant::now();
        self.runtime.block_on(self.look())?;
        Ok(begun.elapsed())
    }

    /// What must be read to list containers.
    pub(crate) fn list_again(&self) -> Result<Duration, EngineError> {
        let begun = Instant::now();
        self.runtime.block_on(self.list())?;
        Ok(begun.elapsed())
    }

    /// Starts services in a row, each when the test of the one before has passed.
    pub(crate) fn chain(&self, services: usize) -> Result<Duration, EngineError> {
        self.runtime.block_on(async {
            let begun = Instant::now();
            self.look().await?;
            self.engine.create_network(&network()).await?;
            let test = HealthConfig {
                test: vec!["CMD".to_owned(), "true".to_owned()],
                interval: 5_000_000_000,
                ..HealthConfig::default()
            };
            let made = each((0..services).map(container_name), 4, async |name| {
                let body = container(Some(test.clone()));
                self.engine.create_container(&name, None, &body).await.map(drop)
            });
            made.await?;
            for service in 0..services {
                let name = container_name(service);
                self.engine.start_container(&name).await?;
                if service + 1 < services {
                    self.probe(&name).await?;
                }
            }
            let taken = begun.elapsed();
            each((0..services).map(container_name), 4, async |name| {
                let options = RemoveContainer { force: true, volumes: false };
                self.engine.remove_container(&name, options).await
            })
            .await?;
            self.engine.remove_network(PROJECT).await?;
            Ok(taken)
        })
    }

    /// Runs the test of a healthcheck once, to its end.
    async fn probe(&self, container: &str) -> Result<(), EngineError> {
        let body = bireme::engine::api::ExecCreate {
            cmd: vec!["true".to_owned()],
            attach_stdout: true,
            ..bireme::engine::api::ExecCreate::default()
        };
        let exec = self.engine.create_exec(container, &body).await?;
        let mut attached = self.engine.start_exec(&exec, false).await?;
        while attached.output.next().await.is_some() {}
        self.engine.inspect_exec(&exec).await.map(drop)
    }

    async fn look(&self) -> Result<(), EngineError> {
        let label = [format!("com.docker.compose.project={}", crate::PROJECT)];
        let (containers, networks, volumes, image) = tokio::join!(
            self.list(),
            self.engine.list_networks(&[]),
            self.engine.list_volumes(&label),
            self.engine.inspect_image(IMAGE, None),
        );
        containers?;
        networks?;
        volumes?;
        image?;
        Ok(())
    }

    async fn list(&self) -> Result<(), EngineError> {
        let filter = ContainerFilter {
            labels: vec![format!("com.docker.compose.project={}", crate::PROJECT)],
            all: true,
            ..ContainerFilter::default()
        };
        self.engine.list_containers(&filter).await.map(drop)
    }
}

/// What is told once for each service.
fn marks(services: usize) -> Vec<CancellationToken> {
    (0..services).map(|_| CancellationToken::new()).collect()
}

/// So many at once.
async fn each<F: Future<Output = Result<(), EngineError>>>(
    names: impl Iterator<Item = String>,
    at_once: usize,
    act: impl Fn(String) -> F,
) -> Result<(), EngineError> {
    iter(names.map(act)).buffer_unordered(at_once).try_collect().await
}

fn container_name(service: usize) -> String {
    format!("{PROJECT}-s{service}-1")
}

fn network() -> NetworkCreate {
    NetworkCreate { name: PROJECT.to_owned(), ..NetworkCreate::default() }
}

/// The body of a container, about as large as Compose's.
fn container(healthcheck: Option<HealthConfig>) -> ContainerCreate {
    let endpoint =
        EndpointSettings { aliases: vec!["service".to_owned()], ..EndpointSettings::default() };
    let labels = (0..10).map(|number| {
        (format!("com.docker.compose.label-{number}"), "a value of some length".repeat(2))
    });
    ContainerCreate {
        image: IMAGE.to_owned(),
        cmd: Some(COMMAND.map(str::to_owned).to_vec()),
        stop_signal: STOP_SIGNAL.to_owned(),
        env: vec!["NUMBER=1".to_owned()],
        labels: labels.collect(),
        healthcheck,
        host_config: HostConfig { network_mode: PROJECT.to_owned(), ..HostConfig::default() },
        networking_config: Some(NetworkingConfig {
            endpoints_config: BTreeMap::from([(PROJECT.to_owned(), endpoint)]),
        }),
        ..ContainerCreate::default()
    }
}
