//! Why a verdict is what it is, in sentences.

use super::super::style::Style;
use super::super::text::{visible, width, wrapped};
use super::NARROWEST;
use crate::platform::verdict::{Cause, Code, Judgement, Verdict};

/// What a remedy begins with that is to be typed as it is.
const COMMANDS: [&str; 2] = ["bireme ", "docker run "];

/// Why a verdict is what it is, and what to do, behind the name of the service; nothing where there is nothing to say.
pub(super) fn reasons(judgement: &Judgement, columns: Option<usize>, colour: bool) -> Vec<String> {
    let name = visible(&judgement.service);
    let indent = " ".repeat(width(&name) + 2);
    let limit = columns.map(|columns| columns.saturating_sub(indent.len()).max(NARROWEST));
    let head = format!("{}: ", Style::STRONG.paint(&name, colour));
    let lines = sentences(judgement, limit, colour).into_iter().enumerate();
    lines.map(|(at, line)| format!("{}{line}", if at == 0 { &head } else { &indent })).collect()
}

/// The same without the name, in lines of so many cells. What is to be typed stays on one line.
pub(super) fn sentences(judgement: &Judgement, limit: Option<usize>, colour: bool) -> Vec<String> {
    let broken = |text: &str, limit: Option<usize>| match limit {
        Some(limit) => wrapped(text, limit),
        None => vec![text.to_owned()],
    };
    let mut lines: Vec<String> =
        causes(judgement).iter().flat_map(|text| broken(text, limit)).collect();
    // Who has accepted it asks for no remedy.
    let is_accepted = judgement.accepted && judgement.verdict == Verdict::Needless;
    if let Some(remedy) = judgement.remedy.as_ref().filter(|_| !is_accepted) {
        let remedy = visible(remedy);
        let limit = limit.filter(|_| !is_typed(&remedy)).map(|limit| limit.saturating_sub(2));
        let arrow = Style::HELP.paint("→", colour);
        let remedy = broken(&remedy, limit).into_iter().enumerate();
        lines.extend(remedy.map(|(at, line)| match at {
            0 => format!("{arrow} {line}"),
            _ => format!("  {line}"),
        }));
    }
    lines
}

/// Whether a remedy is to be typed as it is.
pub(super) fn is_typed(remedy: &str) -> bool {
    COMMANDS.iter().any(|command| remedy.starts_with(command))
}

/// A cause with its place, where it does not say that itself.
pub(super) fn placed(cause: &Cause) -> String {
    match &cause.place {
        Some(place) if !cause.message.contains(&place.to_string()) => {
            format!("{} ({place})", cause.message)
        }
        _ => cause.message.clone(),
    }
}

/// What is to be said, each in a line.
fn causes(judgement: &Judgement) -> Vec<String> {
    let mut lines = Vec::new();
    for cause in &judgement.causes {
        lines.push(visible(&placed(cause)));
    }
    if let (Some(native), Verdict::Needless) = (&judgement.native, judgement.verdict)
        && !judgement.is_of_stages
        && judgement.first_code() != Some(Code::FormerContainer)
    {
        let what = if judgement.is_built {
            "its bases exist".to_owned()
        } else {
            format!("{} exists", visible(&judgement.image))
        };
        lines.push(format!("{what} for {native}"));
    }
    lines.extend(judgement.cost.iter().map(|cost| visible(&cost.text)));
    let risk = judgement.risk.iter().filter(|risk| !risk.is_portable);
    lines.extend(risk.map(|risk| visible(&risk.text)));
    lines
}
