//! Verdicts for a terminal: a matrix where there is room for one, else a block for each service.

use super::super::style::Style;
use super::super::text::{pad, visible, width, wrapped};
use super::reasons::{reasons, sentences};
use super::{NARROWEST, NONE, how, nothing_offered, short, style, verdict};
use crate::platform::verdict::Judgement;
use crate::platform::{How, Platform};

/// The columns of the matrix.
const TITLES: [&str; 6] = ["SERVICE", "DECLARED", "OFFERED", "RUNNING", "HOW", "VERDICT"];

/// What is between columns.
const GAP: &str = "   ";

/// The matrix, and below it why what is not native is as it is, with a trailing newline. `columns` is
/// the width of the terminal, if it is one: where the matrix is wider, what an image offers is cut to
/// what matters here; where that is not enough, there is no matrix, and nothing is cut.
pub fn text(judgements: &[Judgement], columns: Option<usize>, colour: bool) -> String {
    let fits = |matrix: &Matrix| columns.is_none_or(|columns| matrix.width() <= columns);
    let matrix = [offered, offered_here].map(|offer| Matrix::of(judgements, offer));
    let blocks = match (matrix.iter().find(|it| fits(it)), columns) {
        (None, Some(columns)) => {
            let block = |judgement| block(judgement, columns, colour);
            judgements.iter().map(block).collect()
        }
        (None, None) => Vec::new(),
        (Some(matrix), _) => {
            let reasons = judgements.iter().map(|judgement| reasons(judgement, columns, colour));
            let matrix = matrix.lines(judgements, colour);
            std::iter::once(matrix).chain(reasons).collect::<Vec<_>>()
        }
    };
    let blocks = blocks.iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n"));
    blocks.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Rows of cells, titles first.
struct Matrix(Vec<[String; 6]>);

impl Matrix {
    fn of(judgements: &[Judgement], offer: impl Fn(&Judgement) -> String) -> Self {
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
        Self(std::iter::once(TITLES.map(str::to_owned)).chain(rows).collect())
    }

    fn widths(&self) -> [usize; 6] {
        let mut widths = [0; 6];
        for row in &self.0 {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        widths
    }

    fn width(&self) -> usize {
        self.widths().iter().sum::<usize>() + GAP.len() * (TITLES.len() - 1)
    }

    /// Its lines; verdicts have their colours.
    fn lines(&self, judgements: &[Judgement], colour: bool) -> Vec<String> {
        let widths = self.widths();
        let styles = std::iter::once(None).chain(judgements.iter().map(|it| Some(style(it))));
        let line = |(row, style): (&[String; 6], Option<Style>)| {
            let mut cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
            if let (Some(last), Some(style)) = (cells.last_mut(), style) {
                *last = style.paint(last.trim_end(), colour);
            }
            cells.join(GAP).trim_end().to_owned()
        };
        self.0.iter().zip(styles).map(line).collect()
    }
}

/// All of one service below each other.
fn block(judgement: &Judgement, columns: usize, colour: bool) -> Vec<String> {
    const INDENT: &str = "  ";
    let (service, verdict) = (visible(&judgement.service), verdict(judgement));
    let is_wide = width(&service) + 2 + width(&verdict) > columns;
    let name = Style::STRONG.paint(&service, colour);
    let verdict = style(judgement).paint(&verdict, colour);
    let mut lines = if is_wide {
        vec![format!("{name}:"), format!("{INDENT}{verdict}")]
    } else {
        vec![format!("{name}: {verdict}")]
    };
    let facts = [declared_and_running(judgement), format!("offered: {}", offered(judgement))];
    let limit = columns.saturating_sub(INDENT.len()).max(NARROWEST);
    let facts = facts.iter().filter(|fact| !fact.is_empty()).flat_map(|fact| wrapped(fact, limit));
    let all = facts.chain(sentences(judgement, Some(limit), colour));
    lines.extend(all.map(|line| format!("{INDENT}{line}")));
    lines
}

/// What a service asks for and gets, in words.
fn declared_and_running(judgement: &Judgement) -> String {
    let declared = judgement.declared.as_ref().map(|it| format!("declared {}", short(it)));
    let names: Vec<String> = judgement.running.iter().map(short).collect();
    let chosen = judgement.chosen.as_ref().map(short);
    let running = match (names.is_empty(), chosen) {
        (false, _) => Some(format!("runs as {}", names.join(", "))),
        (true, Some(chosen)) => Some(format!("would run as {chosen}")),
        (true, None) => None,
    };
    let running = running.map(|running| match judgement.how {
        How::Native => running,
        How::None => "no emulator".to_owned(),
        how => format!("{running} {how}"),
    });
    declared.into_iter().chain(running).collect::<Vec<_>>().join(", ")
}

fn offered(judgement: &Judgement) -> String {
    let names: Vec<String> = judgement.offered.iter().map(short).collect();
    if names.is_empty() { nothing_offered(judgement).to_owned() } else { names.join(", ") }
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
        (_, 0) => nothing_offered(judgement).to_owned(),
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

#[cfg(test)]
mod tests {
    use super::super::testing::two;
    use super::*;

    #[test]
    fn reasons_are_broken_between_words() {
        let mut two = two();
        two[0].causes[0].message += " and in many other places besides these";
        let told = text(&two, Some(80), false);
        assert!(told.contains("besides\n    these\n"), "{told}");
        assert!(told.contains("\n    → bireme platforms --fix db\n"), "{told}");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let mut two = two();
        two[0].remedy =
            Some("write `platform: linux/arm64` on the service, or pull it again".to_owned());
        for columns in [40, 50, 60, 70, 80, 120, 200] {
            let told = text(&two, Some(columns), false);
            assert!(told.lines().all(|line| width(line) <= columns), "{columns}: {told}");
        }
    }

    #[test]
    fn a_narrow_terminal_gets_a_block_for_each_service() {
        assert_eq!(
            text(&two(), Some(40), false),
            "\
db: emulated needlessly
  declared amd64, runs as amd64 under
  QEMU
  offered: amd64, arm/v7, arm64
  pinned to linux/amd64 at
  compose.yaml:7
  postgres:16 exists for linux/arm64
  → bireme platforms --fix db

web: native
  would run as arm64
  offered: amd64, arm/v7, arm64
"
        );
    }

    #[test]
    fn the_matrix_is_followed_by_reasons() {
        assert_eq!(
            text(&two(), None, false),
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
        let drawn = text(&two(), Some(80), false);
        assert!(drawn.contains("amd64, arm64 +1"), "{drawn}");
        assert!(drawn.contains("web       -          arm64 +2"), "{drawn}");
    }
}
