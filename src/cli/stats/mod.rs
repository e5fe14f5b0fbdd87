//! `stats`: what containers use, as it changes. [`Watch`] follows the containers and their counters,
//! [`row`] makes rows of them.

mod row;
mod sample;
mod watch;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::engine::{DockerEngine, EngineError};
use crate::stack::StackError;
use crate::ui::{FormatError, Listing, Stream};
use row::{HEADER, Row};
use sample::Sample;
use watch::Watch;

/// The columns without a template.
const COLUMNS: &str = r"table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
/// Time between two pictures.
const INTERVAL: Duration = Duration::from_millis(500);

/// The flags of `stats`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Containers that do not run, too
    #[arg(short, long)]
    all: bool,
    /// table, table TEMPLATE, json or TEMPLATE [default: statsFormat of config.json, or table]
    #[arg(long, value_name = "FORMAT", default_value = "", hide_default_value = true)]
    format: String,
    /// One picture, then end
    #[arg(long)]
    no_stream: bool,
    /// Do not cut long values
    #[arg(long)]
    no_trunc: bool,
    /// Service; all if none
    #[arg(value_name = "SERVICE")]
    service: Vec<String>,
}

/// Shows what is used.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    if args.service.len() > 1 {
        return Err(Failure::new(format!(
            "accepts at most 1 arg(s), received {}",
            args.service.len()
        )));
    }
    // A format of the user is looked at before the engine is asked anything.
    if !args.format.is_empty() {
        listing(&args.format)?;
    }
    let scope = context.named_scope()?;
    scope.tell_unknown(&args.service, context);
    context.with_engine(Signals::Drop, async |engine, _| {
        let format = match (args.format.as_str(), &engine.config().stats_format) {
            ("", Some(format)) => format.clone(),
            (format, _) => format.to_owned(),
        };
        let stats = Stats { listing: listing(&format)?, cut: !args.no_trunc, context };
        let service = args.service.first().map(String::as_str);
        let mut watch = Watch::new(engine.clone(), scope.name(), service, args.all);
        if args.no_stream {
            let rows = once(&engine, watch.list().await?).await?;
            let text = stats.text(&rows)?;
            context.ui.write(Stream::Stdout, text);
            return Ok(());
        }
        watch.begin().await?;
        let mut ticks = tokio::time::interval(INTERVAL);
        loop {
            tokio::select! {
                ended = watch.follow() => return ended,
                _ = ticks.tick() => {}
            }
            if watch.is_ready() {
                stats.show(&watch.rows()).await?;
            }
        }
    })
}

/// The form that `--format` asks for.
fn listing(format: &str) -> std::result::Result<Listing, FormatError> {
    Listing::parse(match format {
        "" | "table" => COLUMNS,
        format => format,
    })
}

/// How rows are shown.
struct Stats<'a> {
    listing: Listing,
    cut: bool,
    context: &'a Context,
}

impl Stats<'_> {
    fn text(&self, rows: &[Row]) -> std::result::Result<String, FormatError> {
        let rows: Vec<_> = rows.iter().map(|row| row.value(self.cut)).collect();
        self.listing.write(&rows, &HEADER)
    }

    /// Draws over the picture before. Docker Compose does that off a terminal, too.
    async fn show(&self, rows: &[Row]) -> Result {
        let mut picture = String::from("\x1b[H");
        for line in self.text(rows)?.lines() {
            picture.extend([line, "\x1b[K\n"]);
        }
        picture.push_str("\x1b[J");
        self.context.ui.write_paced(Stream::Stdout, picture.into_bytes()).await;
        Ok(())
    }
}

/// One sample of each container, measured side by side. Those that go away meanwhile are left out.
async fn once(engine: &DockerEngine, containers: Vec<Row>) -> Result<Vec<Row>> {
    let samples = containers.iter().map(async |row| {
        let mut usage = engine.usage(&row.id, false).await?;
        match usage.next().await {
            Some(usage) => Ok(Some(Sample::of(&usage?))),
            None => Ok::<_, EngineError>(None),
        }
    });
    let samples = join_all(samples).await;
    let mut rows = Vec::new();
    for (row, sample) in containers.into_iter().zip(samples) {
        match sample {
            Ok(sample) => rows.push(Row { sample, ..row }),
            Err(EngineError::NotFound(_)) => {}
            Err(error) => return Err(StackError::from(error).into()),
        }
    }
    Ok(rows)
}
