//! What to do about a platform that a guest cannot run.

use super::{Guest, Platform, Product};

/// An image that registers QEMU with the kernel, until it starts again.
const INSTALLER: &str = "docker run --privileged --rm tonistiigi/binfmt --install";

impl Guest {
    /// How an emulator for a platform is had here: a command, or where to switch it on.
    pub fn emulator_remedy(&self, platform: &Platform) -> String {
        if platform.os() != self.own.os() {
            return format!("use an engine on {}", platform.os());
        }
        if platform.architecture() == self.own.architecture() {
            // No emulator is asked for programs of the CPU's own family.
            return format!(
                "use an image for {}: the CPU lacks what {platform} asks for",
                self.own
            );
        }
        let architecture = platform.architecture();
        let register = format!("{INSTALLER} {architecture}");
        // Rosetta is for 64 bits.
        let has_rosetta = architecture == "amd64" && self.own.architecture() == "arm64";
        match self.product {
            Product::DockerEngine => register,
            Product::DockerDesktop if has_rosetta => {
                "docker desktop restart, which registers its emulators again (Settings, General, \
                 Virtual Machine Options has Rosetta)"
                    .to_owned()
            }
            Product::DockerDesktop => {
                "docker desktop restart, which registers its emulators again".to_owned()
            }
            Product::Colima if has_rosetta => {
                "colima stop && colima start --vm-type vz --vz-rosetta".to_owned()
            }
            Product::RancherDesktop if has_rosetta => {
                "rdctl set --virtual-machine.type vz --virtual-machine.use-rosetta".to_owned()
            }
            Product::Lima if has_rosetta => {
                "switch on `vmOpts.vz.rosetta.enabled` and `.binfmt` of the instance: limactl edit"
                    .to_owned()
            }
            Product::OrbStack if has_rosetta => {
                "orb config set rosetta true && orb stop && orb start".to_owned()
            }
            Product::Colima | Product::RancherDesktop | Product::OrbStack => {
                format!("{register} (again whenever {} has started)", self.product)
            }
            // Its engine has no privileges by default.
            Product::Lima => "limactl shell INSTANCE sudo apt-get install -y qemu-user-static \
                              (INSTANCE: limactl list)"
                .to_owned(),
            Product::Podman => {
                "install qemu-user-static where Podman's containers run: on Linux the \
                                package of that name; in its machine podman machine ssh sudo \
                                rpm-ostree install qemu-user-static, then podman machine stop && \
                                podman machine start"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(architecture: &str) -> Platform {
        Platform::new("linux", architecture, "")
    }

    #[test]
    fn each_product_has_its_way() {
        use Product::{
            Colima, DockerDesktop, DockerEngine, Lima, OrbStack, Podman, RancherDesktop,
        };
        for (product, own, wanted, expected) in [
            (DockerEngine, "amd64", "arm64", "tonistiigi/binfmt --install arm64"),
            (DockerEngine, "amd64", "arm", "tonistiigi/binfmt --install arm"),
            (DockerEngine, "arm64", "amd64", "tonistiigi/binfmt --install amd64"),
            (DockerDesktop, "arm64", "amd64", "Rosetta"),
            (DockerDesktop, "amd64", "arm64", "docker desktop restart"),
            (Colima, "arm64", "amd64", "--vz-rosetta"),
            (Colima, "arm64", "s390x", "--install s390x (again whenever Colima has started)"),
            (Colima, "amd64", "arm64", "--install arm64"),
            (RancherDesktop, "arm64", "amd64", "rdctl set"),
            (RancherDesktop, "arm64", "riscv64", "--install riscv64"),
            (Lima, "arm64", "amd64", "limactl edit"),
            (Lima, "arm64", "ppc64le", "qemu-user-static"),
            (OrbStack, "arm64", "amd64", "orb config set rosetta true"),
            (OrbStack, "arm64", "arm", "--install arm"),
            (Podman, "arm64", "s390x", "qemu-user-static"),
        ] {
            let mut guest = Guest::new(platform(own));
            guest.product = product;
            let remedy = guest.emulator_remedy(&platform(wanted));
            assert!(remedy.contains(expected), "{product} {own} {wanted}: {remedy}");
        }
    }

    #[test]
    fn some_things_no_emulator_mends() {
        let guest = Guest::new(platform("amd64"));
        assert_eq!(
            guest.emulator_remedy(&Platform::new("linux", "amd64", "v4")),
            "use an image for linux/amd64: the CPU lacks what linux/amd64/v4 asks for"
        );
        let windows = Platform::new("windows", "amd64", "");
        assert_eq!(guest.emulator_remedy(&windows), "use an engine on windows");
    }
}
