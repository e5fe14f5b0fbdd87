//! The project as `config` prints it.

mod go_yaml;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod tree;
