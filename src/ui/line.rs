//! Progress as lines: the plain form and the JSON form of Docker Compose 2.40.3. Pure.

use serde::Serialize;

use crate::stack::progress::{Event, Status, Subject};

/// What Docker Compose calls the subject of an event.
///
/// A build begins as `Service b` and ends as `b`, and an image that is pulled goes without its
/// kind: 2.40.3 has it so.
pub(super) fn identity(event: &Event) -> String {
    if let Some(part) = &event.part {
        return part.clone();
    }
    match &event.subject {
        Subject::Container(name) => format!("Container {name}"),
        Subject::Network(name) => format!("Network {name}"),
        Subject::Volume(name) => format!("Volume {name}"),
        Subject::Image(name) if in_text_column(event) => name.clone(),
        Subject::Image(name) => format!("Image {name}"),
        Subject::Build(name) if event.status == Status::Working => format!("Service {name}"),
        Subject::Build(name) | Subject::Service(name) | Subject::Model(name) => name.clone(),
    }
}

/// Whether Docker Compose puts the verb of this event into its first column (`text`), as it does
/// for transfers and skipped services, rather than into the second (`status`).
fn in_text_column(event: &Event) -> bool {
    match &event.subject {
        Subject::Service(_) => event.text == "Skipped",
        Subject::Image(_) => {
            event.part.is_some()
                || event.text.starts_with("Pull")
                || event.text.starts_with("Push")
                || event.text.starts_with("Skipped")
                || event.text == "Error"
                || event.text == "Warning"
        }
        _ => false,
    }
}

/// ` Container x  Created`, or ` d Pulling ` for transfers; without an end of line.
pub(super) fn plain(event: &Event) -> String {
    let id = identity(event);
    if in_text_column(event) {
        format!(" {id} {} {}", event.text, event.details)
    } else {
        format!(" {id}  {}", event.text)
    }
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
    let (text, status) = if in_text_column(event) {
        (event.text.as_str(), event.details.as_str())
    } else {
        ("", event.text.as_str())
    };
    let parent_id = match (&event.part, &event.subject) {
        (Some(_), Subject::Image(name) | Subject::Build(name)) => Some(name.as_str()),
        _ => None,
    };
    let (current, total) = event.progress.unwrap_or_default();
    let percent = (current.saturating_mul(100)).checked_div(total).unwrap_or(0).min(100);
    to_json(&JsonEvent { id: identity(event), parent_id, text, status, current, total, percent })
}

/// A message of the program itself, as 2.40.3's logger writes it with `--progress json`.
pub(super) fn json_message(level: &str, message: &str, time: &str) -> String {
    to_json(&serde_json::json!({ "level": level, "msg": message, "time": time }))
}

/// The error that ended the program, with `--progress json`.
pub(super) fn json_error(message: &str) -> String {
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
        let build = Subject::Build("b".to_owned());
        for (event, plain_line, json_line) in [
            (
                event(container, Status::Done, "Created").details("image changed"),
                " Container shop-web-1  Created",
                r#"{"id":"Container shop-web-1","status":"Created"}"#,
            ),
            (
                event(image.clone(), Status::Working, "Pulling"),
                " nginx:alpine Pulling ",
                r#"{"id":"nginx:alpine","text":"Pulling"}"#,
            ),
            (
                event(image.clone(), Status::Error, "Error").details("no route"),
                " nginx:alpine Error no route",
                r#"{"id":"nginx:alpine","text":"Error","status":"no route"}"#,
            ),
            (
                event(image.clone(), Status::Done, "Removed"),
                " Image nginx:alpine  Removed",
                r#"{"id":"Image nginx:alpine","status":"Removed"}"#,
            ),
            (
                event(build.clone(), Status::Working, "Building"),
                " Service b  Building",
                r#"{"id":"Service b","status":"Building"}"#,
            ),
            (event(build, Status::Done, "Built"), " b  Built", r#"{"id":"b","status":"Built"}"#),
            (
                event(Subject::Service("c".to_owned()), Status::Done, "Skipped"),
                " c Skipped ",
                r#"{"id":"c","text":"Skipped"}"#,
            ),
            (
                Event {
                    part: Some("7264a8db6415".to_owned()),
                    progress: Some((512, 2048)),
                    ..event(image, Status::Working, "Downloading")
                },
                " 7264a8db6415 Downloading ",
                concat!(
                    r#"{"id":"7264a8db6415","parent_id":"nginx:alpine","text":"Downloading","#,
                    r#""current":512,"total":2048,"percent":25}"#
                ),
            ),
        ] {
            assert_eq!(plain(&event), plain_line);
            assert_eq!(json(&event), json_line);
        }
    }
}
