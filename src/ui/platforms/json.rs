//! Verdicts as programs read them.

use serde::Serialize;

use crate::platform::Platform;
use crate::platform::verdict::Judgement;

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

#[cfg(test)]
mod tests {
    use super::super::testing::two;
    use super::*;

    #[test]
    fn programs_read_an_array_of_objects() {
        let rows: serde_json::Value = serde_json::from_str(&json(&two())).unwrap();
        assert_eq!(rows[0]["service"], "db");
        assert_eq!(rows[0]["declared"], "linux/amd64");
        assert_eq!(rows[0]["offered"][1], "linux/arm/v7");
        assert_eq!(rows[0]["how"], "qemu");
        assert_eq!(rows[0]["verdict"], "needless");
        assert_eq!(rows[0]["causes"][0]["code"], "pinned");
        assert_eq!(rows[0]["causes"][0]["line"], 7);
        assert_eq!(rows[1]["declared"], serde_json::Value::Null);
    }
}
