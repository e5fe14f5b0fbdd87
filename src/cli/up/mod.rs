//! `up`: the main job. [`Args`] are its flags, [`settings`] what they come to, [`attached`] the
//! stream of logs while the stack runs in the foreground.

mod args;

pub use args::Args;
