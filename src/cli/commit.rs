//! `commit`: an image of a service's container.

use super::context::Context;
use super::failure::{Failure, Result};
use super::flags;
use super::runtime::Signals;
use crate::compose::image_name::ImageName;
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
    let scope = context.named_scope()?;
    let project = scope.name();
    let service = args.service;
    let reference = args.reference.unwrap_or_default();
    let problem = reference_problem(&reference);
    let index = flags::index(args.index);
    let commit = Commit {
        reference,
        author: args.author.unwrap_or_default(),
        comment: args.message.unwrap_or_default(),
        changes: args.change,
        pause: args.pause.unwrap_or(true),
    };
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let plan = commit::plan(project, &service, index, commit, &*engine).await;
        let plan = plan.map_err(|error| scope.advise(error.into(), &service))?;
        if let Some(problem) = problem {
            return Err(Failure::new(problem));
        }
        context.carry_out(&plan, "Committing", &*engine, &interrupt).await
    })
}

/// What is wrong with an image's name, in the words of Docker Compose and of the engine; none is no
/// mistake.
fn reference_problem(reference: &str) -> Option<String> {
    match ImageName::parse(reference) {
        _ if reference.is_empty() => None,
        Err(error) => Some(error.to_string()),
        Ok(_) if reference.contains('@') => {
            Some("refusing to create a tag with a digest reference".to_owned())
        }
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_none_are_told_in_docker_composes_words() {
        let digest = format!("app@sha256:{}", "a".repeat(64));
        for (name, problem) in [
            ("", None),
            ("app:1", None),
            ("localhost:5000/app", None),
            (
                "BAD:name",
                Some("invalid reference format: repository name (library/BAD) must be lowercase"),
            ),
            ("app:", Some("invalid reference format")),
            ("a b", Some("invalid reference format")),
            (&digest, Some("refusing to create a tag with a digest reference")),
        ] {
            assert_eq!(reference_problem(name).as_deref(), problem, "{name}");
        }
    }
}
