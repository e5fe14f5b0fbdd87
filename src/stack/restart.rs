//! `restart`: containers restart, dependencies first.

use std::collections::BTreeMap;

use super::StackError;
use super::plan::{
    Action, Cause, ContainerRef, HookKind, Phase, Plan, Step, StepId, WaitCondition,
};
use super::query::{self, Filter, ProjectContainer};
use super::reconcile::hooks;
use super::selection::{Companions, Selection, select};
use crate::compose::model::{DependencyCondition, Project, Service};
use crate::engine::Engine;

/// The flags of `restart`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--timeout` in seconds; `None` for the container's own.
    pub timeout: Option<i64>,
    /// `--no-deps`: dependents are left alone.
    pub no_deps: bool,
}

/// Decides what `restart` does: the services named and those that ask to be restarted with them.
///
/// # Errors
/// A service that does not exist, or an engine that does not answer.
pub async fn plan<E: Engine>(
    project: &Project,
    options: &Options,
    engine: &E,
) -> Result<Plan, StackError> {
    let mut names = select(project, &options.services, Companions::None)?
        .services
        .iter()
        .map(|service| service.name.clone())
        .collect();
    if !options.no_deps {
        add_dependents(project, &mut names);
    }
    let selection = select(project, &names, Companions::None)?;
    let filter = Filter { all: true, ..Filter::default() };
    let containers = query::containers(engine, &project.name, &filter).await?;
    restarts(project, &selection, &containers, options.timeout)
}

/// Adds every service that depends on one of `names` with `restart: true`.
fn add_dependents(project: &Project, names: &mut Vec<String>) {
    loop {
        let more: Vec<String> = project
            .services
            .values()
            .filter(|service| !names.contains(&service.name))
            .filter(|service| {
                service
                    .depends_on
                    .iter()
                    .any(|(name, dependency)| dependency.restart && names.contains(name))
            })
            .map(|service| service.name.clone())
            .collect();
        if more.is_empty() {
            return;
        }
        names.extend(more);
    }
}

fn restarts(
    project: &Project,
    selection: &Selection<'_>,
    containers: &[ProjectContainer],
    timeout: Option<i64>,
) -> Result<Plan, StackError> {
    let mut plan = Plan::new(&project.name);
    let mut done: BTreeMap<&str, Vec<StepId>> = BTreeMap::new();
    for service in &selection.services {
        let before = after_dependencies(&mut plan, service, containers, &done)?;
        let last = containers
            .iter()
            .filter(|container| container.service == service.name)
            .map(|container| restart(&mut plan, service, container, timeout, &before))
            .collect();
        done.insert(&service.name, last);
    }
    Ok(plan)
}

/// What comes before a service's restart: the restarts that it follows, and the state that it
/// depends on.
fn after_dependencies(
    plan: &mut Plan,
    service: &Service,
    containers: &[ProjectContainer],
    done: &BTreeMap<&str, Vec<StepId>>,
) -> Result<Vec<StepId>, StackError> {
    let mut before = Vec::new();
    for (name, dependency) in service.depends_on.iter().filter(|(_, how)| how.restart) {
        let Some(restarted) = done.get(name.as_str()) else { continue };
        if dependency.condition == DependencyCondition::ServiceHealthy {
            if restarted.is_empty() && dependency.required {
                return Err(StackError::MissingDependency {
                    service: service.name.clone(),
                    dependency: name.clone(),
                });
            }
            let action = Action::WaitFor {
                service: name.clone(),
                containers: containers
                    .iter()
                    .filter(|container| container.service == *name)
                    .map(|container| ContainerRef::existing(&container.id, &container.name))
                    .collect(),
                condition: WaitCondition::Healthy,
                required: dependency.required,
                limit: None,
                waiters: 1,
            };
            let cause = Cause::new(format!("service {:?} depends on it", service.name));
            let step = Step::new(action, cause).of(name).phase(Phase::Start);
            before.push(plan.add(step, restarted.iter().copied()));
        } else {
            before.extend(restarted);
        }
    }
    Ok(before)
}

fn restart(
    plan: &mut Plan,
    service: &Service,
    container: &ProjectContainer,
    timeout: Option<i64>,
    before: &[StepId],
) -> StepId {
    let reference = ContainerRef::existing(&container.id, &container.name);
    let mut before = before.to_vec();
    if container.is_running() {
        before = hooks(plan, service, &service.pre_stop, HookKind::PreStop, &reference, before);
    }
    let action = Action::RestartContainer { container: reference.clone(), timeout };
    let step = Step::new(action, Cause::new("restart")).of(&service.name).phase(Phase::Start);
    let step = plan.add(step, before);
    hooks(plan, service, &service.post_start, HookKind::PostStart, &reference, vec![step])
        .first()
        .copied()
        .unwrap_or(step)
}
