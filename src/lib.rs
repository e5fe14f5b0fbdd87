//! Bireme: an orchestrator for Compose files on machines that run two instruction sets.
//!
//! Data flows one way:
//!
//! ```text
//! files → compose → Project → stack::desired ─┐
//!                                             ├→ stack::reconcile → Plan → stack::execute → engine
//!              engine → stack::observed ──────┘                                  │
//!                                                                       events → ui
//! ```
//!
//! Rooms, from the inside out; an arrow never points outwards (`tests/architecture.rs` checks):
//!
//! | room | what it knows |
//! |---|---|
//! | [`diagnostic`] | a problem in a user's file: where, what, what to write instead |
//! | [`compose`] | the file format: text in, typed [`compose::model::Project`] out; knows no engine |
//! | [`graph`] | who depends on whom |
//! | [`platform`] | CPUs: what an image offers and what an engine can run |
//! | [`engine`] | the Docker Engine API: where an engine is, and a narrow trait of its calls |
//! | [`remote`] | Compose files of other machines: fetched, checked, cached by content |
//! | [`stack`] | the heart: desired − observed → plan → executed steps |
//! | [`build`] | images from build sections |
//! | [`packages`] | whether what a Dockerfile installs exists for a platform |
//! | [`survey`] | asks engines and registries which platforms there are, for the verdicts of [`platform`] |
//! | [`watch`] | hot reload: files that change here, and what follows in containers |
//! | [`ui`] | everything that is shown; the only room that prints |
//! | [`cli`] | arguments and environment become typed settings; one file for each command |

pub mod build;
pub mod cli;
pub mod compose;
pub mod diagnostic;
pub mod engine;
pub mod graph;
pub mod packages;
pub mod platform;
pub mod remote;
pub mod stack;
pub mod survey;
pub mod ui;
pub mod watch;
