//! What containers write and what becomes of them, while somebody looks: the logs of `logs`, the
//! foreground of `up`. [`Monitor`] follows a project's containers by the engine's events
//! ([`lives`] judges them), [`Readers`] carries their output to the printer.

mod flood;
mod follow;
mod lives;
mod monitor;
mod name;
mod position;
mod readers;

pub(super) use flood::let_gather;
pub(super) use monitor::{Happening, Monitor};
pub(super) use name::Watched;
pub(super) use readers::Readers;
