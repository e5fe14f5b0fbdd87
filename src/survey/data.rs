//! Where containers keep what outlives them. Pure.

use crate::engine::api::MountDetails;

/// The volumes and directories that a container writes to, as people call them.
pub(super) fn data_of(mounts: &[MountDetails]) -> Vec<String> {
    let name = |mount: &MountDetails| match mount.r#type.as_str() {
        "volume" if is_anonymous(&mount.name) => {
            Some(format!("the anonymous volume at {}", mount.destination))
        }
        "volume" => Some(format!("volume {}", mount.name)),
        "bind" if mount.writable => Some(format!("directory {}", mount.source)),
        _ => None,
    };
    mounts.iter().filter_map(name).collect()
}

fn is_anonymous(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|it| it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_and_directories_that_are_written_count() {
        let mount = |r#type: &str, name: &str, source: &str, writable| MountDetails {
            r#type: r#type.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
            destination: "/data".to_owned(),
            writable,
            ..MountDetails::default()
        };
        let mounts = [
            mount("volume", "shop_data", "/var/x", true),
            mount("volume", &"0a".repeat(32), "/var/y", true),
            mount("bind", "", "/home/me/data", true),
            mount("bind", "", "/etc/shop", false),
            mount("tmpfs", "", "", true),
        ];
        assert_eq!(
            data_of(&mounts),
            ["volume shop_data", "the anonymous volume at /data", "directory /home/me/data"]
        );
    }
}
