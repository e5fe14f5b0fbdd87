//! How values are written for people, as the Docker CLI writes them: sizes, times, ports. Pure.

mod duration;
mod ports;
mod size;

pub use duration::{ago, human_duration};
pub use ports::ports;
pub(super) use size::bytes;
