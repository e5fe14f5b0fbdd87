//! `events`: what happens to the containers of a project, as it happens.

use chrono::{DateTime, Local, SecondsFormat, TimeZone};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::engine::Engine;
use crate::engine::api::{EventFilter, EventMessage};
use crate::stack::{StackError, labels};
use crate::ui::Stream;

/// Labels that are not told: Docker Compose's, and our own.
const OURS: [&str; 2] = ["com.docker.compose.", labels::OWN];

/// The flags of `events`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// A JSON object for each event
    #[arg(long)]
    json: bool,
    /// Begin at a time (2024-01-02T13:23:37Z) or a while ago (42m)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// End at a time, or a while ago
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// Tells events until they end.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let scope = context.scope(&[])?;
    // Docker Compose 2.40.3 waits for ever for what happens to it.
    scope.check_known(&args.services)?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let filter = EventFilter {
            types: vec!["container".to_owned()],
            labels: vec![format!("{}={}", labels::PROJECT, scope.name())],
            since: args.since.clone().unwrap_or_default(),
            until: args.until.clone().unwrap_or_default(),
            ..EventFilter::default()
        };
        let mut events = engine.events(&filter).await.map_err(StackError::from)?;
        while let Some(event) = events.next().await {
            let event = event.map_err(StackError::from)?;
            if concerns(&event, &args.services) {
                let text = if args.json { json(&event) } else { line(&event) };
                context.ui.write_paced(Stream::Stdout, text.into_bytes()).await;
            }
        }
        // Docker Compose ends with this, also where the end was asked for by `--until`.
        Err(Failure::new("EOF"))
    })
}

/// Whether an event is of a replica of one of the services.
fn concerns(event: &EventMessage, services: &[String]) -> bool {
    let attributes = &event.actor.attributes;
    let label = |key: &str| attributes.get(key).map_or("", String::as_str);
    label(labels::ONE_OFF) != "True"
        && (services.is_empty() || services.iter().any(|name| name == label(labels::SERVICE)))
}

/// What is told of a container beside its id: names, labels of the user, exit codes.
fn attributes(event: &EventMessage) -> impl Iterator<Item = (&String, &String)> {
    let ours = |key: &String| OURS.iter().any(|prefix| key.starts_with(prefix));
    event.actor.attributes.iter().filter(move |(key, _)| !ours(key))
}

/// `2024-01-02 13:23:37.123456 container start <id> (image=busybox, name=shop-web-1)`, and an empty
/// line.
fn line(event: &EventMessage) -> String {
    let attributes: Vec<String> =
        attributes(event).map(|(key, value)| format!("{key}={value}")).collect();
    format!(
        "{} container {} {} ({})\n\n",
        time(event).format("%Y-%m-%d %H:%M:%S%.6f"),
        event.action,
        event.actor.id,
        attributes.join(", ")
    )
}

fn json(event: &EventMessage) -> String {
    let attributes: Map<String, Value> =
        attributes(event).map(|(key, value)| (key.clone(), value.as_str().into())).collect();
    let service = event.actor.attributes.get(labels::SERVICE).map_or("", String::as_str);
    let object = serde_json::json!({
        "action": event.action,
        "attributes": attributes,
        "id": event.actor.id,
        "service": service,
        "time": precise(&time(event)),
        "type": "container",
    });
    let text = object.to_string();
    text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e") + "\n"
}

fn time(event: &EventMessage) -> DateTime<Local> {
    Local.timestamp_nanos(event.time_nano)
}

/// RFC 3339 with as many decimals as it takes, as Go writes times into JSON.
fn precise(time: &DateTime<Local>) -> String {
    let text = time.to_rfc3339_opts(SecondsFormat::Nanos, true);
    // `…:37.120000000Z`: the date and the seconds take 19 characters, the decimals follow.
    let (seconds, rest) = text.split_at_checked(19).unwrap_or((&text, ""));
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let decimals = rest[..zone].trim_end_matches('0').trim_end_matches('.');
    format!("{seconds}{decimals}{}", &rest[zone..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(attributes: &[(&str, &str)]) -> EventMessage {
        let mut event = EventMessage {
            kind: "container".to_owned(),
            action: "start".to_owned(),
            time_nano: 1_700_000_000_123_456_000,
            ..EventMessage::default()
        };
        event.actor.id = "c1".to_owned();
        event.actor.attributes = attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        event
    }

    #[test]
    fn events_are_told_without_our_labels() {
        let event = event(&[("name", "shop-web-1"), (labels::SERVICE, "web"), ("x", "<1>")]);
        let line = line(&event);
        assert!(
            line.ends_with(".123456 container start c1 (name=shop-web-1, x=<1>)\n\n"),
            "{line}"
        );
        let json = json(&event);
        assert!(
            json.starts_with(
                r#"{"action":"start","attributes":{"name":"shop-web-1","x":"\u003c1\u003e"},"id":"c1","service":"web","time":""#
            ),
            "{json}"
        );
        assert!(json.contains(":20.123456"), "{json}");
        assert!(json.ends_with("\",\"type\":\"container\"}\n"), "{json}");
    }

    #[test]
    fn one_offs_and_other_services_are_not_told() {
        let web = event(&[(labels::SERVICE, "web"), (labels::ONE_OFF, "False")]);
        let job = event(&[(labels::SERVICE, "web"), (labels::ONE_OFF, "True")]);
        assert!(concerns(&web, &[]));
        assert!(concerns(&web, &["db".to_owned(), "web".to_owned()]));
        assert!(!concerns(&web, &["db".to_owned()]));
        assert!(!concerns(&job, &[]));
    }
}
