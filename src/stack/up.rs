//! `up` and `create`: images, then containers, then their start.
//!
//! [`plan`] reads everything once and decides everything. [`run`] carries it out; an attached `up`
//! calls [`create`], attaches to the containers, then calls [`start`].

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::images::Builder;
use super::plan::{Plan, Question};
use super::progress::Report;
use super::{StackError, query::ProjectContainer};
use crate::compose::model::Project;
use crate::engine::Engine;

/// When existing containers are replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Recreate {
    /// When what they were made from changed.
    #[default]
    Diverged,
    /// Always.
    Force,
    /// Never.
    Never,
}

/// When images are built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Build {
    /// When the image is missing.
    #[default]
    Missing,
    /// Always (`--build`).
    Always,
    /// Never (`--no-build`).
    Never,
}

/// The flags of `up` and `create`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--no-deps`.
    pub no_deps: bool,
    /// `--force-recreate`, `--no-recreate`.
    pub recreate: Recreate,
    /// `--always-recreate-deps`.
    pub always_recreate_dependencies: bool,
    /// `--renew-anon-volumes`; implies [`Recreate::Force`].
    pub renew_anonymous_volumes: bool,
    /// `--scale`.
    pub scale: BTreeMap<String, i64>,
    /// `--timeout`: seconds for containers that are stopped; `None` for the container's own.
    pub timeout: Option<i64>,
    /// `--remove-orphans`.
    pub remove_orphans: bool,
    /// `COMPOSE_IGNORE_ORPHANS`: no warning.
    pub ignore_orphans: bool,
    /// `--build`, `--no-build`.
    pub build: Build,
    /// `--pull`: a pull policy for every service.
    pub pull: Option<String>,
    /// `--no-start`, and `create`.
    pub no_start: bool,
    /// `--wait`: until every service runs, or is healthy where it has a healthcheck.
    pub wait: bool,
    /// `--wait-timeout`.
    pub wait_timeout: Option<std::time::Duration>,
    /// `--yes`: every question is answered yes.
    pub assume_yes: bool,
    /// `--compatibility`: `_` in container names.
    pub compatibility: bool,
}

/// Everything that one `up` will do.
pub struct UpPlan<'project> {
    project: &'project Project,
}

/// What an `up` has created, ready to be attached to and started.
pub struct Created<'project> {
    project: &'project Project,
}

/// What an `up` came to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The containers of the services concerned, by service and number.
    pub containers: Vec<ProjectContainer>,
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
    let _ = (options, engine);
    Ok(UpPlan { project })
}

impl UpPlan<'_> {
    /// What the user should be told before anything is done (orphans, foreign volumes).
    pub fn warnings(&self) -> &[String] {
        todo!()
    }

    /// What must be asked before: questions without an answer count as "no".
    pub fn questions(&self) -> &[Question] {
        todo!()
    }

    /// Answers a question; the plan changes accordingly.
    pub fn answer(&mut self, question: &Question, yes: bool) {
        let _ = (question, yes);
        todo!()
    }

    /// Pulls and builds, which come first.
    pub fn images(&self) -> &Plan {
        todo!()
    }

    /// Everything else. Where [`Self::images`] is not empty, this is what is done if they bring
    /// nothing new; it is decided again, by the same rules, once they have run.
    pub fn stack(&self) -> &Plan {
        todo!()
    }

    /// The plan as text for `--dry-run`: one line for each step, with its subject and its cause.
    pub fn describe(&self) -> String {
        let _ = self.project;
        todo!()
    }
}

impl Created<'_> {
    /// The containers of the services concerned, by service and number, running or not.
    pub fn containers(&self) -> &[ProjectContainer] {
        let _ = self.project;
        todo!()
    }
}

/// Carries the whole plan out.
///
/// # Errors
/// The first step that failed; what came up stays up.
pub async fn run<E: Engine, B: Builder>(
    plan: UpPlan<'_>,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Outcome, StackError> {
    let created = create(plan, engine, builder, report, cancel).await?;
    start(created, engine, report, cancel).await
}

/// Carries out everything up to the start of containers.
///
/// # Errors
/// As [`run`].
pub async fn create<'project, E: Engine, B: Builder>(
    plan: UpPlan<'project>,
    engine: &E,
    builder: &B,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result<Created<'project>, StackError> {
    let _ = (plan, engine, builder, report, cancel);
    todo!()
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
    let _ = (created, engine, report, cancel);
    todo!()
}
