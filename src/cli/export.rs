//! `export`: the whole file system of a service's container as a tar archive.

use std::io::Write;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use tempfile::NamedTempFile;

use super::context::Context;
use super::failure::{Failure, Result};
use super::flags;
use super::runtime::Signals;
use crate::engine::{Engine, EngineError};
use crate::stack::progress::{Event, Report, Status, Subject};
use crate::stack::query;
use crate::ui::Stream;

/// The flags of `export`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(override_usage = "bireme export [OPTIONS] SERVICE")]
pub(super) struct Args {
    /// Which container of the service; 0 is the first
    #[arg(long, value_name = "N", default_value = "0", value_parser = flags::integer)]
    pub(super) index: i64,
    /// File to write instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Service
    #[arg(value_name = "SERVICE", required = true, num_args = 1..)]
    pub(super) services: Vec<String>,
}

/// Writes the archive.
pub(super) fn run(args: Args, context: &Context) -> Result {
    let scope = context.named_scope()?;
    let project = scope.name();
    // As by Docker Compose, words behind the service mean nothing.
    let service = args.services.first().map_or("", String::as_str);
    let index = flags::index(args.index);
    let output = args.output.filter(|file| !file.is_empty());
    context.with_engine(Signals::Drop, async |engine, _| {
        let container = query::target(&*engine, project, service, index).await;
        let container = container.map_err(|error| scope.advise(error.into(), service))?;
        let path = output.as_ref().map(|file| context.process.directory.join(file));
        match &path {
            Some(path) => check(path, output.as_deref().unwrap_or_default())?,
            None if context.process.terminals.stdout => {
                return Err(Failure::new("output option is required when exporting to terminal")
                    .help("name a file with `--output FILE`, or redirect standard output"));
            }
            None => {}
        }
        let shown = output.as_deref().unwrap_or_default();
        let sentence = format!("export {} to {shown}", container.name);
        let event = |status, word: &str| {
            let subject = Subject::Files(container.name.clone());
            Event::new(subject, status, word).details(&sentence)
        };
        let events = [event(Status::Working, "Exporting"), event(Status::Done, "Exported")];
        if context.global.dry_run {
            context.print_plan(sentence.trim_end_matches(" to "), &events);
            return Ok(());
        }
        let [begins, ends] = events;
        context.ui.begin("Exporting");
        context.ui.event(begins);
        let pieces = engine.export_container(&container.id).await?;
        match path {
            Some(path) => to_file(pieces, &path).await?,
            None => to_stdout(pieces, context).await?,
        }
        context.ui.event(ends);
        context.ui.end();
        Ok(())
    })
}

/// Refuses a file that cannot be made; `given` is how the user named it.
fn check(path: &Path, given: &str) -> Result {
    if !path.parent().unwrap_or(path).exists() {
        let directory = Path::new(given).parent().unwrap_or(Path::new(given));
        return Err(Failure::new(format!(
            "failed to export container: invalid output path: directory {:?} does not exist",
            directory.display().to_string()
        )));
    }
    let kind = path.metadata().map(|metadata| metadata.file_type()).ok();
    let refused = match kind {
        Some(kind) if kind.is_char_device() || kind.is_block_device() => format!(
            "failed to export container: invalid output path: {given:?} must be a directory or a regular \
             file: got a device"
        ),
        Some(kind) if kind.is_dir() => "cannot write to a directory".to_owned(),
        Some(kind) if kind.is_fifo() => "cannot write to a named pipe (FIFO)".to_owned(),
        Some(kind) if kind.is_socket() => "cannot write to a socket".to_owned(),
        // The file would take the place of the link, not of what it leads to.
        _ if path.is_symlink() => "cannot write to a symbolic link directly".to_owned(),
        _ => return Ok(()),
    };
    Err(Failure::new(refused))
}

/// Into a file that has its name only when it is whole; nobody else may read it.
async fn to_file(mut pieces: crate::engine::Stream<bytes::Bytes>, path: &Path) -> Result {
    let failed = |error: std::io::Error| {
        Failure::new(format!("{}: {}", path.display(), crate::engine::transport::plain(&error)))
    };
    let directory: PathBuf = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    let mut file = NamedTempFile::new_in(directory).map_err(failed)?;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        // A disk is fast enough for one thread of several.
        tokio::task::block_in_place(|| file.write_all(&piece)).map_err(failed)?;
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

async fn to_stdout(
    mut pieces: crate::engine::Stream<bytes::Bytes>,
    context: &Context,
) -> std::result::Result<(), EngineError> {
    while let Some(piece) = pieces.next().await {
        context.ui.write_paced(Stream::Stdout, piece?.to_vec()).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_gives_its_place_to_an_archive() {
        let folder = tempfile::tempdir().expect("a directory can be made");
        let within = |name: &str| folder.path().join(name);
        std::fs::write(within("file"), "").expect("it can be written");
        std::os::unix::fs::symlink("file", within("link")).expect("it can be made");
        let refused = |path: &Path| match check(path, &path.display().to_string()) {
            Err(Failure::Message { message, .. }) => Some(message),
            _ => None,
        };
        assert_eq!(refused(&within("file")), None);
        assert_eq!(refused(&within("new")), None);
        let device = refused(Path::new("/dev/null")).unwrap_or_default();
        assert!(
            device.ends_with(
                "invalid output path: \"/dev/null\" must be a directory or a regular file: got a device"
            ),
            "{device}"
        );
        let link = refused(&within("link"));
        assert_eq!(link.as_deref(), Some("cannot write to a symbolic link directly"));
        assert_eq!(refused(folder.path()).as_deref(), Some("cannot write to a directory"));
    }
}
