//! Tests of the whole program against a real engine, by subject.

#[path = "../harness/mod.rs"]
mod harness;

mod attached;
mod build;
mod builders;
mod engine;
mod examples;
mod lab;
mod lifecycle;
