//! The hash of a desired service, worked out once.

use std::sync::OnceLock;

use super::referenced_services;
use crate::compose::hash;
use crate::compose::model::Service;
use crate::stack::labels::WRITTEN_DIALECT;

/// Remembers the hash of the service that it belongs to.
#[derive(Debug, Clone, Default)]
pub struct Identity(OnceLock<String>);

impl PartialEq for Identity {
    /// What is remembered follows from the service.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Identity {
    /// The hash in our own dialect of a service that refers to nobody's containers. That of others
    /// depends on what exists.
    pub fn alone(&self, service: &Service) -> Option<&str> {
        let refers = !service.volumes_from.is_empty() || !referenced_services(service).is_empty();
        let hash = || self.0.get_or_init(|| hash::service(service, WRITTEN_DIALECT)).as_str();
        (!refers).then(hash)
    }
}
