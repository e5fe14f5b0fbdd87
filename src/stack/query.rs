//! Which containers a project has, for `ps`, `logs`, `exec` and their like.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::try_join_all;

use super::desired::PRE_START;
use super::plan::ContainerRef;
use super::{StackError, labels};
use crate::engine::api::{ContainerFilter, ContainerSummary};
use crate::engine::{Engine, EngineError};
use crate::platform::Platform;

/// A container of a project, read from its labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProjectContainer {
    /// Id.
    pub id: String,
    /// Name, without the leading slash.
    pub name: String,
    /// Service.
    pub service: String,
    /// Number within the service; 0 on a one-off.
    pub number: u32,
    /// Whether `run` made it.
    pub one_off: bool,
    /// The row of the engine's list. For a container that was just created, only what is known
    /// without asking again: labels, image, and the state `created`.
    pub summary: Arc<ContainerSummary>,
}

/// Which one-off containers are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OneOff {
    /// None of them.
    #[default]
    Exclude,
    /// Them too.
    Include,
    /// Only them.
    Only,
}

/// Which containers to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Services; empty for all.
    pub services: Vec<String>,
    /// Whether those that do not run are listed too.
    pub all: bool,
    /// One-off containers.
    pub one_off: OneOff,
}

impl Filter {
    /// What the engine is asked for.
    fn of_project(&self, project: &str) -> ContainerFilter {
        let mut labels =
            vec![format!("{}={project}", labels::PROJECT), labels::CONFIG_HASH.to_owned()];
        match self.one_off {
            OneOff::Exclude => labels.push(format!("{}=False", labels::ONE_OFF)),
            OneOff::Only => labels.push(format!("{}=True", labels::ONE_OFF)),
            OneOff::Include => {}
        }
        if let [service] = self.services.as_slice() {
            labels.push(format!("{}={service}", labels::SERVICE));
        }
        ContainerFilter { labels, all: self.all, ..ContainerFilter::default() }
    }
}

impl ProjectContainer {
    /// Reads the labels of a row.
    pub fn new(summary: impl Into<Arc<ContainerSummary>>) -> Self {
        let summary = summary.into();
        let label = |key: &str| summary.labels.get(key).map_or("", String::as_str);
        Self {
            id: summary.id.clone(),
            name: summary.name().to_owned(),
            service: label(labels::SERVICE).to_owned(),
            number: label(labels::CONTAINER_NUMBER).parse().unwrap_or(0),
            one_off: label(labels::ONE_OFF) == "True",
            summary,
        }
    }

    /// The row, to be changed.
    pub(super) fn summary_mut(&mut self) -> &mut ContainerSummary {
        Arc::make_mut(&mut self.summary)
    }

    /// The container once it has been stopped.
    pub(in crate::stack) fn stopped(mut self) -> Self {
        let summary = self.summary_mut();
        "exited".clone_into(&mut summary.state);
        summary.status.clear();
        self
    }

    /// A label's value, empty when it is not there.
    pub fn label(&self, key: &str) -> &str {
        self.summary.labels.get(key).map_or("", String::as_str)
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.summary.state == "running"
    }

    /// Why it is started: what it is instead of running.
    pub(in crate::stack) fn idle(&self) -> String {
        match self.summary.state.as_str() {
            "exited" => "it has exited".to_owned(),
            "created" => "it was not started yet".to_owned(),
            state => format!("it is {state}"),
        }
    }

    /// The exit code, as the list's text for people tells it: `Exited (1) 2 hours ago`, `Restarting
    /// (1) 5 seconds ago`. Of a container that runs there is none.
    pub fn exit_code(&self) -> Option<i64> {
        let rest = ["Exited (", "Restarting ("]
            .iter()
            .find_map(|prefix| self.summary.status.strip_prefix(prefix))?;
        rest.split_once(')')?.0.parse().ok()
    }

    /// Health as the list's text for people tells it: `healthy`, `unhealthy`, `starting`, or
    /// nothing where none is probed.
    pub fn health(&self) -> Option<&str> {
        let status = self.summary.status.as_str();
        let inside = status.strip_suffix(')')?.rsplit_once('(')?.1;
        match inside.strip_prefix("health: ").unwrap_or(inside) {
            health @ ("healthy" | "unhealthy" | "starting") => Some(health),
            _ => None,
        }
    }

    /// The name without the project in front of it, where it is a default name.
    pub fn short_name<'a>(&'a self, project: &str) -> &'a str {
        self.name
            .strip_prefix(project)
            .and_then(|rest| rest.strip_prefix(['-', '_']))
            .unwrap_or(&self.name)
    }
}

/// Asks an engine that remembers its answers for what [`containers`] asks for.
pub async fn look_ahead<E: Engine>(engine: &E, project: &str, filter: &Filter) {
    // What fails is asked again, and told, by who needs it.
    let _ = engine.list_containers(&filter.of_project(project)).await;
}

