//! What `platforms` does beside printing: `--fix` and `--measure`.

use std::collections::BTreeSet;

use super::fix::{self, Fix};
use super::measure::{self, Measure};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::compose::model::Project;
use crate::platform::Guest;
use crate::platform::verdict::Judgement;
use crate::ui::format::typed;

/// The flags of these.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Flags {
    /// Take needless platforms out of the files, and run the services natively
    #[arg(long, conflicts_with_all = ["measure", "check", "format", "packages"])]
    fix: bool,
    /// With --fix: change the files alone
    #[arg(long, requires = "fix")]
    no_up: bool,
    /// With --fix: write, and replace containers, without asking
    #[arg(short, long, requires = "fix")]
    yes: bool,
    /// Run a service natively and emulated, and print what emulation costs
    #[arg(long, value_name = "SERVICE", conflicts_with_all = ["check", "format", "packages"])]
    measure: Option<String>,
    /// With --measure: runs on each platform
    #[arg(long, value_name = "N", default_value = "3", requires = "measure")]
    runs: usize,
    /// With --measure: a command that ends, instead of the service's own
    #[arg(last = true, value_name = "COMMAND", requires = "measure")]
    command: Vec<String>,
}

impl Flags {
    /// The project with the services that must be judged: the one that is measured, or those that were named. What is
    /// mended may also be that of others, so these are judged, too.
    ///
    /// # Errors
    /// A service that there is not; files with mistakes.
    pub(in crate::cli) fn project(&self, named: &[String], context: &Context) -> Result<Project> {
        if let Some(service) = &self.measure {
            return context.load_complete(std::slice::from_ref(service), true);
        }
        if !self.fix || named.is_empty() {
            return context.load_complete(named, true);
        }
        let all = context.load_complete(&[], true)?;
        if named.iter().all(|service| all.services.contains_key(service)) {
            return Ok(all);
        }
        // One of a profile is there once it is named.
        let services: BTreeSet<String> =
            all.services.into_keys().chain(named.iter().cloned()).collect();
        context.load_complete(&services.into_iter().collect::<Vec<_>>(), true)
    }

    /// Whether one of them is asked for, and the matrix is not.
    pub(in crate::cli) fn are_given(&self) -> bool {
        self.fix || self.measure.is_some()
    }

    /// Does what is asked for with what was judged.
    pub(in crate::cli) fn act(
        &self,
        named: &[String],
        judgements: &[Judgement],
        guest: &Guest,
        context: &Context,
    ) -> Result {
        if self.fix {
            let fix = Fix { services: named.to_vec(), yes: self.yes, no_up: self.no_up };
            return fix::run(&fix, judgements, &guest.own, context);
        }
        let Some(service) = &self.measure else { return Ok(()) };
        if let Some(word) = named.first() {
            return Err(Failure::new(format!(
                "--measure takes one service, and {word:?} is another word"
            ))
            .help(format!(
                "a command stands behind `--`: bireme platforms --measure {service} -- {}",
                typed(named)
            )));
        }
        if context.global.dry_run {
            return Err(Failure::new("--measure runs containers, and --dry-run runs none"));
        }
        let judgement = judgements.iter().find(|judgement| judgement.service == *service);
        let judgement =
            judgement.ok_or_else(|| Failure::new(format!("no such service: {service}")))?;
        let foreign = judgement.offered.iter().find(|platform| guest.how(platform).is_emulated());
        let measure =
            Measure { service: service.clone(), command: self.command.clone(), runs: self.runs };
        measure::run(&measure, judgement, &guest.own, foreign, context)
    }
}
