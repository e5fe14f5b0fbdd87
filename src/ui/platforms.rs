//! Draws verdicts on platforms ([`crate::platform::verdict`]): for a terminal, for a pull request, and
//! for programs. Pure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::style::Style;
use super::text::{pad, visible, width, wrapped};
use crate::packages::{self, Report};
use crate::platform::verdict::{Judgement, Verdict};
use crate::platform::{How, Platform};

/// What stands for a value that is not there.
const NONE: &str = "-";

/// Cells that a sentence has at least, however narrow the terminal is.
const NARROWEST: usize = 20;

/// A verdict as programs read it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    service: &'a str,
    image: &'a str,
    declared: Option<String>,
    offered: Vec<String>,
    chosen: Option<String>,
    running: Vec<String>,
    how: &'static str,
    verdict: &'static str,
    accepted: bool,
    causes: Vec<CauseRow<'a>>,
    remedy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct CauseRow<'a> {
    code: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
}

/// An array with an object for each service.
pub fn json(judgements: &[Judgement]) -> String {
    let rows: Vec<Row<'_>> = judgements.iter().map(row).collect();
    // Texts and lists: there is nothing in it that JSON has not.
    serde_json::to_string_pretty(&rows).unwrap_or_default()
}

fn row(judgement: &Judgement) -> Row<'_> {
    let name = |platform: &Platform| platform.to_string();
    Row {
        service: &judgement.service,
        image: &judgement.image,
        declared: judgement.declared.as_ref().map(name),
        offered: judgement.offered.iter().map(name).collect(),
        chosen: judgement.chosen.as_ref().map(name),
        running: judgement.running.iter().map(name).collect(),
        how: judgement.how.word(),
        verdict: judgement.verdict.word(),
        accepted: judgement.accepted,
        causes: judgement
            .causes
            .iter()
            .map(|cause| CauseRow {
                code: cause.code.word(),
                message: &cause.message,
                file: cause.place.as_ref().map(|place| place.file.as_str()),
                line: cause.place.as_ref().map(|place| place.line),
            })
            .collect(),
        remedy: judgement.remedy.as_deref(),
        cost: judgement.cost.as_deref(),
    }
}

/// The columns of the matrix.
const TITLES: [&str; 6] = ["SERVICE", "DECLARED", "OFFERED", "RUNNING", "HOW", "VERDICT"];

/// The matrix, and below it why what is not native is as it is, with a trailing newline. `columns` is
/// the width of the terminal, if it is one: where the matrix is wider, what an image offers is cut to
/// what matters here.
pub fn text(judgements: &[Judgement], columns: Option<usize>, colour: bool) -> String {
    let whole = matrix(judgements, offered);
    let fits = columns.is_none_or(|columns| whole.iter().all(|line| line_width(line) <= columns));
    let rows = if fits { whole } else { matrix(judgements, offered_here) };
    let mut widths = [0; 6];
    for row in &rows {
        for (width_of, cell) in widths.iter_mut().zip(row) {
            *width_of = (*width_of).max(width(cell));
        }
    }
    let mut lines: Vec<String> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let mut cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
        if let (Some(last), Some(judgement)) =
            (cells.last_mut(), index.checked_sub(1).and_then(|index| judgements.get(index)))
        {
            *last = style(judgement).paint(last.trim_end(), colour);
        }
        lines.push(cells.join("   ").trim_end().to_owned());
    }
    for reasons in judgements.iter().map(|judgement| reasons(judgement, columns, colour)) {
        if !reasons.is_empty() {
            lines.push(String::new());
            lines.extend(reasons);
        }
    }
    lines.join("\n") + "\n"
}

fn line_width(cells: &[String; 6]) -> usize {
    cells.iter().map(|cell| width(cell) + 3).sum()
}

/// Rows of cells, titles first.
fn matrix(judgements: &[Judgement], offer: impl Fn(&Judgement) -> String) -> Vec<[String; 6]> {
    let titles = TITLES.map(str::to_owned);
    let rows = judgements.iter().map(|judgement| {
        [
            visible(&judgement.service),
            judgement.declared.as_ref().map_or(NONE.to_owned(), short),
            offer(judgement),
            running(judgement),
            how(judgement),
            verdict(judgement),
        ]
    });
    std::iter::once(titles).chain(rows).collect()
}

