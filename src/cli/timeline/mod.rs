//! `timeline`: where the time of the last run went. Runs are taken down by a [`Recorder`] and kept by
//! a [`Store`].

mod recorder;
mod store;

use std::path::PathBuf;

use serde::Serialize;

use super::context::Context;
use super::failure::{Failure, Result};
use super::whole;
use crate::engine::Engine;
use crate::engine::transport::plain;
use crate::stack::progress::Report as _;
use crate::stack::timeline::{Chain, Timeline};
use crate::ui::{Stream, timeline};

pub(super) use recorder::Recorder;
use store::Store;

/// The flags of `timeline`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// The last `stop` or `down` instead of the last start
    #[arg(long, visible_alias = "down")]
    pub(super) stop: bool,
    /// Draw it into a file (`-` for standard output)
    #[arg(long, value_name = "FILE")]
    pub(super) svg: Option<PathBuf>,
    /// How it is printed: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: String,
}

/// A timeline as JSON.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    timeline: &'a Timeline,
    duration: u64,
    chain: Chain,
}

/// Shows the last run.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    if !matches!(args.format.as_str(), "text" | "json") {
        return Err(Failure::new(format!("unsupported format {:?}", args.format))
            .help("the formats are text and json"));
    }
    let project = context.project_name()?;
    let endpoint = context.settings()?.endpoint.address.to_string();
    let runs = Store::of(&context.process, &endpoint, &project).map(|store| store.read());
    let runs = runs.unwrap_or_default();
    let (timeline, command) = if args.stop { (runs.stop, "down") } else { (runs.start, "up") };
    let timeline = timeline.ok_or_else(|| {
        Failure::new(format!("no {command} of project {project:?} has been recorded"))
            .help(format!("`bireme {command}` records one; it is kept for this user and engine"))
    })?;
    if let Some(path) = &args.svg {
        let picture = timeline::svg(&timeline);
        if path.as_os_str() == "-" {
            context.ui.write(Stream::Stdout, picture);
            return Ok(());
        }
        return whole::write(path, &picture)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())));
    }
    if args.format == "json" {
        let (duration, chain) = (timeline.duration(), timeline.chain());
        let document = Document { timeline: &timeline, duration, chain };
        let text = serde_json::to_string_pretty(&document)
            .map_err(|error| Failure::new(error.to_string()))?;
        context.ui.print(&text);
    } else {
        context.show_timeline(&timeline);
    }
    Ok(())
}

impl Context {
    /// Keeps what was recorded of a run, and shows it if it is asked for (`--timeline`).
    pub(super) fn keep_timeline<E: Engine>(
        &self,
        recorder: &Recorder<'_>,
        project: &str,
        engine: &E,
        show: bool,
    ) {
        let timeline = recorder.finish(project);
        if let Some(timeline) = &timeline
            && let Some(store) = Store::of(&self.process, &engine.describe().endpoint, project)
        {
            // Nothing depends on it: a user without a writable home has no `timeline` afterwards.
            let kept = store.keep(timeline);
            if let (true, Err(error)) = (show, kept) {
                let reason = plain(&error);
                self.ui.warning(&format!("`bireme timeline` will not show this again: {reason}"));
            }
        }
        match timeline {
            Some(timeline) if show => self.show_timeline(&timeline),
            None if show => self.ui.print("nothing was done"),
            _ => {}
        }
    }

    fn show_timeline(&self, timeline: &Timeline) {
        let colour = self.ui.appearance().colour_stdout;
        self.ui.print(timeline::text(timeline, self.columns(), colour).trim_end());
    }
}
