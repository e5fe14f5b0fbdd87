//! `build`: the images of services.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::builder::{ImageBuilder, build_arguments};
use super::context::Context;
use super::failure::{Failure, Result};
use super::platforms::Notices;
use super::report::Filtered;
use super::runtime::Signals;
use crate::build::request::Bake;
use crate::build::{self, BuildOptions, BuildRequest};
use crate::compose::model::Project;
use crate::compose::units::parse_bytes;
use crate::stack::labels;
use crate::stack::progress::{Event, Report, Status, Subject};

/// The flags of `build`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Set a build argument: KEY=VALUE, or KEY to take it from the environment (repeatable)
    #[arg(long, value_name = "ARG")]
    pub(super) build_arg: Vec<String>,
    /// Builder to use
    #[arg(long, value_name = "NAME")]
    pub(super) builder: Option<String>,
    /// Check the build's configuration and build nothing
    #[arg(long)]
    pub(super) check: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub(super) compress: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub(super) force_rm: bool,
    /// Memory that a build container may use; the classic builder only
    #[arg(short, long, value_name = "BYTES")]
    pub(super) memory: Option<String>,
    /// Build every step anew
    #[arg(long)]
    pub(super) no_cache: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub(super) no_rm: bool,
    /// No effect
    #[arg(long, hide = true)]
    pub(super) parallel: bool,
    /// Print what would be built as a bake file
    #[arg(long)]
    pub(super) print: bool,
    /// Former place of the global flag
    #[arg(long, hide = true)]
    pub(super) progress: Option<String>,
    /// Add a provenance attestation
    #[arg(long, value_name = "VALUE")]
    pub(super) provenance: Option<String>,
    /// Look for newer versions of base images
    #[arg(long)]
    pub(super) pull: bool,
    /// Push the images afterwards
    #[arg(long)]
    pub(super) push: bool,
    /// Print nothing but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Add an SBOM attestation
    #[arg(long, value_name = "VALUE")]
    pub(super) sbom: Option<String>,
    /// Keys for builds: default, or ID=PATH
    #[arg(long, value_name = "KEY")]
    pub(super) ssh: Option<String>,
    /// Build the services that these depend on too
    #[arg(long)]
    pub(super) with_dependencies: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Builds images.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    if args.progress.is_some() {
        context.ui.status(&format!(
            "--progress is a global compose flag, better use `{} --progress xx build ...`",
            context.process.entry.typed
        ));
    }
    let options = options(args, &context.process.directory)?;
    let project = context.load_to_build(&args.services, !args.with_dependencies)?;
    let names = selected(&project, &args.services, args.with_dependencies);
    if names.is_empty() {
        return Ok(());
    }
    if args.print {
        print(&project, &names, options, context);
        return Ok(());
    }
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let builder = context.builder_with(&engine, options, args.builder.as_deref());
        let requests = requests(&builder, &project, &names)?;
        if context.global.dry_run {
            rehearse(context, &requests);
            return Ok(());
        }
        let silent = Filtered::silent(&context.ui);
        let report: &dyn Report = if args.quiet { &silent } else { &context.ui };
        if args.check {
            return check_all(&builder, &requests, report, context, &interrupt.graceful).await;
        }
        let mut notices = Notices::of_build(context, &project, &engine).only(&names);
        context.ui.begin("Building");
        let limit = context.global.parallel.unwrap_or(Semaphore::MAX_PERMITS);
        let needs = build::needs_between(requests.values());
        let build = build_all(&builder, requests, &needs, limit, report, &interrupt.graceful);
        let outcome = notices.meanwhile(build).await;
        notices.finish().await;
        context.ui.end();
        outcome
    })
}

/// Prints what would be built, and what the builds would tell (`--dry-run`).
fn rehearse(context: &Context, requests: &BTreeMap<String, BuildRequest>) {
    let lines: Vec<String> = requests
        .values()
        .map(|request| format!("build {}: {}", request.service, request.tags.join(", ")))
        .collect();
    let built = |request: &BuildRequest| {
        Event::new(Subject::Build(request.service.clone()), Status::Done, "Built")
    };
    context.print_plan(&lines.join("\n"), &requests.values().map(built).collect::<Vec<_>>());
}

/// Prints what would be built, as a bake file.
fn print(project: &Project, names: &BTreeSet<String>, options: BuildOptions, context: &Context) {
    let options = BuildOptions { version: labels::WRITTEN_VERSION.to_owned(), ..options };
    context.ui.print(&Bake::new(project, names, &options).to_json());
}

/// Prints what the builder says of each Dockerfile.
async fn check_all(
    builder: &ImageBuilder,
    requests: &BTreeMap<String, BuildRequest>,
    report: &dyn Report,
    context: &Context,
    cancel: &CancellationToken,
) -> Result {
    let checks = requests.values().map(|request| builder.check(request, report, cancel));
    let mut clean = true;
    for (request, outcome) in requests.values().zip(join_all(checks).await) {
        let checked = outcome.map_err(Failure::new)?;
        let told = match checked.warnings {
            0 => "Check complete, no warnings found.".to_owned(),
            1 => "Check complete, 1 warning has been found!".to_owned(),
            count => format!("Check complete, {count} warnings have been found!"),
        };
        context.ui.print(&format!("{}\n\n{told}\n", request.service));
        if !checked.text.is_empty() {
            context.ui.print(&format!("{}\n", checked.text));
        }
        clean &= checked.clean;
    }
    if clean { Ok(()) } else { Err(Failure::Status(1)) }
}

