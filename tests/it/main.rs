//! Tests of the whole program against a real engine, by subject.

#[path = "../harness/mod.rs"]
mod harness;

mod acting;
mod adoption;
mod attached;
mod bridge;
mod build;
mod builders;
mod buildx;
mod command_line;
mod completion;
mod config;
mod copy;
mod doctor;
mod engine;
mod entries;
mod events;
mod examples;
mod faults;
mod foreground;
mod guest;
mod image_mounts;
mod lab;
mod lifecycle;
mod listings;
mod logs;
mod models;
mod mounted;
mod offers;
mod plan;
mod platforms;
mod platforms_fix;
mod pre_start;
mod progress;
mod providers;
mod ps;
mod publish;
mod replay;
mod stats;
mod storm;
mod terminal;
mod timeline;
mod wait;
mod watch;
mod watch_places;
