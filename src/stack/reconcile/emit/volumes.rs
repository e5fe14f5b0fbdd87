//! Steps that make volumes, and clear the containers of those that are made anew.

use super::super::service_fate::Fate;
use super::super::volume_fate;
use super::{Emitter, removal};
use crate::stack::plan::{Action, Cause, Shown, Step, StepId};

impl Emitter<'_, '_> {
    pub(super) fn make_volumes(&mut self) {
        let services = self.services;
        for service in services {
            for decision in &service.containers {
                if let (Fate::Clear(cause), Some(container)) = (&decision.fate, decision.existing) {
                    let mut before =
                        self.stop(None, container, cause.clone(), Shown::Alone, Vec::new());
                    before.extend(self.disconnects(container));
                    let step = removal(container, cause, Shown::Alone);
                    let step = self.add(step, before);
                    self.cleared.insert(&container.id, step);
                    self.releases.push(step);
                }
            }
        }
        for volume in &self.input.desired.volumes {
            let create = |cause: &Cause| {
                Step::new(Action::CreateVolume { body: volume.body.clone() }, cause.clone())
            };
            let step = match self.volumes.get(volume.key.as_str()) {
                None | Some(volume_fate::Fate::Keep) => continue,
                Some(volume_fate::Fate::Create(cause)) => self.add(create(cause), []),
                Some(volume_fate::Fate::Recreate(cause)) => {
                    let action =
                        Action::RemoveVolume { name: volume.name.clone(), leave_used: false };
                    let before: Vec<StepId> = self.cleared.values().copied().collect();
                    let step = Step::new(action, cause.clone()).shown(Shown::Untold);
                    let removed = self.add(step, before);
                    self.add(create(cause), [removed])
                }
            };
            self.volume_steps.insert(&volume.key, step);
        }
    }
}
