//! `cp`: files between this machine and the containers of a service.

use std::path::PathBuf;

use futures_util::StreamExt;

use super::context::Context;
use super::failure::{Failure, Result};
use super::flags;
use super::runtime::Signals;
use crate::engine::DockerEngine;
use crate::stack::copy::{self, Choice, CopyIn, CopyOut, Direction, LocalSource, Transfer};
use crate::stack::progress::{Event, Report, Status, Subject};
use crate::stack::query::ProjectContainer;
use crate::ui::Stream;

/// The word for standard input and standard output.
const STANDARD_STREAM: &str = "-";
/// Standard input as a file.
const STANDARD_INPUT: &str = "/dev/stdin";

/// The flags of `cp`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Copy into containers that `run` made, too
    #[arg(long)]
    pub(super) all: bool,
    /// Keep the owners of files that go into a container
    #[arg(short, long)]
    pub(super) archive: bool,
    /// Copy what a symbolic link leads to, if the source is one
    #[arg(short = 'L', long)]
    pub(super) follow_link: bool,
    /// Which container of the service; 0 is all, or the first to copy from
    #[arg(long, value_name = "N", default_value = "0", value_parser = flags::integer)]
    pub(super) index: i64,
    /// From where
    #[arg(value_name = "SRC_PATH", required = true)]
    pub(super) source: String,
    /// Where to
    #[arg(value_name = "DEST_PATH", required = true)]
    pub(super) destination: String,
}

/// Copies files.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let scope = context.named_scope()?;
    let project = scope.name();
    let transfer = Transfer::parse(&args.source, &args.destination);
    let transfer = transfer.map_err(|error| Failure::new(error.to_string()))?;
    let index = flags::index(args.index);
    let choice = Choice { index, one_offs: args.all };
    let Transfer { direction, service, remote, local } = &transfer;
    let directory = &context.process.directory;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let containers = copy::containers(&*engine, project, service, choice).await;
        let containers = containers.map_err(|error| scope.advise(error.into(), service))?;
        let first = containers.first();
        let plan = match direction {
            Direction::OutOf => {
                let Some(first) = first else { return Ok(()) };
                if local == STANDARD_STREAM && !context.global.dry_run {
                    return to_stdout(first, remote, args.follow_link, context, &engine).await;
                }
                let copy = CopyOut::new(remote, args.follow_link, directory, local);
                copy::plan_out_of(project, first, &copy)
            }
            Direction::Into => {
                let spooled;
                let source = if local == STANDARD_STREAM && !context.global.dry_run {
                    spooled = Spooled::standard_input(containers.len())?;
                    LocalSource::Archive(spooled.path())
                } else {
                    LocalSource::path(directory, local, args.follow_link)
                };
                let (shown, path) = (local.clone(), remote.clone());
                let copy = CopyIn { source, shown, path, owners: args.archive };
                let plan = copy::plan_into(project, &containers, &copy);
                return context.carry_out(&plan, "Copying", &*engine, &interrupt).await;
            }
        };
        context.carry_out(&plan, "Copying", &*engine, &interrupt).await
    })
}

/// Standard input for one container, or a copy of it that several can read.
struct Spooled(Option<tempfile::NamedTempFile>);

impl Spooled {
    fn standard_input(readers: usize) -> Result<Self> {
        if readers < 2 {
            return Ok(Self(None));
        }
        let spool = || {
            let mut file = tempfile::NamedTempFile::new()?;
            std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
            Ok::<_, std::io::Error>(file)
        };
        match tokio::task::block_in_place(spool) {
            Ok(file) => Ok(Self(Some(file))),
            Err(error) => Err(Failure::new(format!("cannot read standard input: {error}"))),
        }
    }

    fn path(&self) -> PathBuf {
        match &self.0 {
            Some(file) => file.path().to_owned(),
            None => PathBuf::from(STANDARD_INPUT),
        }
    }
}

/// The archive as the engine gives it.
async fn to_stdout(
    container: &ProjectContainer,
    path: &str,
    follow: bool,
    context: &Context,
    engine: &DockerEngine,
) -> Result {
    let details = format!("copy {}:{path} to {STANDARD_STREAM}", container.name);
    let tell = |status, word: &str| {
        let subject = Subject::Files(container.name.clone());
        context.ui.event(Event::new(subject, status, word).details(&details));
    };
    tell(Status::Working, "Copying");
    let archive = copy::open(engine, &container.id, path, follow).await;
    let mut pieces = archive.map_err(|error| Failure::new(error.to_string()))?.content;
    while let Some(piece) = pieces.next().await {
        context.ui.write_paced(Stream::Stdout, piece?.to_vec()).await;
    }
    tell(Status::Done, "Copied");
    Ok(())
}
