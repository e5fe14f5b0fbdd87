//! The name of an image, `[host[:port]/]path[:tag][@digest]`, in its normal form: the grammar of the
//! distribution project, which engines and registries follow.

use std::fmt;

/// Host and folder of images that name neither.
const HUB: &str = "docker.io";
const OFFICIAL: &str = "library";
/// Docker Hub's other name.
const OLD_HUB: &str = "index.docker.io";
const LATEST: &str = "latest";
const LONGEST_PATH: usize = 255;
const LONGEST_TAG: usize = 128;

/// An image's name, complete. Where there is a digest, a tag would say nothing and is left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageName {
    /// Registry and path.
    repository: String,
    /// What of it: `:tag` or `@algorithm:digits`.
    version: Version,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    Tag(String),
    Digest(String),
}

/// Why a text names no image, in the words of the distribution project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageNameError {
    /// It does not have the form.
    #[error("invalid reference format")]
    Format,
    /// Only hosts and tags may have capital letters.
    #[error("invalid reference format: repository name ({0}) must be lowercase")]
    Uppercase(String),
    /// It would be taken for the identity of an image.
    #[error("invalid repository name ({0}), cannot specify 64-byte hexadecimal strings")]
    Identity(String),
    /// It is too long.
    #[error("repository name must not be more than {LONGEST_PATH} characters")]
    TooLong,
    /// Nobody knows how to compute the digest.
    #[error("unsupported digest algorithm")]
    Algorithm,
    /// The digest does not have the length of its algorithm's.
    #[error("invalid checksum digest length")]
    DigestLength,
    /// The digest has other signs than small hexadecimal digits.
    #[error("invalid checksum digest format")]
    DigestFormat,
}

/// Whether two texts name one image, however they spell it.
pub fn is_same_image(one: &str, other: &str) -> bool {
    let names = |text| ImageName::parse(text).ok();
    one == other || names(one).is_some_and(|name| names(other) == Some(name))
}

impl ImageName {
    /// Reads a name as it is written in a file.
    pub fn parse(text: &str) -> Result<Self, ImageNameError> {
        if text.len() == 64 && text.bytes().all(is_small_hexadecimal) {
            return Err(ImageNameError::Identity(text.to_owned()));
        }
        let (host, rest) = split_host(text);
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (rest, None),
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        let path = match host {
            HUB if !path.contains('/') => format!("{OFFICIAL}/{path}"),
            _ => path.to_owned(),
        };
        if path.contains(char::is_uppercase) {
            return Err(ImageNameError::Uppercase(path));
        }
        let fits = is_host(host)
            && path.split('/').all(is_path_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(has_form_of_digest);
        if !fits {
            return Err(ImageNameError::Format);
        }
        if path.len() > LONGEST_PATH {
            return Err(ImageNameError::TooLong);
        }
        let version = match digest {
            Some(digest) => {
                check_digest(digest)?;
                Version::Digest(digest.to_owned())
            }
            None => Version::Tag(tag.unwrap_or(LATEST).to_owned()),
        };
        Ok(Self { repository: format!("{host}/{path}"), version })
    }

    /// Whether the name says which content is meant, for ever.
    pub fn is_pinned(&self) -> bool {
        matches!(self.version, Version::Digest(_))
    }

    /// Registry and path as people write them: without what goes without saying.
    pub fn familiar_repository(&self) -> &str {
        let path = self.repository.strip_prefix("docker.io/");
        let official = path.and_then(|path| path.strip_prefix("library/"));
        // `library/a/b` is a path like any other.
        official.filter(|path| !path.contains('/')).or(path).unwrap_or(&self.repository)
    }

    /// The tag; `None` where there is a digest.
    pub fn tag(&self) -> Option<&str> {
        match &self.version {
            Version::Tag(tag) => Some(tag),
            Version::Digest(_) => None,
        }
    }

    /// The name with a digest behind it.
    pub fn pinned_to(&self, digest: &str) -> String {
        format!("{self}@{digest}")
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Version::Tag(tag) => write!(formatter, "{}:{tag}", self.repository),
            Version::Digest(digest) => write!(formatter, "{}@{digest}", self.repository),
        }
    }
}

