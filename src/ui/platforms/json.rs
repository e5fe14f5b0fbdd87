//! Verdicts as programs read them.

use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

use crate::platform::Platform;
use crate::platform::cost::{Cost, Ratio, Yardstick};
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
    cost: Option<CostRow<'a>>,
}

#[derive(Debug, Serialize)]
struct CauseRow<'a> {
    code: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
}

#[derive(Debug, Serialize)]
struct CostRow<'a> {
    text: &'a str,
    wall: RatioRow,
    cpu: Option<RatioRow>,
    platform: &'a str,
    until: Yardstick,
    command: &'a [String],
    runs: usize,
    measured: Option<String>,
}

/// How many times as long it took emulated.
#[derive(Debug, Serialize)]
struct RatioRow {
    ratio: f64,
    least: f64,
    most: f64,
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
        how: judgement.runs().word(),
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
        cost: judgement.cost.as_ref().map(cost),
    }
}

fn cost(cost: &Cost) -> CostRow<'_> {
    let Cost { text, wall, cpu, platform, until, command, runs, at } = cost;
    CostRow {
        text,
        wall: ratio(*wall),
        cpu: cpu.map(ratio),
        platform,
        until: *until,
        command,
        runs: *runs,
        measured: DateTime::from_timestamp(*at, 0)
            .map(|it| it.to_rfc3339_opts(SecondsFormat::Secs, true)),
    }
}

fn ratio(ratio: Ratio) -> RatioRow {
    // More digits than these say nothing.
    let figure = |factor: f64| (factor * 1000.0).round() / 1000.0;
    let Ratio { median, least, most } = ratio;
    RatioRow { ratio: figure(median), least: figure(least), most: figure(most) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::two;
    use super::*;
    use crate::platform::cost::{Measurement, Run};

    #[test]
    fn what_emulation_costs_is_told_in_figures() {
        let run = |wall| Run { wall, cpu: None };
        let measured = Measurement {
            image: "postgres:16".to_owned(),
            ids: ("a".to_owned(), "b".to_owned()),
            platform: "linux/amd64".to_owned(),
            command: vec!["true".to_owned()],
            own: None,
            yardstick: Yardstick::Exit,
            native: vec![run(1.0), run(3.0)],
            emulated: vec![run(12.0), run(13.0)],
            at: 1_700_000_000,
        };
        let mut two = two();
        two[0].cost = measured.cost(1_700_000_000 + 3600);
        let rows: serde_json::Value = serde_json::from_str(&json(&two)).unwrap();
        assert_eq!(
            rows[0]["cost"],
            serde_json::json!({
                "text": "6.2× slower with `true` on this machine, measured 1 hour ago",
                "wall": {"ratio": 6.25, "least": 4.0, "most": 13.0},
                "cpu": null,
                "platform": "linux/amd64",
                "until": "exit",
                "command": ["true"],
                "runs": 2,
                "measured": "2023-11-14T22:13:20Z",
            })
        );
        assert_eq!(rows[1].get("cost"), None);
    }

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
