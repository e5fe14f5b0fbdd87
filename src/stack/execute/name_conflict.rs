//! Names that an interrupted run has left taken: an engine finishes what it was asked for, though who asked has gone, and so
//! a container may be there that was not when everything was read.

use std::time::Duration;

use super::Executor;
use crate::engine::api::{ContainerCreate, ContainerDetails, CreatedContainer, RemoveContainer};
use crate::engine::{Engine, EngineError};
use crate::stack::desired::Blueprint;
use crate::stack::images::Builder;
use crate::stack::{labels, owner};

/// How often a name is tried that the engine has given away but not yet to a container that it shows.
const ATTEMPTS: u32 = 50;
/// How long after the time before.
const PAUSE: Duration = Duration::from_millis(100);

/// What a container that has the name is to the one that was to get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The same, made by another run.
    Same,
    /// What an interrupted run has made in its place.
    Leftover,
    /// Nothing that a run may touch.
    Other,
}

impl<E: Engine, B: Builder> Executor<'_, E, B> {
    /// Creates a container, also where an interrupted run has got ahead of this one.
    pub(super) async fn create_named(
        &self,
        name: &str,
        blueprint: &Blueprint,
        body: &ContainerCreate,
    ) -> Result<CreatedContainer, EngineError> {
        let engine = self.run.engine;
        let platform = blueprint.platform.as_deref();
        // Whoever made it may have joined it to networks that a later step would join it to.
        let adopts = blueprint.later_endpoints.is_empty();
        let mut attempts = 1..ATTEMPTS;
        loop {
            let refusal = match engine.create_container(name, platform, body).await {
                Err(error) if error.is_conflict() && owner::is_of_name(&error.to_string()) => error,
                done => return done,
            };
            let Ok(found) = engine.inspect_container(name).await else { return Err(refusal) };
            let owner = found.as_ref().map(|found| owner_of(body, found));
            match (found, owner) {
                (Some(found), Some(Owner::Same)) if adopts => {
                    return Ok(CreatedContainer { id: found.id, warnings: Vec::new() });
                }
                (Some(found), Some(Owner::Same | Owner::Leftover)) => {
                    // Without force, so that what somebody has started meanwhile stays.
                    let options = RemoveContainer { force: false, volumes: false };
                    match engine.remove_container(&found.id, options).await {
                        Err(error) if !error.is_not_found() => return Err(refusal),
                        _ => {}
                    }
                }
                (None, _) => tokio::time::sleep(PAUSE).await,
                _ => return Err(refusal),
            }
            if attempts.next().is_none() || self.stop_making.is_cancelled() {
                return Err(refusal);
            }
        }
    }
}

/// What the container that has a name is to the one that is wanted.
fn owner_of(wanted: &ContainerCreate, found: &ContainerDetails) -> Owner {
    const PLACE: [&str; 4] =
        [labels::PROJECT, labels::SERVICE, labels::ONE_OFF, labels::CONTAINER_NUMBER];
    const MADE_OF: [&str; 2] = [labels::CONFIG_HASH, labels::IMAGE];
    let has_same = |label: &str| {
        let value = wanted.labels.get(label);
        value.is_some() && value == found.config.labels.get(label)
    };
    if found.state.status != "created" || !PLACE.iter().all(|label| has_same(label)) {
        return Owner::Other;
    }
    if wanted.labels.contains_key(labels::REPLACE) {
        return if has_same(labels::REPLACE) { Owner::Leftover } else { Owner::Other };
    }
    if MADE_OF.iter().all(|label| has_same(label)) { Owner::Same } else { Owner::Leftover }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::ContainerState;

    fn body(labels: &[(&str, &str)]) -> ContainerCreate {
        let mut body = ContainerCreate::default();
        let place = [
            (labels::PROJECT, "shop"),
            (labels::SERVICE, "web"),
            (labels::ONE_OFF, "False"),
            (labels::CONTAINER_NUMBER, "1"),
            (labels::CONFIG_HASH, "new"),
            (labels::IMAGE, "sha256:0a"),
        ];
        for (label, value) in place.iter().chain(labels) {
            body.labels.insert((*label).to_owned(), (*value).to_owned());
        }
        body
    }

    fn found(status: &str, labels: &[(&str, &str)]) -> ContainerDetails {
        let state = ContainerState { status: status.into(), ..ContainerState::default() };
        ContainerDetails { state, config: body(labels), ..ContainerDetails::default() }
    }

    #[test]
    fn what_never_ran_in_the_same_place_makes_room() {
        let (old, replaces) = ((labels::CONFIG_HASH, "old"), (labels::REPLACE, "web-1"));
        let cases = vec![
            (body(&[]), found("created", &[]), Owner::Same),
            (body(&[]), found("created", &[old]), Owner::Leftover),
            (body(&[]), found("created", &[(labels::IMAGE, "sha256:0b")]), Owner::Leftover),
            (body(&[]), found("running", &[]), Owner::Other),
            (body(&[]), found("exited", &[old]), Owner::Other),
            (body(&[]), found("created", &[(labels::PROJECT, "other")]), Owner::Other),
            (body(&[]), found("created", &[(labels::SERVICE, "db")]), Owner::Other),
            (body(&[]), found("created", &[(labels::CONTAINER_NUMBER, "2")]), Owner::Other),
            (body(&[]), found("created", &[(labels::ONE_OFF, "True")]), Owner::Other),
            (body(&[replaces]), found("created", &[replaces]), Owner::Leftover),
            (body(&[replaces]), found("created", &[replaces, old]), Owner::Leftover),
            (body(&[replaces]), found("running", &[replaces]), Owner::Other),
            (body(&[replaces]), found("created", &[]), Owner::Other),
            (body(&[replaces]), found("created", &[(labels::REPLACE, "web-2")]), Owner::Other),
        ];
        for (wanted, found, expected) in cases {
            assert_eq!(owner_of(&wanted, &found), expected, "{:?}", found.config.labels);
        }
    }
}
