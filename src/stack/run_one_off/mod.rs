//! `run`: dependencies come up, then one container of a service with a command of its own.

mod options;

use std::collections::BTreeMap;
use std::fmt::Write;

use rand::Rng;
use tokio_util::sync::CancellationToken;

use super::desired::{
    DesiredService, Identity, Instance, Purpose, Setting, blueprint, injected_files,
    mounted_digests, one_off_name, referenced_services,
};
use super::error::engine_words;
use super::execute::{inject, run_hooks};
use super::images::{self, Builder};
use super::labels;
use super::owner;
use super::progress::{Report, Subject};
use super::query::ProjectContainer;
use super::up::{self, Ready, UpPlan};
use super::{StackError, StepError, api_socket};
use crate::compose::files::Disk;
use crate::compose::model::{Project, Service};
use crate::engine::{Engine, EngineError};

pub use options::Options;

/// A container that `run` made, not started yet; its secrets are in place.
#[derive(Debug, Clone)]
pub struct OneOff {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Service.
    pub service: String,
    /// The image, and the platform that it was asked for; empty for none.
    pub image: (String, String),
}

/// Decides what [`create`] would do for what the container needs, and the name that it would get.
///
/// # Errors
/// As [`super::up::plan`].
pub async fn plan<'project, E: Engine>(
    project: &'project Project,
    options: &Options,
    engine: &E,
) -> Result<(UpPlan<'project>, String), StackError> {
    let target = options.apply(project, service(project, &options.service)?);
    let plan = UpPlan::prepare(project, &options.dependencies(), Some(&target), engine).await?;
    let (name, _) = identify(project, &target, options);
    Ok((plan, name))
}

/// Brings the dependencies up and creates the container.
///
/// # Errors
/// As [`super::up::run`].
pub async fn create<E: Engine, B: Builder>(
    project: &Project,
    options: &Options,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<OneOff, StackError> {
    let project = &*api_socket::expanded(project, engine).await?;
    let service = service(project, &options.service)?;
    let mut target = options.apply(project, service);
    let plan = UpPlan::prepare(project, &options.dependencies(), Some(&target), engine).await?;
    for warning in plan.warnings() {
        report.warning(warning);
    }
    let Ready { containers, observed, brought } =
        up::run_for(plan, engine, builder, report, cancel).await?;
    for warning in brought.overrides(&target) {
        report.warning(&warning);
    }
    brought.apply(project, &mut target);
    let (name, slug) = identify(project, &target, options);
    let key = images::key(project, &target);
    let instance = Instance {
        name: &name,
        purpose: Purpose::OneOff {
            slug,
            use_aliases: options.use_aliases,
            remove: options.remove,
            attach_stdin: options.interactive,
        },
        image: observed.images.get(&key).map(AsRef::as_ref),
        inherited: &[],
        replaces: None,
        linked: linked(&target, &containers),
    };
    let disk = Disk::default();
    let setting = Setting {
        project,
        api_version: engine.describe().api_version,
        files: &disk,
        compatibility: options.compatibility,
        proxy_environment: &options.proxy_environment,
    };
    let desired = DesiredService {
        image: key.0.clone(),
        platform: key.1.clone(),
        scale: 1,
        named: true,
        identity: Identity::default(),
        service: std::sync::Arc::new(target),
    };
    let mut warnings = Vec::new();
    let mut blueprint = blueprint(&setting, &desired, &instance, &mut warnings)?;
    let files = injected_files(&setting, &desired.service)?;
    if let Some(digests) = mounted_digests(&desired.service, &observed.images) {
        blueprint.label(labels::IMAGE_VOLUME_DIGEST, digests);
    }
    for warning in &warnings {
        report.warning(warning);
    }
    let ids = references(&desired.service, &containers)?;
    let body = blueprint.body(&|service| ids.get(service).cloned());
    let platform = blueprint.platform.as_deref();
    let refused = Refused { engine, service: &options.service, name: &name };
    let created = match engine.create_container(&name, platform, &body).await {
        Ok(created) => created,
        Err(error) => return Err(refused.told("create container", &error).await),
    };
    for warning in &created.warnings {
        report.warning(warning);
    }
    for (network, endpoint) in &blueprint.later_endpoints {
        if let Err(error) = engine.connect_network(network, &created.id, endpoint).await {
            return Err(refused.told("connect container", &error).await);
        }
    }
    if let Err(error) = inject(engine, &created.id, &files).await {
        return Err(refused.told("write files into container", &error).await);
    }
    Ok(OneOff {
        id: created.id,
        name,
        tty: options.tty,
        service: options.service.clone(),
        image: key,
    })
}

/// Starts the container.
///
/// # Errors
/// The engine's refusal.
pub async fn start<E: Engine>(one_off: &OneOff, engine: &E) -> Result<(), StackError> {
    match engine.start_container(&one_off.id).await {
        Ok(()) => Ok(()),
        Err(error) => {
            let refused = Refused { engine, service: &one_off.service, name: &one_off.name };
            Err(refused.told("start container", &error).await)
        }
    }
}

/// What an engine has refused to do for a one-off container.
struct Refused<'a, E> {
    engine: &'a E,
    service: &'a str,
    name: &'a str,
}

