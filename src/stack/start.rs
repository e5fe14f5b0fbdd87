//! `start`: existing containers start, dependencies first.

use std::sync::Arc;
use std::time::Duration;

use super::StackError;
use super::desired::{
    DesiredService, Identity, Setting, image_name, injected_files, platform, pre_start, replicas,
};
use super::plan::{Cause, ContainerRef, Plan};
use super::query::{self, Filter, ProjectContainer};
use super::reconcile::{Gate, Starter, Starting};
use super::selection::{Companions, is_rebuilt, select};
use crate::compose::files::Disk;
use crate::compose::model::{Project, Service};
use crate::engine::Engine;

/// The flags of `start`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--wait`: until every service runs, or is healthy where it has a healthcheck.
    pub wait: bool,
    /// `--wait-timeout`.
    pub wait_timeout: Option<Duration>,
}

/// Decides what `start` does.
///
/// # Errors
/// A service that does not exist or has no container, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &Project,
    options: &Options,
    engine: &E,
) -> Result<Plan, StackError> {
    if is_rebuilt(project) && project.services.is_empty() {
        return Err(StackError::NoContainers(project.name.clone()));
    }
    let selection = select(project, &options.services, Companions::Dependencies);
    let selection = selection.map_err(|error| match error {
        // Docker Compose has other words here where no file was read.
        StackError::NoSuchService(name) if is_rebuilt(project) => {
            StackError::NoSuchService(format!("{name:?}: not found"))
        }
        error => error,
    })?;
    let filter = Filter { all: true, ..Filter::default() };
    let containers = query::containers(engine, &project.name, &filter).await?;
    let runners = if selection.services.iter().any(|service| !service.pre_start.is_empty()) {
        query::hook_runners(engine, &project.name).await?
    } else {
        Vec::new()
    };
    let mut plan = Plan::new(&project.name);
    let setting = Setting {
        project,
        api_version: engine.describe().api_version,
        files: &Disk::default(),
        compatibility: false,
        proxy_environment: &std::collections::BTreeMap::new(),
    };
    let gates = selection
        .services
        .iter()
        .filter(|service| replicas(service) != 0 && service.provider.is_none())
        .map(|service| gate(&setting, service, &containers, &runners, &mut plan))
        .collect::<Result<Vec<_>, _>>()?;
    let mut starter = Starter::new(&mut plan, &gates, options.wait_timeout);
    starter.start()?;
    if options.wait {
        starter.wait();
    }
    Ok(plan)
}

/// A service with its containers. One that has none is an error where the whole project has none, and gets a warning
/// where other services have some.
fn gate<'a>(
    setting: &Setting<'_>,
    service: &'a Service,
    containers: &[ProjectContainer],
    runners: &[ProjectContainer],
    plan: &mut Plan,
) -> Result<Gate<'a>, StackError> {
    let own: Vec<&ProjectContainer> =
        containers.iter().filter(|container| container.service == service.name).collect();
    if own.is_empty() {
        let error = StackError::NoContainerToStart(service.name.clone());
        if containers.is_empty() {
            return Err(error);
        }
        plan.warn(error.to_string());
        return Ok(Gate {
            service,
            containers: Vec::new(),
            scaled_to_zero: false,
            pre_start: Vec::new(),
            leftovers: Vec::new(),
        });
    }
    let files = injected_files(setting, service)?;
    let containers = own
        .into_iter()
        .map(|container| Starting {
            reference: ContainerRef::existing(&container.id, &container.name),
            container: container.clone(),
            cause: (!container.is_running()).then(|| Cause::new(container.idle())),
            files: files.clone(),
            ready: Vec::new(),
        })
        .collect();
    let leftovers = query::leftovers(runners, &service.name);
    let desired = DesiredService {
        service: Arc::new(service.clone()),
        image: image_name(setting.project, service),
        platform: platform(setting.project, service).to_owned(),
        scale: 1,
        named: true,
        identity: Identity::default(),
    };
    let pre_start = pre_start(setting, &desired)?;
    Ok(Gate { service, containers, scaled_to_zero: false, pre_start, leftovers })
}
