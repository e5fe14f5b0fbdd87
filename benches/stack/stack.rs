//! The stacks that are measured.

use std::fmt::Write as _;
use std::path::Path;

/// Levels of dependencies in a stack.
pub(crate) const LEVELS: usize = 3;
/// What every container runs.
pub(crate) const COMMAND: [&str; 2] = ["sleep", "100000"];
/// A signal that nothing can ignore, so that no run measures a grace period.
pub(crate) const STOP_SIGNAL: &str = "SIGKILL";
/// A tiny image with a shell.
pub(crate) const IMAGE: &str = "busybox:stable";

/// Which service each one depends on: those of a level on those of the level before.
pub(crate) fn dependencies(services: usize) -> Vec<Option<usize>> {
    let level = services.div_ceil(LEVELS).max(1);
    (0..services).map(|service| service.checked_sub(level)).collect()
}

/// Writes a stack of so many services in three levels.
pub(crate) fn write_levels(directory: &Path, services: usize) -> std::io::Result<()> {
    let mut text = String::from("services:\n");
    for (service, dependency) in dependencies(services).into_iter().enumerate() {
        let [program, argument] = COMMAND;
        let _ = writeln!(
            text,
            "  s{service}:\n    image: {IMAGE}\n    command: [{program}, \"{argument}\"]\n    \
             stop_signal: {STOP_SIGNAL}\n    environment:\n      NUMBER: \"{service}\""
        );
        if let Some(dependency) = dependency {
            let _ = writeln!(text, "    depends_on: [s{dependency}]");
        }
    }
    write(directory, &text)
}

/// Writes services in a row, each waiting until the one before is healthy. The engine's own first
/// probe is five seconds away; the test passes at once.
pub(crate) fn write_chain(directory: &Path, services: usize) -> std::io::Result<()> {
    let mut text = String::from("services:\n");
    for service in 0..services {
        let [program, argument] = COMMAND;
        let _ = writeln!(
            text,
            "  s{service}:\n    image: {IMAGE}\n    command: [{program}, \"{argument}\"]\n    \
             stop_signal: {STOP_SIGNAL}\n    healthcheck:\n      test: [CMD, \"true\"]\n      \
             interval: 5s"
        );
        if let Some(before) = service.checked_sub(1) {
            let _ =
                writeln!(text, "    depends_on:\n      s{before}: {{condition: service_healthy}}");
        }
    }
    write(directory, &text)
}

/// The file for which the chatty services wait, in the directory of the stack.
pub(crate) const GO: &str = "go/now";

/// Writes services that each print so many numbered lines as fast as they can, once there is [`GO`],
/// and end.
pub(crate) fn write_chatty(directory: &Path, services: usize, lines: usize) -> std::io::Result<()> {
    let mut text = String::from("services:\n");
    let wait = format!("until [ -e /{GO} ]; do usleep 5000; done");
    for service in 0..services {
        let _ = writeln!(
            text,
            "  s{service}:\n    image: {IMAGE}\n    command: [sh, -c, \"{wait}; seq {lines}\"]\n    \
             volumes: [\"./go:/go:ro\"]"
        );
    }
    std::fs::create_dir_all(directory.join("go"))?;
    write(directory, &text)
}

fn write(directory: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    std::fs::write(directory.join("compose.yaml"), text)
}
