//! One container as `ps` tells of it, with the roundings and cuts of the Docker CLI. Pure.

use std::collections::BTreeMap;

use super::created::Zone;
use crate::engine::api::{ContainerSummary, PublishedPort};
use crate::platform::Platform;
use crate::stack::labels;
use crate::stack::query::ProjectContainer;
use crate::ui::format;
use crate::ui::template::{Labels, Record, RecordKind, Value};

/// Characters of a command and a mount that are shown.
const SHORT_COMMAND: usize = 20;
const SHORT_MOUNT: usize = 15;

/// The words above the columns. Fields without one have none in Docker Compose either.
pub(super) const HEADER: [(&str, &str); 15] = [
    ("ID", "CONTAINER ID"),
    ("Name", "NAME"),
    ("Project", "PROJECT"),
    ("Service", "SERVICE"),
    ("Image", "IMAGE"),
    ("Command", "COMMAND"),
    ("CreatedAt", "CREATED AT"),
    ("RunningFor", "CREATED"),
    ("Ports", "PORTS"),
    ("State", "STATE"),
    ("Status", "STATUS"),
    ("Size", "SIZE"),
    ("Labels", "LABELS"),
    ("Engine", "ENGINE"),
    ("Platform", "PLATFORM"),
];

/// How rows are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    /// Whether long values are shortened.
    pub(super) cut: bool,
    /// Unix time now.
    pub(super) now: i64,
    /// In which times are told.
    pub(super) zone: &'a Zone,
    /// Whether it is told which engine runs a container, because some container says it.
    pub(super) engine: bool,
    /// Platforms by container id, where they are told because they are not all the same.
    pub(super) platforms: &'a BTreeMap<String, Platform>,
}

/// The row of a container.
pub(super) fn row(container: &ProjectContainer, look: Look<'_>) -> Value {
    let summary = &container.summary;
    let shorten = |text: &str, limit| {
        if look.cut { format::ellipsis(text, limit) } else { text.to_owned() }
    };
    let id = if look.cut { format::short_id(&container.id) } else { container.id.clone() };
    let mounts: Vec<String> = summary
        .mounts
        .iter()
        .map(|mount| if mount.name.is_empty() { &mount.source } else { &mount.name })
        .map(|name| shorten(name, SHORT_MOUNT))
        .collect();
    let local_volumes = summary.mounts.iter().filter(|mount| mount.driver == "local").count();
    let networks: Vec<&str> =
        summary.network_settings.networks.keys().map(String::as_str).collect();
    let mut fields: Vec<(&'static str, Value)> = vec![
        ("Command", format::quoted(&shorten(&summary.command, SHORT_COMMAND)).into()),
        ("CreatedAt", look.zone.written(summary.created).into()),
        ("ExitCode", Value::Int(exit_code(summary))),
        ("Health", health(summary).into()),
        ("ID", id.into()),
        ("Image", summary.image.as_str().into()),
        ("Labels", format::labels(&summary.labels).into()),
        ("LocalVolumes", local_volumes.to_string().into()),
        ("Mounts", mounts.join(",").into()),
        ("Name", container.name.as_str().into()),
        ("Names", names(container, look.cut).into()),
        ("Networks", networks.join(",").into()),
        ("Ports", format::ports(&summary.ports).into()),
        ("Project", container.label(labels::PROJECT).into()),
        ("Publishers", publishers(summary)),
        ("RunningFor", format::ago(look.now.saturating_sub(summary.created)).into()),
        ("Service", container.service.as_str().into()),
        ("Size", "0B".into()),
        ("State", summary.state.as_str().into()),
        ("Status", summary.status.as_str().into()),
    ];
    if look.engine {
        fields.push(("Engine", container.label(labels::ENGINE).into()));
    }
    if !look.platforms.is_empty() {
        let platform = look.platforms.get(&container.id).map(ToString::to_string);
        fields.push(("Platform", platform.unwrap_or_else(|| "unknown".to_owned()).into()));
    }
    Value::from(Record {
        type_name: "*formatter.ContainerContext",
        kind: RecordKind::Row,
        fields,
        labels: Labels::Of(summary.labels.clone()),
    })
}

