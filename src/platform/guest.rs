//! What the guest of an engine, the Linux in which its containers run, can run.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Matching, Platform};

/// How programs of a platform run on a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum How {
    /// On the CPU itself.
    Native,
    /// Translated by Apple's Rosetta.
    Rosetta,
    /// Emulated by QEMU in user mode.
    Qemu,
    /// Translated or emulated, it is not known by what.
    Emulated,
    /// Not at all: no emulator is registered.
    None,
    /// It could not be found out.
    Unknown,
}

impl How {
    /// Whether something stands between the program and the CPU.
    pub const fn is_emulated(self) -> bool {
        matches!(self, Self::Rosetta | Self::Qemu | Self::Emulated)
    }

    /// What does it, by name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Rosetta => "Rosetta",
            Self::Qemu => "QEMU",
            Self::Emulated => "an emulator",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }

    /// What is said of a program that runs so: `emulated (QEMU)`.
    pub fn emulated(self) -> String {
        match self {
            Self::Emulated => "emulated".to_owned(),
            how => format!("emulated ({})", how.name()),
        }
    }

    /// The word for it in machine-readable output. One that is not known by name is `unknown`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Rosetta => "rosetta",
            Self::Qemu => "qemu",
            Self::None => "none",
            Self::Emulated | Self::Unknown => "unknown",
        }
    }
}

/// As it stands in a sentence: `under QEMU`.
impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "natively",
            Self::Rosetta => "under Rosetta",
            Self::Qemu => "under QEMU",
            Self::Emulated => "emulated",
            Self::None => "not at all",
            Self::Unknown => "in a way that is not known",
        })
    }
}

/// The product that an engine belongs to, where what can be done about emulators depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Product {
    /// Docker Engine on a Linux of the user's.
    #[default]
    DockerEngine,
    /// Docker Desktop.
    DockerDesktop,
    /// Colima.
    Colima,
    /// Lima.
    Lima,
    /// Rancher Desktop.
    RancherDesktop,
    /// OrbStack.
    OrbStack,
    /// Podman, on Linux or in its machine.
    Podman,
}

/// Its name.
impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DockerEngine => "Docker Engine",
            Self::DockerDesktop => "Docker Desktop",
            Self::Colima => "Colima",
            Self::Lima => "Lima",
            Self::RancherDesktop => "Rancher Desktop",
            Self::OrbStack => "OrbStack",
            Self::Podman => "Podman",
        })
    }
}

/// What a guest makes of one platform besides its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    /// The platform.
    pub platform: Platform,
    /// How its programs run.
    pub how: How,
}

/// What an engine's guest can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// What the guest's CPU is.
    pub own: Platform,
    /// What was found out of other platforms. What stands here overrules what `own` implies: a
    /// 64-bit Arm CPU may or may not run 32-bit programs.
    pub others: Vec<Ability>,
    /// What holds for platforms that nothing is said of: [`How::None`] where the list is known to be
    /// whole, else [`How::Unknown`].
    pub rest: How,
    /// The product.
    pub product: Product,
    /// By which rules its engine matches images with platforms.
    pub matching: Matching,
}

impl Guest {
    /// A guest of which nothing is known but its CPU.
    pub const fn new(own: Platform) -> Self {
        Self {
            own,
            others: Vec::new(),
            rest: How::Unknown,
            product: Product::DockerEngine,
            matching: Matching::Covering,
        }
    }

    /// How programs of a platform run here.
    pub fn how(&self, platform: &Platform) -> How {
        let said = self.others.iter().find(|ability| ability.platform == *platform);
        if let Some(ability) = said {
            return ability.how;
        }
        let covered = self.others.iter().find(|ability| {
            ability.platform.architecture() == platform.architecture()
                && ability.platform.preference(platform).is_some()
        });
        if let Some(ability) = covered {
            return ability.how;
        }
        if self.own.preference(platform).is_some() {
            return How::Native;
        }
        self.rest
    }

    /// The platform among several that runs best without emulation.
    pub fn best_native<'a>(&self, platforms: &'a [Platform]) -> Option<&'a Platform> {
        platforms
            .iter()
            .filter(|platform| self.how(platform) == How::Native)
            .min_by_key(|platform| self.own.preference(platform).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
    }

    #[test]
    fn what_was_found_out_overrules_what_the_cpu_implies() {
        let mut guest = Guest::new(platform("linux/arm64"));
        assert_eq!(guest.how(&platform("linux/arm/v7")), How::Native);
        assert_eq!(guest.how(&platform("linux/amd64")), How::Unknown);

        guest.rest = How::None;
        guest.others = vec![
            Ability { platform: platform("linux/amd64"), how: How::Rosetta },
            Ability { platform: platform("linux/arm/v7"), how: How::Qemu },
        ];
        for (asked, how) in [
            ("linux/arm64", How::Native),
            ("linux/amd64", How::Rosetta),
            ("linux/arm/v7", How::Qemu),
            ("linux/arm/v6", How::Qemu),
            // An emulator of amd64 is none of 386.
            ("linux/386", How::None),
            ("linux/s390x", How::None),
        ] {
            assert_eq!(guest.how(&platform(asked)), how, "{asked}");
        }
    }

    #[test]
    fn the_best_native_platform_is_the_nearest_to_the_cpu() {
        let guest = Guest::new(platform("linux/arm64"));
        let offered = ["linux/amd64", "linux/arm/v7", "linux/arm64"].map(platform);
        assert_eq!(guest.best_native(&offered), Some(&platform("linux/arm64")));
        assert_eq!(guest.best_native(&offered[..2]), Some(&platform("linux/arm/v7")));
        assert_eq!(guest.best_native(&offered[..1]), None);
    }
}
