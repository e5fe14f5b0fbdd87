//! What to do about the steps that took long.

use super::{Form, Health, Stopped, TimedStep, seconds};

/// Exit code of a process that SIGKILL ended.
const KILLED: i64 = 137;
/// What process 1 cannot handle.
const KILL: [&str; 2] = ["KILL", "9"];
/// Milliseconds that are worth a word.
pub(super) const NOTABLE: u64 = 300;
/// Signals that end a shell which is not process 1, whatever it waits for.
const ENDS_SHELLS: [&str; 4] = ["TERM", "15", "HUP", "1"];

/// Why a step took the milliseconds of its link, and what to do about it.
pub(super) fn remark(step: &TimedStep, took: u64) -> Option<String> {
    if let Some(stopped) = &step.stopped {
        return Some(ending(stopped, burned_grace(step)));
    }
    let health = step.health.as_ref()?;
    let unobserved = unobserved(step, took);
    let remedy = sooner(health, "healthcheck.");
    (unobserved >= NOTABLE)
        .then(|| format!("{} of it nobody looked: {remedy}", seconds(unobserved)))
}

/// Milliseconds of those of a link for which nobody looked how the container was. It runs before the
/// call that starts it ends.
pub(super) fn unobserved(step: &TimedStep, took: u64) -> u64 {
    step.health.as_ref().map_or(0, |health| health.unobserved.min(took))
}

/// How a container is looked at sooner.
pub(super) fn sooner(health: &Health, section: &str) -> String {
    if health.old_engine {
        return format!("shorten {section}interval (start_interval needs Docker 25)");
    }
    let verb = if health.start_interval { "shorten" } else { "set" };
    format!("{verb} {section}start_interval")
}

/// The same of a container that burned its grace period beside the chain.
pub(super) fn slow_stop(step: &TimedStep) -> Option<String> {
    let stopped = step.stopped.as_ref().filter(|_| burned_grace(step))?;
    Some(format!("{} took {}: {}", step.name(), seconds(step.took()), ending(stopped, true)))
}

/// Whether a container was killed because it had not ended within its grace period. What it was killed by before that came
/// from somebody else.
pub(super) fn burned_grace(step: &TimedStep) -> bool {
    step.stopped.as_ref().is_some_and(|stopped| {
        let grace = u64::try_from(stopped.grace).unwrap_or(u64::MAX).saturating_mul(1_000);
        let was_given_time = stopped.grace > 0;
        let is_killed = stopped.exit_code == KILLED && !is_kill(&stopped.signal);
        is_killed && was_given_time && step.took() >= grace
    })
}

fn ending(stopped: &Stopped, burned_grace: bool) -> String {
    let Stopped { exit_code, grace, signal, .. } = stopped;
    if burned_grace {
        format!("killed after {grace} s (137): {}", remedy(stopped))
    } else if is_kill(signal) {
        format!("killed at once: {signal} is its `stop_signal`")
    } else if *grace == 0 {
        "it was given no time to end by itself".to_owned()
    } else if *grace < 0 {
        "ended by itself, for which it was given all the time that it takes".to_owned()
    } else if *exit_code == KILLED {
        format!("ended with 137 before the {grace} s were over that it was given")
    } else {
        format!("ended by itself, of {grace} s that it was given")
    }
}

fn is_kill(signal: &str) -> bool {
    KILL.contains(&signal.trim_start_matches("SIG"))
}

/// Why a container did not end when it was asked to, and what ends it sooner, as far as its first
/// process tells.
fn remedy(stopped: &Stopped) -> String {
    let Stopped { process, init, signal, grace, .. } = stopped;
    let program = &process.program;
    let with_init = with_init(signal);
    match process.form {
        Form::Trap => format!(
            "`{program}` is a shell whose `trap` ignores {signal}, or waits as the shell does for \
             what runs in the foreground: let the trap end the shell, and run that as `… & wait`, \
             or shorten `stop_grace_period`"
        ),
        Form::Input => format!(
            "`{program}` is a shell that reads its input and ignores {signal}: set `init: true` \
             and `stop_signal: SIGHUP`"
        ),
        _ if *init => format!(
            "`{program}` does not end at {signal} within {grace} s: set `stop_signal` to one that it \
             handles, or a longer `stop_grace_period`"
        ),
        Form::Text => format!(
            "process 1 is a shell, `{program}`, that passes no {signal} on: write `exec` before the \
             last program of its text if that handles {signal}, else set {with_init}"
        ),
        Form::Script => format!(
            "process 1 is a shell, `{program}`, that passes no {signal} on: let its script start the \
             last program by `exec` if that handles {signal}, else set {with_init}"
        ),
        Form::Exec => format!(
            "process 1, which `{program}` became by `exec`, does not end at {signal}: {}",
            remedy_of_program()
        ),
        Form::Program => {
            format!("process 1, `{program}`, does not end at {signal}: {}", remedy_of_program())
        }
    }
}

