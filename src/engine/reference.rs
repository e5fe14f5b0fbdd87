//! Image references, `[registry/]name[:tag][@digest]`, as far as pulling needs to take them apart.

/// Host of Docker Hub in normal form.
const HUB: &str = "docker.io";
/// Docker Hub's name among credentials.
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// The parts of an image reference. Borrowed from its text; nothing is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageReference<'a> {
    /// Everything before tag and digest.
    pub name: &'a str,
    /// Behind the colon.
    pub tag: Option<&'a str>,
    /// Behind the `@`, with its algorithm.
    pub digest: Option<&'a str>,
}

impl<'a> ImageReference<'a> {
    /// Takes a reference apart.
    pub fn parse(text: &'a str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let path_start = rest.rfind('/').map_or(0, |slash| slash + 1);
        // A colon further left belongs to a port.
        match rest[path_start..].rfind(':') {
            Some(colon) => {
                let (name, tag) = rest.split_at(path_start + colon);
                Self { name, tag: tag.strip_prefix(':'), digest }
            }
            None => Self { name: rest, tag: None, digest },
        }
    }

    /// The registry's host, `docker.io` where none is named.
    pub fn registry(&self) -> &'a str {
        match self.name.split_once('/') {
            Some((host, _)) if is_host(host) && host != "index.docker.io" => host,
            _ => HUB,
        }
    }

    /// Digest or tag to ask the engine for; without it an engine pulls every tag there is.
    pub fn version(&self) -> &'a str {
        self.digest.or(self.tag).unwrap_or("latest")
    }
}

/// Whether the first part of a name is a host.
fn is_host(part: &str) -> bool {
    part == "localhost"
        || part.contains(['.', ':'])
        || part.chars().any(|letter| letter.is_ascii_uppercase())
}

/// The name under which a registry's credentials are kept.
pub(super) fn credential_key(registry: &str) -> &str {
    match registry {
        HUB | "index.docker.io" | "registry-1.docker.io" => HUB_KEY,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_references_apart() {
        for (text, registry, name, version) in [
            ("busybox", "docker.io", "busybox", "latest"),
            ("a/b:1", "docker.io", "a/b", "1"),
            ("index.docker.io/a/b", "docker.io", "index.docker.io/a/b", "latest"),
            ("localhost/x", "localhost", "localhost/x", "latest"),
            ("r:5000/x", "r:5000", "r:5000/x", "latest"),
            ("r.io/a/b:2@sha256:ff", "r.io", "r.io/a/b", "sha256:ff"),
            ("", "docker.io", "", "latest"),
        ] {
            let reference = ImageReference::parse(text);
            assert_eq!(
                (reference.registry(), reference.name, reference.version()),
                (registry, name, version),
                "{text}"
            );
        }
        assert_eq!(credential_key("docker.io"), "https://index.docker.io/v1/");
        assert_eq!(credential_key("r:5000"), "r:5000");
    }
}
