//! What every command is given: the process, the global settings, and where to show things.

use super::failure::Result;
use super::global::{Global, is_true};
use super::process::Process;
use crate::engine::Engine;
use crate::stack::progress::Report;
use crate::stack::{self, Plan};
use crate::ui::Ui;

use super::runtime::Interrupt;

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
