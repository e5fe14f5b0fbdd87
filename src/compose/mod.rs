//! The Compose file format: text in, typed [`model::Project`] out. Knows no engine.

pub mod dotenv;
pub mod interpolate;
pub mod model;
pub mod shell_words;
pub mod units;
pub mod yaml;