/// The host that a name begins with, and the rest. A first part is a host if it could not be a
/// folder of Docker Hub's.
fn split_host(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some((OLD_HUB, rest)) => (HUB, rest),
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.contains(char::is_uppercase) =>
        {
            (first, rest)
        }
        _ => (HUB, text),
    }
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            let digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
            if address.is_empty() || !address.bytes().all(digit) {
                return false;
            }
            (None, if port.is_empty() { None } else { Some(port.strip_prefix(':').unwrap_or("")) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(text), None),
        },
    };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.is_none_or(|host| host.split('.').all(label))
        && port
            .is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Small letters and digits, with a `.`, one or two `_` or any number of `-` between them.
fn is_path_component(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut rest = text.as_bytes();
    loop {
        let length = rest.iter().take_while(|byte| word(**byte)).count();
        if length == 0 {
            return false;
        }
        rest = &rest[length..];
        let Some(separator) = rest.first() else { return true };
        let length = rest.iter().take_while(|byte| *byte == separator).count();
        let fits = match separator {
            b'.' => length == 1,
            b'_' => length <= 2,
            b'-' => true,
            _ => false,
        };
        if !fits {
            return false;
        }
        rest = &rest[length..];
    }
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= LONGEST_TAG
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || b".-".contains(&byte))
}

fn has_form_of_digest(text: &str) -> bool {
    let Some((algorithm, digits)) = text.split_once(':') else { return false };
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    algorithm.split(['-', '_', '+', '.']).all(part)
        && digits.len() >= 32
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn check_digest(text: &str) -> Result<(), ImageNameError> {
    let (algorithm, digits) = text.split_once(':').unwrap_or((text, ""));
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Err(ImageNameError::Algorithm),
    };
    if digits.len() != length {
        return Err(ImageNameError::DigestLength);
    }
    if !digits.bytes().all(is_small_hexadecimal) {
        return Err(ImageNameError::DigestFormat);
    }
    Ok(())
}

fn is_small_hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_has_several_spellings() {
        for (one, other, same) in [
            ("db", "docker.io/library/db:latest", true),
            ("index.docker.io/db:7", "library/db:7", true),
            ("db:7", "db:8", false),
            ("127.0.0.1:5000/db", "db", false),
            ("NO NAME", "NO NAME", true),
            ("NO NAME", "NO IMAGE", false),
        ] {
            assert_eq!(is_same_image(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn names_are_completed() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (text, expected) in [
            ("busybox", "docker.io/library/busybox:latest"),
            ("docker.io/busybox", "docker.io/library/busybox:latest"),
            ("index.docker.io/busybox", "docker.io/library/busybox:latest"),
            ("a__b/c--d:T_1.x", "docker.io/a__b/c--d:T_1.x"),
            ("localhost/x", "localhost/x:latest"),
            ("Host/x", "Host/x:latest"),
            ("[::1]:5000/x", "[::1]:5000/x:latest"),
            ("r.example:5000/a/b:1", "r.example:5000/a/b:1"),
            (&format!("r.example/a:1@{digest}"), &format!("r.example/a@{digest}")),
        ] {
            let name = ImageName::parse(text).map(|name| name.to_string());
            assert_eq!(name.as_deref(), Ok(expected), "{text}");
        }
        let name = ImageName::parse("busybox:1").unwrap();
        assert!(!name.is_pinned());
        let pinned = name.pinned_to(&digest);
        assert_eq!(pinned, format!("docker.io/library/busybox:1@{digest}"));
        assert!(ImageName::parse(&pinned).unwrap().is_pinned());
    }

    #[test]
    fn what_is_no_name() {
        use ImageNameError::{Algorithm, DigestFormat, DigestLength, Format, TooLong, Uppercase};
        let long_tag = format!("x:{}", "a".repeat(129));
        let identity = "a".repeat(64);
        for (text, expected) in [
            ("", Format),
            ("x:", Format),
            ("x:y/z", Format),
            ("a b", Format),
            ("x..y", Format),
            ("x___y", Format),
            ("/x", Format),
            ("x/", Format),
            ("-x.y/z", Format),
            ("[::1/x", Format),
            (&long_tag, Format),
            ("x@sha256:12", Format),
            ("Bad/Upper", Uppercase("Upper".to_owned())),
            ("$V", Uppercase("library/$V".to_owned())),
            (&format!("x@md5:{}", "a".repeat(32)), Algorithm),
            (&format!("x@sha256:{}", "a".repeat(63)), DigestLength),
            (&format!("x@sha256:{}", "A".repeat(64)), DigestFormat),
            (&"a".repeat(250), TooLong),
            (&identity, ImageNameError::Identity(identity.clone())),
        ] {
            assert_eq!(ImageName::parse(text), Err(expected), "{text}");
        }
    }
}
