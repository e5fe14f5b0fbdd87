//! What must hold for every input: one module for each target, each with a function `check` that
//! panics when something does not hold.
//!
//! The main package's tests (`tests/fuzz_seeds.rs`) take this file in as a module and replay the
//! seeds through the same functions, so these use nothing but Bireme and `serde_json`.

pub mod archive;
pub mod diagnostics;
pub mod dockerignore;
pub mod dotenv;
pub mod interpolate;
pub mod load;
pub mod merge;
pub mod template;
pub mod yaml;
