//! `commit`: an image of a service's container.

use super::context::Context;
use super::failure::{Failure, Result};
use super::flags;
use super::runtime::Signals;
use crate::engine::api::Commit;
use crate::stack::commit;

/// The flags of `commit`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(override_usage = "bireme commit [OPTIONS] SERVICE [REPOSITORY[:TAG]]")]
pub(super) struct Args {
    /// Who made it, such as "Jane Doe <jane@example.com>"
    #[arg(short, long, value_name = "NAME")]
    pub(super) author: Option<String>,
    /// Dockerfile instruction to apply (repeatable)
    #[arg(short, long, value_name = "INSTRUCTION")]
    pub(super) change: Vec<String>,
    /// Which container of the service; 0 is the first
    #[arg(long, value_name = "N", default_value = "0", value_parser = flags::integer)]
    pub(super) index: i64,
    /// What to say of it
    #[arg(short, long, value_name = "TEXT")]
    pub(super) message: Option<String>,
    /// Pause the container meanwhile [default: true]
    #[arg(short, long)]
    pub(super) pause: Option<bool>,
    /// Service
    #[arg(value_name = "SERVICE", required = true)]
    pub(super) service: String,
    /// Name for the image
    #[arg(value_name = "REPOSITORY[:TAG]")]
    pub(super) reference: Option<String>,
}

/// Makes the image.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let project = context.project_name()?;
    let service = args.service;
    let reference = args.reference.unwrap_or_default();
    if let Some(problem) = reference_problem(&reference) {
        return Err(Failure::new(problem));
    }
    let index = flags::index(&service, args.index)?;
    let commit = Commit {
        reference,
        author: args.author.unwrap_or_default(),
        comment: args.message.unwrap_or_default(),
        changes: args.change,
        pause: args.pause.unwrap_or(true),
    };
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let plan = commit::plan(&project, &service, index, commit, &*engine).await?;
        context.carry_out(&plan, "Committing", &*engine, &interrupt).await
    })
}

/// What is wrong with an image's name; the engine is not asked about names with a digest, which it
/// would take for something else.
fn reference_problem(reference: &str) -> Option<String> {
    reference.contains('@').then(|| "refusing to create a tag with a digest reference".to_owned())
}
