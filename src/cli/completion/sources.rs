//! Which values a flag or a word may have, and where they come from.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, ValueCompleter};

use super::{matching, paths};
use crate::cli::context::Context;
use crate::cli::runtime::Signals;
use crate::compose::files::Disk;
use crate::compose::load::{self, LoadOptions};
use crate::compose::yaml::Node;
use crate::engine::Engine as _;
use crate::engine::api::ContainerFilter;
use crate::stack::labels;

/// The values of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    /// Services of the files.
    Services,
    /// A service, and then words of the user's own.
    FirstService,
    /// `web=`, for a number behind it.
    Scales,
    /// Profiles of the files.
    Profiles,
    /// Projects that the engine has containers of.
    Projects,
    /// Compose files.
    ComposeFiles,
    /// Any file.
    Files,
    /// `web:`, for a path in a container behind it, or any file here.
    Places,
    /// Directories.
    Directories,
    /// These.
    Fixed(&'static [&'static str]),
}

/// The values of flags with one meaning in all commands.
const FLAGS: [(&str, Values); 17] = [
    ("profile", Values::Profiles),
    ("project_name", Values::Projects),
    ("file", Values::ComposeFiles),
    ("env_file", Values::Files),
    ("env_from_file", Values::Files),
    ("project_directory", Values::Directories),
    ("config", Values::Directories),
    ("ansi", Values::Fixed(&["never", "always", "auto"])),
    ("progress", Values::Fixed(&["auto", "tty", "plain", "json", "quiet"])),
    ("pull", Values::Fixed(&["always", "missing", "never", "build", "policy"])),
    ("policy", Values::Fixed(&["always", "missing"])),
    ("rmi", Values::Fixed(&["local", "all"])),
    (
        "signal",
        Values::Fixed(&["SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"]),
    ),
    (
        "status",
        Values::Fixed(&[
            "paused",
            "restarting",
            "removing",
            "running",
            "dead",
            "created",
            "exited",
        ]),
    ),
    ("protocol", Values::Fixed(&["tcp", "udp"])),
    ("oci_version", Values::Fixed(&["1.0", "1.1"])),
    ("log_level", Values::Fixed(&["debug", "info", "warn", "error", "fatal"])),
];

/// What the user's files and the engine know, asked when it is first needed.
#[derive(Clone)]
pub(super) struct Sources(Arc<Known>);

struct Known {
    context: Option<Context>,
    /// Whether no word stands behind the command yet.
    is_first_word: bool,
    files: OnceLock<FromFiles>,
}

/// Names in the user's files.
#[derive(Debug, Default)]
struct FromFiles {
    services: BTreeSet<String>,
    profiles: BTreeSet<String>,
}

impl Sources {
    pub(super) fn new(context: Option<Context>, is_first_word: bool) -> Self {
        Self(Arc::new(Known { context, is_first_word, files: OnceLock::new() }))
    }

    /// A command, and those below it, whose arguments know their values.
    pub(super) fn offered(&self, command: Command) -> Command {
        let name = command.get_name().to_owned();
        command
            .mut_args(|arg| match values(&name, &arg) {
                Some(values) => arg.add(ArgValueCompleter::new(Offer(self.clone(), values))),
                None => arg,
            })
            .mut_subcommands(|below| self.offered(below))
    }

    fn files(&self) -> &FromFiles {
        self.0.files.get_or_init(|| self.0.context.as_ref().map(read).unwrap_or_default())
    }

    fn projects(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let Some(context) = &self.0.context else { return found };
        // Without an engine there is nothing to offer.
        let _ = context.with_engine(Signals::Drop, async |engine, _| {
            let filter = ContainerFilter {
                labels: vec![labels::PROJECT.to_owned()],
                all: true,
                ..ContainerFilter::default()
            };
            let containers = engine.list_containers(&filter).await?;
            found.extend(
                containers
                    .into_iter()
                    .filter_map(|container| container.labels.get(labels::PROJECT).cloned()),
            );
            Ok(())
        });
        found
    }
}

