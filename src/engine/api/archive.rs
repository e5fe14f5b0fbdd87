//! Files of containers: what the engine says of one, and images made of a container.

use serde::Deserialize;

use super::null_default;

/// What is at a path in a container: the header `X-Docker-Container-Path-Stat` of ContainerArchive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PathStat {
    /// The last part of its name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// Bytes.
    #[serde(deserialize_with = "null_default")]
    pub size: i64,
    /// Kind and permissions, with Go's bits (`io/fs.FileMode`).
    #[serde(deserialize_with = "null_default")]
    pub mode: u32,
    /// Where it leads, for a symbolic link: from the container's root.
    #[serde(rename = "linkTarget", deserialize_with = "null_default")]
    pub link_target: String,
}

/// How an archive is unpacked (Engine API 1.41, PutContainerArchive).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unpack {
    /// Whether the container's user gets the files, if it has one; else they keep the owners that the archive has.
    pub copy_uid_gid: bool,
    /// Whether a directory may give way to something else, or something else to a directory.
    pub overwrite: bool,
}

/// Go's bit for a directory.
const DIRECTORY: u32 = 1 << 31;
/// Go's bit for a symbolic link.
const SYMBOLIC_LINK: u32 = 1 << 27;
/// Go's bit for a device.
const DEVICE: u32 = 1 << 26;
/// Go's bit for what is of no known kind.
const IRREGULAR: u32 = 1 << 19;

impl PathStat {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.mode & DIRECTORY != 0
    }

    /// Whether it is a symbolic link.
    pub fn is_symbolic_link(&self) -> bool {
        self.mode & SYMBOLIC_LINK != 0
    }

    /// Whether it is a device.
    pub fn is_device(&self) -> bool {
        self.mode & DEVICE != 0
    }

    /// Whether it is of no known kind.
    pub fn is_irregular(&self) -> bool {
        self.mode & IRREGULAR != 0
    }
}

/// How to make an image of a container (ImageCommit).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Name that the image gets; empty for none.
    pub reference: String,
    /// Who made it.
    pub author: String,
    /// What is said of it.
    pub comment: String,
    /// Dockerfile instructions that are applied to it.
    pub changes: Vec<String>,
    /// Whether the container is paused meanwhile.
    pub pause: bool,
}
