//! The services of a project with all that verdicts on their platforms go by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Utc;
use futures_util::future::{join, join_all};

use super::Store;
use super::data::data_of;
use super::guest;
use super::offers::{self, offers};
use super::place::{place, place_of_variable, value_of_variable, written};
use super::recipe::{Builds, Known};
use crate::compose::model::{Project, Service};
use crate::engine::DockerEngine;
use crate::engine::api::{ImageDetails, ImagePlatform};
use crate::engine::endpoint::Surroundings;
use crate::platform::subject::{By, Place, Recipe, Request, Subject};
use crate::platform::variable::{self, Variables};
use crate::platform::{Gap, Offer, Platform};
use crate::stack::images::{image_name, is_kept};
use crate::stack::query::{Filter, OneOff, ProjectContainer, containers};
use crate::stack::up::Build;

/// The platform of services that name none. Docker Compose heeds it in environment files, too.
const DEFAULT_PLATFORM: &str = "DOCKER_DEFAULT_PLATFORM";

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
    /// Whether images are built for all of `build.platforms`, instead of the one that is run here.
    pub all_platforms: bool,
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
    surroundings: &dyn Surroundings,
    settings: &Settings,
) -> Vec<Subject> {
    let store = Store::new(engine);
    let services = Services::read(project, engine, surroundings, settings).await;
    let names = services.names();
    let (offers, seen) = join(
        offers(&names, engine, &store, &settings.offers),
        services.look(engine, &store, settings),
    )
    .await;
    let info = engine.server_info().await;
    let takes_any = info.is_ok_and(|info| info.has_containerd_store());
    let mut subjects = services.subjects(&seen, &offers, takes_any);
    subjects.truncate(services.listed);
    subjects
}

/// The services, as their files say them.
pub(super) struct Services<'p> {
    project: &'p Project,
    /// Those that are asked for, and behind them others whose images they begin with.
    all: Vec<&'p Service>,
    /// How many are asked for.
    pub(super) listed: usize,
    own: Platform,
    /// The variables of the process.
    process: &'p BTreeMap<String, String>,
    /// Where an environment file sets `DOCKER_DEFAULT_PLATFORM`.
    default_at: Option<Place>,
    /// How their images are built.
    pub(super) builds: Builds<'p>,
}

/// What an engine has of services.
pub(super) struct Seen {
    running: BTreeMap<String, Running>,
    /// Platforms of each service's image, in the order of the services.
    local: Vec<Vec<Platform>>,
    /// Platforms of images that builds begin with.
    copies: BTreeMap<String, Vec<Platform>>,
    /// The builder, where it is not on the engine's guest.
    elsewhere: Option<Elsewhere>,
    /// Whether images are built for all of `build.platforms`.
    all_platforms: bool,
}

impl<'p> Services<'p> {
    /// Reads their Dockerfiles.
    pub(super) async fn read(
        project: &'p Project,
        engine: &DockerEngine,
        surroundings: &dyn Surroundings,
        settings: &'p Settings,
    ) -> Self {
        let mut all: Vec<&Service> =
            project.services.values().filter(|service| service.provider.is_none()).collect();
        let own = if depends_on_guest(project, &all) {
            guest::own(engine, surroundings).await.ok()
        } else {
            None
        };
        let own = own.unwrap_or_else(|| Platform::new("linux", "", ""));
        let process = &settings.offers.variables;
        let builds = Builds::read(project, &all, own.clone(), process);
        let listed = all.len();
        for maker in builds.makers() {
            if !all.iter().any(|service| service.name == maker.name) {
                all.push(maker);
            }
        }
        let default_at = place_of_variable(DEFAULT_PLATFORM, None, project, process);
        Self { project, all, listed, own, process, default_at, builds }
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
        let name = |service: &Service| image_name(self.project, service);
        let bases = self.builds.bases();
        let names = self.all.iter().map(|service| name(service)).chain(bases.iter().cloned());
        let images = by_key(names.collect(), async |name| store.image(name).await).await;
        let local = self.all.iter().map(|service| {
            images
                .get(&name(service))
                .map_or_else(Vec::new, |image| local(self.project, service, image, settings))
        });
        let local = local.collect();
        let bases = images.iter().filter(|(name, _)| bases.contains(*name));
        let copies = bases.map(|(name, image)| (name.clone(), image.platforms())).collect();
        // Containers mostly run these images, which then are known.
        let running = running(self.project, engine, store).await;
        let elsewhere = settings.elsewhere.clone();
        let all_platforms = settings.all_platforms;
        Seen { running, local, copies, elsewhere, all_platforms }
    }

