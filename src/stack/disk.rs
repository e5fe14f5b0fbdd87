//! Files of this machine, as they are.

use std::path::Path;

use super::desired::HostFiles;

/// The machine's own file system.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disk;

impl HostFiles for Disk {
    fn read(&self, path: &Path) -> std::io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}
