//! The Compose file format: text in, typed [`model::Project`] out. Knows no engine.

pub mod advice;
pub mod assemble;
pub mod canonical;
pub mod capture;
pub mod check;
pub mod decode;
pub mod defaults;
pub mod digests;
pub mod dotenv;
pub mod environment;
pub mod explain;
pub mod files;
pub mod hash;
mod hints;
pub mod image_name;
pub mod interpolate;
pub mod load;
#[cfg(test)]
pub(crate) mod loaded;
pub mod merge;
pub mod model;
pub mod normalize;
pub mod paths;
mod place;
pub mod profiles;
pub mod remote;
pub mod render;
pub mod reset;
pub mod scalar_text;
pub mod schema;
pub mod select;
pub mod shell_words;
pub mod source;
pub mod trace;
pub mod unicity;
pub mod units;
pub mod yaml;
