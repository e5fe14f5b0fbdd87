//! The services of a project with all that verdicts on their platforms go by.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use futures_util::future::{join, join_all};

use super::Store;
use super::data::data_of;
use super::offers::{self, offers};
use super::place::place;
use super::recipe::Builds;
use crate::compose::model::{Project, Service};
use crate::engine::DockerEngine;
use crate::engine::api::{ImageDetails, ImagePlatform};
use crate::platform::subject::{By, Recipe, Request, Subject};
use crate::platform::{Gap, Offer, Platform};
use crate::stack::images::{image_name, is_kept};
use crate::stack::query::{Filter, OneOff, ProjectContainer, containers};
use crate::stack::up::Build;

/// How a survey is made.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How registries are asked.
    pub offers: offers::Settings,
    /// When images are built (`--build`, `--no-build`).
    pub build: Build,
    /// The pull policy that a flag gives.
    pub pull: Option<String>,
    /// The builder, where it is not on the engine's guest.
    pub elsewhere: Option<Elsewhere>,
}

/// A builder on another machine than the engine's guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Its name.
    pub builder: String,
    /// The machine's platform, for which it builds unless another one is asked for; `None` where it does
    /// not tell.
    pub platform: Option<Platform>,
}

impl Elsewhere {
    /// What this makes of a build and of what it can give.
    fn adapt(
        &self,
        recipe: &mut Recipe,
        offer: &mut Offer,
        request: Option<&Request>,
        own: &Platform,
    ) {
        recipe.elsewhere = true;
        if request.is_none() && self.platform.as_ref() != Some(own) {
            *offer = Offer::Unknown(Gap::Builder(self.builder.clone()));
        }
    }
}

/// The services of a project, without those that a program provides, in the order of the project.
/// Ends when everybody has answered or the time is over; what is not known by then is said to be so,
/// and an engine that does not tell something counts as one that has nothing of it.
pub async fn subjects(
    project: &Project,
    engine: &DockerEngine,
    settings: &Settings,
) -> Vec<Subject> {
    let store = Store::new(engine);
    let services = Services::read(project, engine).await;
    let names = services.names();
    let (offers, seen) = join(
        offers(&names, engine, &store, &settings.offers),
        services.look(engine, &store, settings),
    )
    .await;
    services.subjects(&seen, &offers)
}

/// The services, as their files say them.
pub(super) struct Services<'p> {
    project: &'p Project,
    all: Vec<&'p Service>,
    own: Platform,
    /// How their images are built.
    pub(super) builds: Builds,
}

/// What an engine has of services.
pub(super) struct Seen {
    running: BTreeMap<String, Running>,
    /// Platforms of each service's image, in the order of the services.
    local: Vec<Vec<Platform>>,
    /// The builder, where it is not on the engine's guest.
    elsewhere: Option<Elsewhere>,
}

impl<'p> Services<'p> {
    /// Reads their Dockerfiles.
    pub(super) async fn read(project: &'p Project, engine: &DockerEngine) -> Self {
        let all: Vec<&Service> =
            project.services.values().filter(|service| service.provider.is_none()).collect();
        let own = own(project, &all, engine).await;
        let builds = Builds::read(project, &all, own.clone());
        Self { project, all, own, builds }
    }

    /// The images that must be asked for.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let mut names = self.builds.bases();
        let pulled = self.all.iter().filter(|service| service.build.is_none());
        names.extend(pulled.map(|service| image_name(self.project, service)));
        names
    }

    /// Looks at what the engine has.
    pub(super) async fn look(
        &self,
        engine: &DockerEngine,
        store: &Store<'_>,
        settings: &Settings,
    ) -> Seen {
        let local = self.all.iter().map(|service| local(self.project, service, store, settings));
        // Containers mostly run these images, which then are known.
        let local = join_all(local).await;
        let running = running(self.project, engine, store).await;
        Seen { running, local, elsewhere: settings.elsewhere.clone() }
    }

    /// All that is known of them; for which platforms there is an image without an answer is unknown.
    pub(super) fn subjects(&self, seen: &Seen, offers: &BTreeMap<String, Offer>) -> Vec<Subject> {
        let subject = |(service, local): (&&Service, &Vec<Platform>)| {
            let image = image_name(self.project, service);
            let request = request(self.project, service, &self.own);
            let (build, offer) = if service.build.is_some() {
                let requested = request.as_ref().map(|request| &request.platform);
                let (mut recipe, mut offer) = self.builds.recipe(service, requested, offers);
                if let Some(elsewhere) = &seen.elsewhere {
                    elsewhere.adapt(&mut recipe, &mut offer, request.as_ref(), &self.own);
                }
                (Some(recipe), offer)
            } else {
                (None, offers.get(&image).cloned().unwrap_or(Offer::Unknown(Gap::OutOfTime)))
            };
            let Running { platforms, data } =
                seen.running.get(&service.name).cloned().unwrap_or_default();
            Subject {
                service: service.name.clone(),
                image,
                request,
                offer,
                local: local.clone(),
                running: platforms,
                data,
                build,
                accepted: is_accepted(service),
            }
        };
        self.all.iter().zip(&seen.local).map(subject).collect()
    }
}

