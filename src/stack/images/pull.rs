//! One pull, with its progress told layer by layer.

use futures_util::StreamExt;

use crate::engine::{Engine, EngineError};
use crate::stack::progress::{Event, Report, Status, Subject};

/// Pulls an image and tells of its layers as parts of `subject`. The beginning and the end of the whole are told by the
/// caller.
///
/// # Errors
/// The registry's or the engine's refusal.
pub(in crate::stack) async fn pull<E: Engine>(
    engine: &E,
    image: &str,
    platform: Option<&str>,
    subject: &Subject,
    report: &dyn Report,
) -> Result<(), EngineError> {
    match bring(engine, image, platform, subject, report).await {
        // A classic store keeps one platform under a digest, and gives it to no other while that has it, though all of
        // the other is there by then. Containers that use the former go on.
        Err(error) if error.to_string().contains("annot overwrite digest") => {
            engine.remove_image(image, true).await?;
            bring(engine, image, platform, subject, report).await
        }
        outcome => outcome,
    }
}

async fn bring<E: Engine>(
    engine: &E,
    image: &str,
    platform: Option<&str>,
    subject: &Subject,
    report: &dyn Report,
) -> Result<(), EngineError> {
    let mut messages = engine.pull_image(image, platform).await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        if message.id.is_empty() || !is_layer(&message.id) {
            continue;
        }
        let status = match message.status.as_str() {
            "Pull complete" | "Already exists" => Status::Done,
            _ => Status::Working,
        };
        let mut event = Event::new(subject.clone(), status, message.status);
        event.part = Some(message.id);
        event.progress = (message.total > 0).then_some((message.current, message.total));
        report.event(event);
    }
    Ok(())
}

/// Whether a message is about a layer; others carry the tag as their id.
pub(super) fn is_layer(id: &str) -> bool {
    id.len() >= 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
