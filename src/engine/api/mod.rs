//! Bodies of the Engine API in our own types: only the fields that are used, named as the API
//! names them (Engine API 1.41 to 1.51). Pure data; fields at their default are not sent.

mod archive;
mod container;
mod exec;
mod image;
mod network;
mod system;
mod volume;

pub use archive::{Commit, PathStat, Unpack};
pub use container::{
    BlkioDevice, BlkioWeight, ContainerCreate, ContainerDetails, ContainerFilter, ContainerState,
    ContainerSummary, CpuTime, CpuUsage, CreatedContainer, DeviceMapping, DeviceRequest, DiskBytes,
    DiskUsage, EmptyObject, EndpointIpam, EndpointSettings, Health, HealthConfig, HealthProbe,
    HostConfig, LogConfig, ManifestDescriptor, MemoryUsage, MountBindOptions, MountDetails,
    MountImageOptions, MountSpec, MountTmpfsOptions, MountVolumeOptions, NetworkUsage,
    NetworkingConfig, PidsUsage, PortBinding, Processes, PublishedPort, RemoveContainer,
    RestartPolicy, SummaryNetworks, Ulimit, Usage, WaitCondition,
};
pub use exec::{AttachOptions, ExecCreate, ExecDetails, LogOptions, OutputChunk, TerminalSize};
pub use image::{
    Distribution, ImageConfig, ImageData, ImageDescriptor, ImageDetails, ImageManifest,
    ImageMetadata, ImagePlatform, ImageSummary, PullProgress,
};
pub use network::{Ipam, IpamPool, NetworkCreate, NetworkDetails, NetworkEndpoint};
pub use system::{
    ApiVersion, Description, EventActor, EventFilter, EventMessage, IndexConfig, PodmanHost,
    PodmanInfo, RegistryConfig, ServerComponent, ServerInfo, ServerPlatform, ServerVersion,
};
pub use volume::{
    ClusterVolume, ClusterVolumeInfo, ClusterVolumeSpec, VolumeCreate, VolumeDetails,
};

/// Whether a value is its type's default, and so not sent.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads `null` as the type's default.
fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}
