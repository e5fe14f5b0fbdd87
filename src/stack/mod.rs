//! The heart: what should exist, what exists, the plan between them, and its execution.

pub mod progress;