/// Whether the owner of a service has said that emulation is all right.
fn is_accepted(service: &Service) -> bool {
    let own = service.extensions.get("x-bireme");
    let emulation = own.and_then(|own| own.get("emulation"));
    emulation.and_then(serde_json::Value::as_str) == Some("accepted")
}

/// The platform that is asked for, and who does. One that cannot be read is told of elsewhere.
fn request(project: &Project, service: &Service, own: &Platform) -> Option<Request> {
    let place = |field: &str| place(project, &format!("services.{}.{field}", service.name));
    let default = project.environment.get("DOCKER_DEFAULT_PLATFORM").filter(|it| !it.is_empty());
    let built = service.build.as_ref().map_or(&[][..], |build| build.platforms.as_slice());
    let (text, by) = match (service.platform.as_str(), default, built) {
        ("", None, [only]) => (only.as_str(), By::Build(place("build.platforms"))),
        ("", default, _) => (default?.as_str(), By::Environment),
        (text, ..) => (text, By::Service(place("platform"))),
    };
    Some(Request { platform: Platform::parse(text, own).ok()?, by })
}

/// The engine's own platform. Asked only where something depends on it: a Dockerfile may, and a
/// platform that is an operating system alone does.
async fn own(project: &Project, services: &[&Service], engine: &DockerEngine) -> Platform {
    let default = project.environment.get("DOCKER_DEFAULT_PLATFORM").map(String::as_str);
    let mut texts = services.iter().map(|it| it.platform.as_str()).chain(default);
    let is_asked = services.iter().any(|service| service.build.is_some())
        || texts.any(|text| !text.is_empty() && !text.contains('/'));
    if is_asked && let Ok(version) = engine.server_version().await {
        return Platform::new(&version.os, &version.arch, "");
    }
    Platform::new("linux", "", "")
}

/// Platforms of a service's image that the engine has and would use.
async fn local(
    project: &Project,
    service: &Service,
    store: &Store<'_>,
    settings: &Settings,
) -> Vec<Platform> {
    let Some(image) = store.image(&image_name(project, service)).await else { return Vec::new() };
    let pull = settings.pull.as_deref();
    if is_kept(project, service, &image, settings.build, pull, Utc::now()) {
        image.platforms()
    } else {
        Vec::new()
    }
}

/// What there is of a service's containers, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Running {
    /// Their platforms.
    pub platforms: Vec<Platform>,
    /// Where they keep what outlives them.
    pub data: Vec<String>,
}

/// The project's containers by service.
pub async fn running(
    project: &Project,
    engine: &DockerEngine,
    store: &Store<'_>,
) -> BTreeMap<String, Running> {
    // Those of `run` too, and then without them: the same question that a plan asks.
    let filter = Filter { all: true, one_off: OneOff::Include, ..Filter::default() };
    let mut containers = containers(engine, &project.name, &filter).await.unwrap_or_default();
    containers.retain(|container| !container.one_off);
    let platforms = join_all(containers.iter().map(|container| of_container(container, store)));
    let mut by_service: BTreeMap<String, Running> = BTreeMap::new();
    for (container, platform) in containers.iter().zip(platforms.await) {
        let known = by_service.entry(container.service.clone()).or_default();
        known.platforms.extend(platform.filter(|platform| !known.platforms.contains(platform)));
        for place in data_of(&container.summary.mounts) {
            if !known.data.contains(&place) {
                known.data.push(place);
            }
        }
    }
    by_service
}

/// The platform of a container: the engine's word, else that of its image.
async fn of_container(container: &ProjectContainer, store: &Store<'_>) -> Option<Platform> {
    let descriptor = container.summary.image_manifest_descriptor.as_ref();
    if let Some(platform) = descriptor.and_then(|descriptor| descriptor.platform.as_ref()) {
        return Some(ImagePlatform::normal(platform));
    }
    let image = store.image_of_id(&container.summary.image_id).await?;
    Some(ImageDetails::platform(&image)).filter(|platform| !platform.architecture().is_empty())
}
