//! What an `up` brings before it can decide over containers: images, models, and what providers
//! give. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compose::model::{Project, Service};
use crate::stack::desired::Desired;
use crate::stack::images::{self, Circumstances};
use crate::stack::observed::Observed;
use crate::stack::plan::{Action, Cause, Phase, Plan, Step, StepId};
use crate::stack::programs::models::{Models, endpoint_variables};
use crate::stack::programs::provider::{Call, Variables, Verb, prefix};
use crate::stack::programs::{Brought, Programs};
use crate::stack::record;

/// The steps: images first, then models, then providers, dependencies before their dependents.
pub(super) fn plan<'a>(
    around: &Circumstances<'a>,
    services: impl Iterator<Item = &'a Service> + Clone,
    providers: &[Arc<Service>],
    programs: &Arc<Programs>,
) -> Plan {
    let mut plan = images::plan(around, services.clone());
    let mut before: Vec<StepId> = plan.steps().into_iter().map(|(id, _)| id).collect();
    if let Some(models) = Models::of(around.project, services, programs) {
        let action = Action::PrepareModels { models: Box::new(models) };
        let cause = Cause::new("services use them");
        before.push(plan.add(Step::new(action, cause).phase(Phase::Prepare), []));
    }
    let mut called: BTreeMap<&str, StepId> = BTreeMap::new();
    for service in providers {
        let Some(call) = Call::new(service, Verb::Up, programs) else { continue };
        let path = format!("services.{}.provider", service.name);
        let cause = Cause::at(around.project, &path, "a provider is asked on every up");
        let step = Step::new(Action::CallProvider { call: Box::new(call) }, cause)
            .of(&service.name)
            .phase(Phase::Prepare);
        let needed = service.depends_on.keys().filter_map(|name| called.get(name.as_str()));
        let needed: Vec<StepId> = before.iter().chain(needed).copied().collect();
        called.insert(&service.name, plan.add(step, needed));
    }
    plan
}

/// What programs will probably bring, before they have run: what they brought last time, as the
/// containers that are there tell.
pub(super) fn assumed(project: &Project, desired: &Desired, observed: &Observed) -> Brought {
    let mut assumed = Brought::default();
    for service in desired.services.iter().map(|desired| &desired.service) {
        let container = observed
            .of_service(&service.name)
            .find(|container| observed.details.contains_key(&container.id));
        let details = container.and_then(|container| observed.details.get(&container.id));
        let environment = details.into_iter().flat_map(|details| &details.config.env);
        let variables: BTreeMap<&str, &str> =
            environment.filter_map(|variable| variable.split_once('=')).collect();
        let record = container.and_then(|container| record::read(&container.summary.labels));
        let given = record.map(|record| record.given).unwrap_or_default();
        let own = |name: &str| {
            project.services.get(&service.name).is_some_and(|it| it.environment.contains_key(name))
        };
        for provider in &desired.providers {
            if !service.depends_on.contains_key(&provider.name) {
                continue;
            }
            let prefix = prefix(&provider.name);
            let of_provider: &mut Variables =
                assumed.variables.entry(provider.name.clone()).or_default();
            for (name, value) in variables.iter().filter(|(name, _)| !own(name)) {
                if let Some(short) = name.strip_prefix(&prefix) {
                    of_provider.prefixed.insert(short.to_owned(), (*value).to_owned());
                } else if given.contains(*name) {
                    of_provider.raw.insert((*name).to_owned(), (*value).to_owned());
                }
            }
        }
        let endpoint = endpoint_variables(service).find_map(|name| variables.get(name.as_str()));
        if let (true, Some(endpoint)) = (!project.models.is_empty(), endpoint) {
            assumed.model_endpoint = Some((*endpoint).to_owned());
        }
    }
    assumed
}
