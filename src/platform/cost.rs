//! What emulation costs: figures that were measured, and how they are told. Nothing here is ever
//! estimated.

use serde::{Deserialize, Serialize};

/// By how many seconds starts of containers differ without anybody's doing.
const JITTER: f64 = 0.05;
/// The share of a run from which noise hides what emulation costs.
const NOISE: f64 = 0.2;

/// Characters of a command that are told.
const COMMAND: usize = 24;

/// One run of a container.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Seconds from its start to its end, or to health.
    pub wall: f64,
    /// Seconds of CPU time, of all its processes; `None` where the engine's counters do not cover
    /// the run.
    pub cpu: Option<f64>,
}

/// What a run was measured to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Yardstick {
    /// The end of its command.
    Exit,
    /// The first healthcheck that passed.
    Healthy,
}

/// Runs of one image and command on two platforms, taken in turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The image, as it is called.
    pub image: String,
    /// The native and the emulated image, by id.
    pub ids: (String, String),
    /// The emulated platform.
    pub platform: String,
    /// The command that was given; empty for the service's own.
    pub command: Vec<String>,
    /// What of the service decided what ran, the command included; earlier versions did not note that.
    #[serde(default)]
    pub own: Option<String>,
    /// What was measured to.
    pub yardstick: Yardstick,
    /// Runs on the CPU itself.
    pub native: Vec<Run>,
    /// Runs under emulation.
    pub emulated: Vec<Run>,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// What the emulation of a service costs, as it was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// One sentence, no trailing period. Of a long command it has the beginning.
    pub text: String,
    /// By wall time.
    pub wall: Ratio,
    /// By CPU time, where the engine counted it.
    pub cpu: Option<Ratio>,
    /// The emulated platform.
    pub platform: String,
    /// What was measured to.
    pub until: Yardstick,
    /// The command that was given; empty for the service's own.
    pub command: Vec<String>,
    /// Runs on each platform.
    pub runs: usize,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// How many times as long something took, as the median of the runs and the farthest that two of
/// them are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// Emulated by native, each by its median.
    pub median: f64,
    /// The fastest emulated by the slowest native run.
    pub least: f64,
    /// The slowest emulated by the fastest native run.
    pub most: f64,
}

impl Measurement {
    /// By wall time; `None` without runs.
    pub fn wall(&self) -> Option<Ratio> {
        let wall = |runs: &[Run]| runs.iter().map(|run| run.wall).collect();
        Ratio::of(wall(&self.native), wall(&self.emulated))
    }

    /// By CPU time, where all runs have it.
    pub fn cpu(&self) -> Option<Ratio> {
        let cpu = |runs: &[Run]| runs.iter().map(|run| run.cpu).collect::<Option<Vec<f64>>>();
        Ratio::of(cpu(&self.native)?, cpu(&self.emulated)?)
    }

    /// Whether the platforms differ by no more than runs of one of them, which is much of a run: the ratio would be noise.
    pub fn is_too_short(&self) -> bool {
        let wall = |runs: &[Run]| Sorted::of(runs.iter().map(|run| run.wall).collect());
        let (Some(native), Some(emulated)) = (wall(&self.native), wall(&self.emulated)) else {
            return true;
        };
        let noise = native.spread().max(emulated.spread()).max(JITTER);
        let difference = (emulated.median - native.median).abs();
        difference <= noise && noise > NOISE * native.median
    }

    /// What stands beside a verdict; `now` is in seconds since 1970. `None` where the runs were too short to compare.
    pub fn cost(&self, now: i64) -> Option<Cost> {
        if self.is_too_short() {
            return None;
        }
        Some(Cost {
            text: self.phrase(now)?,
            wall: self.wall()?,
            cpu: self.cpu(),
            platform: self.platform.clone(),
            until: self.yardstick,
            command: self.command.clone(),
            runs: self.native.len(),
            at: self.at,
        })
    }

    /// As it stands beside a verdict: `6.2× slower on this machine, measured 3 days ago`.
    fn phrase(&self, now: i64) -> Option<String> {
        let words = self.wall()?.words();
        let what = match self.yardstick {
            Yardstick::Healthy => " to become healthy".to_owned(),
            Yardstick::Exit if self.command.is_empty() => String::new(),
            Yardstick::Exit => format!(" with `{}`", abridged(&self.command)),
        };
        Some(format!("{words}{what} on this machine, measured {}", ago(now - self.at)))
    }
}

