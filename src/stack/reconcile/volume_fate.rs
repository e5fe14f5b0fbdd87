//! What becomes of each volume. None is ever removed without a yes.

use std::collections::BTreeMap;

use super::{Input, Reconciled};
use crate::diagnostic::{Diagnostic, codes};
use crate::stack::desired::DesiredVolume;
use crate::stack::labels;
use crate::stack::plan::{Cause, Question};

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

/// Fates by key; `mistakes` gets external ones that are missing.
pub(super) fn decide<'a>(
    input: &Input<'a>,
    result: &mut Reconciled,
    mistakes: &mut Vec<Diagnostic>,
) -> BTreeMap<&'a str, Fate> {
    let mut fates = BTreeMap::new();
    for volume in &input.desired.volumes {
        fates.insert(volume.key.as_str(), decide_one(input, volume, result, mistakes));
    }
    fates
}

fn decide_one(
    input: &Input<'_>,
    volume: &DesiredVolume,
    result: &mut Reconciled,
    mistakes: &mut Vec<Diagnostic>,
) -> Fate {
    let project = input.setting.project;
    let path = format!("volumes.{}", volume.key);
    let name = &volume.name;
    let found = input.observed.volumes.iter().find(|found| found.name == *name);
    let Some(found) = found else {
        if volume.external {
            let message = format!("external volume {name:?} not found");
            let help = format!(
                "create it with `docker volume create {name}`, or remove `external: true` to have it created with the \
                 project"
            );
            let mistake = Diagnostic::error(codes::EXTERNAL_VOLUME, message);
            mistakes.push(mistake.at(project.origin(&path), "").help(help));
            return Fate::Keep;
        }
        let reason = format!("volume {:?} does not exist", volume.key);
        return Fate::Create(Cause::at(project, &path, reason));
    };
    if volume.external {
        return Fate::Keep;
    }
    match found.labels.get(labels::PROJECT) {
        None => {
            result.plan.warn(format!(
                "volume {name:?} already exists but was not created by Docker Compose. Use \
                 `external: true` to use an existing volume"
            ));
            return Fate::Keep;
        }
        Some(owner) if *owner != project.name => {
            result.plan.warn(format!(
                "volume {name:?} already exists but was created for project {owner:?} (expected \
                 {:?}). Use `external: true` to use an existing volume",
                project.name
            ));
            return Fate::Keep;
        }
        Some(_) => {}
    }
    let wanted = volume.body.labels.get(labels::CONFIG_HASH);
    let is = found.labels.get(labels::CONFIG_HASH);
    if is.is_none() || is == wanted {
        return Fate::Keep;
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
        Fate::Recreate(Cause::at(project, &path, reason))
    } else {
        Fate::Keep
    }
}
