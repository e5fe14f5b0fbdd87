//! Stand-in until branch reading lands.
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
pub trait Files {
    fn read(&self, path: &Path) -> io::Result<String>;
    fn is_file(&self, path: &Path) -> bool;
    fn is_directory(&self, path: &Path) -> bool;
    fn canonical(&self, path: &Path) -> Option<PathBuf>;
}
#[derive(Default)]
pub struct Memory(pub BTreeMap<PathBuf, String>);
impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }
    fn is_directory(&self, path: &Path) -> bool {
        self.0.keys().any(|k| k != path && k.starts_with(path))
    }
    fn canonical(&self, _path: &Path) -> Option<PathBuf> {
        None
    }
}
