//! Indexes of Python packages: where they are, what they answer, and what is remembered of it.

mod cache;
mod client;
mod configuration;
mod netrc;
mod page;

pub(super) use client::{Answer, Index, Needs};
pub(super) use configuration::Configuration;
