//! CPUs: what an image offers, what an engine can run, and the verdict on a service. Pure.

pub mod cost;
pub mod data;
pub mod fault;
mod guest;
mod image;
mod matching;
pub mod mend;
pub mod notice;
mod offer;
#[expect(clippy::module_inception, reason = "the file is named for the type it holds")]
mod platform;
pub mod program;
mod remedy;
pub mod replacements;
#[cfg(test)]
mod samples;
pub mod subject;
pub mod traps;
pub mod variable;
pub mod verdict;

pub use guest::{Ability, Guest, How, Product};
pub use matching::Matching;
pub use offer::{Gap, Offer};
pub use platform::{Platform, PlatformError};
