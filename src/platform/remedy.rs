//! What to do about a platform that a guest cannot run.

use super::{Guest, Platform, Product};

impl Guest {
    /// How an emulator for a platform is had here: a command, or where to switch it on.
    pub fn emulator_remedy(&self, platform: &Platform) -> String {
        let architecture = match (platform.architecture(), platform.variant()) {
            ("arm", _) => "arm",
            (architecture, _) => architecture,
        };
        let register =
            format!("docker run --privileged --rm tonistiigi/binfmt --install {architecture}");
        match self.product {
            Product::DockerEngine | Product::RancherDesktop | Product::Lima => register,
            Product::DockerDesktop => {
                "restart Docker Desktop: its emulators are registered at its start".to_owned()
            }
            Product::Colima => match architecture {
                "amd64" => "colima start --vm-type vz --vz-rosetta, after colima stop".to_owned(),
                _ => register,
            },
            Product::OrbStack => "restart OrbStack: it brings its emulators with it".to_owned(),
            Product::Podman => {
                "install qemu-user-static where Podman's containers run (podman machine ssh sudo \
                 rpm-ostree install qemu-user-static, on Linux the package of that name)"
                    .to_owned()
            }
        }
    }
}
