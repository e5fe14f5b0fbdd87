//! Draws verdicts on platforms ([`crate::platform::verdict`]): for a terminal, for a pull request, and
//! for programs. Pure.

mod json;
mod markdown;
mod packages;
mod reasons;
mod text;

use super::style::Style;
use crate::platform::Platform;
use crate::platform::verdict::{Code, Judgement, Verdict};

pub use json::json;
pub use markdown::markdown;
pub use packages::packages;
pub use text::text;

/// What stands for a value that is not there.
const NONE: &str = "-";

/// Cells that a sentence has at least, however narrow the terminal is.
const NARROWEST: usize = 20;

/// Without the operating system where that is Linux.
fn short(platform: &Platform) -> String {
    let text = platform.to_string();
    text.strip_prefix("linux/").map(str::to_owned).unwrap_or(text)
}

/// What stands for an empty offer. There may be no platform at all that a build can be for.
fn nothing_offered(judgement: &Judgement) -> &'static str {
    let is_known = judgement.causes.iter().any(|cause| cause.code == Code::NotOffered);
    if is_known { "none" } else { "unknown" }
}

fn how(judgement: &Judgement) -> String {
    if judgement.chosen.is_none() {
        return NONE.to_owned();
    }
    judgement.runs().name().to_owned()
}

fn verdict(judgement: &Judgement) -> String {
    let words = match judgement.verdict {
        Verdict::Needed if judgement.is_of_stages => "a stage must be emulated",
        Verdict::Needless if judgement.is_of_stages => "a stage emulated needlessly",
        Verdict::CannotRun if judgement.is_of_stages || is_not_buildable(judgement) => {
            "cannot be built here"
        }
        Verdict::Native => "native",
        Verdict::Needed => "emulated, and must be",
        Verdict::Needless => "emulated needlessly",
        Verdict::CannotRun => "cannot run here",
        Verdict::Unknown => "unknown",
    };
    let accepted = judgement.accepted && judgement.verdict == Verdict::Needless;
    format!("{words}{}", if accepted { " (accepted)" } else { "" })
}

/// Whether a base of its build does not exist for what it is built for.
fn is_not_buildable(judgement: &Judgement) -> bool {
    judgement.is_built && judgement.causes.iter().any(|cause| cause.code == Code::NotOffered)
}

fn style(judgement: &Judgement) -> Style {
    match judgement.verdict {
        Verdict::Native => Style::SUCCESS,
        Verdict::Needed => Style::DIM,
        Verdict::Needless if judgement.accepted => Style::DIM,
        Verdict::Needless | Verdict::Unknown => Style::WARNING,
        Verdict::CannotRun => Style::ERROR,
    }
}

#[cfg(test)]
mod testing {
    use super::*;
    use crate::platform::How;
    use crate::platform::subject::Place;
    use crate::platform::verdict::Cause;

    pub(super) fn platform(text: &str) -> Platform {
        Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
    }

    pub(super) fn judgement(service: &str, verdict: Verdict, how: How) -> Judgement {
        Judgement {
            service: service.to_owned(),
            image: "postgres:16".to_owned(),
            is_built: false,
            is_to_be_built: false,
            base: None,
            declared: None,
            offered: ["linux/amd64", "linux/arm/v7", "linux/arm64"].map(platform).to_vec(),
            chosen: Some(platform("linux/arm64")),
            native: Some(platform("linux/arm64")),
            running: Vec::new(),
            how,
            verdict,
            is_of_stages: false,
            accepted: false,
            causes: Vec::new(),
            pins: Vec::new(),
            remedy: None,
            cost: None,
            former: None,
            risk: None,
        }
    }

    /// A service that is emulated needlessly, and a native one.
    pub(super) fn two() -> Vec<Judgement> {
        let needless = Judgement {
            declared: Some(platform("linux/amd64")),
            chosen: Some(platform("linux/amd64")),
            running: vec![platform("linux/amd64")],
            causes: vec![Cause {
                code: Code::Pinned,
                message: "pinned to linux/amd64 at compose.yaml:7".to_owned(),
                place: Some(Place { file: "compose.yaml".to_owned(), line: 7 }),
            }],
            remedy: Some("bireme platforms --fix db".to_owned()),
            ..judgement("db", Verdict::Needless, How::Qemu)
        };
        vec![needless, judgement("web", Verdict::Native, How::Native)]
    }
}
