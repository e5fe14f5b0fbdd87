//! The heart: what should exist, what exists, the plan between them, and its execution.
//!
//! Every command that changes something is two calls: its `plan` reads the engine and returns a
//! [`plan::Plan`] (a value: it can be shown instead of run), and [`execute::run`] walks it. `up` has
//! an images phase before that, because whether a container must be recreated depends on what a pull
//! or a build brings; see [`up`].

pub mod bridge;
pub mod commit;
pub mod copy;
pub mod course;
pub mod desired;
pub mod down;
pub mod execute;
pub mod fault;
pub mod from_labels;
pub mod generate;
pub mod health;
pub mod images;
pub mod kill;
pub mod labels;
pub mod observed;
pub mod pause;
pub mod plan;
pub mod preview;
pub mod programs;
pub mod progress;
pub mod query;
pub mod reconcile;
pub mod record;
pub mod restart;
pub mod rm;
pub mod run_one_off;
pub mod start;
pub mod stop;
pub mod timeline;
pub mod up;
pub mod why;

mod api_socket;
mod error;
mod owner;
mod selection;
#[cfg(test)]
mod simulation;
mod teardown;
#[cfg(test)]
pub(crate) mod testing;

pub use error::{Problem, StackError, StepError};
pub use execute::run;
pub use plan::Plan;
