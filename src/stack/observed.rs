//! What exists, read in the fewest calls: one list of containers, one of networks, one of volumes and
//! one look at each distinct image, all side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::{join, join3, try_join_all};

use super::labels;
use super::query::{OneOff, ProjectContainer, hook_runners, listed};
use crate::engine::api::{
    ContainerDetails, ContainerFilter, ContainerSummary, ImageDetails, NetworkDetails,
    VolumeDetails,
};
use crate::engine::{Engine, EngineError};

/// An image and the platform it is needed for (empty for any).
pub type ImageKey = (String, String);

/// What exists of a project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Its containers, one-offs too, by service and number.
    pub containers: Vec<ProjectContainer>,
    /// Every network of the engine: the project's, external ones, strangers with a name we want.
    pub networks: Vec<NetworkDetails>,
    /// The project's volumes, and others that have a name we want.
    pub volumes: Vec<VolumeDetails>,
    /// Containers in which hooks ran, where services have such hooks.
    pub hook_runners: Vec<ProjectContainer>,
    /// The images asked for; those that the engine does not have are absent.
    pub images: BTreeMap<ImageKey, Arc<ImageDetails>>,
    /// Details of containers, where a decision needs more than the list says; by id.
    pub details: BTreeMap<String, ContainerDetails>,
}

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Images.
    pub images: BTreeSet<ImageKey>,
    /// Real names of the project's volumes.
    pub volumes: BTreeSet<String>,
    /// Real names of external volumes.
    pub external_volumes: BTreeSet<String>,
    /// Containers of `pre_start` hooks.
    pub hook_runners: bool,
}

impl Observed {
    /// Containers of a service, one-offs excepted.
    pub fn of_service<'a>(
        &'a self,
        service: &'a str,
    ) -> impl Iterator<Item = &'a ProjectContainer> {
        self.containers
            .iter()
            .filter(move |container| container.service == service && !container.one_off)
    }
}

/// Asks an engine that remembers its answers for the lists that [`observe`] begins with: its name is
/// all that these need of a project.
pub async fn look_ahead<E: Engine>(engine: &E, project: &str) {
    // What fails is asked again, and told, by who needs it.
    let _ = lists(engine, project).await;
}

/// The containers of a project, all networks, the volumes of the project.
async fn lists<E: Engine>(
    engine: &E,
    project: &str,
) -> Result<(Vec<Arc<ContainerSummary>>, Vec<NetworkDetails>, Vec<VolumeDetails>), EngineError> {
    let label = format!("{}={project}", labels::PROJECT);
    let filter = ContainerFilter {
        labels: vec![label.clone(), labels::CONFIG_HASH.to_owned()],
        all: true,
        ..ContainerFilter::default()
    };
    let (containers, networks, volumes) = join3(
        engine.list_containers(&filter),
        engine.list_networks(&[]),
        engine.list_volumes(std::slice::from_ref(&label)),
    )
    .await;
    Ok((containers?, networks?, volumes?))
}

/// Reads everything that decisions about a project need.
///
/// # Errors
/// An engine that does not answer.
pub async fn observe<E: Engine>(
    engine: &E,
    project: &str,
    wanted: &Wanted,
) -> Result<Observed, EngineError> {
    let (lists, others) = join(
        lists(engine, project),
        join3(
            images(engine, wanted.images.iter()),
            try_join_all(wanted.external_volumes.iter().map(|name| engine.inspect_volume(name))),
            async {
                if wanted.hook_runners {
                    hook_runners(engine, project).await
                } else {
                    Ok(Vec::new())
                }
            },
        ),
    )
    .await;
    let (images, external, hook_runners) = others;
    let (containers, networks, mut volumes) = lists?;
    volumes.extend(external?.into_iter().flatten());
    let missing: Vec<&String> = wanted
        .volumes
        .iter()
        .filter(|name| !volumes.iter().any(|volume| volume.name == **name))
        .collect();
    // Only when something is to be created: a stranger may have its name.
    let strangers =
        try_join_all(missing.into_iter().map(|name| engine.inspect_volume(name))).await?;
    volumes.extend(strangers.into_iter().flatten());
    Ok(Observed {
        containers: listed(containers, OneOff::Include),
        networks,
        volumes,
        hook_runners: hook_runners?,
        images: images?,
        details: BTreeMap::new(),
    })
}

/// Looks at images, side by side.
///
/// # Errors
/// An engine that does not answer.
pub async fn images<E: Engine>(
    engine: &E,
    keys: impl Iterator<Item = &ImageKey>,
) -> Result<BTreeMap<ImageKey, Arc<ImageDetails>>, EngineError> {
    let found = try_join_all(keys.map(async |key| {
        let platform = Some(key.1.as_str()).filter(|platform| !platform.is_empty());
        Ok::<_, EngineError>((key.clone(), engine.inspect_image(&key.0, platform).await?))
    }))
    .await?;
    Ok(found.into_iter().filter_map(|(key, image)| Some((key, image?))).collect())
}

/// Adds the details of containers, side by side.
///
/// # Errors
/// An engine that does not answer.
pub async fn inspect<E: Engine>(
    engine: &E,
    observed: &mut Observed,
    ids: &[String],
) -> Result<(), EngineError> {
    let details = try_join_all(ids.iter().map(|id| engine.inspect_container(id))).await?;
    observed
        .details
        .extend(details.into_iter().flatten().map(|details| (details.id.clone(), details)));
    Ok(())
}

/// Adds the images that inspected containers were made from, where they are others than those of
/// their services now: what such an image gave them, nobody wrote.
///
/// # Errors
/// An engine that does not answer.
pub async fn former_images<E: Engine>(
    engine: &E,
    observed: &mut Observed,
) -> Result<(), EngineError> {
    let known: BTreeSet<&String> = observed.images.values().map(|image| &image.id).collect();
    let former: BTreeSet<ImageKey> = observed
        .details
        .values()
        .filter(|details| !details.image.is_empty() && !known.contains(&details.image))
        .map(|details| (details.image.clone(), String::new()))
        .collect();
    let found = images(engine, former.iter()).await?;
    observed.images.extend(found);
    Ok(())
}
