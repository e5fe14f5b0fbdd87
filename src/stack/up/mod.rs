//! `up` and `create`: images, then containers, then their start.
//!
//! [`plan`] reads everything once and decides everything. [`run`] carries it out; an attached `up`
//! calls [`create`], attaches to the containers, then calls [`start`].
//!
//! Whether a container stays may depend on what a pull, a build or a provider brings. So there are
//! two plans: [`UpPlan::images`] runs first, and [`UpPlan::stack`] is decided again, by the same rules,
//! with what came.

mod fingerprint;
mod options;
mod preparation;
mod prepared;

use tokio_util::sync::CancellationToken;

use super::StackError;
use super::execute::{Executor, Known, Run};
use super::images::Builder;
use super::plan::Phase;
use super::programs::Brought;
use super::progress::Report;
use super::query::ProjectContainer;
use crate::compose::model::Project;
use crate::engine::Engine;

pub use fingerprint::Fingerprint;
pub use options::{Build, Options, Recreate};
pub use prepared::UpPlan;

/// What an `up` has created, ready to be attached to and started.
pub struct Created<'project> {
    plan: UpPlan<'project>,
    known: Known,
    containers: Vec<ProjectContainer>,
}

/// What an `up` came to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The containers of the services concerned, dependencies first, by number.
    pub containers: Vec<ProjectContainer>,
    /// The names of those that were started.
    pub started: Vec<String>,
}

/// Reads the engine and decides what is to be done. Changes nothing.
///
/// # Errors
/// A service that does not exist, something in the files that this engine cannot do, an external
/// network or volume that is missing, or an engine that does not answer.
pub async fn plan<'project, E: Engine>(
    project: &'project Project,
    options: &Options,
    engine: &E,
) -> Result<UpPlan<'project>, StackError> {
    UpPlan::prepare(project, options, None, engine).await
}

impl Created<'_> {
    /// The containers of the services concerned, dependencies first, by number; running or not.
    pub fn containers(&self) -> &[ProjectContainer] {
        &self.containers
    }

    /// Whether [`start`] will start the container: it did not run when everything was read.
    pub fn starts(&self, container: &ProjectContainer) -> bool {
        self.plan.finals().iter().any(|last| last.starts && last.reference.name == container.name)
    }
}

/// Carries the whole plan out.
///
/// # Errors
/// The first step that failed; what came up stays up.
pub async fn run<E: Engine, B: Builder>(
    plan: &mut UpPlan<'_>,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Outcome, StackError> {
    images(plan, engine, builder, report, cancel).await?;
    let known =
        phases(plan, Known::default(), &[Phase::Create, Phase::Start], engine, report, cancel)
            .await?;
    Ok(Outcome { containers: plan.containers(&known), started: started(plan) })
}

/// Carries out everything up to the start of containers.
///
/// # Errors
/// As [`run`].
pub async fn create<'project, E: Engine, B: Builder>(
    mut plan: UpPlan<'project>,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Created<'project>, StackError> {
    images(&mut plan, engine, builder, report, cancel).await?;
    let known = phases(&plan, Known::default(), &[Phase::Create], engine, report, cancel).await?;
    let containers = plan.containers(&known);
    Ok(Created { plan, known, containers })
}

/// Starts what [`create`] made, in order, waits for conditions, and for health with `--wait`.
///
/// # Errors
/// As [`run`].
pub async fn start<E: Engine>(
    created: Created<'_>,
    engine: &E,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Outcome, StackError> {
    let Created { plan, known, containers } = created;
    phases(&plan, known, &[Phase::Start], engine, report, cancel).await?;
    Ok(Outcome { containers, started: started(&plan) })
}

/// The names of the containers that a plan starts.
fn started(plan: &UpPlan<'_>) -> Vec<String> {
    let started = plan.finals().iter().filter(|last| last.starts);
    started.map(|last| last.reference.name.clone()).collect()
}

/// Pulls, builds and asks providers, then decides over the stack again with what they brought.
async fn images<E: Engine, B: Builder>(
    plan: &mut UpPlan<'_>,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<(), StackError> {
    if !plan.images().is_empty() {
        let told = plan.warnings().to_vec();
        plan.order_builds(builder);
        let run = Run { engine, builder, project: Some(plan.project()), report, cancel };
        let known =
            Executor::new(run, Known::default()).run(plan.images(), &[Phase::Prepare]).await?;
        plan.settle(engine, known.brought).await?;
        for warning in plan.warnings().iter().filter(|warning| !told.contains(warning)) {
            report.warning(warning);
        }
    }
    Ok(())
}

async fn phases<E: Engine>(
    plan: &UpPlan<'_>,
    known: Known,
    phases: &[Phase],
    engine: &E,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Known, StackError> {
    let builder = &super::images::NoBuilder;
    let run = Run { engine, builder, project: None, report, cancel };
    Executor::new(run, known).run(plan.stack(), phases).await
}

/// What stands ready for a container that follows.
pub(super) struct Ready {
    /// The containers that were made or kept.
    pub(super) containers: Vec<ProjectContainer>,
    /// What was read.
    pub(super) observed: super::observed::Observed,
    /// What programs brought.
    pub(super) brought: Brought,
}

/// As [`run`], with the ids of what was created, for a container that follows (`run`).
pub(super) async fn run_for<E: Engine, B: Builder>(
    mut plan: UpPlan<'_>,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Ready, StackError> {
    images(&mut plan, engine, builder, report, cancel).await?;
    let known =
        phases(&plan, Known::default(), &[Phase::Create, Phase::Start], engine, report, cancel)
            .await?;
    let containers = plan.containers(&known);
    let (observed, brought) = plan.into_parts();
    Ok(Ready { containers, observed, brought })
}
