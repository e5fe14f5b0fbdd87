//! `graph`: services, who needs whom, their networks, and how each is.

use std::path::PathBuf;

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use super::whole;
use crate::compose::model::{DependencyCondition, Project};
use crate::graph::Dependencies;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::ui::Stream;
use crate::ui::drawing::{self, Mood, Need, Node, Picture, State};

/// The flags of `graph`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// How it is drawn: tree, mermaid, dot, svg or json
    #[arg(long, value_name = "FORMAT", default_value = "tree")]
    pub(super) format: String,
    /// Ask no engine how the services are
    #[arg(long)]
    pub(super) offline: bool,
    /// Draw it into a file
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Services, with what they need; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Draws the project.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let draw = match args.format.as_str() {
        "tree" => |picture: &Picture, columns, colour| drawing::tree(picture, columns, colour),
        "mermaid" => |picture: &Picture, _, _| drawing::mermaid(picture),
        "dot" => |picture: &Picture, _, _| drawing::dot(picture),
        "svg" => |picture: &Picture, _, _| drawing::svg(picture),
        "json" => |picture: &Picture, _, _| json(picture),
        other => {
            return Err(Failure::new(format!("unsupported format {other:?}"))
                .help("the formats are tree, mermaid, dot, svg and json"));
        }
    };
    let project = context.load(&args.services, false)?;
    let mut picture = picture(&project);
    if !args.offline {
        let mut containers = None;
        let asked = context.with_engine(Signals::Drop, async |engine, _| {
            let filter = Filter { all: true, one_off: OneOff::Exclude, services: Vec::new() };
            containers = Some(query::containers(&*engine, &project.name, &filter).await?);
            Ok(())
        });
        match (containers, asked) {
            (Some(containers), _) => picture.services.iter_mut().for_each(|service| {
                service.state = Some(state(&project, &service.name, &containers));
            }),
            (None, Err(Failure::Message { message, .. })) => {
                let reason = message.lines().next().unwrap_or_default();
                context.ui.information(&format!("drawn without states: {reason}"));
            }
            (None, other) => return other,
        }
    }
    let colour = context.ui.appearance().colour_stdout && args.output.is_none();
    let columns = context.columns().filter(|_| args.output.is_none());
    let drawn = draw(&picture, columns, colour);
    let Some(path) = &args.output else {
        context.ui.write(Stream::Stdout, drawn);
        return Ok(());
    };
    whole::write(path, &drawn)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

fn json(picture: &Picture) -> String {
    let text = serde_json::to_string_pretty(picture);
    text.expect("strings and lists always serialise") + "\n"
}

/// What the files say.
fn picture(project: &Project) -> Picture {
    let order = Dependencies::of(&project.services);
    let mut picture = Picture { project: project.name.clone(), ..Picture::default() };
    for name in order.order() {
        let Some(service) = project.services.get(name) else { continue };
        let networks: Vec<String> = service.networks.keys().cloned().collect();
        for network in &networks {
            if !picture.networks.contains(network) {
                picture.networks.push(network.clone());
            }
        }
        for (needs, how) in &service.depends_on {
            if project.services.contains_key(needs) {
                picture.needs.push(Need {
                    service: name.to_owned(),
                    needs: needs.clone(),
                    condition: match how.condition {
                        DependencyCondition::ServiceStarted => "started",
                        DependencyCondition::ServiceHealthy => "healthy",
                        DependencyCondition::ServiceCompletedSuccessfully => "completed",
                    },
                    optional: !how.required,
                });
            }
        }
        picture.services.push(Node { name: name.to_owned(), networks, state: None });
    }
    picture.networks.sort();
    picture
}

/// How a service is, by its containers.
fn state(project: &Project, service: &str, containers: &[ProjectContainer]) -> State {
    let own: Vec<&ProjectContainer> =
        containers.iter().filter(|container| container.service == service).collect();
    let running = own.iter().filter(|container| container.is_running()).count();
    let wanted = project.services.get(service).map_or(1, wanted).max(own.len());
    let unhealthy = own.iter().any(|container| container.health() == Some("unhealthy"));
    let starting = own.iter().any(|container| container.health() == Some("starting"));
    let healthy = own.iter().any(|container| container.health() == Some("healthy"));
    let health = match (unhealthy, starting, healthy) {
        (true, ..) => ", unhealthy",
        (_, true, _) => ", starting",
        (_, _, true) => ", healthy",
        _ => "",
    };
    match own.first() {
        None => State { text: "not created".to_owned(), mood: Mood::Absent },
        Some(_) if running > 0 => {
            let text = if running == wanted && wanted == 1 {
                format!("running{health}")
            } else if running == wanted {
                format!("{running} running{health}")
            } else {
                format!("{running} of {wanted} running{health}")
            };
            let mood = match (unhealthy, running == wanted && !starting) {
                (true, _) => Mood::Failed,
                (_, true) => Mood::Well,
                _ => Mood::Partly,
            };
            State { text, mood }
        }
        Some(first) => {
            let state = first.summary.state.as_str();
            let code = exit_code(&first.summary.status);
            match (state, code) {
                ("exited" | "dead", Some(0)) => {
                    State { text: "completed".to_owned(), mood: Mood::Completed }
                }
                ("exited" | "dead", Some(code)) => {
                    State { text: format!("{state} ({code})"), mood: Mood::Failed }
                }
                ("restarting", _) => State { text: state.to_owned(), mood: Mood::Failed },
                _ => State { text: state.to_owned(), mood: Mood::Absent },
            }
        }
    }
}

fn wanted(service: &crate::compose::model::Service) -> usize {
    let deploy = service.deploy.as_ref().and_then(|deploy| deploy.replicas);
    usize::try_from(service.scale.or(deploy).unwrap_or(1)).unwrap_or(1)
}

/// `Exited (1) 2 minutes ago`.
fn exit_code(status: &str) -> Option<i64> {
    status.split_once('(')?.1.split_once(')')?.0.parse().ok()
}
