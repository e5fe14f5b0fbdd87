//! What a container has that its service says otherwise: the first that shows.

use super::super::{differences, network_fate};
use super::{Judge, first_id};
use crate::compose::hash;
use crate::compose::model::Service;
use crate::stack::desired::{DesiredService, mounted_digests};
use crate::stack::labels;
use crate::stack::plan::{Cause, Change, place};
use crate::stack::query::ProjectContainer;

/// What `platform` says mostly; nothing where it is not there.
const PLATFORMS: [&str; 9] = [
    "",
    "linux/amd64",
    "linux/arm64",
    "linux/arm64/v8",
    "linux/x86_64",
    "linux/aarch64",
    "linux/386",
    "linux/arm/v7",
    "linux/arm/v6",
];

impl Judge<'_, '_> {
    /// Why a container is not what its service says, whatever becomes of others.
    pub(super) fn difference(
        &self,
        desired: &DesiredService,
        container: &ProjectContainer,
    ) -> Option<Cause> {
        let service = &desired.service;
        if self.input.other_hash.contains(&container.id) {
            return Some(self.changed(desired, container));
        }
        let key = desired.image_key();
        if let Some(image) = self.input.observed.images.get(&key)
            && container.label(labels::IMAGE) != image.id
        {
            return Some(self.other_image(desired, container, &image.id));
        }
        self.other_mounted_image(service, container)
            .or_else(|| self.detached(service, container))
            .or_else(|| self.unmounted(service, container))
    }

    fn other_image(
        &self,
        desired: &DesiredService,
        container: &ProjectContainer,
        image: &str,
    ) -> Cause {
        let path = format!("services.{}.image", desired.service.name);
        let change = Change {
            field: "image".into(),
            old: Some(short_id(container.label(labels::IMAGE)).to_owned()),
            new: Some(short_id(image).to_owned()),
            place: place(self.project(), &path),
            hidden: false,
        };
        let reason = format!("image {} is another one now", desired.image);
        Cause::new(reason).with_changes(vec![change])
    }

    /// Whether an image that it mounts is another one now. Of a container without the label nobody knows
    /// which one it mounts; it stays, as with the Compose that made it.
    fn other_mounted_image(
        &self,
        service: &Service,
        container: &ProjectContainer,
    ) -> Option<Cause> {
        let known =
            Some(container.label(labels::IMAGE_VOLUME_DIGEST)).filter(|it| !it.is_empty())?;
        let now = mounted_digests(service, &self.input.observed.images)?;
        if known == now {
            return None;
        }
        let (index, mount) = service.volumes.iter().enumerate().find(|(_, mount)| {
            mount.r#type == "image" && {
                let of_target = |digest: &&str| {
                    digest.rsplit_once('=').is_some_and(|(target, _)| target == mount.target)
                };
                known.split(',').find(of_target) != now.split(',').find(of_target)
            }
        })?;
        let path = format!("services.{}.volumes[{index}]", service.name);
        let reason =
            format!("image {}, mounted at {}, is another one now", mount.source, mount.target);
        Some(Cause::at(self.project(), &path, reason))
    }

    fn changed(&self, desired: &DesiredService, container: &ProjectContainer) -> Cause {
        let service = &desired.service;
        let path = format!("services.{}", service.name);
        let details = self.input.observed.details.get(&container.id);
        let changes = details
            .map(|details| differences::differences(self.input, desired, container, details))
            .unwrap_or_default();
        if !changes.is_empty() {
            return Cause::new(format!("service {:?} changed", service.name)).with_changes(changes);
        }
        if details.is_none() {
            return Cause::at(self.project(), &path, format!("service {:?} changed", service.name));
        }
        if let Some(change) = self.other_platform(desired, container) {
            let reason = format!("service {:?} changed", service.name);
            return Cause::new(reason).with_changes(vec![change]);
        }
        let why = match container.label(labels::VERSION) {
            labels::WRITTEN_VERSION => "what changed is not to be seen in one".to_owned(),
            version => format!("version {version:?} of Docker Compose wrote it"),
        };
        let reason = format!("only its hash differs, no field that is compared does: {why}");
        Cause::at(self.project(), &path, reason)
    }

    /// What `platform` said when a container was made, where its hash is that of the service with it. The container does not
    /// tell, nor does its image if the platform was taken away and the image has stayed.
    fn other_platform(
        &self,
        desired: &DesiredService,
        container: &ProjectContainer,
    ) -> Option<Change> {
        let first = |name: &str| first_id(self.input.observed, name);
        let dialect = labels::dialect(container.label(labels::VERSION));
        let mut service = Service::clone(&desired.service);
        let now = std::mem::take(&mut service.platform);
        let mut is_of = |platform: &&&str| {
            (**platform).clone_into(&mut service.platform);
            let hash = hash::resolved_service(&service, dialect, first);
            hash == container.label(labels::CONFIG_HASH)
        };
        let then = PLATFORMS.iter().find(|it| is_of(it))?;
        let value = |platform: &str| Some(platform.to_owned()).filter(|it| !it.is_empty());
        let path = format!("services.{}.platform", desired.service.name);
        Some(Change {
            field: "platform".into(),
            old: value(then),
            new: value(&now),
            place: place(self.project(), &path),
            hidden: false,
        })
    }

    /// Whether it is not on a network that it should be on.
    fn detached(&self, service: &Service, container: &ProjectContainer) -> Option<Cause> {
        if !service.network_mode.is_empty() {
            return None;
        }
        let attached = &container.summary.network_settings.networks;
        let missing =
            service.networks.keys().find(|key| match self.networks.get(key.as_str()) {
                // One that never ran may not know the ids of its networks, but it knows their names.
                Some(network_fate::Fate::Keep { .. }) if !container.is_running() => {
                    self.input.desired.network(key).is_some_and(|network| {
                        !network.external && !attached.contains_key(&network.name)
                    })
                }
                Some(network_fate::Fate::Keep { id }) => {
                    !id.is_empty() && !attached.values().any(|endpoint| endpoint.network_id == *id)
                }
                Some(network_fate::Fate::Create(_)) => true,
                // Recreated and renamed ones are connected by the plan.
                _ => false,
            })?;
        let path = format!("services.{}.networks.{missing}", service.name);
        let reason = format!("it is not connected to network {missing:?}");
        Some(Cause::at(self.project(), &path, reason))
    }

    /// Whether a named volume is not among its mounts.
    fn unmounted(&self, service: &Service, container: &ProjectContainer) -> Option<Cause> {
        let (index, missing) = service.volumes.iter().enumerate().find(|(_, mount)| {
            mount.r#type == "volume"
                && self.input.desired.volume(&mount.source).is_some_and(|volume| {
                    !container.summary.mounts.iter().any(|actual| actual.name == volume.name)
                })
        })?;
        let path = format!("services.{}.volumes[{index}]", service.name);
        let reason = format!("it does not mount volume {:?}", missing.source);
        Some(Cause::at(self.project(), &path, reason))
    }
}

fn short_id(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    if id.is_empty() { "none" } else { id.get(..12).unwrap_or(id) }
}
