//! What an image's name tells: whose it is, and which release.

use crate::compose::image_name::ImageName;

/// An image by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// Registry and path as people write them (`mysql`, `quay.io/keycloak/keycloak`).
    pub(super) repository: String,
    /// Its tag; empty where there is a digest.
    pub(super) tag: String,
    release: Release,
}

/// What a tag says of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Release {
    /// Numbers, the most important first.
    Numbers(Vec<u32>),
    /// The newest.
    Latest,
    /// Nothing.
    Unknown,
}

impl Image {
    /// Reads a name; `None` where it is none.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let parsed = ImageName::parse(name).ok()?;
        let tag = parsed.tag().unwrap_or_default().to_owned();
        let release = match tag.as_str() {
            "latest" => Release::Latest,
            tag => numbers(tag).map_or(Release::Unknown, Release::Numbers),
        };
        Some(Self { repository: parsed.familiar_repository().to_owned(), tag, release })
    }

    /// Whether it is certainly this release or a later one.
    pub(super) fn is_at_least(&self, release: &[u32]) -> bool {
        match &self.release {
            // `8` is any 8.x: not certainly 8.4.
            Release::Numbers(numbers) => numbers.as_slice() >= release,
            Release::Latest => true,
            Release::Unknown => false,
        }
    }

    /// Whether it is certainly an earlier release.
    pub(super) fn is_before(&self, release: &[u32]) -> bool {
        match &self.release {
            // `8` may be the latest 8.x.
            Release::Numbers(numbers) => {
                let told = release.get(..numbers.len()).unwrap_or(release);
                numbers.as_slice() < told
                    || numbers.len() >= release.len() && numbers.as_slice() < release
            }
            Release::Latest | Release::Unknown => false,
        }
    }
}

/// The numbers that a tag begins with: `v1.22.3-alpine` has 1, 22 and 3.
fn numbers(tag: &str) -> Option<Vec<u32>> {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(tag.len());
    let digits = tag.get(..end)?.trim_end_matches('.');
    digits.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_as_far_as_tags_tell_them() {
        let image = |name| Image::parse(name).unwrap();
        for (name, release, at_least, before) in [
            ("mongo:6", &[5][..], true, false),
            ("mongo:4.4", &[5], false, true),
            ("mongo", &[5], true, false),
            ("mongo:jammy", &[5], false, false),
            ("mongo:5.0.31-focal", &[5], true, false),
            ("mysql:8", &[8, 0, 29], false, false),
            ("mysql:8.0", &[8, 0, 29], false, false),
            ("mysql:8.0.23", &[8, 0, 29], false, true),
            ("mysql:8.0.30", &[8, 0, 29], true, false),
            ("mysql:5.7.44-debian", &[8, 0, 29], false, true),
            ("axllent/mailpit:v1.22.3", &[1, 29, 6], false, true),
            ("confluentinc/cp-kafka:7.0.1", &[7], true, false),
        ] {
            let it = image(name);
            assert_eq!(
                (it.is_at_least(release), it.is_before(release)),
                (at_least, before),
                "{name}"
            );
        }
        let digest = format!("mongo@sha256:{}", "0".repeat(64));
        assert!(!image(&digest).is_at_least(&[5]) && !image(&digest).is_before(&[5]));
        assert_eq!(image("docker.io/library/mysql:5.7").repository, "mysql");
        assert_eq!(Image::parse("not an image"), None);
    }
}
