//! What a run of a program costs.
//!
//! The kernel counts for us: the processor's time and the peak of resident memory come from
//! `wait4`. That peak includes what this process held when it started the other, so it must stay
//! small: no project is kept in memory here.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::subject::Subject;

/// One run.
pub(crate) struct Sample {
    wall: Duration,
    /// Of the processor, for the program and the kernel on its behalf.
    busy: Duration,
    /// Bytes.
    peak: u64,
}

impl Sample {
    /// What was measured otherwise: `peak` in bytes.
    #[allow(dead_code, reason = "not every benchmark measures by itself")]
    pub(crate) fn new(wall: Duration, busy: Duration, peak: u64) -> Self {
        Self { wall, busy, peak }
    }

    /// Work that no program of its own did: only the time counts.
    #[allow(dead_code, reason = "not every benchmark has such work")]
    pub(crate) fn bare(wall: Duration) -> Self {
        Self { wall, busy: Duration::ZERO, peak: 0 }
    }
}

/// Runs a program once. It must succeed.
pub(crate) fn sample(
    subject: &Subject,
    directory: &Path,
    arguments: &[&str],
) -> io::Result<Sample> {
    let started = Instant::now();
    let mut child = subject.command(directory, arguments).spawn()?;
    let used = child.wait4()?;
    let wall = started.elapsed();
    if !used.status.success() {
        let (name, directory) = (subject.name, directory.display());
        return Err(io::Error::other(format!("{name} failed in {directory}: {}", used.status)));
    }
    let usage = used.rusage;
    Ok(Sample { wall, busy: usage.utime + usage.stime, peak: usage.maxrss })
}

/// The middle of several runs, and how far they lie apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// Number of runs.
    pub(crate) runs: usize,
    /// Median of the time that passed, in milliseconds.
    pub(crate) wall: f64,
    /// From the first to the third quartile of it, in milliseconds.
    pub(crate) spread: f64,
    /// What 99 of 100 runs did not exceed, in milliseconds; of fewer runs, the longest.
    #[allow(dead_code, reason = "not every report has it")]
    pub(crate) p99: f64,
    /// Median of the processor's time, in milliseconds.
    pub(crate) busy: f64,
    /// Median of the peak of resident memory, in MiB.
    pub(crate) peak: f64,
}

impl Figures {
    /// The figures of at least one run.
    pub(crate) fn of(samples: &[Sample]) -> Self {
        let sorted = |figure: fn(&Sample) -> f64| {
            let mut figures: Vec<f64> = samples.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures
        };
        let at = |sorted: &[f64], quarter: usize| sorted[(sorted.len() - 1) * quarter / 4];
        let p99 = |sorted: &[f64]| sorted[(sorted.len() * 99).div_ceil(100) - 1];
        let walls = sorted(|it| it.wall.as_secs_f64() * 1e3);
        #[expect(clippy::cast_precision_loss, reason = "a peak has fewer than 52 bits")]
        let peaks = sorted(|it| it.peak as f64 / f64::from(1 << 20));
        Self {
            runs: samples.len(),
            wall: at(&walls, 2),
            spread: at(&walls, 3) - at(&walls, 1),
            p99: p99(&walls),
            busy: at(&sorted(|it| it.busy.as_secs_f64() * 1e3), 2),
            peak: at(&peaks, 2),
        }
    }
}
