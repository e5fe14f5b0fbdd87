//! How values are written for people, as the Docker CLI writes them: sizes, times, ports. Pure.

mod duration;
mod number;
mod ports;
mod size;
mod words;

pub use duration::{ago, human_duration};
pub(super) use number::{exponential, general};
pub use ports::ports;
pub(super) use size::bytes;
pub use size::{binary_size, decimal_size};
pub use words::{ellipsis, labels, quoted, short_id, typed};
