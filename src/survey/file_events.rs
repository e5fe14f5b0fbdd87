//! Whether programs in containers hear of changes to files that are mounted from this machine (inotify), by what
//! is known of products and of this machine's mounts.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::engine::endpoint::{Address, Surroundings, colima_homes};
use crate::platform::Product;

/// What arrives in containers of changes that are made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Everything.
    All,
    /// Most, by a service that passes it on.
    Most,
    /// Only that something about a file has changed, not what; of new and removed files nothing.
    Attributes,
    /// Nothing.
    Nothing,
    /// The files are those of another machine.
    Elsewhere,
    /// It is not known.
    Unknown,
}

impl Arrival {
    /// The word for it in machine-readable output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Most => "most",
            Self::Attributes => "attributes",
            Self::Nothing => "none",
            Self::Elsewhere => "elsewhere",
            Self::Unknown => "unknown",
        }
    }
}

/// What arrives, why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEvents {
    /// What arrives.
    pub arrival: Arrival,
    /// Why: one sentence, no trailing period.
    pub because: String,
    /// What to do, where not everything arrives.
    pub remedy: Option<String>,
}

/// What watchers that are known to have it can be told to do.
macro_rules! poll {
    () => {
        "let programs look at files themselves (CHOKIDAR_USEPOLLING=true, WATCHPACK_POLLING=true, \
         WATCHFILES_FORCE_POLLING=true)"
    };
}

/// What helps whoever hears of nothing that is done on this machine.
pub const POLL: &str = concat!(poll!(), ", or use `develop.watch`");

/// What helps whoever hears of nothing at all, not even of what is done beside him.
pub const POLL_OR_RESTART: &str =
    concat!(poll!(), ", or let a rule of `develop.watch` restart them");

/// File systems behind which another kernel, or another machine, changes files unheard.
const SHARED: [&str; 9] =
    ["9p", "nfs", "nfs4", "cifs", "smb3", "virtiofs", "vboxsf", "fuse.sshfs", "fuse.vmhgfs-fuse"];

/// The engine, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Its product.
    pub product: Product,
    /// Where it listens.
    pub address: &'a Address,
    /// Host name of its guest.
    pub guest: &'a str,
    /// Whether its guest is this machine.
    pub is_here: bool,
}

/// What arrives of changes in `directory` of this machine.
pub fn file_events(
    engine: Side<'_>,
    directory: &Path,
    surroundings: &dyn Surroundings,
) -> FileEvents {
    let told = |arrival, because: &str, remedy: Option<&str>| FileEvents {
        arrival,
        because: because.to_owned(),
        remedy: remedy.map(str::to_owned),
    };
    if engine.is_here {
        return match shared(directory, surroundings) {
            Some(kind) => FileEvents {
                arrival: Arrival::Most,
                because: format!(
                    "containers have this machine's kernel, but {} is on {kind}: what is changed on \
                     its other side is not heard here",
                    directory.display()
                ),
                remedy: Some("keep the project on a file system of this machine".to_owned()),
            },
            None => told(Arrival::All, "containers have this machine's kernel", None),
        };
    }
    if !matches!(engine.address, Address::Unix(_)) {
        let because = "the engine is on another machine, and mounts that machine's files";
        return told(Arrival::Elsewhere, because, Some("bring files there with `develop.watch`"));
    }
    match engine.product {
        Product::DockerDesktop => told(
            Arrival::Most,
            "Docker Desktop passes on what happens in directories that are mounted",
            None,
        ),
        Product::OrbStack => told(
            Arrival::Most,
            "OrbStack passes on what happens in directories that are mounted",
            None,
        ),
        Product::Colima | Product::Lima => forwarded(engine, surroundings),
        Product::RancherDesktop => told(
            Arrival::Nothing,
            "Rancher Desktop passes nothing on to its virtual machine",
            Some(POLL),
        ),
        Product::Podman => {
            told(Arrival::Nothing, "Podman passes nothing on to its machine", Some(POLL))
        }
        Product::DockerEngine => told(
            Arrival::Unknown,
            "the engine's kernel is not this machine's, and nothing tells how it gets files",
            Some(POLL),
        ),
    }
}

