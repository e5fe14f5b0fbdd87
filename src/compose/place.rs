//! Where in a Compose file a mapping stands, as far as merge rules tell places apart.

/// A mapping whose attributes may have rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    Services,
    Service,
    Build,
    Deploy,
    Healthcheck,
    /// `services.*.networks`
    Attachments,
    /// `services.*.networks.*`
    Attachment,
    Ulimits,
    Networks,
    Network,
    Ipam,
    Volumes,
    Volume,
    Elsewhere,
}

impl Place {
    /// The place of the value under `key`.
    pub(super) fn inside(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, "services") => Self::Services,
            (Self::Root, "networks") => Self::Networks,
            (Self::Root, "volumes") => Self::Volumes,
            (Self::Services, _) => Self::Service,
            (Self::Networks, _) => Self::Network,
            (Self::Volumes, _) => Self::Volume,
            (Self::Service, "build") => Self::Build,
            (Self::Service, "deploy") => Self::Deploy,
            (Self::Service, "healthcheck") => Self::Healthcheck,
            (Self::Service, "networks") => Self::Attachments,
            (Self::Service, "ulimits") => Self::Ulimits,
            (Self::Attachments, _) => Self::Attachment,
            (Self::Network, "ipam") => Self::Ipam,
            _ => Self::Elsewhere,
        }
    }
}
