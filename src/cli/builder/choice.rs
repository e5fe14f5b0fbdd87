//! Which builder builds: `--builder`, `BUILDX_BUILDER`, or what `docker buildx use` chose.

use std::sync::Arc;

use super::BuilderKind;
use crate::build::Builder;
use crate::build::buildx::{FindError, Instance, Nodes, find};
use crate::cli::context::Context;
use crate::cli::global::is_true;
use crate::cli::machine::Machine;
use crate::engine::DockerEngine;
use crate::engine::endpoint::configuration_directory;

/// Who builds, as it was chosen.
pub(super) struct Choice {
    pub(super) builder: Builder,
    /// Whether it attests images where nothing is said of provenance.
    pub(super) attests: bool,
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
        let Some(instance) = found(self, engine, name)? else { return Ok(own) };
        let machine = Arc::new(Machine::new(&self.process.variables, &self.global.engine));
        let flags = self.global.engine.flags();
        let nodes = Nodes::new(instance, engine.clone(), flags, machine);
        let nodes = nodes.map_err(|error| error.to_string())?;
        let off = is_true(&self.process.variables, "BUILDX_NO_DEFAULT_ATTESTATIONS");
        Ok(Choice { builder: Builder::Buildx(Arc::new(nodes)), attests: !off })
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