/// Without the operating system where that is Linux.
fn short(platform: &Platform) -> String {
    let text = platform.to_string();
    text.strip_prefix("linux/").map(str::to_owned).unwrap_or(text)
}

fn offered(judgement: &Judgement) -> String {
    let names: Vec<String> = judgement.offered.iter().map(short).collect();
    if names.is_empty() { "unknown".to_owned() } else { names.join(", ") }
}

/// What matters here of an offer, and how much more there is.
fn offered_here(judgement: &Judgement) -> String {
    let matters = |platform: &&Platform| {
        [&judgement.native, &judgement.chosen, &judgement.declared]
            .into_iter()
            .any(|one| one.as_ref() == Some(*platform))
    };
    let names: Vec<String> = judgement.offered.iter().filter(matters).map(short).collect();
    match (names.len(), judgement.offered.len()) {
        (_, 0) => "unknown".to_owned(),
        (shown, all) if shown == all => names.join(", "),
        (0, all) => format!("{all} others"),
        (shown, all) => format!("{} +{}", names.join(", "), all - shown),
    }
}

/// What its containers are, what they would be where there are none.
fn running(judgement: &Judgement) -> String {
    if judgement.running.is_empty() {
        return judgement.chosen.as_ref().map_or(NONE.to_owned(), |it| format!("({})", short(it)));
    }
    let names: Vec<String> = judgement.running.iter().map(short).collect();
    names.join(", ")
}

fn how(judgement: &Judgement) -> String {
    if judgement.chosen.is_none() {
        return NONE.to_owned();
    }
    judgement.how.name().to_owned()
}

