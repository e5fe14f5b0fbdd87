//! `alpha generate`: a Compose file that describes containers which exist.

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::compose::render;
use crate::stack::generate;

/// The flags of `alpha generate`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// yaml or json
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    format: String,
    /// Name of the project in the file
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    name: String,
    /// No effect, as in Docker Compose
    #[arg(long, value_name = "DIRECTORY")]
    project_dir: Option<String>,
    /// Containers: names, ids, or regular expressions for either
    #[arg(value_name = "CONTAINER")]
    containers: Vec<String>,
}

/// Prints the file.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    context.ui.status("generate command is EXPERIMENTAL");
    if args.containers.is_empty() {
        return Err(Failure::new("at least one container must be specified"));
    }
    let render: fn(&_) -> String = match args.format.as_str() {
        "yaml" => render::project_yaml,
        "json" => render::project_json,
        other => return Err(Failure::new(format!("unsupported format {other:?}"))),
    };
    context.with_engine(Signals::Drop, async |engine, _| {
        let found = generate::find(&*engine, &args.containers).await?;
        if found.is_empty() {
            let names = args.containers.join(",");
            return Err(Failure::new(format!(
                "no container(s) found with the following name(s): {names}"
            )));
        }
        let project = generate::project(&*engine, &args.name, &found).await?;
        context.ui.print(&render(&project));
        Ok(())
    })
}
