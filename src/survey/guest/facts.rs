//! What an engine told of its guest, in the form in which it is remembered.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::probe::Outcome;
use crate::platform::{How, Matching, Platform, Product};

/// What an engine told of its guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// Operating system of the guest (`linux`).
    pub(super) os: String,
    /// Its CPU architecture.
    pub(super) architecture: String,
    /// The product.
    pub(super) product: Product,
    /// By which rules it matches images with platforms.
    pub(super) matching: Matching,
    /// Whether the guest is this machine, so that its kernel can be looked at.
    pub(super) is_here: bool,
    /// Whether the CPU is known to be one of Apple's.
    pub(super) is_apple: bool,
    /// The level of x86-64 that the CPU has, where it could be looked at.
    pub(super) level: Option<u8>,
    /// Platforms whose programs BuildKit has run, the guest's own first; `None` where it was not asked or
    /// did not answer.
    pub(super) tested: Option<Vec<String>>,
    /// Whether 32-bit platforms of the guest's family may run although they are not among these.
    #[serde(default)]
    pub(super) omits_32_bits: bool,
    /// Platforms for which Podman says that there is a handler; `None` where it does not say.
    pub(super) handled: Option<Vec<String>>,
    /// By what amd64 programs are run, as the product's settings say, and the file.
    pub(super) translator: Option<(How, PathBuf)>,
    /// What became of programs that were run to find out.
    #[serde(default)]
    pub(super) probed: BTreeMap<String, Outcome>,
}

impl Facts {
    /// What the guest's CPU is.
    pub(super) fn own(&self) -> Platform {
        Platform::new(&self.os, &self.architecture, "")
    }

    /// Platforms of a list.
    pub(super) fn platforms(&self, names: &[String]) -> Vec<Platform> {
        let own = self.own();
        names.iter().filter_map(|name| Platform::parse(name, &own).ok()).collect()
    }
}
