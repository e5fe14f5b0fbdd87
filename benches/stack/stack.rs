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

/// The services of each level, by number: each depends on one of the level before.
pub(crate) fn levels(services: usize) -> Vec<Vec<usize>> {
    let size = services.div_ceil(LEVELS).max(1);
    let all: Vec<usize> = (0..services).collect();
    all.chunks(size).map(<[usize]>::to_vec).collect()
}

/// Writes a stack of so many services in three levels.
pub(crate) fn write_levels(directory: &Path, services: usize) -> std::io::Result<()> {
    let mut text = String::from("services:\n");
    let levels = levels(services);
    for (level, members) in levels.iter().enumerate() {
        for (index, service) in members.iter().enumerate() {
            let [program, argument] = COMMAND;
            let _ = writeln!(
                text,
                "  s{service}:\n    image: {IMAGE}\n    command: [{program}, \"{argument}\"]\n    \
                 stop_signal: {STOP_SIGNAL}\n    environment:\n      NUMBER: \"{service}\""
            );
            if level > 0 {
                let before = &levels[level - 1];
                let _ = writeln!(text, "    depends_on: [s{}]", before[index % before.len()]);
            }
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
            let _ = writeln!(
                text,
                "    depends_on:\n      s{before}: {{condition: service_healthy}}"
            );
        }
    }
    write(directory, &text)
}

/// Writes services that each print so many numbered lines as fast as they can, and end.
pub(crate) fn write_chatty(
    directory: &Path,
    services: usize,
    lines: usize,
) -> std::io::Result<()> {
    let mut text = String::from("services:\n");
    for service in 0..services {
        let _ = writeln!(
            text,
            "  s{service}:\n    image: {IMAGE}\n    command: [seq, \"{lines}\"]"
        );
    }
    write(directory, &text)
}

fn write(directory: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    std::fs::write(directory.join("compose.yaml"), text)
}
