//! `bridge`: images whose program makes something else of a project, such as manifests for
//! Kubernetes. They find the project's model in `/in/compose.yaml`, their templates in `/templates`,
//! and write into `/out`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::try_join_all;

use super::copy::{self, CopyError, CopyOut};
use super::desired::image_name;
use super::progress::{Event, Report, Status, Subject};
use super::{StackError, images};
use crate::compose::model::{Project, Service};
use crate::engine::api::{ContainerCreate, HostConfig, ImageDetails, MountSpec, RemoveContainer};
use crate::engine::{Engine, EngineError};

/// The label by which such an image is known.
pub const LABEL: &str = "com.docker.compose.bridge=transformation";
/// The image where none is named.
pub const DEFAULT: &str = "docker/compose-bridge-kubernetes";
/// Where an image has its templates.
const TEMPLATES: &str = "/templates";

/// What the engine says of an image, which is pulled where it is not there.
///
/// # Errors
/// The engine's or the registry's refusal.
pub async fn image<E: Engine>(
    engine: &E,
    reference: &str,
    report: &dyn Report,
) -> Result<Arc<ImageDetails>, StackError> {
    if let Some(found) = engine.inspect_image(reference, None).await? {
        return Ok(found);
    }
    let subject = Subject::Pull(reference.to_owned());
    let tell = |status, word: &str| report.event(Event::new(subject.clone(), status, word));
    tell(Status::Working, "Pulling");
    if let Err(error) = images::pull(engine, reference, None, &subject, report).await {
        tell(Status::Error, "Error");
        return Err(error.into());
    }
    tell(Status::Done, "Pulled");
    let found = engine.inspect_image(reference, None).await?;
    found.ok_or_else(|| EngineError::NotFound(format!("No such image: {reference}")).into())
}

/// Completes a project by what only images tell: every service gets the name of its image, and
/// exposes the ports that the image does and those that it publishes. An image that is only built
/// may not be there; then the user is told what is missing.
///
/// # Errors
/// An image that cannot be had.
pub async fn complete<E: Engine>(
    project: &mut Project,
    engine: &E,
    report: &dyn Report,
) -> Result<(), StackError> {
    let mut wanted: BTreeMap<String, bool> = BTreeMap::new();
    for service in project.services.values().filter(|service| service.provider.is_none()) {
        let pulled = wanted.entry(image_name(project, service)).or_default();
        *pulled |= !(service.build.is_some() && service.image.is_empty());
    }
    let found = wanted.iter().map(async |(name, pulled)| {
        let details = if *pulled {
            Some(image(engine, name, report).await?)
        } else {
            engine.inspect_image(name, None).await?
        };
        Ok::<_, StackError>((name.as_str(), details))
    });
    let found: BTreeMap<&str, Option<Arc<ImageDetails>>> =
        try_join_all(found).await?.into_iter().collect();
    let names: Vec<String> =
        project.services.values().map(|service| image_name(project, service)).collect();
    for (service, name) in project.services.values_mut().zip(names) {
        let Some(details) = found.get(name.as_str()) else { continue };
        if details.is_none() {
            report.warning(&format!(
                "image {name} for service {} not found locally; Dockerfile-exposed ports will not be \
                 included: run `bireme build` first to include them",
                service.name
            ));
        }
        expose(service, details.as_deref());
        service.image = name;
    }
    Ok(())
}

/// Exposes what the image exposes and what is published, each port once and behind those that the
/// file names.
fn expose(service: &mut Service, image: Option<&ImageDetails>) {
    let of_image = image.into_iter().flat_map(|image| image.config.exposed_ports.keys());
    let number = |port: &String| port.split('/').next().unwrap_or_default().parse::<u32>().ok();
    let more: BTreeSet<u32> =
        of_image.filter_map(number).chain(service.ports.iter().map(|port| port.target)).collect();
    for port in more {
        let port = port.to_string();
        if !service.expose.contains(&port) {
            service.expose.push(port);
        }
    }
}

/// One conversion.
#[derive(Debug, Clone)]
pub struct Transformation {
    /// The image that does it.
    pub image: String,
    /// Directory with the model in `compose.yaml`.
    pub input: PathBuf,
    /// Directory that is written into.
    pub output: PathBuf,
    /// Directory with templates in place of the image's own.
    pub templates: Option<PathBuf>,
    /// Who runs it, and whose the files will be: a number.
    pub user: String,
}

impl Transformation {
    /// The container that does it. It goes when it has ended.
    pub fn container(&self) -> ContainerCreate {
        // Not in the short notation, which has no place for a colon in a path.
        let mount = |source: &Path, target: &str| MountSpec {
            r#type: "bind".to_owned(),
            source: source.display().to_string(),
            target: target.to_owned(),
            ..MountSpec::default()
        };
        let mut mounts = vec![mount(&self.input, "/in"), mount(&self.output, "/out")];
        mounts.extend(self.templates.iter().map(|templates| mount(templates, TEMPLATES)));
        ContainerCreate {
            image: self.image.clone(),
            user: self.user.clone(),
            env: vec!["LICENSE_AGREEMENT=true".to_owned()],
            host_config: HostConfig { mounts, auto_remove: true, ..HostConfig::default() },
            ..ContainerCreate::default()
        }
    }
}

/// Copies the templates of an image into a directory that `prepare` makes once it is known that
/// there are any.
///
/// # Errors
/// An image without templates, and what disk or engine refuse.
pub async fn copy_templates<E: Engine>(
    engine: &E,
    image: &str,
    directory: &Path,
    prepare: impl FnOnce() -> std::io::Result<()>,
) -> Result<(), CopyError> {
    let body = ContainerCreate { image: image.to_owned(), ..ContainerCreate::default() };
    let container = engine.create_container("", None, &body).await?.id;
    let copied = async {
        // The engine says best what is missing.
        drop(engine.download(&container, Path::new(TEMPLATES)).await?);
        prepare().map_err(|error| CopyError::at(directory, error))?;
        let destination = directory.display().to_string();
        let copy = CopyOut {
            path: TEMPLATES.to_owned(),
            follow: false,
            shown: destination.clone(),
            destination,
        };
        copy::out_of(engine, &container, &copy).await
    };
    let outcome = copied.await;
    let removed =
        engine.remove_container(&container, RemoveContainer { force: true, volumes: true });
    // What counts is the copy; who removed the container before us has done our work.
    let _ = removed.await;
    outcome
}
