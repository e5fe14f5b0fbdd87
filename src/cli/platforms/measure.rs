//! `platforms --measure`: what emulation costs, found out by running the service's image both ways.

use super::ledger::Ledger;
use crate::cli::context::{Context, proxies};
use crate::cli::failure::{Failure, Result};
use crate::cli::report::Filtered;
use crate::cli::runtime::Signals;
use crate::engine::Engine;
use crate::platform::cost::{Measurement, Ratio, Run, Yardstick};
use crate::platform::verdict::Judgement;
use crate::platform::{How, Platform};
use crate::stack::StackError;
use crate::survey::measure::{MeasureError, Wish, measure};

/// What `--measure` is asked for.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Measure {
    /// The service.
    pub(in crate::cli) service: String,
    /// The command behind `--`; empty for the service's own.
    pub(in crate::cli) command: Vec<String>,
    /// Runs on each platform (`--runs`).
    pub(in crate::cli) runs: usize,
}

/// Measures a service. `judgement` is the verdict on it, `native` the engine's own platform, and
/// `foreign` the one to compare with where the service itself is not emulated.
///
/// # Errors
/// What cannot be measured: see [`measure`].
pub(in crate::cli) fn run(
    asked: &Measure,
    judgement: &Judgement,
    native: &Platform,
    foreign: Option<&Platform>,
    context: &Context,
) -> Result {
    if asked.runs == 0 {
        return Err(Failure::new("--runs must be at least 1"));
    }
    let emulated = judgement.chosen.as_ref().filter(|_| judgement.how.is_emulated());
    let foreign = emulated.or(foreign).ok_or_else(|| {
        Failure::new(format!(
            "nothing to measure: no platform that {} exists for is emulated here",
            judgement.image
        ))
    })?;
    if judgement.how == How::None {
        return Err(Failure::new(format!("{} cannot run here at all", asked.service)));
    }
    let has_native = judgement.offered.iter().any(|it| native.preference(it).is_some());
    if !judgement.offered.is_empty() && !has_native {
        return Err(Failure::new(format!(
            "nothing to compare with: {} does not exist for {native}",
            judgement.image
        )));
    }
    let project = context.load_to_run(std::slice::from_ref(&asked.service), true)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let proxy_environment = proxies(&engine);
        let wish = Wish {
            project: &project,
            service: &asked.service,
            command: &asked.command,
            native,
            foreign,
            runs: asked.runs,
            proxy_environment: &proxy_environment,
            now: chrono::Utc::now().timestamp(),
        };
        let mut told = |emulated: bool, run: Run| {
            let platform = if emulated { foreign } else { native };
            context.ui.information(&format!("{platform}: {}", seconds_of(run)));
        };
        let report = Filtered::silent(&context.ui);
        let measured =
            Box::pin(measure(&wish, &engine, &report, &mut told, &interrupt.graceful)).await;
        let measured = measured.map_err(failure)?;
        context.ui.print(&table(&measured, native));
        if measured.is_too_short() {
            return Ok(());
        }
        let mut ledger = Ledger::open(&context.process, &engine.describe().endpoint);
        if let Err(error) = ledger.keep(measured) {
            context.ui.information(&format!("the figures could not be kept: {error}"));
        }
        Ok(())
    })
}

fn failure(error: MeasureError) -> Failure {
    match error {
        MeasureError::Stack(error) => error.into(),
        MeasureError::Engine(error) => error.into(),
        MeasureError::Cancelled => StackError::Cancelled.into(),
        MeasureError::Other(message) => Failure::new(message),
    }
}

fn seconds_of(run: Run) -> String {
    match run.cpu {
        Some(cpu) => format!("{:.2} s, {cpu:.2} s of CPU time", run.wall),
        None => format!("{:.2} s", run.wall),
    }
}

/// What came out, in a few lines.
fn table(measured: &Measurement, native: &Platform) -> String {
    let until = match measured.yardstick {
        Yardstick::Exit => "start to end",
        Yardstick::Healthy => "start to healthy",
    };
    let runs = measured.native.len();
    let spread = |ratio: Ratio| match runs {
        1 => ratio.words(),
        _ => format!("{} ({})", ratio.words(), ratio.spread()),
    };
    let each = if runs == 1 { "1 run each".to_owned() } else { format!("{runs} runs each") };
    let mut lines =
        vec![format!("{} on {native} and {}, {each}, {until}", measured.image, measured.platform)];
    let wall = measured.wall().filter(|_| !measured.is_too_short());
    let Some(wall) = wall else {
        lines.push(
            "  too short to measure: the platforms differ by no more than runs of one of them, or starts of containers; \
             let the command do more"
                .to_owned(),
        );
        return lines.join("\n");
    };
    lines.push(format!("  wall time  {}", spread(wall)));
    match measured.cpu() {
        Some(ratio) => lines.push(format!("  CPU time   {}", spread(ratio))),
        None => lines.push("  CPU time   not known: the engine counts it once a second".to_owned()),
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_with_their_spread() {
        let runs = |walls: &[f64]| -> Vec<Run> {
            walls.iter().map(|wall| Run { wall: *wall, cpu: None }).collect()
        };
        let measured = Measurement {
            image: "busybox".to_owned(),
            ids: ("a".to_owned(), "b".to_owned()),
            platform: "linux/arm64".to_owned(),
            command: Vec::new(),
            own: None,
            yardstick: Yardstick::Exit,
            native: runs(&[1.0, 2.0]),
            emulated: runs(&[9.0, 12.0]),
            at: 0,
        };
        let native = Platform::new("linux", "amd64", "");
        let short = Measurement {
            native: runs(&[0.10, 0.13]),
            emulated: runs(&[0.12, 0.13]),
            ..measured.clone()
        };
        assert_eq!(
            table(&short, &native),
            "busybox on linux/amd64 and linux/arm64, 2 runs each, start to end\n  too short to measure: the platforms \
             differ by no more than runs of one of them, or starts of containers; let the command do more"
        );
        assert_eq!(
            table(&measured, &native),
            "busybox on linux/amd64 and linux/arm64, 2 runs each, start to end\n  wall time  7.0× slower (4.5× to \
             12×)\n  CPU time   not known: the engine counts it once a second"
        );
    }
}