impl<E: Engine> Refused<'_, E> {
    async fn told(&self, step: &str, error: &EngineError) -> StackError {
        let message = engine_words(error);
        let hints = owner::of_refusal(self.engine, &message).await.into_iter().collect();
        StackError::Step(Box::new(StepError {
            service: Some(self.service.to_owned()),
            step: format!("{step} {}", self.name),
            message,
            hints,
            ..StepError::default()
        }))
    }
}

/// Runs the hooks that follow a start; called once the container was started.
///
/// # Errors
/// A hook that failed.
pub async fn started<E: Engine>(
    project: &Project,
    one_off: &OneOff,
    engine: &E,
    report: &dyn Report,
) -> Result<(), StackError> {
    let service = service(project, &one_off.service)?;
    let subject = Subject::Container(one_off.name.clone());
    run_hooks(engine, &one_off.id, service, &service.post_start, &subject, report).await
}

fn service<'a>(project: &'a Project, name: &str) -> Result<&'a Service, StackError> {
    project
        .services
        .get(name)
        .or_else(|| project.disabled_services.get(name))
        .ok_or_else(|| StackError::NoSuchService(name.to_owned()))
}

/// The container's name, and its random label.
fn identify(project: &Project, target: &Service, options: &Options) -> (String, String) {
    let random: [u8; 32] = rand::rng().random();
    let slug: String = random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let name = options
        .name
        .clone()
        .unwrap_or_else(|| one_off_name(&project.name, &target.name, &slug, options.compatibility));
    (name, slug)
}

/// Names of the containers of each service that is linked to.
fn linked(target: &Service, containers: &[ProjectContainer]) -> BTreeMap<String, Vec<String>> {
    let mut linked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let names = target.links.iter().map(|link| link.split(':').next().unwrap_or(link));
    for name in names.chain([target.name.as_str()]) {
        let of_service = containers.iter().filter(|container| container.service == name);
        linked.insert(name.to_owned(), of_service.map(|one| one.name.clone()).collect());
    }
    linked
}

/// For each service that is referred to by id, the id of its first container by name.
///
/// # Errors
/// A service that has none.
fn references(
    target: &Service,
    containers: &[ProjectContainer],
) -> Result<BTreeMap<String, String>, StackError> {
    referenced_services(target)
        .into_iter()
        .map(|name| {
            let first = containers
                .iter()
                .filter(|container| container.service == name)
                .min_by(|a, b| a.name.cmp(&b.name))
                .ok_or_else(|| StackError::nothing_to_share(target, name))?;
            Ok((name.to_owned(), first.id.clone()))
        })
        .collect()
}