/// What ends a program that may, or may not, have a handler for the signal.
fn remedy_of_program() -> &'static str {
    "set `init: true` if it has no handler for that, else `stop_signal` to one that it handles, or a \
     longer `stop_grace_period`"
}

/// What ends a shell by an init process.
fn with_init(signal: &str) -> &'static str {
    if ENDS_SHELLS.contains(&signal.trim_start_matches("SIG")) {
        "`init: true`"
    } else {
        "`init: true` and `stop_signal: SIGTERM`"
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{step, timeline, told};
    use super::super::{Kind, Process};
    use super::*;

    fn killed(form: Form, init: bool, signal: &str) -> TimedStep {
        let process = Process { program: "app".to_owned(), form };
        let signal = signal.to_owned();
        let stopped = Stopped { exit_code: 137, grace: 10, process, init, signal };
        TimedStep { stopped: Some(stopped), ..step("web", Kind::Stop, &[], 0, 10_100) }
    }

    #[test]
    fn who_burns_its_grace_period_is_told_what_ends_it_sooner() {
        for (stopped, expected) in [
            (
                killed(Form::Text, false, "SIGTERM"),
                "process 1 is a shell, `app`, that passes no SIGTERM on: write `exec` before the last \
                 program of its text if that handles SIGTERM, else set `init: true`",
            ),
            (
                killed(Form::Text, false, "SIGINT"),
                "process 1 is a shell, `app`, that passes no SIGINT on: write `exec` before the last \
                 program of its text if that handles SIGINT, else set `init: true` and `stop_signal: \
                 SIGTERM`",
            ),
            (
                killed(Form::Script, false, "SIGTERM"),
                "process 1 is a shell, `app`, that passes no SIGTERM on: let its script start the last \
                 program by `exec` if that handles SIGTERM, else set `init: true`",
            ),
            (
                killed(Form::Trap, true, "SIGTERM"),
                "`app` is a shell whose `trap` ignores SIGTERM, or waits as the shell does for what \
                 runs in the foreground: let the trap end the shell, and run that as `… & wait`, or \
                 shorten `stop_grace_period`",
            ),
            (
                killed(Form::Exec, false, "SIGTERM"),
                "process 1, which `app` became by `exec`, does not end at SIGTERM: set `init: true` if \
                 it has no handler for that, else `stop_signal` to one that it handles, or a longer \
                 `stop_grace_period`",
            ),
            (
                killed(Form::Input, false, "SIGTERM"),
                "`app` is a shell that reads its input and ignores SIGTERM: set `init: true` and \
                 `stop_signal: SIGHUP`",
            ),
            (
                killed(Form::Program, true, "SIGUSR1"),
                "`app` does not end at SIGUSR1 within 10 s: set `stop_signal` to one that it handles, \
                 or a longer `stop_grace_period`",
            ),
        ] {
            let steps = vec![stopped, step("web", Kind::Remove, &[0], 10_100, 10_200)];
            let (summary, links) = told(&timeline("down", steps));
            assert_eq!(
                summary,
                "down took 10.2 s, 10.1 s of it web's grace period, at whose end it was killed"
            );
            assert_eq!(
                links[1],
                format!("web stopped @10100 +10100 killed after 10 s (137): {expected}")
            );
        }
    }

    #[test]
    fn who_is_killed_by_others_or_at_once_has_burned_no_grace() {
        let early = TimedStep { ended: 3_800, ..killed(Form::Trap, true, "SIGTERM") };
        let at_once = TimedStep { ended: 1_100, ..killed(Form::Program, true, "SIGKILL") };
        for (step, expected) in [
            (early, "ended with 137 before the 10 s were over that it was given"),
            (at_once, "killed at once: SIGKILL is its `stop_signal`"),
        ] {
            assert_eq!(slow_stop(&step), None);
            let (summary, links) = told(&timeline("stop", vec![step]));
            assert!(summary.ends_with("of it stopping web"), "{summary}");
            assert!(links[0].ends_with(expected), "{links:?}");
        }
    }

    #[test]
    fn who_needs_long_and_ends_is_only_told_so() {
        let slow = TimedStep {
            stopped: Some(Stopped { exit_code: 0, grace: 30, ..Stopped::default() }),
            ..step("db", Kind::Stop, &[], 0, 4_000)
        };
        let (summary, links) = told(&timeline("stop", vec![slow]));
        assert_eq!(summary, "stop took 4.0 s, 4.0 s of it stopping db");
        assert_eq!(links, ["db stopped @4000 +4000 ended by itself, of 30 s that it was given"]);
    }
}
