//! Which product an engine belongs to, and by which rules it matches images with platforms, by what it says of itself.

use crate::engine::api::{Description, ServerInfo};
use crate::platform::{Matching, Product};

/// The product. Its guests have telling host names and systems; what tells nothing is Docker Engine.
pub(super) fn product(description: &Description, info: &ServerInfo) -> Product {
    if description.is_podman() {
        return Product::Podman;
    }
    let system = info.operating_system.as_str();
    let name = info.name.as_str();
    let kernel = info.kernel_version.as_str();
    let desktop = info.labels.iter().any(|label| label.starts_with("com.docker.desktop."));
    if desktop || system.starts_with("Docker Desktop") || name.contains("docker-desktop") {
        Product::DockerDesktop
    } else if system.starts_with("OrbStack")
        || name.contains("orbstack")
        || kernel.contains("orbstack")
    {
        Product::OrbStack
    } else if system.starts_with("Rancher Desktop") || name.contains("rancher-desktop") {
        Product::RancherDesktop
    } else if name == "colima" || name.starts_with("colima-") {
        Product::Colima
    } else if name.starts_with("lima-") {
        Product::Lima
    } else {
        Product::DockerEngine
    }
}

/// The release whose classic store was the first that takes what covers for a platform.
const COVERS: u32 = 23;

/// The rules by which it matches images with platforms.
pub(super) fn matching(description: &Description, info: &ServerInfo) -> Matching {
    // Of one that does not say its release, as of Podman, too little is known to deny anything.
    let release = description.server.strip_prefix("Docker/");
    let major = release.and_then(|release| release.split('.').next()?.parse::<u32>().ok());
    if info.has_containerd_store() {
        Matching::Strict
    } else if major.is_some_and(|major| major < COVERS) {
        Matching::Exact
    } else {
        Matching::Covering
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::ApiVersion;

    fn description(server: &str) -> Description {
        Description {
            endpoint: "unix:///run/docker.sock".to_owned(),
            server: server.to_owned(),
            api_version: ApiVersion::new(1, 41),
            os: "linux".to_owned(),
            buildkit: true,
            swarm_active: false,
        }
    }

    #[test]
    fn rules_of_matching_are_told_by_release_and_store() {
        let containerd = vec![vec!["driver-type".into(), "io.containerd.snapshotter.v1".into()]];
        let containerd = ServerInfo { driver_status: containerd, ..ServerInfo::default() };
        let classic = ServerInfo::default();
        for (server, info, expected) in [
            ("Docker/20.10.24+dfsg1 (linux)", &classic, Matching::Exact),
            ("Docker/19.03.15 (linux)", &classic, Matching::Exact),
            ("Docker/23.0.0 (linux)", &classic, Matching::Covering),
            ("Docker/28.5.2 (linux)", &classic, Matching::Covering),
            ("Docker/28.5.2 (linux)", &containerd, Matching::Strict),
            ("Docker/dev (linux)", &classic, Matching::Covering),
            ("Libpod/4.3.1 (linux)", &classic, Matching::Covering),
            ("", &classic, Matching::Covering),
        ] {
            assert_eq!(matching(&description(server), info), expected, "{server}");
        }
    }

    #[test]
    fn is_told_by_what_its_guest_says() {
        for (server, system, name, kernel, expected) in [
            (
                "Docker",
                "Docker Desktop",
                "docker-desktop",
                "6.10.14-linuxkit",
                Product::DockerDesktop,
            ),
            ("Docker", "Ubuntu 24.04.2 LTS", "colima", "6.8.0-64-generic", Product::Colima),
            ("Docker", "Ubuntu 24.04.2 LTS", "colima-work", "6.8.0-64-generic", Product::Colima),
            ("Docker", "Ubuntu 25.04", "lima-docker", "6.14.0-15-generic", Product::Lima),
            ("Docker", "Rancher Desktop WSL Distribution", "box", "5.15", Product::RancherDesktop),
            (
                "Docker",
                "Alpine Linux v3.21",
                "lima-rancher-desktop",
                "6.6",
                Product::RancherDesktop,
            ),
            ("Docker", "OrbStack", "orbstack", "6.15.6-orbstack-00001", Product::OrbStack),
            (
                "Docker",
                "Alpine Linux edge (containerized)",
                "docker",
                "6.7.11-orbstack-1",
                Product::OrbStack,
            ),
            (
                "Docker",
                "Debian GNU/Linux 12 (bookworm)",
                "limassol",
                "6.1.0",
                Product::DockerEngine,
            ),
            ("Libpod/5.5.2 (linux)", "fedora", "localhost.localdomain", "6.14", Product::Podman),
        ] {
            let description = Description {
                endpoint: String::new(),
                server: server.to_owned(),
                api_version: ApiVersion::new(1, 41),
                os: "linux".to_owned(),
                buildkit: true,
                swarm_active: false,
            };
            let info = ServerInfo {
                operating_system: system.to_owned(),
                name: name.to_owned(),
                kernel_version: kernel.to_owned(),
                ..ServerInfo::default()
            };
            assert_eq!(product(&description, &info), expected, "{system} {name}");
        }
    }
}
