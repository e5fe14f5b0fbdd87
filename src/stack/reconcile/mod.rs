//! Desired − observed → a plan. Pure.
//!
//! First every network, volume and container gets a fate, then the fates become steps. Both halves
//! look only at their arguments, so the same input always gives the same plan.

mod differences;
mod emit;
mod network_changes;
mod network_fate;
mod orphans;
mod service_fate;
mod start;
#[cfg(test)]
mod tests;
mod volume_fate;

use std::collections::{BTreeMap, BTreeSet};

use super::StackError;
use super::desired::{Desired, Setting};
use super::observed::Observed;
use super::plan::{ContainerRef, Plan, Question};
use super::query::ProjectContainer;
use super::up::Options;
use crate::compose::model::Service;

pub(super) use orphans::is_orphan;
pub(super) use service_fate::with_other_hash;
pub(super) use start::{Gate, Starter, Starting, hooks, pre_stop};

/// What a reconciliation looks at.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The project and what else the desired state depends on.
    pub setting: Setting<'a>,
    /// What should exist.
    pub desired: &'a Desired,
    /// What exists.
    pub observed: &'a Observed,
    /// Containers that were made of something else ([`with_other_hash`]).
    pub other_hash: &'a BTreeSet<String>,
    /// How to get from one to the other.
    pub options: &'a Options,
    /// Whether the engine belongs to a swarm, which may have networks that it does not list.
    pub swarm_active: bool,
    /// Answers to questions, by volume.
    pub answers: &'a BTreeMap<String, bool>,
    /// A service whose dependencies are waited for although no container of it is made here.
    pub target: Option<&'a Service>,
}

/// What a reconciliation comes to.
#[derive(Debug, Clone, Default)]
pub struct Reconciled {
    /// The steps.
    pub plan: Plan,
    /// What must be asked before they are run; they are made as if the answer were the one given
    /// in the input, or no.
    pub questions: Vec<Question>,
    /// The containers of every service once the plan has run, by service and number.
    pub containers: Vec<FinalContainer>,
}

/// A container as it is once the plan has run.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalContainer {
    /// Which one.
    pub reference: ContainerRef,
    /// The container that is there now: it is the same, perhaps under another name, or it is replaced.
    pub now: Option<ContainerRef>,
    /// What is known of it now; without an id when the plan creates it.
    pub container: ProjectContainer,
    /// Whether the plan starts it.
    pub starts: bool,
}

/// Decides everything.
///
/// # Errors
/// An external network or volume that is missing, or a service that this engine cannot run as
/// written.
pub fn reconcile(input: &Input<'_>) -> Result<Reconciled, StackError> {
    let plan = Plan::new(&input.setting.project.name);
    let mut result = Reconciled { plan, ..Reconciled::default() };
    let mut mistakes = Vec::new();
    let networks = network_fate::decide(input, &mut result.plan, &mut mistakes);
    let volumes = volume_fate::decide(input, &mut result, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(StackError::mistakes(input.setting.project, mistakes));
    }
    let services = service_fate::decide(input, &networks, &volumes);
    emit::Emitter::new(input, result, &networks, &volumes, &services).run()
}
