//! CPUs: what an image offers and what an engine can run. Pure.

#[expect(clippy::module_inception, reason = "the file is named for the type it holds")]
mod platform;

pub use platform::{Platform, PlatformError};