/// The names that the files have. Mistakes in them, and files that are not there, are told by
/// commands; here they only mean that less is known.
fn read(context: &Context) -> FromFiles {
    let options = LoadOptions {
        no_interpolate: true,
        no_normalize: true,
        no_path_resolution: true,
        no_consistency: true,
        ..LoadOptions::default()
    };
    let Ok(merged) = load::merged(&context.request(), &options, &Disk::default()) else {
        return FromFiles::default();
    };
    let mut found = FromFiles::default();
    let services = merged.tree.get("services").and_then(Node::as_mapping);
    for (name, service) in services.into_iter().flatten() {
        found.services.insert(name.to_owned());
        let profiles = service.node.get("profiles").and_then(Node::as_sequence);
        let profiles = profiles.into_iter().flatten().filter_map(Node::as_str);
        found.profiles.extend(profiles.map(str::to_owned));
    }
    found
}

/// What an argument of a command takes: by the name of a flag, or by what its value is called.
fn values(command: &str, arg: &Arg) -> Option<Values> {
    if !arg.get_action().takes_values() {
        return None;
    }
    let id = arg.get_id().as_str();
    if !arg.is_positional()
        && let Some((_, values)) = FLAGS.iter().find(|(flag, _)| *flag == id)
    {
        return Some(*values);
    }
    let name = arg.get_value_names().and_then(|names| names.first())?.as_str();
    match (name, id) {
        ("SERVICE" | "SERVICES", _) => Some(Values::Services),
        ("FILE", _) => Some(Values::Files),
        ("SRC_PATH" | "DEST_PATH", _) => Some(Values::Places),
        ("DIR" | "DIRECTORY", _) => Some(Values::Directories),
        (_, "format") => Some(Values::Fixed(match command {
            "config" | "generate" => &["yaml", "json"],
            "version" => &["pretty", "json"],
            "graph" => &["tree", "mermaid", "dot", "svg", "json"],
            "plan" | "timeline" | "doctor" | "why" => &["text", "json"],
            "platforms" => &["table", "markdown", "json"],
            "ps" | "volumes" => &["table", "json", "raw"],
            _ => &["table", "json"],
        })),
        (name, _) if name.starts_with("SERVICE=") => Some(Values::Scales),
        (name, _) if name.starts_with("SERVICE ") => Some(Values::FirstService),
        _ => None,
    }
}

/// The values of one argument.
struct Offer(Sources, Values);

impl ValueCompleter for Offer {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(current) = current.to_str() else { return Vec::new() };
        let Self(sources, values) = self;
        let directory =
            || sources.0.context.as_ref().map(|context| context.process.directory.as_path());
        let among = |wanted: fn(&Path) -> bool| {
            directory().map(|directory| paths(directory, current, wanted)).unwrap_or_default()
        };
        let ending_in = |end: char| {
            let services = sources.files().services.iter();
            let names: Vec<_> = services.map(|name| format!("{name}{end}")).collect();
            matching(names.iter().map(String::as_str), current)
        };
        match values {
            Values::FirstService if !sources.0.is_first_word => Vec::new(),
            Values::Services | Values::FirstService => {
                matching(sources.files().services.iter().map(String::as_str), current)
            }
            Values::Scales => ending_in('='),
            Values::Places => {
                let mut places = ending_in(':');
                places.extend(among(|_| true));
                places
            }
            Values::Profiles => {
                matching(sources.files().profiles.iter().map(String::as_str), current)
            }
            Values::Projects => matching(sources.projects().iter().map(String::as_str), current),
            Values::ComposeFiles => among(|path| {
                path.is_dir() || path.extension().is_some_and(|end| end == "yaml" || end == "yml")
            }),
            Values::Files => among(|_| true),
            Values::Directories => among(Path::is_dir),
            Values::Fixed(words) => matching(words.iter().copied(), current),
        }
    }
}