    /// All that is known of them; for which platforms there is an image without an answer is unknown.
    /// `takes_any` is whether a builder takes images of the engine's whatever their platform.
    pub(super) fn subjects(
        &self,
        seen: &Seen,
        offers: &BTreeMap<String, Offer>,
        takes_any: bool,
    ) -> Vec<Subject> {
        let requested =
            |service: &&Service| Some((service.name.clone(), self.request(service)?.platform));
        let requests = self.all.iter().filter_map(requested).collect();
        let known = Known { offers, copies: &seen.copies, requests: &requests, takes_any };
        let subject = |(service, local): (&&Service, &Vec<Platform>)| {
            let image = image_name(self.project, service);
            let request = self.request(service);
            let refused = self.refused(service);
            let (build, offer) = if let Some(gap) = &refused {
                (service.build.as_ref().map(|_| Recipe::default()), Offer::Unknown(gap.clone()))
            } else if service.build.is_some() {
                let (mut recipe, mut offer) = self.builds.recipe(service, &known);
                recipe.is_for_all = seen.all_platforms;
                if let Some(elsewhere) = &seen.elsewhere {
                    elsewhere.adapt(&mut recipe, &mut offer, request.as_ref(), &self.own);
                }
                (Some(recipe), offer)
            } else {
                (None, offers.get(&image).cloned().unwrap_or(Offer::Unknown(Gap::OutOfTime)))
            };
            let Running { platforms, data } =
                seen.running.get(&service.name).cloned().unwrap_or_default();
            let of_programs =
                |labels| of_programs(labels, build.as_ref(), request.as_ref(), &self.own);
            let local = if refused.is_some() { Vec::new() } else { of_programs(local.clone()) };
            let running = of_programs(platforms);
            Subject {
                service: service.name.clone(),
                image,
                request,
                behind: self.behind(service),
                offer,
                local,
                running,
                data,
                keeps_copies: keeps_copies(service),
                build,
                accepted: is_accepted(service),
            }
        };
        self.all.iter().zip(&seen.local).map(subject).collect()
    }

    /// The platform that is asked for, and who does. One that cannot be read is told of elsewhere.
    fn request(&self, service: &Service) -> Option<Request> {
        let (project, own) = (self.project, &self.own);
        let path = |field: &str| format!("services.{}.{field}", service.name);
        let default = project.environment.get(DEFAULT_PLATFORM).filter(|it| !it.is_empty());
        let built = service.build.as_ref().map_or(&[][..], |build| build.platforms.as_slice());
        let (text, by) = match (service.platform.as_str(), default, built) {
            ("", None, [only]) => {
                (only.as_str(), By::Build(place(project, &path("build.platforms"))))
            }
            ("", default, _) => (default?.as_str(), By::Environment(self.default_at.clone())),
            (text, ..) => (text, self.by_service(&path("platform"))),
        };
        Some(Request { platform: Platform::parse(text, own).ok()?, by })
    }

    /// Who asks for a platform where a service does so itself.
    fn behind(&self, service: &Service) -> Option<Request> {
        let default = self.project.environment.get(DEFAULT_PLATFORM)?;
        let platform = Platform::parse(default, &self.own).ok()?;
        let by = By::Environment(self.default_at.clone());
        (!service.platform.is_empty()).then_some(Request { platform, by })
    }

    /// Why engines refuse the platform that a service asks for, or the default for all.
    fn refused(&self, service: &Service) -> Option<Gap> {
        let default = || self.project.environment.get(DEFAULT_PLATFORM).map(String::as_str);
        let asked = Some(service.platform.as_str()).filter(|it| !it.is_empty()).or_else(default);
        let problem = Platform::parse(asked.filter(|it| !it.is_empty())?, &self.own).err()?;
        Some(Gap::NoPlatform(problem.to_string()))
    }

