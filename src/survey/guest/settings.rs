//! By what a product on a Mac runs amd64 programs, as its own settings say. They tell what is meant, by a
//! file instead of a container. What a file leaves open stays open.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::engine::endpoint::{Address, Surroundings, colima_homes};
use crate::platform::{How, Product};

/// The product's answer, and the file that has it.
pub(super) fn translator(
    product: Product,
    guest: &str,
    address: &Address,
    surroundings: &dyn Surroundings,
) -> Option<(How, PathBuf)> {
    // On other machines lie other settings.
    let Address::Unix(socket) = address else { return None };
    let files = files(product, guest, socket, surroundings);
    files.into_iter().find_map(|file| {
        let settings: Value = serde_yaml::from_slice(&surroundings.read(&file).ok()?).ok()?;
        Some((answer(product, &settings)?, file))
    })
}

/// Where a product keeps its settings, the newer ones first.
fn files(
    product: Product,
    guest: &str,
    socket: &Path,
    surroundings: &dyn Surroundings,
) -> Vec<PathBuf> {
    let Some(home) = surroundings.home() else { return Vec::new() };
    match product {
        Product::DockerDesktop => {
            let directory = home.join("Library/Group Containers/group.com.docker");
            ["settings-store.json", "settings.json"].map(|file| directory.join(file)).into()
        }
        Product::Colima => {
            let homes = colima_homes(&home, surroundings).into_iter();
            homes.map(|home| home.join("_lima").join(guest).join("colima.yaml")).collect()
        }
        Product::Lima => {
            let lima = surroundings.filled_variable("LIMA_HOME").map(PathBuf::from);
            let instance = guest.strip_prefix("lima-").unwrap_or(guest);
            vec![lima.unwrap_or_else(|| home.join(".lima")).join(instance).join("lima.yaml")]
        }
        Product::RancherDesktop => {
            vec![home.join("Library/Preferences/rancher-desktop/settings.json")]
        }
        Product::OrbStack => vec![home.join(".orbstack/vmconfig.json")],
        Product::Podman => {
            let name = socket.file_name().map(|name| name.to_string_lossy().into_owned());
            let name = name.as_deref().and_then(|name| name.strip_suffix("-api.sock"));
            let machines = home.join(".config/containers/podman/machine/applehv");
            name.map(|name| machines.join(format!("{name}.json"))).into_iter().collect()
        }
        Product::DockerEngine => Vec::new(),
    }
}

/// What the settings of a product say. Only what Apple's own virtualization runs can have Rosetta.
fn answer(product: Product, settings: &Value) -> Option<How> {
    let flag = |path: &[&str]| path.iter().try_fold(settings, |it, key| field(it, key))?.as_bool();
    let text = |path: &[&str]| path.iter().try_fold(settings, |it, key| field(it, key))?.as_str();
    let rosetta = match product {
        Product::DockerDesktop => {
            flag(&["UseVirtualizationFramework"]) != Some(false)
                && flag(&["UseVirtualizationFrameworkRosetta"])?
        }
        // The file of what runs is complete; the setting is off unless it is on.
        Product::Colima => {
            flag(&["rosetta"]).unwrap_or(false) && text(&["vmType"]).is_none_or(|it| it == "vz")
        }
        Product::Lima => {
            let options = |key| flag(&["vmOpts", "vz", "rosetta", key]).or(flag(&["rosetta", key]));
            options("enabled")? && options("binfmt").unwrap_or(false)
        }
        Product::RancherDesktop => {
            let machine = |key| {
                let old = ["experimental", "virtualMachine", key];
                ["virtualMachine", key]
                    .iter()
                    .try_fold(settings, |it, key| field(it, key))
                    .or_else(|| old.iter().try_fold(settings, |it, key| field(it, key)))
            };
            machine("useRosetta")?.as_bool()?
                && machine("type").and_then(Value::as_str).is_none_or(|it| it == "vz")
        }
        // What is not changed is not written; Rosetta is the default.
        Product::OrbStack => flag(&["rosetta"]).unwrap_or(true),
        Product::Podman => flag(&["Rosetta"])?,
        Product::DockerEngine => return None,
    };
    Some(if rosetta { How::Rosetta } else { How::Qemu })
}

