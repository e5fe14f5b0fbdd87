//! Pushes what was built, by the engine's own call: its builders cannot push from its own store.

use std::time::Instant;

use futures_util::StreamExt;
use serde_json::json;

use super::error::{BuildError, BuildFailure};
use super::event::{BuildEvent, StepId};
use super::session::{CredentialSource, auth_entry, config_key};
use crate::engine::api::PullProgress;
use crate::engine::docker::push_image;
use crate::engine::reference::ImageReference;
use crate::engine::transport::Transport;

/// Pushes one name of a service's image, and tells of it as of a step.
pub(super) async fn push(
    transport: &Transport,
    credentials: &dyn CredentialSource,
    service: &str,
    tag: &str,
    step: StepId,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<(), BuildError> {
    let name = format!("pushing {tag}");
    events(BuildEvent::Started { step, name: name.clone() });
    let began = Instant::now();
    match send(transport, credentials, tag, step, events).await {
        Ok(()) => {
            events(BuildEvent::Completed { step, cached: false, duration: began.elapsed() });
            Ok(())
        }
        Err(error) => {
            events(BuildEvent::Failed { step, error: error.to_string() });
            Err(BuildError::Failed(Box::new(BuildFailure {
                service: service.to_owned(),
                message: format!("failed to push {tag}: {error}"),
                step: name,
                ..BuildFailure::default()
            })))
        }
    }
}

async fn send(
    transport: &Transport,
    credentials: &dyn CredentialSource,
    tag: &str,
    step: StepId,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<(), BuildError> {
    let registry = config_key(ImageReference::parse(tag).registry());
    let found = credentials.credentials(registry).await.map_err(BuildError::Input)?;
    let entry = found.map_or_else(|| json!({}), |found| auth_entry(registry, &found));
    let mut messages = push_image(transport, tag, &entry).await?;
    while let Some(message) = messages.next().await {
        let PullProgress { id, status, current, total } = message?;
        events(BuildEvent::Progress {
            step,
            part: if id.is_empty() { status.clone() } else { id },
            done: matches!(status.as_str(), "Pushed" | "Layer already exists"),
            action: status,
            current,
            total,
        });
    }
    Ok(())
}
