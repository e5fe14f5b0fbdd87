//! DOT, which Graphviz draws.

use std::fmt::Write as _;

use super::{Mood, Picture};

/// A directed graph.
pub fn dot(picture: &Picture) -> String {
    let mut text = format!("digraph {} {{\n    rankdir=LR;\n", quoted(&picture.project));
    text.push_str("    node [shape=box, style=\"rounded,filled\", fillcolor=white];\n");
    // Writing to a string cannot fail.
    for service in &picture.services {
        let name = &service.name;
        let _ = match &service.state {
            Some(state) => writeln!(
                text,
                "    {} [label={}, fillcolor=\"{}\"];",
                quoted(name),
                quoted(&format!("{name}\n{}", state.text)),
                fill(state.mood)
            ),
            None => writeln!(text, "    {};", quoted(name)),
        };
    }
    for network in &picture.networks {
        let (id, label) = (quoted(&format!("network {network}")), quoted(network));
        let _ = writeln!(text, "    {id} [label={label}, shape=ellipse, style=dashed];");
    }
    for need in &picture.needs {
        let style = if need.optional { ", style=dashed" } else { "" };
        let _ = writeln!(
            text,
            "    {} -> {} [label={}{style}];",
            quoted(&need.service),
            quoted(&need.needs),
            quoted(need.condition)
        );
    }
    for service in &picture.services {
        for network in &service.networks {
            let (service, network) = (quoted(&service.name), quoted(&format!("network {network}")));
            let _ = writeln!(text, "    {service} -> {network} [arrowhead=none, style=dotted];");
        }
    }
    text.push_str("}\n");
    text
}

fn fill(mood: Mood) -> &'static str {
    match mood {
        Mood::Absent => "#eeeeee",
        Mood::Well => "#d7f5dd",
        Mood::Partly => "#fff3c4",
        Mood::Completed => "#ddebff",
        Mood::Failed => "#ffdcd7",
    }
}

/// A quoted identifier.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::super::tests::shop;
    use super::*;

    #[test]
    fn needs_are_edges_and_networks_are_nodes_of_their_own() {
        let text = dot(&shop());
        for line in [
            "digraph \"shop\" {",
            "    \"db\" [label=\"db\\nrunning, healthy\", fillcolor=\"#d7f5dd\"];",
            "    \"network front\" [label=\"front\", shape=ellipse, style=dashed];",
            "    \"worker\" -> \"db\" [label=\"started\", style=dashed];",
            "    \"web\" -> \"network front\" [arrowhead=none, style=dotted];",
        ] {
            assert!(text.lines().any(|shown| shown == line), "`{line}` is missing:\n{text}");
        }
    }
}
