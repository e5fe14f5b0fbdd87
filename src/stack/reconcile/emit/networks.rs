//! Steps that make networks, and move containers between them.

use super::super::network_fate;
use super::super::service_fate::Fate;
use super::Emitter;
use crate::engine::api::NetworkDetails;
use crate::stack::StackError;
use crate::stack::desired::DesiredNetwork;
use crate::stack::plan::{Action, Cause, ContainerRef, Shown, Step, StepId};

impl<'a> Emitter<'a, '_> {
    pub(super) fn make_networks(&mut self, orphans: &[StepId]) -> Result<(), StackError> {
        for network in &self.input.desired.networks {
            let Some(fate) = self.networks.get(network.key.as_str()) else { continue };
            let create = |cause: &Cause| {
                Step::new(Action::CreateNetwork { body: network.body.clone() }, cause.clone())
            };
            match fate {
                network_fate::Fate::Keep { .. } => {}
                network_fate::Fate::Create(cause) => {
                    let step = self.add(create(cause), []);
                    self.network_steps.insert(&network.key, step);
                }
                network_fate::Fate::Recreate { old, cause } => {
                    let mut released = self.disconnect_all(old, cause, true);
                    released.extend(orphans);
                    let action = Action::RemoveNetwork {
                        name: old.name.clone(),
                        id: old.id.clone(),
                        leave_used: false,
                    };
                    let step = Step::new(action, cause.clone()).shown(Shown::Ends);
                    let removed = self.add(step, released);
                    let step = self.add(create(cause), [removed]);
                    self.network_steps.insert(&network.key, step);
                    self.connect_kept(network, cause)?;
                }
                network_fate::Fate::Rename { old, cause } => {
                    let step = self.add(create(cause), []);
                    self.network_steps.insert(&network.key, step);
                    let released = self.disconnect_all(old, cause, false);
                    self.releases.extend(released);
                    self.connect_kept(network, cause)?;
                }
            }
        }
        Ok(())
    }

    /// Takes the project's containers off a network, stopped first if `stop_first`.
    fn disconnect_all(
        &mut self,
        network: &NetworkDetails,
        cause: &Cause,
        stop_first: bool,
    ) -> Vec<StepId> {
        let mut steps = Vec::new();
        let services = self.services;
        for (owner, container) in services.iter().flat_map(|service| {
            service.containers.iter().filter_map(move |one| Some((service, one.existing?)))
        }) {
            let attached = &container.summary.network_settings.networks;
            if !attached.values().any(|endpoint| endpoint.network_id == network.id) {
                continue;
            }
            let before = if stop_first {
                self.stop(None, container, cause.clone(), Shown::Alone, Vec::new())
            } else {
                Vec::new()
            };
            let action = Action::DisconnectNetwork {
                network: network.name.clone(),
                id: network.id.clone(),
                container: ContainerRef::existing(&container.id, &container.name),
            };
            let detach = Step::new(action, cause.clone()).of(&owner.desired.service.name);
            let detach = self.add(detach, before);
            self.connects.entry(&container.id).or_default().push(detach);
            steps.push(detach);
        }
        steps
    }

    /// Puts containers that stay onto a network that was made anew.
    fn connect_kept(
        &mut self,
        network: &'a DesiredNetwork,
        cause: &Cause,
    ) -> Result<(), StackError> {
        let services = self.services;
        for (service, decision) in services
            .iter()
            .filter(|service| service.desired.service.networks.contains_key(&network.key))
            .flat_map(|service| service.containers.iter().map(move |one| (service, one)))
        {
            let (Fate::Keep, Some(container)) = (&decision.fate, decision.existing) else {
                continue;
            };
            let blueprint = self.blueprint(service.desired, decision)?;
            let Some(endpoint) = blueprint.endpoint(&network.name) else { continue };
            let action = Action::ConnectNetwork {
                network: network.name.clone(),
                container: ContainerRef::existing(&container.id, &container.name),
                endpoint: Box::new(endpoint.clone()),
            };
            let mut before = self.connects.get(container.id.as_str()).cloned().unwrap_or_default();
            before.extend(self.network_steps.get(network.key.as_str()));
            let step = Step::new(action, cause.clone()).of(&service.desired.service.name);
            let step = self.add(step, before);
            self.connects.entry(&container.id).or_default().push(step);
        }
        Ok(())
    }

    /// Removes networks under their former names, once nothing of the project is on them.
    pub(super) fn drop_renamed_networks(&mut self) {
        for fate in self.networks.values() {
            if let network_fate::Fate::Rename { old, cause } = fate {
                let action = Action::RemoveNetwork {
                    name: old.name.clone(),
                    id: old.id.clone(),
                    leave_used: true,
                };
                let before = self.releases.clone();
                self.add(Step::new(action, cause.clone()), before);
            }
        }
    }
}