    /// Who asks with the `platform` at a path, which may be made of variables.
    fn by_service(&self, path: &str) -> By {
        let place = place(self.project, path);
        let variables = Variables {
            value: &|name| value_of_variable(name, path, self.project),
            place: &|name| place_of_variable(name, Some(path), self.project, self.process),
        };
        let written = written(self.project, path).unwrap_or_default();
        match variable::remedy(written, variables, &self.own) {
            Some(remedy) => By::Variables { place, remedy },
            None => By::Service(place),
        }
    }
}

/// Whether `pull` leaves a copy alone that the engine has.
fn keeps_copies(service: &Service) -> bool {
    matches!(service.pull_policy.as_str(), "missing" | "if_not_present" | "never" | "build")
}

/// What the platforms mean that images of a service are labelled with. For a base that is for one platform alone, or that
/// is the builder's, BuildKit keeps to the label that is asked for, though the programs are those of the base.
fn of_programs(
    labels: Vec<Platform>,
    build: Option<&Recipe>,
    request: Option<&Request>,
    own: &Platform,
) -> Vec<Platform> {
    let Some((programs, request)) = build.and_then(|it| it.programs(own)).zip(request) else {
        return labels;
    };
    let is_asked = |label: &Platform| *label == request.platform;
    labels.into_iter().map(|it| if is_asked(&it) { programs.clone() } else { it }).collect()
}

/// Whether the owner of a service has said that emulation is all right.
pub fn is_accepted(service: &Service) -> bool {
    let own = service.extensions.get("x-bireme");
    let emulation = own.and_then(|own| own.get("emulation"));
    emulation.and_then(serde_json::Value::as_str) == Some("accepted")
}

/// Whether something depends on the guest's own platform: a Dockerfile may, a platform that is an operating system alone
/// does, and so does what mends one that is made of variables.
fn depends_on_guest(project: &Project, services: &[&Service]) -> bool {
    let default = project.environment.get(DEFAULT_PLATFORM).map(String::as_str);
    let mut pins = services.iter().map(|it| it.platform.as_str());
    services.iter().any(|service| service.build.is_some())
        || pins.any(|text| !text.is_empty())
        || default.is_some_and(|text| !text.contains('/'))
}

/// What there is for each of some keys, looked for side by side.
async fn by_key<T>(
    keys: BTreeSet<String>,
    look: impl AsyncFn(&str) -> Option<T>,
) -> BTreeMap<String, T> {
    let looks = keys.into_iter().map(async |key| {
        let found = look(&key).await?;
        Some((key, found))
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// Platforms of a service's image, which the engine has, if it would be used.
fn local(
    project: &Project,
    service: &Service,
    image: &Arc<ImageDetails>,
    settings: &Settings,
) -> Vec<Platform> {
    let pull = settings.pull.as_deref();
    if is_kept(project, service, image, settings.build, pull, Utc::now()) {
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
    let untold = containers.iter().filter(|container| told_platform(container).is_none());
    let images = untold.map(|container| container.summary.image_id.clone()).collect();
    let of_images = by_key(images, async |id| platform_of_image(id, store).await).await;
    let mut by_service: BTreeMap<String, Running> = BTreeMap::new();
    for container in &containers {
        let known = by_service.entry(container.service.clone()).or_default();
        let platform = told_platform(container)
            .or_else(|| of_images.get(&container.summary.image_id).cloned());
        known.platforms.extend(platform.filter(|platform| !known.platforms.contains(platform)));
        for place in data_of(&container.summary.mounts) {
            if !known.data.contains(&place) {
                known.data.push(place);
            }
        }
    }
    by_service
}

/// The platform of a container by the engine's word, where it gives one.
fn told_platform(container: &ProjectContainer) -> Option<Platform> {
    let descriptor = container.summary.image_manifest_descriptor.as_ref()?;
    descriptor.platform.as_ref().map(ImagePlatform::normal)
}

/// The platform of an image, where it has one.
async fn platform_of_image(id: &str, store: &Store<'_>) -> Option<Platform> {
    let image = store.image_of_id(id).await?;
    Some(ImageDetails::platform(&image)).filter(|platform| !platform.architecture().is_empty())
}
