//! Container logs side by side: [`lines`] cuts what a process writes into lines, [`prefix`] says
//! whose each is and in which colour, [`LogPrinter`] puts them out as Docker Compose does.
//!
//! Bytes pass through as they are, whether they are UTF-8 or not; nothing is held back but an
//! unfinished line, and that only up to a bound.

mod lines;
mod prefix;
mod printer;

pub use lines::LineSplitter;
pub use printer::{Batch, LogFormat, LogPrinter};
