//! Python's packages: what is required, what an index or a lock file offers, and what suits a target. Pure.

pub(super) mod judge;
pub(super) mod lock;
pub(super) mod marker;
pub(super) mod metadata;
pub(super) mod name;
pub(super) mod pyproject;
pub(super) mod releases;
pub(super) mod requirement;
pub(super) mod requirements_file;
pub(super) mod resolution;
pub(super) mod target;
pub(super) mod wheel;