/// What Colima and Lima pass on: nothing unless `mountInotify` is on, and then only attributes.
fn forwarded(engine: Side<'_>, surroundings: &dyn Surroundings) -> FileEvents {
    let name = engine.product.to_string();
    let is_on = settings(engine, surroundings)
        .into_iter()
        .find_map(|file| {
            let text = surroundings.read(&file).ok()?;
            let settings: Value = serde_yaml::from_slice(&text).ok()?;
            Some(settings.get("mountInotify").and_then(Value::as_bool).unwrap_or(false))
        })
        .unwrap_or(false);
    if is_on {
        return FileEvents {
            arrival: Arrival::Attributes,
            because: format!(
                "{name} passes on that a file has changed (mountInotify), nothing else"
            ),
            remedy: Some(POLL.to_owned()),
        };
    }
    let switch = match engine.product {
        Product::Colima => "colima stop && colima start --mount-inotify",
        _ => "set `mountInotify: true` with limactl edit",
    };
    FileEvents {
        arrival: Arrival::Nothing,
        because: format!("{name} passes nothing on to its virtual machine unless it is told to"),
        remedy: Some(format!("{switch} (passes on changes, not new files), or {POLL}")),
    }
}

/// Where Colima and Lima keep the settings of what runs.
fn settings(engine: Side<'_>, surroundings: &dyn Surroundings) -> Vec<PathBuf> {
    let Some(home) = surroundings.home() else { return Vec::new() };
    if engine.product == Product::Colima {
        let homes = colima_homes(&home, surroundings).into_iter();
        return homes
            .map(|home| home.join("_lima").join(engine.guest).join("colima.yaml"))
            .collect();
    }
    let lima = surroundings.filled_variable("LIMA_HOME").map(PathBuf::from);
    let instance = engine.guest.strip_prefix("lima-").unwrap_or(engine.guest);
    vec![lima.unwrap_or_else(|| home.join(".lima")).join(instance).join("lima.yaml")]
}

/// The file system of a directory, where it is shared with another kernel or machine
/// (`/proc/self/mountinfo`: proc(5)).
fn shared(directory: &Path, surroundings: &dyn Surroundings) -> Option<String> {
    let text = surroundings.read(Path::new("/proc/self/mountinfo")).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mounts = text.lines().filter_map(|line| {
        let (mount, source) = line.split_once(" - ")?;
        let point = mount.split(' ').nth(4)?.replace("\\040", " ");
        Some((PathBuf::from(point), source.split(' ').next()?))
    });
    let over = mounts.filter(|(point, _)| directory.starts_with(point));
    let (_, kind) = over.max_by_key(|(point, _)| point.as_os_str().len())?;
    SHARED.contains(&kind).then(|| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::endpoint::Imagined;

    fn asked(product: Product, host: &str, is_here: bool, machine: &Imagined) -> Arrival {
        let address = Address::parse(host, false).unwrap();
        let guest = if product == Product::Colima { "colima" } else { "lima-docker" };
        let side = Side { product, address: &address, guest, is_here };
        file_events(side, Path::new("/work/my shop"), machine).arrival
    }

    #[test]
    fn products_pass_on_what_they_do() {
        let bare = Imagined::default().with_variable("HOME", "/h");
        let told = bare
            .clone()
            .with_file("/h/.colima/_lima/colima/colima.yaml", "mountInotify: true\n")
            .with_file("/h/.lima/docker/lima.yaml", "mountInotify: true\n");
        let socket = "unix:///s";
        for (product, host, machine, expected) in [
            (Product::DockerDesktop, socket, &bare, Arrival::Most),
            (Product::OrbStack, socket, &bare, Arrival::Most),
            (Product::Colima, socket, &bare, Arrival::Nothing),
            (Product::Colima, socket, &told, Arrival::Attributes),
            (Product::Lima, socket, &bare, Arrival::Nothing),
            (Product::Lima, socket, &told, Arrival::Attributes),
            (Product::RancherDesktop, socket, &bare, Arrival::Nothing),
            (Product::Podman, socket, &bare, Arrival::Nothing),
            (Product::DockerEngine, socket, &bare, Arrival::Unknown),
            (Product::DockerEngine, "tcp://box", &bare, Arrival::Elsewhere),
        ] {
            assert_eq!(asked(product, host, false, machine), expected, "{product} {host}");
        }
    }

    #[test]
    fn on_one_kernel_everything_arrives_but_from_behind_shares() {
        let mounts = |kind: &str| {
            let text = format!(
                "22 1 254:0 / / rw - ext4 /dev/vda rw\n40 22 0:30 / /work/my\\040shop rw shared:1 - \
                 {kind} D:\\\\ rw\n41 22 0:31 / /work/other rw - nfs4 box:/ rw\n"
            );
            Imagined::default().with_file("/proc/self/mountinfo", &text)
        };
        let arrival = |machine: &Imagined| asked(Product::DockerEngine, "unix:///s", true, machine);
        assert_eq!(arrival(&mounts("ext4")), Arrival::All);
        assert_eq!(arrival(&mounts("9p")), Arrival::Most);
        assert_eq!(arrival(&Imagined::default()), Arrival::All);
    }
}
