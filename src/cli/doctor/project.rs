//! The services of a project, and for which platform each has its image.

use std::collections::BTreeMap;

use crate::compose::model::Project;
use crate::engine::{DockerEngine, Engine as _, EngineError};
use crate::platform::{Guest, How, Platform};
use crate::stack::StackError;
use crate::stack::desired::{image_name, platform};
use crate::stack::query::{self, Filter, OneOff};
use crate::survey::is_accepted;
use crate::ui::doctor;

/// A service.
pub(super) struct Service {
    /// Its name.
    pub(super) name: String,
    /// Its image.
    pub(super) image: String,
    /// The platform it gets: that of its containers, else the one asked for, else that of the image which
    /// is there. `None` where only a pull would tell.
    pub(super) platform: Option<Platform>,
    /// Whether its image is built.
    pub(super) is_built: bool,
    /// Whether it mounts files of the machine.
    pub(super) has_binds: bool,
    /// Whether its owner has said that emulation is all right.
    pub(super) is_accepted: bool,
}

/// The services of a project that are containers.
pub(super) async fn services(
    engine: &DockerEngine,
    project: &Project,
) -> Result<Vec<Service>, StackError> {
    let filter = Filter { all: false, one_off: OneOff::Exclude, services: Vec::new() };
    let containers = query::containers(engine, &project.name, &filter).await?;
    let platforms = query::platforms(engine, &containers).await?;
    let running: BTreeMap<&str, Platform> = containers
        .iter()
        .zip(platforms)
        .filter_map(|(container, platform)| Some((container.service.as_str(), platform?)))
        .collect();
    let own = Platform::new(&engine.describe().os, "", "");
    let services = project.services.values().filter(|service| service.provider.is_none());
    let calls = services.map(async |service| {
        let image = image_name(project, service);
        let asked = platform(project, service);
        let known = match running.get(service.name.as_str()) {
            Some(platform) => Some(platform.clone()),
            None if !asked.is_empty() => Platform::parse(asked, &own).ok(),
            None => engine.inspect_image(&image, None).await?.map(|image| image.platform()),
        };
        Ok::<_, EngineError>(Service {
            name: service.name.clone(),
            image,
            platform: known.filter(|platform| !platform.architecture().is_empty()),
            is_built: service.build.is_some(),
            has_binds: service.volumes.iter().any(|mount| mount.r#type == "bind"),
            is_accepted: is_accepted(service),
        })
    });
    Ok(futures_util::future::try_join_all(calls).await?)
}

/// The same to be shown.
pub(super) fn shown(project: &Project, services: &[Service], guest: &Guest) -> doctor::Project {
    let services = services.iter().map(|service| {
        let how = service.platform.as_ref().map_or(How::Unknown, |platform| guest.how(platform));
        doctor::Service {
            service: service.name.clone(),
            image: service.image.clone(),
            platform: service.platform.as_ref().map(ToString::to_string),
            how: how.word(),
            shown: how.to_string(),
            is_built: service.is_built,
        }
    });
    doctor::Project { name: project.name.clone(), services: services.collect() }
}
