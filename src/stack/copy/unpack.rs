//! An archive that a container gave, unpacked below a directory of this machine.
//!
//! What is in the archive is not trusted. Every name is opened part by part from the directory down
//! and no symbolic link is followed on the way, whether it came with the archive, was there before,
//! or is put there meanwhile by who shares the directory: so nothing is written elsewhere. Links
//! are made as they are.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;
use tar::{Archive, Entry, EntryType};

use super::CopyError;

/// Where an archive goes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The directory; it is there.
    pub(super) directory: PathBuf,
    /// What the archive's root is called in it; `.` for the directory itself.
    pub(super) name: String,
    /// Whether the root has a name in the archive, as opposed to being the content of a directory.
    pub(super) has_root: bool,
}

/// Unpacks an archive. Blocks.
///
/// # Errors
/// An archive that is broken or wants to go elsewhere, and what the disk refuses.
pub(super) fn unpack(archive: impl Read, target: &Target) -> Result<(), CopyError> {
    let directory = open_root(&target.directory)
        .map_err(|error| CopyError::at(&target.directory, error.into()))?;
    let mut unpacking = Unpacking { target, directory, finished: Vec::new() };
    let mut archive = Archive::new(archive);
    for entry in archive.entries().map_err(CopyError::Archive)? {
        let mut entry = entry.map_err(CopyError::Archive)?;
        unpacking.entry(&mut entry)?;
    }
    unpacking.finish()
}

/// An archive that is being unpacked.
struct Unpacking<'a> {
    target: &'a Target,
    directory: OwnedFd,
    /// Directories that get their permissions and time at the end: both would be in the way before.
    finished: Vec<(PathBuf, Mode, Timestamps)>,
}

impl Unpacking<'_> {
    fn entry<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<(), CopyError> {
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            return Ok(());
        }
        let path = self.below(&entry.path_bytes())?;
        let Some(name) = path.file_name().map(OsStr::to_owned) else {
            // The directory itself, which is there.
            return Ok(());
        };
        let whole = self.target.directory.join(&path);
        let failed = |error: io::Error| CopyError::at(&whole, error);
        let parent = self.parent(&path).map_err(|error| failed(error.into()))?;
        let header = entry.header();
        let mode = Mode::from_raw_mode(header.mode().map_err(failed)? & 0o7777);
        let times = times(header.mtime().unwrap_or(0));
        make_room(&parent, &name, kind, &whole)?;
        match kind {
            EntryType::Directory => {
                match rustix::fs::mkdirat(&parent, &*name, Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(failed(error.into())),
                }
                self.finished.push((path, mode, times));
                Ok(())
            }
            EntryType::Symlink => {
                let to = entry.link_name_bytes().unwrap_or_default();
                let link = OsStr::from_bytes(&to);
                rustix::fs::symlinkat(link, &parent, &*name).map_err(|error| failed(error.into()))
            }
            EntryType::Link => {
                let to = entry.link_name_bytes().unwrap_or_default();
                let original = self.below(&to)?;
                self.hard_link(&original, &parent, &name).map_err(|error| failed(error.into()))
            }
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                make_node(header, kind, &parent, &name, mode).map_err(failed)
            }
            _ => {
                let file = create(&parent, &name).map_err(|error| failed(error.into()))?;
                write(file, entry, mode, &times).map_err(failed)
            }
        }
    }

    /// A name of the archive as a path below the directory.
    fn below(&self, name: &[u8]) -> Result<PathBuf, CopyError> {
        let name = Path::new(OsStr::from_bytes(name));
        let mut parts = Vec::new();
        for part in name.components() {
            match part {
                Component::Normal(part) => parts.push(part),
                Component::CurDir | Component::RootDir => {}
                Component::ParentDir | Component::Prefix(_) => {
                    return Err(CopyError::Escapes(name.to_owned()));
                }
            }
        }
        let skipped = usize::from(self.target.has_root);
        let rest = parts.into_iter().skip(skipped);
        let root = Some(OsStr::new(&self.target.name)).filter(|name| *name != ".");
        Ok(root.into_iter().chain(rest).collect())
    }

    /// The directory that a path is in, made where it is not there.
    fn parent(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let mut directory = rustix::io::dup(&self.directory)?;
        for part in path.parent().into_iter().flat_map(Path::components) {
            let open = || open_directory(&directory, part.as_os_str());
            directory = match open() {
                Err(Errno::NOENT) => {
                    rustix::fs::mkdirat(&directory, part.as_os_str(), Mode::from_raw_mode(0o777))?;
                    open()?
                }
                other => other?,
            };
        }
        Ok(directory)
    }

    fn hard_link(&self, original: &Path, parent: &OwnedFd, name: &OsStr) -> Result<(), Errno> {
        let from = self.parent(original)?;
        let original = original.file_name().unwrap_or_default();
        rustix::fs::linkat(from, original, parent, name, AtFlags::empty())
    }

    /// Gives directories their permissions and times, the innermost first.
    fn finish(self) -> Result<(), CopyError> {
        for (path, mode, times) in self.finished.iter().rev() {
            let whole = self.target.directory.join(path);
            let finish = || {
                let parent = self.parent(path)?;
                let directory = open_directory(&parent, path.file_name().unwrap_or_default())?;
                rustix::fs::fchmod(&directory, *mode)?;
                rustix::fs::futimens(&directory, times)
            };
            finish().map_err(|error| CopyError::at(&whole, error.into()))?;
        }
        Ok(())
    }
}