/// The containers of a project, by service and number.
///
/// # Errors
/// An engine that does not answer.
pub async fn containers<E: Engine>(
    engine: &E,
    project: &str,
    filter: &Filter,
) -> Result<Vec<ProjectContainer>, StackError> {
    let rows = engine.list_containers(&filter.of_project(project)).await?;
    let mut found = listed(rows, filter.one_off);
    if !filter.services.is_empty() {
        found.retain(|container| filter.services.contains(&container.service));
    }
    Ok(found)
}

/// The containers in which hooks ran and that are still there, of a whole project.
///
/// # Errors
/// An engine that does not answer.
pub(super) async fn hook_runners<E: Engine>(
    engine: &E,
    project: &str,
) -> Result<Vec<ProjectContainer>, EngineError> {
    let filter = ContainerFilter {
        labels: vec![
            format!("{}={project}", labels::PROJECT),
            format!("{}={PRE_START}", labels::HOOK),
        ],
        all: true,
        ..ContainerFilter::default()
    };
    Ok(engine.list_containers(&filter).await?.into_iter().map(ProjectContainer::new).collect())
}

/// Those of a service.
pub(super) fn leftovers(runners: &[ProjectContainer], service: &str) -> Vec<ContainerRef> {
    runners
        .iter()
        .filter(|runner| runner.service == service)
        .map(|runner| ContainerRef::existing(&runner.id, &runner.name))
        .collect()
}

/// Rows with their labels read, by service and number, one-offs last.
pub(super) fn listed(rows: Vec<Arc<ContainerSummary>>, one_off: OneOff) -> Vec<ProjectContainer> {
    let mut containers: Vec<ProjectContainer> = rows
        .into_iter()
        .map(ProjectContainer::new)
        .filter(|container| match one_off {
            OneOff::Include => true,
            OneOff::Exclude => !container.one_off,
            OneOff::Only => container.one_off,
        })
        .collect();
    containers.sort_by(|a, b| {
        (&a.service, a.one_off, a.number, &a.name).cmp(&(&b.service, b.one_off, b.number, &b.name))
    });
    containers
}

/// The running container of a service that `exec`, `port`, `attach` and their like act on: the
/// lowest number, one-offs last; with `index` other than 0 the one of that number.
///
/// # Errors
/// [`StackError::NotRunning`] when there is none.
pub async fn target<E: Engine>(
    engine: &E,
    project: &str,
    service: &str,
    index: u32,
) -> Result<ProjectContainer, StackError> {
    let filter =
        Filter { services: vec![service.to_owned()], all: false, one_off: OneOff::Include };
    containers(engine, project, &filter)
        .await?
        .into_iter()
        .find(|container| index == 0 || container.number == index)
        .ok_or_else(|| StackError::NotRunning { service: service.to_owned(), index })
}

/// The platform of each container, in their order: that of the part of its image which it was made
/// from (API 1.48), else that of its image. `None` where the image is gone. One call for each image.
///
/// # Errors
/// The engine's.
pub async fn platforms<E: Engine>(
    engine: &E,
    containers: &[ProjectContainer],
) -> Result<Vec<Option<Platform>>, StackError> {
    let told = |container: &ProjectContainer| {
        let part = container.summary.image_manifest_descriptor.as_ref()?.platform.as_ref()?;
        Some(Platform::new(&part.os, &part.architecture, &part.variant))
    };
    let unsaid: BTreeSet<&str> = containers
        .iter()
        .filter(|container| told(container).is_none())
        .map(|container| container.summary.image_id.as_str())
        .collect();
    let calls = unsaid.into_iter().map(async |id| {
        let image = engine.inspect_image(id, None).await?;
        Ok::<_, EngineError>(image.map(|image| (id, image.platform())))
    });
    let images: BTreeMap<&str, Platform> =
        try_join_all(calls).await?.into_iter().flatten().collect();
    let of = |container: &ProjectContainer| {
        told(container).or_else(|| images.get(container.summary.image_id.as_str()).cloned())
    };
    Ok(containers.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_from_the_text_for_people() {
        for (status, health) in [
            ("Up 3 minutes (healthy)", Some("healthy")),
            ("Up 2 seconds (health: starting)", Some("starting")),
            ("Up 3 minutes (unhealthy)", Some("unhealthy")),
            ("Up 3 minutes", None),
            ("Up 3 minutes (Paused)", None),
            ("Exited (0) 2 minutes ago", None),
        ] {
            let summary = ContainerSummary { status: status.into(), ..ContainerSummary::default() };
            assert_eq!(ProjectContainer::new(summary).health(), health, "{status}");
        }
    }
}
