//! `wait`: until the containers of services stop. The exit code is that of the last one.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::{Interrupt, Signals};
use crate::engine::api::WaitCondition;
use crate::engine::{DockerEngine, Engine, EngineError};
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::stack::{StackError, down, from_labels};

/// The flags of `wait`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(override_usage = "bireme wait [OPTIONS] SERVICE [SERVICE...]")]
pub(super) struct Args {
    /// Take the project down once they have stopped
    #[arg(long)]
    down_project: bool,
    /// Services
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// Waits.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    if args.services.is_empty() {
        return Err(Failure::new(
            "docker: 'docker compose wait' requires at least 1 argument\n\n\
             Usage:  docker compose wait SERVICE [SERVICE...] [OPTIONS]\n\n\
             See 'docker compose wait --help' for more information",
        ));
    }
    // Docker Compose does not look for the services in the files, but for their containers.
    let scope = context.scope(&[])?;
    let project = scope.name().to_owned();
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let filter =
            Filter { services: args.services.clone(), all: false, one_off: OneOff::Include };
        let containers = query::containers(&*engine, &project, &filter).await?;
        if containers.is_empty() {
            let failure = Failure::new(format!("no containers for project {project:?}"));
            return Err(args
                .services
                .iter()
                .fold(failure, |failure, service| scope.advise(failure, service)));
        }
        let code = tokio::select! {
            code = last_to_stop(&engine, &containers, context) => code?,
            () = interrupt.graceful.cancelled() => return Err(Failure::Interrupted),
        };
        if args.down_project {
            take_down(&engine, &project, context, &interrupt).await?;
        }
        Failure::from_exit_code(code)
    })
}

/// The exit code of the container that stops last. Each is told.
async fn last_to_stop(
    engine: &DockerEngine,
    containers: &[ProjectContainer],
    context: &Context,
) -> Result<i64> {
    let mut stops: FuturesUnordered<_> = containers
        .iter()
        .map(async |container| {
            (container, engine.wait_container(&container.id, WaitCondition::NotRunning).await)
        })
        .collect();
    let mut last = 0;
    while let Some((container, answer)) = stops.next().await {
        match answer {
            Ok(code) => {
                let id = &container.id;
                context.ui.print(&format!("container {id:?} exited with status code {code}"));
                last = code;
            }
            // It went away between the list and the call, and took its exit code along.
            Err(EngineError::NotFound(_)) => {}
            Err(error) => return Err(StackError::from(error).into()),
        }
    }
    Ok(last)
}

/// Containers and networks of the project go, whatever files may say of it.
async fn take_down(
    engine: &DockerEngine,
    name: &str,
    context: &Context,
    interrupt: &Interrupt,
) -> Result {
    let project = from_labels::project(name, engine).await?;
    let options = down::Options { remove_orphans: true, ..down::Options::default() };
    let plan = down::plan(&project, &options, engine).await?;
    context.carry_out(&plan, "Running", engine, interrupt).await
}