fn verdict(judgement: &Judgement) -> String {
    let words = match judgement.verdict {
        Verdict::Needed if judgement.how == How::Native => "a stage must be emulated",
        Verdict::Needless if judgement.how == How::Native => "a stage emulated needlessly",
        Verdict::CannotRun if judgement.how == How::Native => "cannot be built here",
        Verdict::Native => "native",
        Verdict::Needed => "emulated, and must be",
        Verdict::Needless => "emulated needlessly",
        Verdict::CannotRun => "cannot run here",
        Verdict::Unknown => "unknown",
    };
    let accepted = judgement.accepted && judgement.verdict == Verdict::Needless;
    format!("{words}{}", if accepted { " (accepted)" } else { "" })
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

/// Why a verdict is what it is, and what to do; nothing where there is nothing to say. What is to be typed stays on
/// one line.
fn reasons(judgement: &Judgement, columns: Option<usize>, colour: bool) -> Vec<String> {
    let name = visible(&judgement.service);
    let indent = " ".repeat(width(&name) + 2);
    let mut lines = Vec::new();
    for cause in &judgement.causes {
        let place = match &cause.place {
            Some(place) if !cause.message.contains(&place.to_string()) => format!(" ({place})"),
            _ => String::new(),
        };
        lines.push(visible(&format!("{}{place}", cause.message)));
    }
    if let (Some(native), Verdict::Needless) = (&judgement.native, judgement.verdict)
        && judgement.how != How::Native
    {
        let image = visible(&judgement.image);
        let what = if judgement.is_built {
            "its bases exist".to_owned()
        } else {
            format!("{image} exists")
        };
        lines.push(format!("{what} for {native}"));
    }
    lines.extend(judgement.cost.iter().map(|cost| visible(cost)));
    let risk = judgement.risk.iter().filter(|risk| !risk.is_portable);
    lines.extend(risk.map(|risk| visible(&risk.text)));
    if let Some(columns) = columns {
        let limit = columns.saturating_sub(indent.len()).max(NARROWEST);
        lines = lines.iter().flat_map(|line| wrapped(line, limit)).collect();
    }
    if let Some(remedy) = &judgement.remedy {
        let arrow = Style::HELP.paint("→", colour);
        lines.push(format!("{arrow} {}", visible(remedy)));
    }
    let head = format!("{}: ", Style::STRONG.paint(&name, colour));
    let lines = lines.into_iter().enumerate();
    lines.map(|(at, line)| format!("{}{line}", if at == 0 { &head } else { &indent })).collect()
}

/// What the packages of builds say, with a trailing newline; `native` is the engine's own platform.
pub fn packages(reports: &BTreeMap<String, Report>, native: &Platform, colour: bool) -> String {
    let blocks: Vec<String> = reports
        .iter()
        .map(|(service, report)| packages_of(service, report, native, colour).join("\n"))
        .collect();
    blocks.join("\n\n") + "\n"
}

fn packages_of(service: &str, report: &Report, native: &Platform, colour: bool) -> Vec<String> {
    let name = Style::STRONG.paint(&visible(service), colour);
    let forcing = report.packages.iter().filter(|package| package.state.forces()).count();
    let (words, style) = match report.verdict {
        packages::Verdict::Forces => (
            format!("{forcing} of {} packages do not exist for {native}", report.packages.len()),
            Style::WARNING,
        ),
        packages::Verdict::Free => (none_forces(report, native), Style::SUCCESS),
        packages::Verdict::Unknown => {
            ("not everything could be found out".to_owned(), Style::WARNING)
        }
        packages::Verdict::NothingInstalled => {
            ("nothing that it installs depends on the CPU".to_owned(), Style::SUCCESS)
        }
    };
    let mut lines = vec![format!("{name}: {}", style.paint(&words, colour))];
    for package in &report.packages {
        let place = Style::DIM.paint(&visible(&package.place.to_string()), colour);
        lines.push(format!("  {} ({place})", visible(&package.sentence(native))));
    }
    if forcing > 0 && report.has_compiler {
        lines.push("  the build has a C compiler: what needs one may well be built".to_owned());
    }
    if !report.untold.is_empty() {
        let names: Vec<String> = report.untold.iter().map(|name| visible(name)).collect();
        lines.push(format!(
            "  the index does not tell what these need themselves, a lock file would: {}",
            names.join(", ")
        ));
    }
    for note in &report.notes {
        lines.push(format!("  {} ({})", visible(&note.message), visible(&note.place.to_string())));
    }
    lines
}

/// What there is of packages of which none needs the pin.
fn none_forces(report: &Report, native: &Platform) -> String {
    let all = report.packages.len();
    let of = |states: &[packages::State]| {
        report.packages.iter().filter(|package| states.contains(&package.state)).count()
    };
    let built = of(&[packages::State::NativeWheel, packages::State::Pure]);
    match (built, all) {
        (1, 1) => return format!("its package exists for {native}"),
        _ if built == all => return format!("all {all} packages exist for {native}"),
        _ => {}
    }
    let others = [
        (of(&[packages::State::SourceOnly]), "as source alone on every platform"),
        (of(&[packages::State::NotFound]), "for no platform at all"),
    ];
    let others = others.iter().filter(|(count, _)| *count > 0);
    let others: Vec<_> = others.map(|(count, how)| format!(", {count} {how}")).collect();
    let others = others.concat();
    format!("none needs another platform: {built} of {all} packages exist for {native}{others}")
}

/// A table for a pull request, with a trailing newline.
pub fn markdown(judgements: &[Judgement]) -> String {
    let mut text = String::from(
        "| Service | Image | Declared | Offered | Gets | How | Verdict |\n|---|---|---|---|---|---|---|\n",
    );
    for judgement in judgements {
        let code = |text: &str| format!("`{}`", visible(text).replace('|', "\\|"));
        let platform =
            |it: &Option<Platform>| it.as_ref().map_or(NONE.to_owned(), |it| code(&it.to_string()));
        let offered: Vec<String> =
            judgement.offered.iter().map(|it| code(&it.to_string())).collect();
        let offered = if offered.is_empty() { "unknown".to_owned() } else { offered.join(", ") };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {offered} | {} | {} | {} |",
            code(&judgement.service),
            code(&judgement.image),
            platform(&judgement.declared),
            platform(&judgement.chosen),
            how(judgement),
            verdict(judgement),
        );
    }
    for judgement in judgements.iter().filter(|it| !it.causes.is_empty()) {
        let causes: Vec<String> =
            judgement.causes.iter().map(|cause| visible(&cause.message)).collect();
        let remedy = judgement.remedy.as_ref().map(|it| format!(" → `{}`", visible(it)));
        let name = visible(&judgement.service);
        let _ =
            write!(text, "\n- **{name}**: {}.{}", causes.join("; "), remedy.unwrap_or_default());
    }
    if judgements.iter().any(|judgement| !judgement.causes.is_empty()) {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::subject::Place;
    use crate::platform::verdict::{Cause, Code};

    fn platform(text: &str) -> Platform {
        Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
    }

    fn judgement(service: &str, verdict: Verdict, how: How) -> Judgement {
        Judgement {
            service: service.to_owned(),
            image: "postgres:16".to_owned(),
            is_built: false,
            is_to_be_built: false,
            declared: None,
            offered: ["linux/amd64", "linux/arm/v7", "linux/arm64"].map(platform).to_vec(),
            chosen: Some(platform("linux/arm64")),
            native: Some(platform("linux/arm64")),
            running: Vec::new(),
            how,
            verdict,
            accepted: false,
            causes: Vec::new(),
            arguments: Vec::new(),
            remedy: None,
            cost: None,
            risk: None,
        }
    }

    fn matrix() -> Vec<Judgement> {
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

    #[test]
    fn reasons_are_broken_between_words() {
        let told = text(&matrix(), Some(42), false);
        assert!(told.contains("db: pinned to linux/amd64 at\n    compose.yaml:7\n"), "{told}");
        assert!(told.contains("\n    → bireme platforms --fix db\n"), "{told}");
    }

    #[test]
    fn packages_that_exist_are_counted() {
        use packages::State::{NativeWheel, NotFound, Pure, SourceOnly};
        let report = |states: &[packages::State]| {
            let package = |&state: &packages::State| packages::Package {
                ecosystem: packages::Ecosystem::Python,
                name: "p".to_owned(),
                requirement: "p".to_owned(),
                place: Place { file: "requirements.txt".to_owned(), line: 1 },
                state,
                version: None,
                pinned_version: None,
                implied_by: None,
                first_native: None,
                newest_native: None,
                reason: None,
            };
            Report {
                verdict: packages::Verdict::Free,
                has_compiler: false,
                untold: Vec::new(),
                packages: states.iter().map(package).collect(),
                notes: Vec::new(),
            }
        };
        for (states, expected) in [
            (&[Pure][..], "its package exists for linux/arm64"),
            (&[Pure, NativeWheel], "all 2 packages exist for linux/arm64"),
            (
                &[Pure, NativeWheel, SourceOnly, NotFound],
                "none needs another platform: 2 of 4 packages exist for linux/arm64, 1 as source alone on every \
                 platform, 1 for no platform at all",
            ),
            (
                &[NotFound],
                "none needs another platform: 0 of 1 packages exist for linux/arm64, 1 for no platform at all",
            ),
        ] {
            assert_eq!(none_forces(&report(states), &platform("linux/arm64")), expected);
        }
    }

    #[test]
    fn the_matrix_is_followed_by_reasons() {
        assert_eq!(
            text(&matrix(), None, false),
            "\
SERVICE   DECLARED   OFFERED                RUNNING   HOW      VERDICT
db        amd64      amd64, arm/v7, arm64   amd64     QEMU     emulated needlessly
web       -          amd64, arm/v7, arm64   (arm64)   native   native

db: pinned to linux/amd64 at compose.yaml:7
    postgres:16 exists for linux/arm64
    → bireme platforms --fix db
"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_what_matters_of_an_offer() {
        let drawn = text(&matrix(), Some(70), false);
        assert!(drawn.contains("amd64, arm64 +1"), "{drawn}");
        assert!(drawn.contains("web       -          arm64 +2"), "{drawn}");
    }

    #[test]
    fn programs_read_an_array_of_objects() {
        let rows: serde_json::Value = serde_json::from_str(&json(&matrix())).unwrap();
        assert_eq!(rows[0]["service"], "db");
        assert_eq!(rows[0]["declared"], "linux/amd64");
        assert_eq!(rows[0]["offered"][1], "linux/arm/v7");
        assert_eq!(rows[0]["how"], "qemu");
        assert_eq!(rows[0]["verdict"], "needless");
        assert_eq!(rows[0]["causes"][0]["code"], "pinned");
        assert_eq!(rows[0]["causes"][0]["line"], 7);
        assert_eq!(rows[1]["declared"], serde_json::Value::Null);
    }

    #[test]
    fn markdown_is_a_table_with_a_list() {
        let drawn = markdown(&matrix());
        assert!(drawn.contains("| `db` | `postgres:16` | `linux/amd64` |"), "{drawn}");
        let reason =
            "- **db**: pinned to linux/amd64 at compose.yaml:7. → `bireme platforms --fix db`";
        assert!(drawn.contains(reason), "{drawn}");
    }
}
