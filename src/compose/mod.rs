//! The Compose file format: text in, typed [`model::Project`] out. Knows no engine.

pub mod dotenv;
pub mod files;
pub mod interpolate;
pub mod model;
pub mod remote;
pub mod shell_words;
pub mod source;
pub mod units;
pub mod yaml;
