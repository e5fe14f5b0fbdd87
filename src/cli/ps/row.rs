//! One container as `ps` tells of it, with the roundings and cuts of the Docker CLI. Pure.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::engine::api::ContainerSummary;
use crate::stack::query::ProjectContainer;
use crate::ui::format;
use crate::ui::template::Data;

/// Characters of an id, a command and a mount that are shown.
const SHORT_ID: usize = 12;
const SHORT_COMMAND: usize = 20;
const SHORT_MOUNT: usize = 15;

/// A row of `ps`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The whole id.
    pub(super) full_id: String,
    /// The service.
    pub(super) service: String,
    /// The fields of the JSON form, sorted by name.
    fields: serde_json::Map<String, Value>,
    labels: std::collections::BTreeMap<String, String>,
}

impl Row {
    /// The row of a container at `now` (Unix time); `cut` shortens long values.
    pub(super) fn new(container: &ProjectContainer, cut: bool, now: i64) -> Self {
        let summary = &container.summary;
        let shorten = |text: &str, limit| if cut { ellipsis(text, limit) } else { text.to_owned() };
        let id =
            if cut { container.id.chars().take(SHORT_ID).collect() } else { container.id.clone() };
        let mounts: Vec<String> = summary
            .mounts
            .iter()
            .map(|mount| if mount.name.is_empty() { &mount.source } else { &mount.name })
            .map(|name| shorten(name, SHORT_MOUNT))
            .collect();
        let local_volumes = summary.mounts.iter().filter(|mount| mount.driver == "local").count();
        let networks: Vec<&str> =
            summary.network_settings.networks.keys().map(String::as_str).collect();
        let labels: Vec<String> =
            summary.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let value = json!({
            "Command": quoted(&shorten(&summary.command, SHORT_COMMAND)),
            "CreatedAt": created_at(summary.created),
            "ExitCode": exit_code(summary),
            "Health": health(summary),
            "ID": id,
            "Image": summary.image,
            "Labels": labels.join(","),
            "LocalVolumes": local_volumes.to_string(),
            "Mounts": mounts.join(","),
            "Name": container.name,
            "Names": container.name,
            "Networks": networks.join(","),
            "Ports": format::ports(&summary.ports),
            "Project": summary.labels.get(crate::stack::labels::PROJECT),
            "Publishers": publishers(summary),
            "RunningFor": format::ago(now.saturating_sub(summary.created)),
            "Service": container.service,
            "Size": "0B",
            "State": summary.state,
            "Status": summary.status,
        });
        let fields = match value {
            Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        Self {
            full_id: container.id.clone(),
            service: container.service.clone(),
            fields,
            labels: summary.labels.clone(),
        }
    }
}

impl Data for Row {
    fn field(&self, name: &str) -> Option<Value> {
        self.fields.get(name).cloned()
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Option<Value> {
        match (name, arguments) {
            ("Label", [Value::String(key)]) => {
                Some(self.labels.get(key).cloned().unwrap_or_default().into())
            }
            _ => None,
        }
    }

    fn whole(&self) -> Value {
        Value::Object(self.fields.clone())
    }
}

/// Where ports are published, sorted by the container's port.
fn publishers(summary: &ContainerSummary) -> Vec<Value> {
    let mut ports: Vec<_> = summary.ports.iter().collect();
    ports.sort_by_key(|port| port.private_port);
    ports
        .into_iter()
        .map(|port| {
            json!({
                "URL": port.ip,
                "TargetPort": port.private_port,
                "PublishedPort": port.public_port,
                "Protocol": port.r#type,
            })
        })
        .collect()
}

/// The exit code that the status tells: `Exited (3) 5 minutes ago`.
fn exit_code(summary: &ContainerSummary) -> i64 {
    if !matches!(summary.state.as_str(), "exited" | "dead") {
        return 0;
    }
    let inside = summary.status.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    inside.and_then(|(code, _)| code.parse().ok()).unwrap_or(0)
}

/// The health that the status tells: `Up 5 minutes (healthy)`, `Up 1 second (health: starting)`.
fn health(summary: &ContainerSummary) -> &'static str {
    if summary.state != "running" {
        ""
    } else if summary.status.ends_with("(healthy)") {
        "healthy"
    } else if summary.status.ends_with("(unhealthy)") {
        "unhealthy"
    } else if summary.status.ends_with("(health: starting)") {
        "starting"
    } else {
        ""
    }
}

/// A time as Go prints one: `2024-05-01 10:00:00 +0200 CEST`.
fn created_at(seconds: i64) -> String {
    use chrono::{Local, TimeZone};
    let Some(time) = Local.timestamp_opt(seconds, 0).single() else { return String::new() };
    let offset = time.format("%z").to_string();
    // The library knows no names of zones; Go prints the offset where it knows none either.
    let zone = if offset == "+0000" { "UTC".to_owned() } else { offset.clone() };
    format!("{} {offset} {zone}", time.format("%Y-%m-%d %H:%M:%S"))
}

/// At most `limit` characters; the last of them is an ellipsis if something is missing.
fn ellipsis(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// As Go quotes: `"` and `\` escaped, control characters too.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\x{:02x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
pub(in crate::cli::ps) mod tests {
    use super::*;
    use crate::engine::api::{MountDetails, PublishedPort};

    pub(in crate::cli::ps) fn container() -> ProjectContainer {
        ProjectContainer {
            id: "0123456789abcdef".to_owned(),
            name: "shop-web-1".to_owned(),
            service: "web".to_owned(),
            number: 1,
            one_off: false,
            summary: ContainerSummary {
                image: "nginx".to_owned(),
                command: "/docker-entrypoint.sh nginx -g 'daemon off;'".to_owned(),
                created: 1_700_000_000,
                state: "running".to_owned(),
                status: "Up 5 minutes (healthy)".to_owned(),
                ports: vec![PublishedPort {
                    ip: "0.0.0.0".to_owned(),
                    private_port: 80,
                    public_port: 8080,
                    r#type: "tcp".to_owned(),
                }],
                labels: [("com.docker.compose.project".to_owned(), "shop".to_owned())].into(),
                mounts: vec![MountDetails {
                    name: "shop_a-rather-long-name".to_owned(),
                    driver: "local".to_owned(),
                    ..MountDetails::default()
                }],
                ..ContainerSummary::default()
            },
        }
    }

    #[test]
    fn a_row_has_the_fields_of_docker_compose() {
        let row = Row::new(&container(), true, 1_700_000_300);
        let field = |name: &str| row.field(name).unwrap();
        assert_eq!(field("ID"), "0123456789ab");
        assert_eq!(field("Command"), "\"/docker-entrypoint.…\"");
        assert_eq!(field("RunningFor"), "5 minutes ago");
        assert_eq!(field("Health"), "healthy");
        assert_eq!(field("ExitCode"), 0);
        assert_eq!(field("Mounts"), "shop_a-rather-…");
        assert_eq!(field("LocalVolumes"), "1");
        assert_eq!(field("Ports"), "0.0.0.0:8080->80/tcp");
        assert_eq!(
            field("Publishers"),
            json!([{"URL": "0.0.0.0", "TargetPort": 80, "PublishedPort": 8080, "Protocol": "tcp"}])
        );
        let label = row.method("Label", &["com.docker.compose.project".into()]);
        assert_eq!(label, Some("shop".into()));
        assert_eq!(row.field("Bogus"), None);
        let names: Vec<&String> = row.fields.keys().collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(names, sorted);
    }

    #[test]
    fn nothing_is_cut_on_request() {
        let row = Row::new(&container(), false, 0);
        assert_eq!(row.field("ID").unwrap(), "0123456789abcdef");
        assert_eq!(row.field("Mounts").unwrap(), "shop_a-rather-long-name");
    }

    #[test]
    fn state_is_read_from_the_status() {
        for (state, status, code, healthy) in [
            ("running", "Up 1 second (health: starting)", 0, "starting"),
            ("running", "Up 2 hours (unhealthy)", 0, "unhealthy"),
            ("running", "Up 2 hours", 0, ""),
            ("paused", "Up 2 hours (Paused)", 0, ""),
            ("exited", "Exited (137) 3 minutes ago", 137, ""),
            ("restarting", "Restarting (1) 3 seconds ago", 0, ""),
            ("created", "Created", 0, ""),
            ("dead", "Dead", 0, ""),
        ] {
            let summary = ContainerSummary {
                state: state.to_owned(),
                status: status.to_owned(),
                ..ContainerSummary::default()
            };
            assert_eq!(exit_code(&summary), code, "{status}");
            assert_eq!(health(&summary), healthy, "{status}");
        }
    }
}