/// The container's names; those that it only has as a link of another one unless `cut`.
fn names(container: &ProjectContainer, cut: bool) -> String {
    if cut {
        return container.name.clone();
    }
    let names: Vec<&str> =
        container.summary.names.iter().map(|name| name.strip_prefix('/').unwrap_or(name)).collect();
    if names.is_empty() { container.name.clone() } else { names.join(",") }
}

/// Where ports are published, sorted by the container's port.
fn publishers(summary: &ContainerSummary) -> Value {
    let mut ports: Vec<_> = summary.ports.iter().collect();
    ports.sort_by_key(|port| port.private_port);
    Value::List {
        type_name: "api.PortPublishers",
        items: ports.into_iter().map(publisher).collect(),
    }
}

fn publisher(port: &PublishedPort) -> Value {
    Value::from(Record {
        type_name: "api.PortPublisher",
        kind: RecordKind::Struct,
        fields: vec![
            ("URL", port.ip.as_str().into()),
            ("TargetPort", Value::Int(port.private_port.into())),
            ("PublishedPort", Value::Int(port.public_port.into())),
            ("Protocol", port.r#type.as_str().into()),
        ],
        labels: Labels::None,
    })
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::api::MountDetails;
    use crate::ui::Listing;

    fn container() -> ProjectContainer {
        ProjectContainer {
            id: "0123456789abcdef".to_owned(),
            name: "shop-web-1".to_owned(),
            service: "web".to_owned(),
            number: 1,
            one_off: false,
            summary: Arc::new(ContainerSummary {
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
            }),
        }
    }

    /// What `--format` makes of the container.
    fn shown(format: &str, cut: bool) -> String {
        let row = row(
            &container(),
            Look {
                cut,
                now: 1_700_000_300,
                zone: &Zone::new(Some("")),
                engine: false,
                platforms: &BTreeMap::new(),
            },
        );
        Listing::parse(format).and_then(|listing| listing.write(&[row], &HEADER)).unwrap()
    }

    #[test]
    fn a_row_has_the_fields_of_docker_compose() {
        for (format, expected) in [
            ("{{.ID}} {{.Command}}", r#"0123456789ab "/docker-entrypoint.…""#),
            ("{{.RunningFor}}, {{.Health}}, {{.ExitCode}}", "5 minutes ago, healthy, 0"),
            ("{{.Mounts}} {{.LocalVolumes}}", "shop_a-rather-… 1"),
            ("{{.Ports}} {{.Publishers}}", "0.0.0.0:8080->80/tcp [{0.0.0.0 80 8080 tcp}]"),
            (
                "{{.Label \"com.docker.compose.project\"}} {{.Project}} {{.Names}}",
                "shop shop shop-web-1",
            ),
            (
                "{{json .Publishers}}",
                r#"[{"URL":"0.0.0.0","TargetPort":80,"PublishedPort":8080,"Protocol":"tcp"}]"#,
            ),
        ] {
            assert_eq!(shown(format, true), format!("{expected}\n"), "{format}");
        }
        let json = shown("json", true);
        let keys: Vec<String> = match serde_json::from_str(&json).unwrap() {
            serde_json::Value::Object(fields) => fields.keys().cloned().collect(),
            other => panic!("{other}"),
        };
        assert_eq!(
            keys.join(" "),
            "Command CreatedAt ExitCode Health ID Image Labels LocalVolumes Mounts Name Names \
             Networks Ports Project Publishers RunningFor Service Size State Status"
        );
        assert!(json.contains(r#""Ports":"0.0.0.0:8080-\u003e80/tcp""#), "{json}");
    }

    #[test]
    fn nothing_is_cut_on_request() {
        assert_eq!(
            shown("{{.ID}} {{.Mounts}}", false),
            "0123456789abcdef shop_a-rather-long-name\n"
        );
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
