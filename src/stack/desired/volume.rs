//! Bodies of volumes.

use super::DesiredVolume;
use crate::compose::hash;
use crate::compose::model::{Project, Volume};
use crate::engine::api::VolumeCreate;
use crate::stack::labels;

/// The volume under `key`.
pub(super) fn desired(project: &Project, key: &str, volume: &Volume) -> DesiredVolume {
    let mut body = VolumeCreate {
        name: volume.name.clone(),
        driver: volume.driver.clone(),
        driver_opts: volume.driver_opts.clone(),
        labels: volume.labels.clone(),
    };
    body.labels.extend(labels::resource(&project.name, labels::VOLUME, key));
    body.labels.insert(labels::CONFIG_HASH.into(), hash::volume(volume));
    DesiredVolume {
        key: key.to_owned(),
        name: volume.name.clone(),
        external: volume.external,
        body,
    }
}
