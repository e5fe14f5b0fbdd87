//! Which product an engine belongs to, by what it says of itself.

use crate::engine::api::{Description, ServerInfo};
use crate::platform::Product;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::ApiVersion;

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
