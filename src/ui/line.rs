//! Progress as lines: the plain form and the JSON form of Docker Compose 2.40.3. Pure.

use serde::Serialize;

use crate::stack::progress::{Event, Status, Subject};

/// What Docker Compose calls the subject of an event.
///
/// A build bears the name of its image, and an image that is pulled that of its service: 2.40.3 has
/// it so.
pub(super) fn identity(event: &Event) -> String {
    match (&event.part, &event.subject) {
        (Some(part), Subject::Push(name)) => return format!("Pushing {name}: {part}"),
        (Some(part), _) => return part.clone(),
        (None, _) => {}
    }
    match &event.subject {
        Subject::Container(name) => format!("Container {name}"),
        Subject::Network(name) => format!("Network {name}"),
        Subject::Volume(name) => format!("Volume {name}"),
        Subject::Image(name) => format!("Image {name}"),
        Subject::Build(_) => event.details.clone(),
        Subject::Service(name)
        | Subject::Model(name)
        | Subject::Files(name)
        | Subject::Pull(name)
        | Subject::Push(name) => name.clone(),
    }
}

/// What Docker Compose writes into its two columns, `text` and `status`: the verb into the first for
/// transfers and skipped services, and else into the second.
fn columns(event: &Event) -> (&str, &str) {
    match &event.subject {
        Subject::Service(_) if event.text.starts_with("Skipped") => (&event.text, &event.details),
        Subject::Service(_) if event.text.starts_with("publish") => (&event.text, &event.details),
        Subject::Model(_) if event.status == Status::Error => ("", &event.details),
        Subject::Pull(_) | Subject::Push(_) | Subject::Model(_) => (&event.text, &event.details),
        Subject::Files(_) => (&event.details, &event.text),
        _ => ("", &event.text),
    }
}

/// ` Container x  Created`, or ` d Pulling ` for transfers; without an end of line.
pub(super) fn plain(event: &Event) -> String {
    let (text, status) = columns(event);
    format!(" {} {text} {status}", identity(event))
}

/// An event as 2.40.3 writes it with `--progress json`; empty fields are left out.
#[derive(Serialize)]
struct JsonEvent<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    status: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    current: u64,
    #[serde(skip_serializing_if = "is_zero")]
    total: u64,
    #[serde(skip_serializing_if = "is_zero")]
    percent: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// `{"id":"Container x","status":"Created"}`, without an end of line.
pub(super) fn json(event: &Event) -> String {
    let (text, status) = columns(event);
    let parent_id = match (&event.part, &event.subject) {
        (Some(_), Subject::Pull(name) | Subject::Build(name)) => Some(name.as_str()),
        _ => None,
    };
    let (current, total) = event.progress.unwrap_or_default();
    let percent = match (event.status, &event.part) {
        (Status::Done, Some(_)) => 100,
        _ => current.saturating_mul(100).checked_div(total).unwrap_or(0).min(100),
    };
    to_json(&JsonEvent { id: identity(event), parent_id, text, status, current, total, percent })
}

/// A message of the program itself, as 2.40.3's logger writes it with `--progress json`.
pub(super) fn json_message(level: &str, message: &str, time: &str) -> String {
    to_json(&serde_json::json!({ "level": level, "msg": message, "time": time }))
}

/// The error that ended the program, with `--progress json`.
pub(super) fn json_error(message: &str) -> String {
    if message.is_empty() {
        return to_json(&serde_json::json!({ "error": true }));
    }
    to_json(&serde_json::json!({ "error": true, "message": message }))
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings and numbers always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(subject: Subject, status: Status, text: &str) -> Event {
        Event::new(subject, status, text)
    }

    #[test]
    fn lines_are_those_of_docker_compose() {
        let container = Subject::Container("shop-web-1".to_owned());
        let image = Subject::Image("nginx:alpine".to_owned());
        let model = Subject::Model("llm".to_owned());
        let pull = Subject::Pull("web".to_owned());
        let push = Subject::Push("r:5/a:1".to_owned());
        let files = Subject::Files("shop-web-1".to_owned());
        let build = Subject::Build("b".to_owned());
        for (event, plain_line, json_line) in [
            (
                event(container, Status::Done, "Created").details("image changed"),
                " Container shop-web-1  Created",
                r#"{"id":"Container shop-web-1","status":"Created"}"#,
            ),
            (
                event(pull.clone(), Status::Working, "Pulling"),
                " web Pulling ",
                r#"{"id":"web","text":"Pulling"}"#,
            ),
            (
                event(pull.clone(), Status::Error, "Error").details("no route"),
                " web Error no route",
                r#"{"id":"web","text":"Error","status":"no route"}"#,
            ),
            (
                event(image, Status::Done, "Removed"),
                " Image nginx:alpine  Removed",
                r#"{"id":"Image nginx:alpine","status":"Removed"}"#,
            ),
            (
                event(build, Status::Done, "Built").details("shop-b"),
                " shop-b  Built",
                r#"{"id":"shop-b","status":"Built"}"#,
            ),
            (
                event(model.clone(), Status::Working, "Pulling").details("1.2MB of 4MB"),
                " llm Pulling 1.2MB of 4MB",
                r#"{"id":"llm","text":"Pulling","status":"1.2MB of 4MB"}"#,
            ),
            (
                event(model, Status::Error, "Error").details("no such model"),
                " llm  no such model",
                r#"{"id":"llm","status":"no such model"}"#,
            ),
            (
                event(Subject::Service("c".to_owned()), Status::Done, "Skipped"),
                " c Skipped ",
                r#"{"id":"c","text":"Skipped"}"#,
            ),
            (
                Event {
                    part: Some("7264a8db6415".to_owned()),
                    progress: Some((512, 2048)),
                    ..event(pull, Status::Working, "Downloading")
                },
                " 7264a8db6415 Downloading ",
                concat!(
                    r#"{"id":"7264a8db6415","parent_id":"web","text":"Downloading","#,
                    r#""current":512,"total":2048,"percent":25}"#
                ),
            ),
            (
                Event {
                    part: Some("7264a8db6415".to_owned()),
                    ..event(push, Status::Done, "Pushed")
                },
                " Pushing r:5/a:1: 7264a8db6415 Pushed ",
                r#"{"id":"Pushing r:5/a:1: 7264a8db6415","text":"Pushed","percent":100}"#,
            ),
            (
                event(files, Status::Done, "Copied").details("copy a to shop-web-1:/a"),
                " shop-web-1 copy a to shop-web-1:/a Copied",
                r#"{"id":"shop-web-1","text":"copy a to shop-web-1:/a","status":"Copied"}"#,
            ),
        ] {
            assert_eq!(plain(&event), plain_line);
            assert_eq!(json(&event), json_line);
        }
    }
}
