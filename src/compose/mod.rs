//! The Compose file format: text in, typed [`model::Project`] out. Knows no engine.

pub mod check;
pub mod hash;
pub mod model;
pub mod render;
pub mod yaml;
