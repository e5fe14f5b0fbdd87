//! Where an image goes that a builder makes.

use std::path::PathBuf;

use bollard::moby::buildkit::v1::Exporter;

use super::place::Daemon;
use crate::build::error::BuildError;
use crate::build::request::{BuildRequest, DEFAULT_PROVENANCE};
use crate::engine::transport::Transport;

/// Where an image goes.
#[derive(Clone)]
pub(super) enum Output {
    /// Nowhere: there is none.
    Nowhere,
    /// Into the engine whose own builder it is.
    Engine,
    /// It stays with the builder, which pushes it if asked to.
    Builder { push: bool },
    /// To us as an archive, which goes on to its receiver.
    Archive(Format, Receiver),
}

/// How an image is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// As `docker save` packs it.
    Docker,
    /// In the OCI image layout.
    Oci,
}

/// Who gets an archive.
#[derive(Clone)]
pub(super) enum Receiver {
    /// An engine, which loads it.
    Engine(Transport),
    /// A directory, into which it is unpacked.
    Directory(PathBuf),
}

impl Output {
    /// What Docker Compose asks of a builder that is not the engine's own: an image for one platform
    /// goes into the engine unless it is pushed; one for several stays where it is.
    pub(super) fn of(request: &BuildRequest, daemon: &Daemon<'_>) -> Result<Self, BuildError> {
        if request.push || request.platforms.len() > 1 {
            return Ok(Self::Builder { push: request.push });
        }
        let asked = request.attestations.values().any(|options| options != DEFAULT_PROVENANCE);
        if asked && !daemon.takes_layouts {
            // The first sentence is buildx's.
            return Err(BuildError::Unsupported(
                "docker exporter does not currently support exporting manifest lists.\nAn image with \
                 attestations can be pushed, or kept once the engine has the containerd image store"
                    .to_owned(),
            ));
        }
        let format = if daemon.takes_layouts { Format::Oci } else { Format::Docker };
        Ok(Self::Archive(format, Receiver::Engine(daemon.engine.clone())))
    }

    /// BuildKit's exporter for it.
    pub(super) fn exporter(&self, request: &BuildRequest) -> Option<Exporter> {
        let (kind, more) = match self {
            Self::Nowhere => return None,
            Self::Engine => ("moby", None),
            Self::Builder { push: true } => ("image", Some("push")),
            Self::Builder { push: false } => ("image", None),
            Self::Archive(Format::Docker, _) => ("docker", None),
            Self::Archive(Format::Oci, Receiver::Engine(_)) => ("oci", Some("prefer-image-digest")),
            Self::Archive(Format::Oci, Receiver::Directory(_)) => ("oci", None),
        };
        let named = match self {
            Self::Archive(_, Receiver::Directory(_)) => None,
            _ => Some(("name".to_owned(), request.tags.join(","))),
        };
        let more = more.map(|key| (key.to_owned(), "true".to_owned()));
        Some(Exporter { r#type: kind.to_owned(), attrs: named.into_iter().chain(more).collect() })
    }

    /// Who gets what the builder sends.
    pub(super) fn receiver(&self) -> Option<&Receiver> {
        match self {
            Self::Archive(_, receiver) => Some(receiver),
            _ => None,
        }
    }
}
