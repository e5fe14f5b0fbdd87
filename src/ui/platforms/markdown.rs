//! Verdicts for a pull request.

use std::fmt::Write as _;

use super::super::text::visible;
use super::reasons::{is_typed, placed};
use super::{NONE, how, nothing_offered, verdict};
use crate::platform::Platform;
use crate::platform::verdict::{Judgement, Verdict};

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
        let offered = match offered.as_slice() {
            [] => nothing_offered(judgement).to_owned(),
            offered => offered.join(", "),
        };
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
        let causes = judgement.causes.iter().map(placed);
        let causes = causes.chain(judgement.cost.iter().map(|cost| cost.text.clone()));
        let causes: Vec<String> = causes.map(|text| visible(&text)).collect();
        let asks = !(judgement.accepted && judgement.verdict == Verdict::Needless);
        let remedy = judgement.remedy.as_ref().filter(|_| asks).map(|it| {
            let remedy = visible(it);
            // Sentences have code of their own.
            if remedy.contains('`') || !is_typed(&remedy) {
                format!(" → {remedy}")
            } else {
                format!(" → `{remedy}`")
            }
        });
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
    use super::super::testing::two;
    use super::*;

    #[test]
    fn markdown_is_a_table_with_a_list() {
        let drawn = markdown(&two());
        assert!(drawn.contains("| `db` | `postgres:16` | `linux/amd64` |"), "{drawn}");
        let reason =
            "- **db**: pinned to linux/amd64 at compose.yaml:7. → `bireme platforms --fix db`";
        assert!(drawn.contains(reason), "{drawn}");
        let mut two = two();
        two[0].accepted = true;
        let accepted = markdown(&two);
        assert!(!accepted.contains('→'), "{accepted}");
    }
}