/// A field of an object, whatever the case of its key: Docker Desktop has written both.
fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let mut fields = value.as_object()?.iter();
    fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::endpoint::Imagined;

    fn asked(product: Product, guest: &str, file: &str, text: &str) -> Option<How> {
        let machine = Imagined::default().with_variable("HOME", "/h").with_file(file, text);
        let socket = PathBuf::from("/t/podman/podman-machine-default-api.sock");
        translator(product, guest, &Address::Unix(socket), &machine).map(|(how, _)| how)
    }

    #[test]
    fn reads_settings_of_products() {
        use Product::{Colima, DockerDesktop, Lima, OrbStack, Podman, RancherDesktop};

        let desktop = "/h/Library/Group Containers/group.com.docker/settings-store.json";
        let colima = "/h/.colima/_lima/colima-work/colima.yaml";
        let lima = "/h/.lima/docker/lima.yaml";
        let rancher = "/h/Library/Preferences/rancher-desktop/settings.json";
        let orbstack = "/h/.orbstack/vmconfig.json";
        let podman = "/h/.config/containers/podman/machine/applehv/podman-machine-default.json";
        for (product, guest, file, text, expected) in [
            (
                DockerDesktop,
                "docker-desktop",
                desktop,
                r#"{"UseVirtualizationFrameworkRosetta": true}"#,
                Some(How::Rosetta),
            ),
            (
                DockerDesktop,
                "docker-desktop",
                desktop,
                r#"{"useVirtualizationFrameworkRosetta": false}"#,
                Some(How::Qemu),
            ),
            (
                DockerDesktop,
                "docker-desktop",
                desktop,
                r#"{"UseVirtualizationFramework": false, "UseVirtualizationFrameworkRosetta": true}"#,
                Some(How::Qemu),
            ),
            // What is missing has its default, which depends on the release.
            (DockerDesktop, "docker-desktop", desktop, r#"{"Cpus": 4}"#, None),
            (DockerDesktop, "docker-desktop", desktop, "not a file of settings", None),
            (Colima, "colima-work", colima, "vmType: vz\nrosetta: true\n", Some(How::Rosetta)),
            (Colima, "colima-work", colima, "vmType: qemu\nrosetta: true\n", Some(How::Qemu)),
            (Colima, "colima-work", colima, "vmType: vz\nrosetta: false\n", Some(How::Qemu)),
            (Colima, "colima", colima, "rosetta: true\n", None),
            (
                Lima,
                "lima-docker",
                lima,
                "vmOpts:\n  vz:\n    rosetta:\n      enabled: true\n      binfmt: true\n",
                Some(How::Rosetta),
            ),
            (
                Lima,
                "lima-docker",
                lima,
                "rosetta:\n  enabled: true\n  binfmt: true\n",
                Some(How::Rosetta),
            ),
            (Lima, "lima-docker", lima, "rosetta:\n  enabled: true\n", Some(How::Qemu)),
            (Lima, "lima-docker", lima, "base: template:docker\n", None),
            (
                RancherDesktop,
                "lima-rancher-desktop",
                rancher,
                r#"{"virtualMachine": {"type": "vz", "useRosetta": true}}"#,
                Some(How::Rosetta),
            ),
            (
                RancherDesktop,
                "lima-rancher-desktop",
                rancher,
                r#"{"virtualMachine": {"type": "qemu", "useRosetta": true}}"#,
                Some(How::Qemu),
            ),
            (
                RancherDesktop,
                "lima-rancher-desktop",
                rancher,
                r#"{"experimental": {"virtualMachine": {"type": "vz", "useRosetta": true}}}"#,
                Some(How::Rosetta),
            ),
            (OrbStack, "orbstack", orbstack, r#"{"memory_mib": 8192}"#, Some(How::Rosetta)),
            (OrbStack, "orbstack", orbstack, r#"{"rosetta": false}"#, Some(How::Qemu)),
            (
                Podman,
                "localhost",
                podman,
                r#"{"Name": "podman-machine-default", "Rosetta": true}"#,
                Some(How::Rosetta),
            ),
            (Podman, "localhost", podman, r#"{"Name": "podman-machine-default"}"#, None),
        ] {
            assert_eq!(asked(product, guest, file, text), expected, "{product:?} {text}");
        }
    }

    #[test]
    fn settings_of_this_machine_say_nothing_of_others() {
        let machine = Imagined::default()
            .with_variable("HOME", "/h")
            .with_file("/h/.orbstack/vmconfig.json", "{}");
        let address = Address::parse("tcp://box", false).unwrap();
        assert_eq!(translator(Product::OrbStack, "orbstack", &address, &machine), None);
    }
}
