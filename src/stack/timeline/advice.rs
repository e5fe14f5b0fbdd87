//! What is said of the steps that took long.

use super::{Health, Kind, Link, Stopped, TimedStep, Timeline};

/// Exit code of a process that SIGKILL ended.
const KILLED: i64 = 137;
/// Milliseconds that are worth a word.
const NOTABLE: u64 = 300;
/// Programs that are shells.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];
/// Characters of a command that are shown.
const LONGEST_COMMAND: usize = 60;

/// `7.9 s`.
fn seconds(milliseconds: u64) -> String {
    // Tenths, rounded; a run has no 2^53 milliseconds.
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// How long a run took and what most of it was spent on, in one sentence.
pub(super) fn summary(timeline: &Timeline, links: &[Link]) -> String {
    let Some(last) = links.first() else { return "nothing was done".to_owned() };
    let longest = links.iter().max_by_key(|link| link.took).unwrap_or(last);
    let step = &timeline.steps[longest.step];
    let total = seconds(timeline.duration());
    let beginning = match last.state {
        _ if timeline.is_teardown() => format!("{} took {total}", timeline.command),
        "failed" => format!("{} failed @{total}", last.name),
        _ => format!("{} ready @{total}", last.name),
    };
    if longest.took < NOTABLE {
        return beginning;
    }
    let (took, reason) = reason(step, longest.took);
    format!("{beginning}, {} of it {reason}", seconds(took))
}

/// What a step was spent on, and for how long.
fn reason(step: &TimedStep, took: u64) -> (u64, String) {
    let name = step.name();
    match (step.kind, &step.health) {
        (Kind::Health, Some(health)) if health.unobserved >= NOTABLE => {
            let words =
                format!("waiting for {name}'s next health interval: {}", sooner(health, ""));
            (health.unobserved, words)
        }
        (Kind::Health, _) => (took, format!("waiting for {name} to be healthy")),
        (Kind::Completion, _) => (took, format!("waiting for {name} to complete")),
        (Kind::Pull, _) => (took, format!("pulling {}", step.subject)),
        (Kind::Build, _) => (took, format!("building {name}")),
        (Kind::Transfer, _) => (took, format!("transferring {name}")),
        (Kind::Create, _) => (took, format!("creating {name}")),
        (Kind::Start, _) => (took, format!("starting {name}")),
        (Kind::Remove, _) => (took, format!("removing {name}")),
        (Kind::Stop, _) if step.stopped.as_ref().is_some_and(|end| end.exit_code == KILLED) => {
            (took, format!("{name}'s grace period, at whose end it was killed"))
        }
        (Kind::Stop, _) => (took, format!("stopping {name}")),
    }
}

/// Why a step took long, and what to do about it.
pub(super) fn remark(step: &TimedStep) -> Option<String> {
    if let Some(stopped) = &step.stopped {
        return Some(ending(stopped));
    }
    let health = step.health.as_ref().filter(|health| health.unobserved >= NOTABLE)?;
    let unobserved = seconds(health.unobserved);
    Some(format!("{unobserved} of it nobody looked: {}", sooner(health, "healthcheck.")))
}

/// How a container is looked at sooner.
fn sooner(health: &Health, section: &str) -> String {
    if health.old_engine {
        return format!("shorten {section}interval (start_interval needs Docker 25)");
    }
    let verb = if health.start_interval { "shorten" } else { "set" };
    format!("{verb} {section}start_interval")
}

/// The same of a container that burned its grace period beside the chain.
pub(super) fn slow_stop(step: &TimedStep) -> Option<String> {
    let stopped = step.stopped.as_ref().filter(|stopped| stopped.exit_code == KILLED)?;
    Some(format!("{} took {}: {}", step.name(), seconds(step.took()), ending(stopped)))
}

fn ending(stopped: &Stopped) -> String {
    let grace = stopped.grace;
    if stopped.exit_code == KILLED {
        format!("killed after {grace} s (137): {}", remedy(stopped))
    } else {
        format!("ended by itself, of {grace} s that it was given")
    }
}

/// Why a container did not end when it was asked to, as far as its command tells.
fn remedy(stopped: &Stopped) -> String {
    let Stopped { command, init, signal, grace, .. } = stopped;
    let program = command.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path));
    let is_shell = SHELLS.contains(&program);
    let shown = shown(command);
    if *init {
        return format!(
            "`{shown}` does not end at {signal} within {grace} s: set `stop_signal` to one that it \
             handles, or a longer `stop_grace_period`"
        );
    }
    match command.get(1).map(String::as_str) {
        Some("-c" | "-ec" | "-lc") if is_shell => format!(
            "process 1 is a shell, `{shown}`, that passes no {signal} on: write the command as a \
             list (exec form), begin it with `exec`, or set `init: true`"
        ),
        Some(script) if is_shell && !script.starts_with('-') => format!(
            "process 1 is a shell script, `{shown}`, that passes no {signal} on: let it end with \
             `exec \"$@\"`, or set `init: true`"
        ),
        _ => format!(
            "process 1, `{shown}`, has no handler for {signal}: set `init: true`, or `stop_signal` \
             to one that it handles"
        ),
    }
}

/// A command on one line, cut where it is long.
fn shown(command: &[String]) -> String {
    let line = command.join(" ").replace(char::is_control, " ");
    match line.char_indices().nth(LONGEST_COMMAND) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
