//! Which container comes out of which: one that is replaced may have another name than its successor.

use std::collections::BTreeMap;

use super::Source;
use crate::stack::plan::ContainerRef;

/// Names that containers, or those that take their places, have once the plan has run.
pub(super) struct Finals<'a> {
    /// By the id of what is there now.
    names: BTreeMap<&'a str, &'a str>,
}

impl<'a> Finals<'a> {
    /// Those of a plan.
    pub(super) fn of(source: &Source<'a>) -> Self {
        let names = source.containers.iter().filter_map(|last| {
            let now = last.now.as_ref()?;
            Some((now.id.as_deref()?, last.reference.name.as_str()))
        });
        Self { names: names.collect() }
    }

    /// The name of what comes out of the container with an id; `None` where nothing does.
    pub(super) fn name_of(&self, id: &str) -> Option<&'a str> {
        self.names.get(id).copied()
    }

    /// The name of what comes out of a container; its own where nothing does.
    pub(super) fn name(&self, container: &'a ContainerRef) -> &'a str {
        let successor = container.id.as_ref().and_then(|id| self.name_of(id));
        successor.unwrap_or(&container.name)
    }
}