/// A command as it stands within a line: its beginning, where it is long.
fn abridged(command: &[String]) -> String {
    let words = command.iter().flat_map(|word| word.split_whitespace()).collect::<Vec<_>>();
    let text = words.join(" ");
    match text.char_indices().nth(COMMAND) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

impl Ratio {
    fn of(native: Vec<f64>, emulated: Vec<f64>) -> Option<Self> {
        let (native, emulated) = (Sorted::of(native)?, Sorted::of(emulated)?);
        // What takes no time that can be told cannot be a measure.
        (native.first > 0.0 && native.median > 0.0).then(|| Self {
            median: emulated.median / native.median,
            least: emulated.first / native.last,
            most: emulated.last / native.first,
        })
    }

    /// The ratio for people. Where the runs overlap there is no difference to speak of.
    pub fn words(self) -> String {
        if self.least < 1.0 && self.most > 1.0 {
            return "no slower than natively".to_owned();
        }
        let (slower, faster) = (figure(self.median), figure(1.0 / self.median));
        if slower == "1.0" || faster == "1.0" {
            return "as fast as natively".to_owned();
        }
        if self.median < 1.0 {
            return format!("{faster}× faster emulated");
        }
        format!("{slower}× slower")
    }

    /// The ends of the spread, as factors of what [`Self::words`] says.
    pub fn spread(self) -> String {
        let ends = if self.most <= 1.0 && self.median < 1.0 {
            [1.0 / self.most, 1.0 / self.least]
        } else {
            [self.least, self.most]
        };
        let [least, most] = ends.map(figure);
        format!("{least}× to {most}×")
    }
}

/// The ends and the middle of some figures.
struct Sorted {
    first: f64,
    median: f64,
    last: f64,
}

impl Sorted {
    /// How far the ends are apart.
    fn spread(&self) -> f64 {
        self.last - self.first
    }

    fn of(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        let middle = figures.len() / 2;
        let upper = *figures.get(middle)?;
        let median = match middle.checked_sub(1).and_then(|lower| figures.get(lower)) {
            Some(lower) if figures.len().is_multiple_of(2) => f64::midpoint(*lower, upper),
            _ => upper,
        };
        Some(Self { first: *figures.first()?, median, last: *figures.last()? })
    }
}

/// A factor with two digits that count.
fn figure(factor: f64) -> String {
    if factor < 9.95 { format!("{factor:.1}") } else { format!("{factor:.0}") }
}

/// How long ago.
fn ago(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if number == 1 { format!("1 {unit} ago") } else { format!("{number} {unit}s ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(native: &[f64], emulated: &[f64]) -> Measurement {
        let runs =
            |walls: &[f64]| walls.iter().map(|wall| Run { wall: *wall, cpu: None }).collect();
        Measurement {
            image: "x".to_owned(),
            ids: ("a".to_owned(), "b".to_owned()),
            platform: "linux/arm64".to_owned(),
            command: Vec::new(),
            own: None,
            yardstick: Yardstick::Exit,
            native: runs(native),
            emulated: runs(emulated),
            at: 1000,
        }
    }

    #[test]
    fn ratios_are_of_medians_and_have_a_spread() {
        let measured = measurement(&[1.0, 5.0, 2.0], &[12.4, 10.0, 20.0]);
        let ratio = measured.wall().unwrap();
        assert_eq!((ratio.median, ratio.least, ratio.most), (6.2, 2.0, 20.0));
        assert_eq!(measured.cpu(), None);
        assert_eq!(measurement(&[1.0, 3.0], &[4.0]).wall().map(|it| it.median), Some(2.0));
        assert_eq!(measurement(&[], &[1.0]).wall(), None);
        assert_eq!(measurement(&[0.0], &[1.0]).wall(), None);
    }

    #[test]
    fn noise_is_no_figure() {
        for (native, emulated, expected) in [
            // Commands of milliseconds: what is seen is the start of a container.
            (&[0.10, 0.13, 0.12][..], &[0.13, 0.13, 0.11][..], true),
            (&[0.10, 0.10, 0.10], &[0.13, 0.13, 0.13], true),
            (&[0.12], &[0.16], true),
            (&[0.5, 0.9, 0.6], &[0.8, 0.7, 0.6], true),
            (&[0.10, 0.11, 0.12], &[0.42, 0.45, 0.44], false),
            (&[0.40, 0.42, 0.43], &[2.94, 2.97, 2.95], false),
            (&[1.10, 1.14, 1.13], &[1.12, 1.12, 1.12], false),
            (&[], &[], true),
        ] {
            let measured = measurement(native, emulated);
            assert_eq!(measured.is_too_short(), expected, "{native:?} {emulated:?}");
            assert_eq!(measured.cost(1000).is_none(), expected, "{native:?} {emulated:?}");
        }
    }

    #[test]
    fn a_spread_is_in_the_words_of_its_ratio() {
        let told = |native: &[f64], emulated: &[f64]| {
            let ratio = measurement(native, emulated).wall().unwrap();
            format!("{} ({})", ratio.words(), ratio.spread())
        };
        assert_eq!(told(&[1.0, 2.0], &[9.0, 12.0]), "7.0× slower (4.5× to 12×)");
        assert_eq!(told(&[4.0, 5.0], &[2.0, 2.5]), "2.0× faster emulated (1.6× to 2.5×)");
        assert!(told(&[1.0, 2.0], &[1.5, 1.9]).ends_with("(0.8× to 1.9×)"));
    }

    #[test]
    fn a_long_command_is_told_by_its_beginning() {
        let told = |words: &[&str]| {
            abridged(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(told(&["python3", "-c", "print(1)"]), "python3 -c print(1)");
        assert_eq!(
            told(&["sh", "-c", "set -e\n\nmake all the things"]),
            "sh -c set -e make all th…"
        );
        assert_eq!(told(&["ü".repeat(30).as_str()]), format!("{}…", "ü".repeat(24)));
    }

    #[test]
    fn phrases_say_when_and_claim_nothing_that_runs_do_not_show() {
        let told = |native: &[f64], emulated: &[f64], later: i64| {
            measurement(native, emulated).phrase(1000 + later).unwrap()
        };
        assert_eq!(
            told(&[1.0], &[6.2], 3 * 86_400),
            "6.2× slower on this machine, measured 3 days ago"
        );
        assert_eq!(told(&[1.0], &[22.4], 3600), "22× slower on this machine, measured 1 hour ago");
        assert_eq!(
            told(&[2.0], &[1.0], 0),
            "2.0× faster emulated on this machine, measured just now"
        );
        assert_eq!(
            told(&[1.0, 2.0], &[1.5, 1.9], 120),
            "no slower than natively on this machine, measured 2 minutes ago"
        );
    }
}
