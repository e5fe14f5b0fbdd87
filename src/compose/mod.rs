//! The Compose file format: text in, typed [`model::Project`] out. Knows no engine.

pub mod check;
pub mod hash;
pub mod interpolate;
pub mod model;
pub mod render;
pub mod shell_words;
pub mod units;
pub mod yaml;
