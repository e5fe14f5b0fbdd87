//! What counts as a platform: verdicts on indexes with variants of CPUs, beside what the engine itself pulls and makes
//! containers of. The engine is asked by its API, so that nothing of ours decides.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::servers::Registry;
use crate::harness::Stack;

const INDEXES: [&[&str]; 8] = [
    &["amd64/v2"],
    &["amd64", "amd64/v2"],
    &["386"],
    &["amd64/v2", "386"],
    &["arm/v7"],
    &["arm/v6"],
    &["arm64"],
    &["arm64/v8"],
];

const PINS: [&str; 7] = ["", "amd64", "amd64/v2", "386", "arm64", "arm/v7", "arm64/v8"];

/// The platform of what an engine makes a container of, for a platform that is asked for or none.
fn made(stack: &Stack, image: &str, pin: &str) -> Option<String> {
    let engine = stack.engine();
    let platform = if pin.is_empty() { String::new() } else { format!("&platform=linux/{pin}") };
    let (name, tag) = image.rsplit_once(':').expect("it has a tag");
    let remove = || engine.call("DELETE", &format!("/images/{image}?force=true"), None);
    remove();
    let path = format!("/images/create?fromImage={name}&tag={tag}{platform}");
    let (status, told) = engine.call("POST", &path, None);
    if status != 200 || told.to_string().contains("error") {
        return None;
    }
    let body = json!({"Image": image, "Cmd": ["true"]});
    let path = format!("/containers/create?{}", platform.trim_start_matches('&'));
    let (status, container) = engine.call("POST", &path, Some(&body));
    let found = engine.get(&format!("/images/{image}/json"));
    if let Some(id) = container["Id"].as_str() {
        engine.call("DELETE", &format!("/containers/{id}?force=true"), None);
    }
    remove();
    let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
    let told = format!("linux/{}/{}", text("Architecture"), text("Variant"));
    (status == 201).then(|| normal(told.trim_end_matches('/')).to_owned())
}

fn normal(platform: &str) -> &str {
    platform.strip_suffix("arm64/v8").map_or(platform, |_| "linux/arm64")
}

/// The platform that a remedy says to write.
fn written(remedy: &Value) -> Option<&str> {
    let (_, rest) = remedy.as_str()?.split_once("write `platform: linux/")?;
    Some(rest.split_once('`')?.0)
}

/// The verdicts. A busy machine may take longer than the budget, so what was not known in time is asked again.
fn judged(stack: &Stack) -> Vec<Value> {
    let mut rows = Vec::new();
    for _ in 0..3 {
        let told = stack.run(["platforms", "--format", "json"]).success();
        rows = serde_json::from_str(&told.stdout).expect("an array");
        let is_late = |row: &Value| row["causes"][0]["code"] == "offer-unknown";
        if !rows.iter().any(is_late) {
            break;
        }
    }
    rows
}

#[test]
fn an_image_is_said_to_be_there_where_the_engine_takes_it() {
    let stack = Stack::new("matching");
    let registry = Registry::of_the_lab();
    let mut cases: BTreeMap<String, (String, &str)> = BTreeMap::new();
    let mut file = "services:\n".to_owned();
    for (number, platforms) in INDEXES.into_iter().enumerate() {
        let repository = format!("matching/{}/{number}", stack.project());
        let platforms: Vec<String> = platforms.iter().map(|it| format!("linux/{it}")).collect();
        let platforms: Vec<&str> = platforms.iter().map(String::as_str).collect();
        registry.index(&repository, "1", &registry.images(&repository, &platforms));
        for pin in PINS {
            let image = format!("{}/{repository}:1", registry.address);
            let service = format!("s{}", cases.len());
            let entry =
                if pin.is_empty() { String::new() } else { format!(", platform: linux/{pin}") };
            file = format!("{file}  {service}: {{image: '{image}'{entry}}}\n");
            cases.insert(service, (image, pin));
        }
    }
    let stack = stack.file("compose.yaml", &file);
    let rows = judged(&stack);
    assert_eq!(rows.len(), cases.len());
    for row in &rows {
        let (image, pin) = &cases[row["service"].as_str().expect("a name")];
        let code = row["causes"][0]["code"].as_str().unwrap_or_default();
        let is_refused =
            row["verdict"] == "cannot-run" && matches!(code, "not-offered" | "no-native-variant");
        if let Some(platform) = made(&stack, image, pin) {
            assert_eq!(row["chosen"], platform, "asked for {pin:?}: {row}");
            assert!(!is_refused, "asked for {pin:?}: {row}");
        } else {
            assert!(is_refused, "asked for {pin:?}: {row}");
            // What is said to mend it mends it.
            if let Some(platform) = written(&row["remedy"]) {
                assert!(made(&stack, image, platform).is_some(), "{row}");
            }
            if row["remedy"].to_string().contains("--fix") {
                assert!(made(&stack, image, "").is_some(), "{row}");
            }
        }
    }
}
