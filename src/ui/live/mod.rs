//! The live view: a region at the bottom of the terminal that shows each service of a run on a row
//! of its own. [`board`] is what is known, with [`progress`] of the steps that are done and to be
//! done; [`row`] is what of it is shown, [`frame`] how it looks at one moment, [`region`] how it is
//! put on the terminal and taken away again.
//!
//! All are told the time and the size of the window and write into a buffer, so that tests
//! can look at every frame.

mod board;
mod frame;
mod progress;
mod region;
mod row;

pub(super) use board::Board;
pub(super) use frame::{Look, draw, line_of};
pub(super) use region::Region;
