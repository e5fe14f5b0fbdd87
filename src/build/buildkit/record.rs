//! The builder's status as its own client writes it for programs (`--progress rawjson` of buildx): one
//! JSON object for each message, empty fields left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog, VertexStatus, VertexWarning};
use chrono::DateTime;
use serde_json::{Map, Value, json};

/// A status as a record; `title` is how its vertexes are to be called.
pub(super) fn record(status: &StatusResponse, title: impl Fn(&str) -> String) -> Value {
    let all = [
        ("vertexes", array(&status.vertexes, |it| vertex(it, &title))),
        ("statuses", array(&status.statuses, part)),
        ("logs", array(&status.logs, log)),
        ("warnings", array(&status.warnings, warning)),
    ];
    object(all.into_iter().filter(|(_, records)| *records != json!([])))
}

fn vertex(vertex: &Vertex, title: impl Fn(&str) -> String) -> Value {
    object([
        ("digest", json!(vertex.digest)),
        ("inputs", unless(vertex.inputs.is_empty(), json!(vertex.inputs))),
        ("name", json!(title(&vertex.name))),
        ("started", vertex.started.as_ref().map_or(Value::Null, |at| time(at.seconds, at.nanos))),
        (
            "completed",
            vertex.completed.as_ref().map_or(Value::Null, |at| time(at.seconds, at.nanos)),
        ),
        ("cached", unless(!vertex.cached, json!(true))),
        ("error", unless(vertex.error.is_empty(), json!(vertex.error))),
        (
            "progressGroup",
            vertex.progress_group.as_ref().map_or(Value::Null, |group| {
                object([
                    ("id", unless(group.id.is_empty(), json!(group.id))),
                    ("name", unless(group.name.is_empty(), json!(group.name))),
                    ("weak", unless(!group.weak, json!(true))),
                ])
            }),
        ),
    ])
}

fn part(status: &VertexStatus) -> Value {
    object([
        ("id", json!(status.id)),
        ("vertex", unless(status.vertex.is_empty(), json!(status.vertex))),
        ("name", unless(status.name.is_empty(), json!(status.name))),
        ("total", unless(status.total == 0, json!(status.total))),
        ("current", json!(status.current)),
        (
            "timestamp",
            status.timestamp.as_ref().map_or(Value::Null, |at| time(at.seconds, at.nanos)),
        ),
        ("started", status.started.as_ref().map_or(Value::Null, |at| time(at.seconds, at.nanos))),
        (
            "completed",
            status.completed.as_ref().map_or(Value::Null, |at| time(at.seconds, at.nanos)),
        ),
    ])
}

fn log(log: &VertexLog) -> Value {
    object([
        ("vertex", unless(log.vertex.is_empty(), json!(log.vertex))),
        ("stream", unless(log.stream == 0, json!(log.stream))),
        ("data", json!(STANDARD.encode(&log.msg))),
        ("timestamp", log.timestamp.as_ref().map_or(Value::Null, |at| time(at.seconds, at.nanos))),
    ])
}

fn warning(warning: &VertexWarning) -> Value {
    let detail: Vec<String> = warning.detail.iter().map(|text| STANDARD.encode(text)).collect();
    let position = |line, character| {
        object([
            ("line", unless(line == 0, json!(line))),
            ("character", unless(character == 0, json!(character))),
        ])
    };
    let ranges = array(&warning.ranges, |range| {
        object([
            (
                "start",
                range.start.as_ref().map_or(Value::Null, |at| position(at.line, at.character)),
            ),
            ("end", range.end.as_ref().map_or(Value::Null, |at| position(at.line, at.character))),
        ])
    });
    let source = warning.info.as_ref().map_or(Value::Null, |info| {
        object([
            ("filename", unless(info.filename.is_empty(), json!(info.filename))),
            ("data", unless(info.data.is_empty(), json!(STANDARD.encode(&info.data)))),
            ("language", unless(info.language.is_empty(), json!(info.language))),
        ])
    });
    object([
        ("vertex", unless(warning.vertex.is_empty(), json!(warning.vertex))),
        ("level", unless(warning.level == 0, json!(warning.level))),
        ("short", unless(warning.short.is_empty(), json!(STANDARD.encode(&warning.short)))),
        ("detail", unless(detail.is_empty(), json!(detail))),
        ("url", unless(warning.url.is_empty(), json!(warning.url))),
        ("sourceInfo", source),
        ("range", unless(ranges == json!([]), ranges.clone())),
    ])
}

/// An object of what there is.
fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let there = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(there.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

fn array<T>(items: &[T], record: impl Fn(&T) -> Value) -> Value {
    items.iter().map(record).collect()
}

fn unless(empty: bool, value: Value) -> Value {
    if empty { Value::Null } else { value }
}

/// An instant as Go writes it (RFC 3339, as many digits as it needs).
fn time(seconds: i64, nanos: i32) -> Value {
    let at = DateTime::from_timestamp(seconds, u32::try_from(nanos).unwrap_or(0));
    let text = at.map(|at| at.format("%Y-%m-%dT%H:%M:%S%.9f").to_string());
    text.map_or(Value::Null, |text| {
        json!(format!("{}Z", text.trim_end_matches('0').trim_end_matches('.')))
    })
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn a_status_is_written_as_buildx_writes_it() {
        let mut started = Vertex::default().started.unwrap_or_default();
        (started.seconds, started.nanos) = (1_764_345_260, 768_500_000);
        let mut later = started;
        later.nanos = 0;
        let status = StatusResponse {
            vertexes: vec![Vertex {
                digest: "sha256:c4".to_owned(),
                name: "[1/2] FROM alpine".to_owned(),
                started: Some(started),
                cached: true,
                ..Vertex::default()
            }],
            logs: vec![VertexLog {
                vertex: "sha256:c4".to_owned(),
                stream: 1,
                msg: b"hello\n".to_vec(),
                timestamp: Some(later),
            }],
            ..StatusResponse::default()
        };
        assert_eq!(
            record(&status, |name| format!("[web {}", &name[1..])),
            json!({
                "vertexes": [{
                    "digest": "sha256:c4",
                    "name": "[web 1/2] FROM alpine",
                    "started": "2025-11-28T15:54:20.7685Z",
                    "cached": true,
                }],
                "logs": [{
                    "vertex": "sha256:c4",
                    "stream": 1,
                    "data": "aGVsbG8K",
                    "timestamp": "2025-11-28T15:54:20Z",
                }],
            })
        );
    }
}
