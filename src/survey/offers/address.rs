//! Where the repository of an image is looked for: the registry that its name says, and before Docker Hub
//! the engine's mirrors.

use crate::engine::api::RegistryConfig;
use crate::remote::registry::{OciReference, is_loopback};

/// Docker Hub, as references name it.
pub(super) const HUB: &str = "docker.io";

/// What the engine says of how it comes to images.
pub(super) struct Surroundings {
    pub(super) config: RegistryConfig,
    /// Whether its network is this machine's.
    pub(super) is_here: bool,
    /// Its CPU architecture, as images name it; empty where it does not say.
    pub(super) architecture: String,
}

/// Where a repository is looked for.
pub(super) struct Address {
    /// Host, and a path of a mirror.
    pub(super) text: String,
    pub(super) is_mirror: bool,
    pub(super) is_plain: bool,
    pub(super) is_insecure: bool,
}

/// Where a reference is looked for, in an engine's order.
pub(super) fn addresses(reference: &OciReference, surroundings: &Surroundings) -> Vec<Address> {
    let host = reference.registry.as_str();
    let is_far = |address: &str| !surroundings.is_here && is_loopback(without_port(address));
    let mut addresses = Vec::new();
    if host == HUB {
        for mirror in &surroundings.config.mirrors {
            let (scheme, text) = mirror.split_once("://").unwrap_or(("https", mirror));
            let text = text.trim_end_matches('/').to_owned();
            let mirror_host = text.split('/').next().unwrap_or_default();
            let is_insecure = surroundings.config.is_insecure(mirror_host);
            let is_plain = scheme == "http";
            addresses.push(Address { text, is_mirror: true, is_plain, is_insecure });
        }
    }
    let is_insecure = surroundings.config.is_insecure(host);
    let text = host.to_owned();
    addresses.push(Address { text, is_mirror: false, is_plain: false, is_insecure });
    addresses.retain(|address| !is_far(address.text.split('/').next().unwrap_or_default()));
    addresses
}

pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((bare, port)) if !port.ends_with(']') => bare,
        _ => host,
    }
}

/// Whether an engine's kernel is ours, so that its loopback is ours too, unless one of both is in a
/// container.
pub(super) fn is_here(kernel: &str) -> bool {
    #[cfg(unix)]
    return rustix::system::uname().release().to_str() == Ok(kernel);
    #[cfg(not(unix))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::IndexConfig;

    fn texts(name: &str, is_here: bool) -> Vec<String> {
        let config = RegistryConfig {
            mirrors: vec!["http://127.0.0.1:5000/".to_owned(), "https://m.io/hub/".to_owned()],
            index_configs: [("r:5000".to_owned(), IndexConfig { secure: false })].into(),
        };
        let surroundings = Surroundings { config, is_here, architecture: String::new() };
        let addresses = addresses(&OciReference::parse(name).unwrap(), &surroundings);
        let mark = |is: bool, text| if is { text } else { "" };
        addresses
            .iter()
            .map(|it| {
                let plain = mark(it.is_plain, " plain");
                let insecure = mark(it.is_insecure, " insecure");
                format!("{}{plain}{insecure}", it.text)
            })
            .collect()
    }

    #[test]
    fn mirrors_come_before_docker_hub_and_before_nothing_else() {
        assert_eq!(texts("busybox", true), ["127.0.0.1:5000 plain", "m.io/hub", "docker.io"]);
        assert_eq!(texts("busybox", false), ["m.io/hub", "docker.io"], "its loopback is not ours");
        assert_eq!(texts("ghcr.io/a/b", true), ["ghcr.io"]);
        assert_eq!(texts("r:5000/a", false), ["r:5000 insecure"]);
        assert_eq!(texts("localhost:5000/a", true), ["localhost:5000"]);
        assert!(texts("localhost:5000/a", false).is_empty());
    }
}
