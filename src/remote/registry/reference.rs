//! References to artifacts, `oci://[HOST/]NAME[:TAG][@DIGEST]`, and digests.

use std::fmt;

use sha2::{Digest as _, Sha256, Sha512};

use super::super::cache::hexadecimal;
use super::super::error::Problem;
use crate::engine::reference::ImageReference;

/// Characters of a name, and of a tag, at most.
const NAME_LIMIT: usize = 255;
const TAG_LIMIT: usize = 128;

/// The digest of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    algorithm: Algorithm,
    hexadecimal: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Digest {
    /// A digest as it is written, `sha256:…`.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = || {
            Problem::new(format!("invalid digest {text:?}"))
                .help("a digest is `sha256:` and 64 hexadecimal digits")
        };
        let (algorithm, digits) = text.split_once(':').ok_or_else(wrong)?;
        let (algorithm, length) = match algorithm {
            "sha256" => (Algorithm::Sha256, 64),
            "sha512" => (Algorithm::Sha512, 128),
            _ => return Err(wrong()),
        };
        let is_digit = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        if digits.len() != length || !digits.bytes().all(is_digit) {
            return Err(wrong());
        }
        Ok(Self { algorithm, hexadecimal: digits.to_owned() })
    }

    /// The SHA-256 digest of some bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let hexadecimal = hexadecimal(&Sha256::digest(bytes));
        Self { algorithm: Algorithm::Sha256, hexadecimal }
    }

    /// Its digits. They make a directory's name: nothing but digits.
    pub(crate) fn hexadecimal(&self) -> &str {
        &self.hexadecimal
    }

    /// Whether it is that of these bytes.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), Problem> {
        let actual = match self.algorithm {
            Algorithm::Sha256 => hexadecimal(&Sha256::digest(bytes)),
            Algorithm::Sha512 => hexadecimal(&Sha512::digest(bytes)),
        };
        if actual == self.hexadecimal {
            return Ok(());
        }
        Err(Problem::new(format!("the registry gave something else than {self}"))
            .help("something on the way or the registry itself is broken, or lies"))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithm = match self.algorithm {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        };
        write!(f, "{algorithm}:{}", self.hexadecimal)
    }
}

/// A reference in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OciReference {
    /// Host and perhaps port of the registry, as it is written.
    pub(crate) registry: String,
    /// The name within the registry.
    pub(crate) repository: String,
    tag: Option<String>,
    /// The digest, where the reference is pinned.
    pub(crate) digest: Option<Digest>,
}

impl OciReference {
    /// Takes a reference apart; `latest` is meant where it says nothing.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let (scheme, rest) = match text.strip_prefix("oci://") {
            Some(rest) => ("oci://", rest),
            None => ("", text),
        };
        let wrong = |why: &str| {
            Problem::new(format!("invalid reference format: {why}: {text}"))
                .help(format!("write `{scheme}HOST/NAME:TAG`, or `{scheme}HOST/NAME@sha256:…`"))
        };
        let parsed = ImageReference::parse(rest);
        let registry = parsed.registry();
        let name = parsed.name;
        let repository = match name.split_once('/') {
            Some((host, path)) if host == registry || host == "index.docker.io" => path.to_owned(),
            None if !name.is_empty() => format!("library/{name}"),
            _ => name.to_owned(),
        };
        if !is_host(registry) {
            return Err(wrong("there is no such host"));
        }
        if repository.chars().any(|it| it.is_ascii_uppercase()) {
            return Err(wrong("repository name must be lowercase"));
        }
        if repository.len() > NAME_LIMIT || !repository.split('/').all(is_component) {
            return Err(wrong("there is no such name"));
        }
        let tag = parsed.tag.map(str::to_owned);
        if tag.as_deref().is_some_and(|tag| !is_tag(tag)) {
            return Err(wrong("there is no such tag"));
        }
        let digest = parsed.digest.map(Digest::parse).transpose()?;
        Ok(Self { registry: registry.to_owned(), repository, tag, digest })
    }

    /// The same name, pinned to a digest.
    pub(crate) fn at(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }

    /// What the registry is asked for: the digest, or else the tag.
    pub(crate) fn version(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".to_owned(),
        }
    }
}

impl fmt::Display for OciReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.digest.is_some() { '@' } else { ':' };
        write!(f, "{}/{}{separator}{}", self.registry, self.repository, self.version())
    }
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    let is_address = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok());
    let is_name = !name.is_empty()
        && name.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        });
    is_port && (is_name || is_address)
}

/// Letters and digits with `.`, `_`, `__` or dashes between them.
fn is_component(component: &str) -> bool {
    let plain = |it: &u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    let bytes = component.as_bytes();
    let ends = bytes.first().is_some_and(plain) && bytes.last().is_some_and(plain);
    let runs = component.split(|it: char| it.is_ascii_lowercase() || it.is_ascii_digit());
    let separators = runs
        .into_iter()
        .all(|run| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|it| it == b'-'));
    ends && separators
}

fn is_tag(tag: &str) -> bool {
    let word = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    tag.len() <= TAG_LIMIT
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|it| word(it) || b".-".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_a_normal_form() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (text, expected) in [
            ("oci://r.io/a/b:1".to_owned(), "r.io/a/b:1".to_owned()),
            ("oci://localhost:5000/far/app".to_owned(), "localhost:5000/far/app:latest".to_owned()),
            ("oci://busybox".to_owned(), "docker.io/library/busybox:latest".to_owned()),
            ("oci://me/app:v1".to_owned(), "docker.io/me/app:v1".to_owned()),
            (format!("oci://r.io/a:1@{digest}"), format!("r.io/a@{digest}")),
            ("oci://UPPER/x".to_owned(), "UPPER/x:latest".to_owned()),
            ("oci://[::1]:5000/x".to_owned(), "[::1]:5000/x:latest".to_owned()),
            ("oci://r.io/a__b/c-d.e".to_owned(), "r.io/a__b/c-d.e:latest".to_owned()),
        ] {
            let parsed = OciReference::parse(&text).map(|it| it.to_string());
            assert_eq!(parsed, Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "oci://",
            "oci:///x",
            "oci://r.io/",
            "oci://r.io/A",
            "oci://r.io/../x",
            "oci://r.io/a//b",
            "oci://r.io/a:",
            "oci://r.io/a:-x",
            "oci://r.io/a@sha256:12",
            "oci://r.io/a@md5:1",
            "oci://r.io/a?b",
            "oci://r.io/a b",
            "oci://u:p@r.io/a",
            "oci://-r.io/a",
            "oci://r.io:x/a",
            "oci://r.io/.a",
            "oci://r.io/a___b",
        ] {
            assert!(OciReference::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn digests_are_compared() {
        let digest = Digest::of(b"x");
        assert!(digest.check(b"x").is_ok());
        assert!(digest.check(b"y").is_err());
        assert_eq!(Digest::parse(&digest.to_string()), Ok(digest));
        let long = Digest::parse(&format!("sha512:{}", "0".repeat(128))).unwrap();
        assert!(long.check(b"x").is_err());
    }
}
