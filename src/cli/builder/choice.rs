//! Which builder builds: `--builder`, `BUILDX_BUILDER`, or what `docker buildx use` chose.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::BuilderKind;
use crate::build::Builder;
use crate::build::buildx::{FindError, Instance, Nodes, find};
use crate::cli::context::Context;
use crate::cli::global::is_true;
use crate::cli::machine::Machine;
use crate::engine::DockerEngine;
use crate::engine::endpoint::configuration_directory;
use crate::survey::Elsewhere;

/// How long a builder may take to tell its platform.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who builds, as it was chosen.
pub(super) struct Choice {
    pub(super) builder: Builder,
    /// Whether it attests images where nothing is said of provenance.
    pub(super) attests: bool,
}

/// The builder that a command has taken.
#[derive(Clone, Default)]
pub(in crate::cli) enum Taken {
    /// None yet.
    #[default]
    Nothing,
    /// The engine's own.
    Own,
    /// One of buildx.
    Buildx(Arc<Nodes>),
}

impl Choice {
    /// Whether it is not the engine's own.
    pub(super) fn is_another(&self) -> bool {
        matches!(self.builder, Builder::Buildx(_))
    }
}

impl Context {
    /// Who builds for an engine; `name` is what a flag says.
    pub(super) fn choose_builder(
        &self,
        engine: &DockerEngine,
        name: Option<&str>,
    ) -> Result<Choice, String> {
        let own = Choice { builder: Builder::Engine(engine.transport().clone()), attests: false };
        let Some(instance) = found(self, engine, name)? else {
            *self.builder_taken.lock().unwrap_or_else(PoisonError::into_inner) = Taken::Own;
            return Ok(own);
        };
        let nodes = nodes(self, engine, instance)?;
        let off = is_true(&self.process.variables, "BUILDX_NO_DEFAULT_ATTESTATIONS");
        Ok(Choice { builder: Builder::Buildx(nodes), attests: !off })
    }
}

/// The builder of buildx that builds for an engine; `None` is the engine's own.
pub(in crate::cli) fn found(
    context: &Context,
    engine: &DockerEngine,
    name: Option<&str>,
) -> Result<Option<Instance>, String> {
    // The builder from before BuildKit is the engine's own.
    let variable = context.process.variable("DOCKER_BUILDKIT");
    if BuilderKind::choose(variable, true) == BuilderKind::Classic {
        return Ok(None);
    }
    let machine = Machine::new(&context.process.variables, &context.global.engine);
    let directory = configuration_directory(&context.global.engine.flags(), &machine);
    let name = name.or_else(|| context.process.variable("BUILDX_BUILDER"));
    find(name, engine.endpoint(), &directory, &machine).map_err(|error| advised(&error))
}

/// A builder for an engine: the one of before, unless buildx keeps it differently by now.
fn nodes(
    context: &Context,
    engine: &DockerEngine,
    instance: Instance,
) -> Result<Arc<Nodes>, String> {
    let mut taken = context.builder_taken.lock().unwrap_or_else(PoisonError::into_inner);
    if let Taken::Buildx(nodes) = &*taken
        && *nodes.instance() == instance
    {
        return Ok(Arc::clone(nodes));
    }
    let machine = Arc::new(Machine::new(&context.process.variables, &context.global.engine));
    let nodes = Nodes::new(instance, engine.clone(), context.global.engine.flags(), machine);
    let nodes = Arc::new(nodes.map_err(|error| error.to_string())?);
    *taken = Taken::Buildx(Arc::clone(&nodes));
    Ok(nodes)
}

/// The builder that was taken for an engine, or is in use, where it is not on the engine's guest. One that
/// there is not is told when it is to build.
pub(in crate::cli) async fn elsewhere(
    context: &Context,
    engine: &DockerEngine,
) -> Option<Elsewhere> {
    let taken = context.builder_taken.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let nodes = match taken {
        Taken::Nothing => nodes(context, engine, found(context, engine, None).ok()??).ok()?,
        Taken::Own => return None,
        Taken::Buildx(nodes) => nodes,
    };
    if nodes.are_here() {
        return None;
    }
    let platform = tokio::time::timeout(PATIENCE, nodes.own_platform()).await;
    let builder = nodes.instance().name.clone();
    Some(Elsewhere { builder, platform: platform.ok().flatten() })
}

/// What went wrong, in the words of buildx, and what to do.
fn advised(error: &FindError) -> String {
    let advice = match error {
        FindError::None(_) => {
            "`docker buildx ls` names those that there are; without --builder and BUILDX_BUILDER the \
             engine's own builds"
        }
        FindError::OtherContext(_) => "or leave the builder's name out",
        FindError::File(..) => "remove the file, or have `docker buildx` write it anew",
    };
    format!("{error}\n{advice}")
}