/// `directory` is where the command was given: paths of flags are relative to that.
fn options(args: &Args, directory: &Path) -> Result<BuildOptions> {
    let memory = match args.memory.as_deref() {
        None | Some("") => 0,
        Some(word) => match parse_bytes(word) {
            Ok(bytes) => bytes.0,
            Err(error) => {
                let flag = "-m, --memory";
                return Err(Failure::new(format!(
                    "invalid argument {word:?} for {flag:?} flag: {error}"
                )));
            }
        },
    };
    Ok(BuildOptions {
        args: build_arguments(&args.build_arg),
        ssh: args
            .ssh
            .as_deref()
            .map(|word| ssh_key(word, directory))
            .transpose()?
            .into_iter()
            .collect(),
        pull: args.pull,
        no_cache: args.no_cache,
        check: args.check,
        push: args.push,
        memory,
        provenance: args.provenance.clone(),
        sbom: args.sbom.clone(),
        ..BuildOptions::default()
    })
}

/// `default`, `ID=PATH`, or nothing for `default`.
fn ssh_key(word: &str, directory: &Path) -> Result<(String, String)> {
    match word.split_once('=') {
        Some((id, path)) => {
            Ok((id.to_owned(), directory.join(path).to_string_lossy().into_owned()))
        }
        None if word.is_empty() || word == "default" => Ok(("default".to_owned(), String::new())),
        None => Err(Failure::new(format!("invalid ssh key {word:?}"))
            .help("write `default` for your agent, or ID=PATH")),
    }
}

/// The services to build: those named that have a `build` section (all if none is named), on demand
/// with what they depend on.
fn selected(project: &Project, names: &[String], with_dependencies: bool) -> BTreeSet<String> {
    let mut open: Vec<String> = match names {
        [] => project.services.keys().cloned().collect(),
        names => names.to_vec(),
    };
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        if let (true, Some(service)) = (with_dependencies, project.services.get(&name)) {
            open.extend(service.depends_on.keys().cloned());
        }
    }
    seen.retain(|name| {
        let service = project.services.get(name).or(project.disabled_services.get(name));
        service.is_some_and(|service| service.build.is_some())
    });
    seen
}

/// A request for each service, and for those whose images they take as contexts.
fn requests(
    builder: &ImageBuilder,
    project: &Project,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, BuildRequest>> {
    let mut requests = BTreeMap::new();
    let mut open: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = open.pop() {
        if requests.contains_key(&name) {
            continue;
        }
        let request = builder.request(project, &name).map_err(Failure::new)?;
        open.extend(request.needs().map(str::to_owned));
        requests.insert(name, request);
    }
    Ok(requests)
}

/// Builds side by side, at most `limit` at once, each after the images that it needs. The first
/// failure calls the others off.
async fn build_all(
    builder: &ImageBuilder,
    mut requests: BTreeMap<String, BuildRequest>,
    needs: &BTreeMap<String, BTreeSet<String>>,
    limit: usize,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> Result {
    let slots = Semaphore::new(limit);
    let cancel = cancel.child_token();
    while !requests.is_empty() {
        let (ready, waiting): (BTreeMap<_, _>, BTreeMap<_, _>) = {
            let names: BTreeSet<String> = requests.keys().cloned().collect();
            requests.into_iter().partition(|(name, _)| {
                needs.get(name).is_none_or(|needed| needed.is_disjoint(&names))
            })
        };
        if ready.is_empty() {
            let names: Vec<String> = waiting.into_keys().collect();
            let names = names.join(", ");
            return Err(Failure::new(format!("builds need each other's images: {names}")));
        }
        let builds = ready.values().map(|request| async {
            let _slot = slots.acquire().await.ok();
            let outcome = build(builder, request, report, &cancel).await;
            if outcome.is_err() {
                cancel.cancel();
            }
            outcome
        });
        // Of several errors the one that came first is told; the others are its consequences.
        let outcomes = join_all(builds).await;
        let failed = outcomes.into_iter().filter_map(std::result::Result::err);
        if let Some(message) = failed.min_by_key(|message| message == "canceled") {
            return Err(Failure::new(message));
        }
        requests = waiting;
    }
    Ok(())
}

async fn build(
    builder: &ImageBuilder,
    request: &BuildRequest,
    report: &dyn Report,
    cancel: &CancellationToken,
) -> std::result::Result<(), String> {
    let image = request.tags.last().cloned().unwrap_or_default();
    let tell = |status, text: &str| {
        let subject = Subject::Build(request.service.clone());
        report.event(Event::new(subject, status, text).details(image.clone()));
    };
    tell(Status::Working, "Building");
    let outcome = builder.carry_out(request, report, cancel).await;
    match &outcome {
        Ok(()) => tell(Status::Done, "Built"),
        Err(_) => tell(Status::Error, "Error"),
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_agent_or_a_file() {
        let key = |word: &str| ssh_key(word, Path::new("/here"));
        assert_eq!(key("").unwrap(), ("default".to_owned(), String::new()));
        assert_eq!(key("default").unwrap(), ("default".to_owned(), String::new()));
        assert_eq!(key("k=/a/b").unwrap(), ("k".to_owned(), "/a/b".to_owned()));
        assert_eq!(key("k=b").unwrap(), ("k".to_owned(), "/here/b".to_owned()));
        assert!(key("foo").is_err());
    }
}
