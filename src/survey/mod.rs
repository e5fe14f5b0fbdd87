//! What is asked of the world for a verdict on platforms: what an engine's guest can run, which
//! platforms images offer, how builds come about. Everything that judges is in [`crate::platform`].

pub mod file_events;
pub mod guest;
pub mod measure;
pub mod offers;
pub mod own;

mod data;
mod interim;
mod judgements;
mod packages;
mod place;
mod recipe;
mod store;
mod subjects;

pub use interim::Interim;
pub use judgements::{Survey, survey};
pub use store::Store;
pub use subjects::{Elsewhere, Running, Settings, is_accepted, running, subjects};
