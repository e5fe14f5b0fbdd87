//! What becomes of each volume. None is ever removed without a yes.

use std::collections::BTreeMap;

use super::{Input, Reconciled};
use crate::diagnostic::{Diagnostic, codes};
use crate::stack::desired::DesiredVolume;
use crate::stack::plan::{Cause, Question};
use crate::stack::{StackError, labels};

/// What becomes of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is used as it is.
    Keep,
    /// It is created.
    Create(Cause),
    /// It is removed with what is in it, and created anew.
    Recreate(Cause),
}

/// Fates by key.
pub(super) fn decide<'a>(
    input: &Input<'a>,
    result: &mut Reconciled,
) -> Result<BTreeMap<&'a str, Fate>, StackError> {
    let mut fates = BTreeMap::new();
    for volume in &input.desired.volumes {
        fates.insert(volume.key.as_str(), decide_one(input, volume, result)?);
    }
    Ok(fates)
}

fn decide_one(
    input: &Input<'_>,
    volume: &DesiredVolume,
    result: &mut Reconciled,
) -> Result<Fate, StackError> {
    let project = input.setting.project;
    let path = format!("volumes.{}", volume.key);
    let name = &volume.name;
    let found = input.observed.volumes.iter().find(|found| found.name == *name);
    let Some(found) = found else {
        if volume.external {
            return Err(StackError::project(
                project,
                Diagnostic::error(
                    codes::EXTERNAL_VOLUME,
                    format!("external volume {name:?} not found"),
                )
                .at(project.origin(&path), "")
                .help(format!(
                    "create it with `docker volume create {name}`, or remove `external: true` \
                         to have it created with the project"
                )),
            ));
        }
        let reason = format!("volume {:?} does not exist", volume.key);
        return Ok(Fate::Create(Cause::at(project, &path, reason)));
    };
    if volume.external {
        return Ok(Fate::Keep);
    }
    match found.labels.get(labels::PROJECT) {
        None => {
            result.plan.warn(format!(
                "volume {name:?} already exists but was not created by Docker Compose. Use \
                 `external: true` to use an existing volume"
            ));
            return Ok(Fate::Keep);
        }
        Some(owner) if *owner != project.name => {
            result.plan.warn(format!(
                "volume {name:?} already exists but was created for project {owner:?} (expected \
                 {:?}). Use `external: true` to use an existing volume",
                project.name
            ));
            return Ok(Fate::Keep);
        }
        Some(_) => {}
    }
    let wanted = volume.body.labels.get(labels::CONFIG_HASH);
    let is = found.labels.get(labels::CONFIG_HASH);
    if is.is_none() || is == wanted {
        return Ok(Fate::Keep);
    }
    if !input.options.assume_yes {
        result.questions.push(Question {
            volume: name.clone(),
            text: format!(
                "Volume {name:?} exists but doesn't match configuration in compose file. Recreate \
                 (data will be lost)?"
            ),
        });
    }
    if input.options.assume_yes || input.answers.get(name) == Some(&true) {
        let reason = format!("volume {:?} changed in the files", volume.key);
        Ok(Fate::Recreate(Cause::at(project, &path, reason)))
    } else {
        Ok(Fate::Keep)
    }
}
