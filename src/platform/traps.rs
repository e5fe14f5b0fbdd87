//! What is known to fail in images where their programs are emulated. Gathered from reports of users and
//! maintainers; emulators change, so those that are not certain are told as hints and stop nothing.

mod table;

use super::image::Image;
use super::{Guest, How, Platform, Product};
use table::{Certainty, Known, TABLE};

/// A program in an image that fails, or may fail, where it is emulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// Whether it certainly does not work.
    pub fatal: bool,
    /// What happens: one sentence, no trailing period.
    pub message: String,
    /// What to do: one sentence, no trailing period.
    pub remedy: String,
}

/// What is known to fail in an image for `platform` where its programs run as `how` says. A hint: what
/// fails may have been mended since, and what is not here may fail too.
pub fn trap(image: &str, platform: &Platform, how: How) -> Option<Trap> {
    let known = known(image, platform, how)?;
    Some(told(known, known.certainty != Certainty::Hint))
}

/// The same on a guest: what lacks nothing there is not fatal.
pub fn trap_on(guest: &Guest, image: &str, platform: &Platform) -> Option<Trap> {
    let known = known(image, platform, guest.how(platform))?;
    Some(told(
        known,
        match known.certainty {
            Certainty::Hint => false,
            // OrbStack has ways around what Rosetta lacks (orbstack/orbstack#482); newer systems may have AVX2.
            Certainty::UnlessAvx => {
                let level = Platform::new("linux", "amd64", "v3");
                guest.product != Product::OrbStack && !guest.how(&level).is_emulated()
            }
            Certainty::Certain => true,
        },
    ))
}

/// The row that says the most.
fn known(image: &str, platform: &Platform, how: How) -> Option<&'static Known> {
    if platform.architecture() != "amd64" || !how.is_emulated() {
        return None;
    }
    let image = Image::parse(image)?;
    let known = TABLE.iter().filter(|it| it.under.is(how) && it.images.have(&image));
    known.max_by_key(|it| it.certainty)
}

fn told(known: &Known, fatal: bool) -> Trap {
    Trap { fatal, message: known.message.to_owned(), remedy: known.remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Ability;

    fn amd64() -> Platform {
        Platform::new("linux", "amd64", "")
    }

    #[test]
    fn what_certainly_fails_is_told_from_what_may() {
        for (image, how, expected) in [
            ("mcr.microsoft.com/mssql/server:2022-latest", How::Qemu, Some(true)),
            ("mcr.microsoft.com/mssql/server:2022-latest", How::Rosetta, None),
            ("mongo:6", How::Rosetta, Some(true)),
            ("mongo:4.4", How::Rosetta, None),
            ("mongo", How::Rosetta, Some(true)),
            ("mongo:6", How::Qemu, Some(false)),
            ("gvenzl/oracle-xe:21-slim", How::Qemu, Some(true)),
            ("gvenzl/oracle-xe:21-slim", How::Emulated, Some(true)),
            ("registry.access.redhat.com/ubi10/ubi-minimal", How::Rosetta, Some(true)),
            ("registry.access.redhat.com/ubi9", How::Rosetta, None),
            ("rockylinux/rockylinux:10", How::Rosetta, Some(true)),
            ("rockylinux:9", How::Rosetta, None),
            ("quay.io/centos/centos:stream10", How::Rosetta, Some(true)),
            ("quay.io/centos/centos:stream9", How::Rosetta, None),
            ("docker.elastic.co/elasticsearch/elasticsearch:7.17.3", How::Qemu, Some(false)),
            ("elasticsearch:8.11.1", How::Qemu, Some(false)),
            ("elasticsearch:8.11.1", How::Rosetta, None),
            ("postgres:16", How::Qemu, None),
            ("mongo:6", How::Native, None),
            ("mongo:6", How::None, None),
            ("not an image", How::Qemu, None),
        ] {
            let found = trap(image, &amd64(), how).map(|trap| trap.fatal);
            assert_eq!(found, expected, "{image} {how:?}");
        }
        assert_eq!(trap("mongo:6", &Platform::new("linux", "arm64", ""), How::Qemu), None);
    }

    #[test]
    fn what_a_guest_has_after_all_is_no_trap() {
        let mut guest = Guest::new(Platform::new("linux", "arm64", ""));
        guest.product = Product::DockerDesktop;
        guest.others = vec![Ability { platform: amd64(), how: How::Rosetta }];
        let fatal = |guest: &Guest, image| trap_on(guest, image, &amd64()).map(|it| it.fatal);
        assert_eq!(fatal(&guest, "mongo:7"), Some(true));
        assert_eq!(fatal(&guest, "gvenzl/oracle-xe"), Some(true));
        let orbstack = Guest { product: Product::OrbStack, ..guest.clone() };
        assert_eq!(fatal(&orbstack, "mongo:7"), Some(false));
        assert_eq!(fatal(&orbstack, "gvenzl/oracle-xe"), Some(true));
        let v3 = Platform::new("linux", "amd64", "v3");
        guest.others.push(Ability { platform: v3, how: How::Rosetta });
        assert_eq!(fatal(&guest, "mongo:7"), Some(false));
        guest.others.clear();
        assert_eq!(fatal(&guest, "mongo:7"), None);
    }

    #[test]
    fn sentences_have_the_form_of_hints() {
        for known in &TABLE {
            for sentence in [known.message, known.remedy] {
                assert!(!sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
            }
        }
    }
}
