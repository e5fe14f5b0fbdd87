//! What the user has said yes to.

use std::collections::BTreeSet;

use super::access::{Access, Local};

/// What files from afar may have of this machine: nothing, unless the user said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    everything: bool,
    /// References whose files may have all that they ask for.
    references: BTreeSet<String>,
    /// Single accesses, each with the reference that it was granted to.
    accesses: BTreeSet<(String, Local)>,
}

impl Trust {
    /// Every file may have all that it asks for.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// What a setting says: a yes to everything, or references between commas or blanks.
    pub fn parse(setting: &str) -> Self {
        match setting.trim().to_ascii_lowercase().as_str() {
            "" | "0" | "f" | "false" | "n" | "no" => Self::default(),
            "1" | "t" | "true" | "y" | "yes" => Self::everything(),
            _ => Self {
                references: setting
                    .split(|it: char| it == ',' || it.is_whitespace())
                    .filter(|reference| !reference.is_empty())
                    .map(str::to_owned)
                    .collect(),
                ..Self::default()
            },
        }
    }

    /// Adds a yes to each of these.
    pub fn grant(&mut self, accesses: &[Access]) {
        for Access { by, local, .. } in accesses {
            self.accesses.insert((by.clone(), local.clone()));
        }
    }

    /// Whether the files of a reference may have something.
    pub(super) fn allows(&self, reference: &str, local: &Local) -> bool {
        self.everything
            || self.references.contains(reference)
            || self.accesses.contains(&(reference.to_owned(), local.clone()))
    }
}
