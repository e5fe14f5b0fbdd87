//! Containers: what is sent to make one, and what the engine says of one.

mod call;
mod create;
mod host;
mod mount;
mod resource;
mod state;
mod usage;

pub use call::{ContainerFilter, RemoveContainer, WaitCondition};
pub use create::{
    ContainerCreate, CreatedContainer, EmptyObject, EndpointIpam, EndpointSettings, HealthConfig,
    NetworkingConfig,
};
pub use host::{HostConfig, LogConfig, PortBinding, RestartPolicy};
pub use mount::{
    MountBindOptions, MountDetails, MountImageOptions, MountSpec, MountTmpfsOptions,
    MountVolumeOptions,
};
pub use resource::{BlkioDevice, BlkioWeight, DeviceMapping, DeviceRequest, Ulimit};
pub use state::{
    ContainerDetails, ContainerState, ContainerSummary, Health, HealthProbe, ManifestDescriptor,
    PublishedPort, SummaryNetworks,
};
pub use usage::{
    CpuTime, CpuUsage, DiskBytes, DiskUsage, MemoryUsage, NetworkUsage, PidsUsage, Processes, Usage,
};
