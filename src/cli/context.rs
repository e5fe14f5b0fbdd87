//! What every command is given: the process, the global settings, and where to show things.

use std::sync::Arc;

use super::failure::Result;
use super::global::{Global, is_true};
use super::process::{Process, Variables};
use super::runtime::{Interrupt, Signals, block_on};
use crate::compose::model::Project;
use crate::engine::endpoint::{Flags, ThisMachine};
use crate::engine::{DockerEngine, Engine, Settings, Warn};
use crate::stack::progress::Report;
use crate::stack::{self, Plan};
use crate::ui::Ui;

/// What every command is given.
pub(super) struct Context {
    /// The process, its environment completed by `COMPOSE_*` of the env files.
    pub(super) process: Process,
    /// Global flags and what the environment says in their place.
    pub(super) global: Global,
    /// Where things are shown.
    pub(super) ui: Ui,
}

impl Context {
    /// The context of a run.
    pub(super) fn new(process: Process, global: Global, ui: Ui) -> Self {
        Self { process, global, ui }
    }

    /// The keys that detach from a process, as the user's configuration has them.
    pub(super) fn detach_keys(&self, engine: &DockerEngine) -> String {
        engine.config().detach_keys.clone().unwrap_or_default()
    }

    /// Connects to the engine and runs `work` with it, until it ends or signals end it.
    pub(super) fn with_engine(
        &self,
        signals: Signals,
        work: impl AsyncFnOnce(Arc<DockerEngine>, Interrupt) -> Result,
    ) -> Result {
        let ui = self.ui.clone();
        let warn: Warn = Arc::new(move |text| ui.warning(&text));
        let flags = Flags {
            hosts: self.global.engine.hosts.clone(),
            context: self.global.engine.context.clone(),
            ..Flags::default()
        };
        let settings = Settings::resolve(&flags, &ThisMachine, &warn)?;
        block_on(&self.ui, signals, async |interrupt| {
            let engine = DockerEngine::connect(settings, &ThisMachine).await?;
            work(Arc::new(engine), interrupt).await
        })
    }

    /// The project that the files describe.
    pub(super) fn load(&self) -> Result<Project> {
        Err(super::failure::Failure::new("no configuration file provided: not found"))
    }

    /// The variables that files and `-e KEY` see: the process's, and those of env files.
    pub(super) fn environment(&self) -> Result<Variables> {
        Ok(self.process.variables.clone())
    }

    /// `--remove-orphans`, or `COMPOSE_REMOVE_ORPHANS`.
    pub(super) fn remove_orphans(&self, flag: Option<bool>) -> bool {
        flag.unwrap_or_else(|| is_true(&self.process.variables, "COMPOSE_REMOVE_ORPHANS"))
    }

    /// Carries a plan out, or prints it with `--dry-run`; `title` is the word behind `[+]`.
    pub(super) async fn carry_out<E: Engine>(
        &self,
        plan: &Plan,
        title: &'static str,
        engine: &E,
        interrupt: &Interrupt,
    ) -> Result {
        for warning in plan.warnings() {
            self.ui.warning(warning);
        }
        if self.global.dry_run {
            self.print_plan(&plan.describe());
            return Ok(());
        }
        self.ui.begin(title);
        let outcome = stack::run(plan, engine, &self.ui, &interrupt.graceful).await;
        self.ui.end();
        Ok(outcome?)
    }

    /// Prints a plan for `--dry-run`.
    pub(super) fn print_plan(&self, described: &str) {
        let described = described.trim_end();
        if described.is_empty() {
            self.ui.status("nothing to do");
        } else {
            self.ui.print(described);
        }
    }
}
