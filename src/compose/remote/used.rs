//! Which variables were looked up.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Takes note of the variables that are looked up and found.
#[derive(Debug, Default)]
pub(in crate::compose) struct Used(RefCell<BTreeSet<String>>);

impl Used {
    /// A variable's value.
    pub(in crate::compose) fn lookup(
        &self,
        name: &str,
        environment: &BTreeMap<String, String>,
    ) -> Option<String> {
        let value = environment.get(name)?;
        self.0.borrow_mut().insert(name.to_owned());
        Some(value.clone())
    }

    /// The names, sorted.
    pub(in crate::compose) fn names(self) -> BTreeSet<String> {
        self.0.into_inner()
    }
}