/// Takes away what stands in an entry's place; a directory neither makes room nor is put into
/// the place of something else.
fn make_room(
    parent: &OwnedFd,
    name: &OsStr,
    kind: EntryType,
    whole: &Path,
) -> Result<(), CopyError> {
    let there = match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => FileType::from_raw_mode(stat.st_mode).is_dir(),
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(CopyError::at(whole, error.into())),
    };
    match (there, kind == EntryType::Directory) {
        (true, true) => Ok(()),
        (true, false) => Err(CopyError::OntoDirectory(whole.to_owned())),
        (false, true) => Err(CopyError::DirectoryOnto(whole.to_owned())),
        (false, false) => rustix::fs::unlinkat(parent, name, AtFlags::empty())
            .map_err(|error| CopyError::at(whole, error.into())),
    }
}

/// The directory that everything goes below. Its own name is the user's: links in it are followed.
fn open_root(path: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::open(path, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

fn open_directory(parent: &OwnedFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

fn create(parent: &OwnedFd, name: &OsStr) -> Result<File, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::RUSR | Mode::WUSR).map(File::from)
}

fn write(
    mut file: File,
    content: &mut impl Read,
    mode: Mode,
    times: &Timestamps,
) -> io::Result<()> {
    io::copy(content, &mut file)?;
    // After the content, which would take away the bits that change the user.
    rustix::fs::fchmod(file.as_fd(), mode)?;
    Ok(rustix::fs::futimens(file.as_fd(), times)?)
}

fn make_node(
    header: &tar::Header,
    kind: EntryType,
    parent: &OwnedFd,
    name: &OsStr,
    mode: Mode,
) -> io::Result<()> {
    let number = |part: io::Result<Option<u32>>| part.map(Option::unwrap_or_default);
    let (kind, device) = match kind {
        EntryType::Fifo => (FileType::Fifo, 0),
        kind => {
            let major = number(header.device_major())?;
            let minor = number(header.device_minor())?;
            let kind = if kind == EntryType::Char {
                FileType::CharacterDevice
            } else {
                FileType::BlockDevice
            };
            (kind, rustix::fs::makedev(major, minor))
        }
    };
    Ok(rustix::fs::mknodat(parent, name, kind, mode, device)?)
}

fn times(seconds: u64) -> Timestamps {
    let time = Timespec { tv_sec: i64::try_from(seconds).unwrap_or(i64::MAX), tv_nsec: 0 };
    Timestamps { last_access: time, last_modification: time }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// Kind, name, and for a file its content, for a link where it leads.
    type Item = (EntryType, &'static str, &'static str);

    fn archive(items: &[Item]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (kind, name, text) in items {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_mode(if *kind == EntryType::Directory { 0o750 } else { 0o640 });
            header.set_mtime(1_000_000);
            // Names are written as they are: a builder would refuse the bad ones.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            let content = if *kind == EntryType::Regular {
                *text
            } else {
                header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
                ""
            };
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, content.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn target(directory: &Path, name: &str, has_root: bool) -> Target {
        Target { directory: directory.to_owned(), name: name.to_owned(), has_root }
    }

    const FILE: EntryType = EntryType::Regular;
    const DIRECTORY: EntryType = EntryType::Directory;

    #[test]
    fn the_root_gets_its_new_name_and_everything_its_permissions_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = archive(&[
            (DIRECTORY, "old/", ""),
            (FILE, "old/a", "one"),
            (EntryType::Link, "old/b", "old/a"),
            (EntryType::Symlink, "old/c", "/etc/passwd"),
            (FILE, "old/deep/d", "two"),
        ]);
        unpack(&bytes[..], &target(folder.path(), "new", true)).unwrap();
        let new = folder.path().join("new");
        assert_eq!(std::fs::read_to_string(new.join("b")).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(new.join("deep/d")).unwrap(), "two");
        assert_eq!(std::fs::read_link(new.join("c")).unwrap(), Path::new("/etc/passwd"));
        let metadata = new.metadata().unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o750);
        let modified = metadata.modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(modified.as_secs(), 1_000_000);
    }

    #[test]
    fn the_content_of_a_directory_goes_into_another() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = archive(&[(DIRECTORY, "./", ""), (FILE, "./a", "one")]);
        unpack(&bytes[..], &target(folder.path(), ".", false)).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).unwrap(), "one");
    }

    #[test]
    fn nothing_is_written_elsewhere() {
        for items in [
            &[(FILE, "x/../../evil", "")][..],
            // A link that came with the archive, and something written through it.
            &[(EntryType::Symlink, "x/out", "../../outside"), (FILE, "x/out/evil", "")],
            &[(EntryType::Symlink, "x/out", "../../outside"), (DIRECTORY, "x/out", "")],
            &[(EntryType::Link, "x/evil", "x/../../outside/secret")],
            &[
                (EntryType::Symlink, "x/out", "../../outside"),
                (EntryType::Link, "x/y", "x/out/secret"),
            ],
        ] {
            let folder = tempfile::tempdir().unwrap();
            let (inside, outside) = (folder.path().join("inside"), folder.path().join("outside"));
            std::fs::create_dir_all(&inside).unwrap();
            std::fs::create_dir_all(&outside).unwrap();
            std::fs::write(outside.join("secret"), "").unwrap();
            let result = unpack(&archive(items)[..], &target(&inside, "x", true));
            assert!(result.is_err(), "{items:?}");
            assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1, "{items:?}");
            assert!(!folder.path().join("evil").exists());
        }
    }

    #[test]
    fn what_is_in_the_way_is_replaced_unless_it_is_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("elsewhere"), "kept").unwrap();
        symlink("elsewhere", folder.path().join("a")).unwrap();
        unpack(&archive(&[(FILE, "a", "new")])[..], &target(folder.path(), "a", true)).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("elsewhere")).unwrap(), "kept");
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).unwrap(), "new");
        std::fs::create_dir(folder.path().join("d")).unwrap();
        for (bytes, name, words) in [
            (archive(&[(FILE, "d", "")]), "d", "cannot overwrite directory"),
            (archive(&[(DIRECTORY, "a", "")]), "a", "cannot overwrite non-directory"),
        ] {
            let error = unpack(&bytes[..], &target(folder.path(), name, true)).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
