//! The command `push`, and one push with its progress told layer by layer.

use std::collections::BTreeMap;

use futures_util::StreamExt;

use super::pull::is_layer;
use crate::compose::model::Project;
use crate::engine::reference::ImageReference;
use crate::engine::{Engine, EngineError};
use crate::stack::StackError;
use crate::stack::plan::{Action, Cause, Plan, Step, StepId};
use crate::stack::progress::{Event, Report, Status, Subject};
use crate::stack::selection::{Companions, select};

/// The flags of `push`.
#[derive(Debug, Clone, Default)]
pub struct PushOptions {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--include-deps`.
    pub include_dependencies: bool,
    /// `--ignore-push-failures`.
    pub ignore_failures: bool,
}

/// Pushes every name of the images that are built, side by side but for those of one repository: they
/// share layers, and a registry that keeps them in files fails now and then where two arrive at once.
/// A service that is not built, or whose image has no name of its own, is skipped.
///
/// # Errors
/// A service that does not exist.
pub fn plan_push(project: &Project, options: &PushOptions) -> Result<Plan, StackError> {
    let companions =
        if options.include_dependencies { Companions::Dependencies } else { Companions::None };
    let mut plan = Plan::new(&project.name);
    let mut latest: BTreeMap<&str, StepId> = BTreeMap::new();
    for service in select(project, &options.services, companions)?.services {
        let Some(build) = service.build.as_ref().filter(|_| !service.image.is_empty()) else {
            plan.skip(&service.name, "");
            continue;
        };
        for image in [&service.image].into_iter().chain(&build.tags) {
            let action =
                Action::PushImage { image: image.clone(), optional: options.ignore_failures };
            let cause = Cause::new("asked for");
            let repository = ImageReference::parse(image).name;
            let before = latest.get(repository).copied();
            let step = plan.add(Step::new(action, cause).of(&service.name), before);
            latest.insert(repository, step);
        }
    }
    Ok(plan)
}

/// Pushes an image and tells of its layers. The beginning and the end of the whole are told by the
/// caller.
///
/// # Errors
/// The registry's or the engine's refusal.
pub(in crate::stack) async fn push<E: Engine>(
    engine: &E,
    image: &str,
    report: &dyn Report,
) -> Result<(), EngineError> {
    let mut messages = engine.push_image(image).await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        if !is_layer(&message.id) {
            continue;
        }
        let status = match message.status.as_str() {
            "Pushed" | "Layer already exists" => Status::Done,
            _ => Status::Working,
        };
        let mut event = Event::new(Subject::Push(image.to_owned()), status, message.status);
        event.part = Some(message.id);
        event.progress = (message.total > 0).then_some((message.current, message.total));
        report.event(event);
    }
    Ok(())
}
