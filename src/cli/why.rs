//! `why`: the last change of a service's containers, from their own history.

use chrono::Utc;

use super::context::Context;
use super::failure::{Failure, Result};
use super::flags;
use super::runtime::Signals;
use crate::stack::why;

/// The flags of `why`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// How it is printed: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: String,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// Tells the histories.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let json = flags::is_json(&args.format, &["text"])?;
    let scope = context.scope(&args.services)?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let now = Utc::now();
        let until = format!("{}.{:09}", now.timestamp(), now.timestamp_subsec_nanos());
        let histories = why::histories(&*engine, scope.name(), &args.services, &until).await?;
        let missing =
            args.services.iter().find(|name| !histories.iter().any(|it| it.service == **name));
        if let Some(service) = missing {
            return Err(Failure::new(format!("service {service:?} has no container"))
                .help("`bireme plan` tells what `up` would do for it"));
        }
        if json {
            let text = serde_json::to_string_pretty(&histories);
            context.ui.print(&text.map_err(|error| Failure::new(error.to_string()))?);
        } else if histories.is_empty() {
            context.ui.status(&format!("project {:?} has no containers", scope.name()));
        } else {
            let colour = context.ui.appearance().colour_stdout;
            let drawn = crate::ui::why(&histories, now, context.columns(), colour);
            context.ui.print(drawn.trim_end());
        }
        Ok(())
    })
}
