//! Mermaid, which Markdown renderers draw: an arrow from who needs to what is needed, a dotted line
//! to each network.

use std::fmt::Write as _;

use super::{Mood, Picture};

/// A flowchart.
pub fn mermaid(picture: &Picture) -> String {
    let mut text = String::from("flowchart LR\n");
    let id = |name: &str| picture.services.iter().position(|service| service.name == name);
    // Writing to a string cannot fail.
    for (at, service) in picture.services.iter().enumerate() {
        let state = service.state.as_ref();
        let below = state.map(|state| format!("<br/>{}", quoted(&state.text)));
        let class = state.map(|state| format!(":::{}", class(state.mood)));
        let _ = writeln!(
            text,
            "    s{at}[\"{}{}\"]{}",
            quoted(&service.name),
            below.unwrap_or_default(),
            class.unwrap_or_default()
        );
    }
    for (at, network) in picture.networks.iter().enumerate() {
        let _ = writeln!(text, "    n{at}([\"{}\"])", quoted(network));
    }
    for need in &picture.needs {
        if let (Some(from), Some(to)) = (id(&need.service), id(&need.needs)) {
            let arrow = if need.optional { "-." } else { "--" };
            let end = if need.optional { ".->" } else { "-->" };
            let _ = writeln!(text, "    s{from} {arrow} {} {end} s{to}", need.condition);
        }
    }
    for (at, service) in picture.services.iter().enumerate() {
        for (number, network) in picture.networks.iter().enumerate() {
            if service.networks.contains(network) {
                let _ = writeln!(text, "    s{at} -.- n{number}");
            }
        }
    }
    if picture.services.iter().any(|service| service.state.is_some()) {
        for (mood, fill, stroke) in [
            (Mood::Absent, "#eeeeee", "#999999"),
            (Mood::Well, "#d7f5dd", "#1a7f37"),
            (Mood::Partly, "#fff3c4", "#9a6700"),
            (Mood::Completed, "#ddebff", "#0969da"),
            (Mood::Failed, "#ffdcd7", "#cf222e"),
        ] {
            let _ = writeln!(text, "    classDef {} fill:{fill},stroke:{stroke}", class(mood));
        }
    }
    text
}

fn class(mood: Mood) -> &'static str {
    match mood {
        Mood::Absent => "absent",
        Mood::Well => "well",
        Mood::Partly => "partly",
        Mood::Completed => "completed",
        Mood::Failed => "failed",
    }
}

/// Text within quotes.
fn quoted(text: &str) -> String {
    text.replace('"', "#quot;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::shop;
    use super::*;

    #[test]
    fn needs_are_arrows_and_networks_dotted_lines() {
        let text = mermaid(&shop());
        for line in [
            "flowchart LR",
            "    s0[\"db<br/>running, healthy\"]:::well",
            "    n1([\"front\"])",
            "    s2 -- healthy --> s0",
            "    s3 -. started .-> s0",
            "    s2 -.- n1",
            "    classDef failed fill:#ffdcd7,stroke:#cf222e",
        ] {
            assert!(text.lines().any(|shown| shown == line), "`{line}` is missing:\n{text}");
        }
    }
}
