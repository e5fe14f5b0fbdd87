//! The live view: a region at the bottom of the terminal that shows each subject of a run on a row
//! of its own. [`board`] is what is known, [`frame`] how it looks at one moment, [`region`] how it
//! is put on the terminal and taken away again.
//!
//! All three are told the time and the size of the window and write into a buffer, so that tests
//! can look at every frame.

mod board;
mod frame;
mod region;

pub(super) use board::Board;
pub(super) use frame::{Look, draw};
pub(super) use region::Region;
