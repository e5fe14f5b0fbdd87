//! What whole-program tests stand on: a real engine, and the `bireme` binary run as a user runs it.
//!
//! [`Stack`] is a folder with Compose files and a project name of its own; its commands run with an environment that
//! has nothing of the machine's but the search path. [`Engine`] looks at what a command left behind, by the engine's own
//! API. When a `Stack` is dropped, also by a failing test, everything of its project is removed.
//!
//! `tests/run.sh` starts the engine and says in `BIREME_TEST_HOST` and `BIREME_TEST_REGISTRY` where it and its registry are.

mod buildkit;
mod engine;
mod output;
mod relay;
mod running;
mod stack;
mod terminal;

pub(crate) use buildkit::{BuildKit, certificate};
pub(crate) use engine::{Container, Engine};
pub(crate) use output::Output;
pub(crate) use relay::Relay;
pub(crate) use running::Running;
pub(crate) use stack::Stack;
pub(crate) use terminal::Terminal;

/// The address (host and port) of the registry that the engine asks first, where tests may push.
pub(crate) fn registry() -> String {
    setting("BIREME_TEST_REGISTRY")
}

/// The machine's own platform and the one it emulates.
pub(crate) fn platforms() -> (&'static str, &'static str) {
    if cfg!(target_arch = "aarch64") {
        ("linux/arm64", "linux/amd64")
    } else {
        ("linux/amd64", "linux/arm64")
    }
}

/// What `uname -m` says on a platform.
pub(crate) fn machine(platform: &str) -> &'static str {
    match platform {
        "linux/amd64" => "x86_64",
        "linux/arm64" => "aarch64",
        other => panic!("tests know no machine for {other}"),
    }
}

/// A missing engine fails a test: one that was skipped would look like one that passed.
fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set; `tests/run.sh` starts an engine and a registry for the tests and sets it")
    })
}
