//! The typed project: what a set of Compose files says after every stage of the load.
//!
//! Field order is the order in which Docker Compose serialises, because the identity of a service
//! is a hash over that serialisation (see `compose::hash`). Maps that Compose sorts are
//! `BTreeMap`s. A field's default means "not written".

mod attachment;
mod build;
mod dependency;
mod deploy;
mod develop;
mod limits;
mod mount;
mod process;
mod project;
mod resource;
mod scalar;
mod service;

pub use attachment::{FileReference, ModelAttachment, NetworkAttachment, Port};
pub use build::{Build, BuildSecretReference};
pub use dependency::{Dependency, DependencyCondition};
pub use deploy::{
    Deploy, DeviceRequest, DiscreteResource, GenericResource, Placement, PlacementPreference,
    ResourceLimits, Resources, RestartPolicy, UpdateConfig,
};
pub use develop::{Develop, WatchTrigger};
pub use limits::{BlkioConfig, DeviceMapping, ThrottleDevice, Ulimit, WeightDevice};
pub use mount::{Mount, MountBind, MountImage, MountTmpfs, MountVolume};
pub use process::{
    Command, CredentialSpec, EnvFile, Extends, Healthcheck, Hook, Logging, Provider,
};
pub use project::{Extensions, Included, Inclusions, Project};
pub use resource::{FileObject, Ipam, IpamPool, Model, Network, Volume};
pub use scalar::{ByteSize, Count, Duration, FileMode, Float};
pub use service::Service;

/// Whether a value is its type's default, and so not serialised.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Maps that are serialised as lists.
mod scalar_lists {
    use std::collections::BTreeMap;

    use indexmap::IndexMap;
    use serde::Serializer;

    /// `host=address` for every address of every host, sorted.
    pub(super) fn hosts<S: Serializer>(
        hosts: &BTreeMap<String, Vec<String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut list: Vec<String> = hosts
            .iter()
            .flat_map(|(host, addresses)| {
                addresses.iter().map(move |address| format!("{host}={address}"))
            })
            .collect();
        list.sort();
        serializer.collect_seq(list)
    }

    /// `id`, or `id: path` of a key that has a path.
    pub(super) fn keys<S: Serializer>(
        keys: &IndexMap<String, String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(keys.iter().map(|(id, path)| match path.as_str() {
            "" => id.clone(),
            path => format!("{id}: {path}"),
        }))
    }
}
