//! What the packages of builds say.

use std::collections::BTreeMap;

use super::super::style::Style;
use super::super::text::{visible, wrapped};
use super::NARROWEST;
use crate::packages::{self, Report};
use crate::platform::Platform;
use crate::platform::subject::Place;

/// What the packages of builds say, with a trailing newline; `native` is the engine's own platform, `columns` the
/// width of the terminal, if it is one.
pub fn packages(
    reports: &BTreeMap<String, Report>,
    native: &Platform,
    columns: Option<usize>,
    colour: bool,
) -> String {
    let drawing = Drawing { native, columns, colour };
    let blocks: Vec<String> = reports
        .iter()
        .map(|(service, report)| drawing.report(service, report).join("\n"))
        .collect();
    blocks.join("\n\n") + "\n"
}

/// How it is drawn.
#[derive(Clone, Copy)]
struct Drawing<'a> {
    native: &'a Platform,
    columns: Option<usize>,
    colour: bool,
}

impl Drawing<'_> {
    fn report(self, service: &str, report: &Report) -> Vec<String> {
        let native = self.native;
        let (words, style) = match report.verdict {
            packages::Verdict::Forces => (some_force(report, native), Style::WARNING),
            packages::Verdict::Free => (none_forces(report, native), Style::SUCCESS),
            packages::Verdict::Unknown if report.packages.iter().any(|it| it.state.forces()) => {
                (format!("not everything has a built form for {native}"), Style::WARNING)
            }
            packages::Verdict::Unknown => {
                ("not everything could be found out".to_owned(), Style::WARNING)
            }
            packages::Verdict::NothingInstalled => {
                ("nothing that it installs depends on the CPU".to_owned(), Style::SUCCESS)
            }
        };
        let name = visible(service);
        let head = self.lines(&format!("{name}: {words}"), "");
        let strong = Style::STRONG.paint(&name, self.colour);
        let mut lines: Vec<String> = match head.as_slice() {
            [_] => vec![format!("{strong}: {}", style.paint(&words, self.colour))],
            _ => head,
        };
        for package in &report.packages {
            lines.extend(self.placed(&package.sentence(native), &package.place));
        }
        let is_source =
            |package: &packages::Package| package.state == packages::State::NeedsCompiler;
        if report.has_compiler && report.packages.iter().any(is_source) {
            let note = "the build has a C compiler: what needs one may well be built";
            lines.extend(self.lines(note, "  "));
        }
        if !report.untold.is_empty() {
            let names: Vec<String> = report.untold.iter().map(|name| visible(name)).collect();
            let note = "the index does not tell what these need themselves, a lock file would";
            lines.extend(self.lines(&format!("{note}: {}", names.join(", ")), "  "));
        }
        for note in &report.notes {
            lines.extend(self.placed(&note.message, &note.place));
        }
        lines
    }

    /// A sentence with its place.
    fn placed(self, sentence: &str, place: &Place) -> Vec<String> {
        let (sentence, place) = (visible(sentence), visible(&place.to_string()));
        let lines = self.lines(&format!("{sentence} ({place})"), "  ");
        match lines.as_slice() {
            [_] => vec![format!("  {sentence} ({})", Style::DIM.paint(&place, self.colour))],
            _ => lines,
        }
    }

    /// A text in lines behind an indent, which is larger from the second one on.
    fn lines(self, text: &str, indent: &str) -> Vec<String> {
        let limit = self.columns.map(|columns| columns.saturating_sub(indent.len() + 2));
        let lines = match limit {
            Some(limit) => wrapped(text, limit.max(NARROWEST)),
            None => vec![text.to_owned()],
        };
        let lines = lines.into_iter().enumerate();
        lines
            .map(|(at, line)| format!("{indent}{}{line}", if at == 0 { "" } else { "  " }))
            .collect()
    }
}

/// How many packages need the pin. A lock file is none of them.
fn some_force(report: &Report, native: &Platform) -> String {
    let is_package = |it: &&packages::Package| it.state != packages::State::NotLocked;
    let all = report.packages.iter().filter(is_package);
    let count = all.clone().count();
    let forcing = all.filter(|package| package.state.forces()).count();
    let verb = if forcing == 1 { "does" } else { "do" };
    match (forcing, count < report.packages.len()) {
        (0, _) => format!("its lock file is not for {native}"),
        (1, false) if count == 1 => format!("its package does not exist for {native}"),
        (_, false) => format!("{forcing} of {count} packages {verb} not exist for {native}"),
        (_, true) => format!(
            "{forcing} of {count} packages {verb} not exist for {native}, and its lock file is not for it"
        ),
    }
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
    if all == 1 {
        let how = if of(&[packages::State::SourceOnly]) == 1 {
            "as source alone on every platform"
        } else {
            "for no platform at all"
        };
        return format!("none needs another platform: its package exists {how}");
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

#[cfg(test)]
mod tests {
    use super::super::testing::platform;
    use super::*;

    fn report(verdict: packages::Verdict, states: &[packages::State]) -> Report {
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
            verdict,
            has_compiler: false,
            untold: Vec::new(),
            packages: states.iter().map(package).collect(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_compiler_is_of_use_where_there_are_sources() {
        let native = platform("linux/arm64");
        let told = |state| {
            let report = report(packages::Verdict::Forces, &[state]);
            let report = Report { has_compiler: true, ..report };
            let drawing = Drawing { native: &native, columns: None, colour: false };
            drawing.report("app", &report).join("\n")
        };
        assert!(told(packages::State::NeedsCompiler).contains("C compiler"));
        assert!(!told(packages::State::NoDistribution).contains("C compiler"));
    }

    #[test]
    fn a_lock_file_is_no_package() {
        use packages::State::{NativeWheel, NeedsCompiler, NotLocked};
        let told = |states: &[packages::State]| {
            some_force(&report(packages::Verdict::Forces, states), &platform("linux/arm64"))
        };
        assert_eq!(told(&[NotLocked, NativeWheel]), "its lock file is not for linux/arm64");
        assert_eq!(
            told(&[NotLocked, NeedsCompiler, NativeWheel]),
            "1 of 2 packages does not exist for linux/arm64, and its lock file is not for it"
        );
        assert_eq!(told(&[NeedsCompiler]), "its package does not exist for linux/arm64");
    }

    #[test]
    fn packages_that_exist_are_counted() {
        use packages::State::{NativeWheel, NotFound, Pure, SourceOnly};
        let report = |states: &[packages::State]| report(packages::Verdict::Free, states);
        for (states, expected) in [
            (&[Pure][..], "its package exists for linux/arm64"),
            (&[Pure, NativeWheel], "all 2 packages exist for linux/arm64"),
            (
                &[Pure, NativeWheel, SourceOnly, NotFound],
                "none needs another platform: 2 of 4 packages exist for linux/arm64, 1 as source alone on every \
                 platform, 1 for no platform at all",
            ),
            (&[NotFound], "none needs another platform: its package exists for no platform at all"),
        ] {
            assert_eq!(none_forces(&report(states), &platform("linux/arm64")), expected);
        }
    }
}
