//! `viz`: services and what they depend on, as a drawing for Graphviz.

use std::fmt::Write as _;

use super::context::Context;
use super::failure::{Failure, Result};
use crate::compose::model::{Project, Service};
use crate::stack::desired::image_name;

/// The flags of `viz`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Name the images
    #[arg(long)]
    image: bool,
    /// Tabs or spaces that a line is indented by
    #[arg(long, value_name = "N", default_value = "1", value_parser = super::flags::integer)]
    indentation_size: i64,
    /// Name the networks
    #[arg(long)]
    networks: bool,
    /// Name the ports
    #[arg(long)]
    ports: bool,
    /// Indent by spaces instead of tabs
    #[arg(long)]
    spaces: bool,
    /// Docker Compose takes words and makes nothing of them
    #[arg(hide = true)]
    ignored: Vec<String>,
}

/// Prints the drawing.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let size = usize::try_from(args.indentation_size).map_err(|_| {
        Failure::new(format!("invalid indentation size: {}", args.indentation_size))
    })?;
    let indentation = if args.spaces { " " } else { "\t" }.repeat(size);
    let project = context.load(&[], false)?;
    context.ui.print(&drawn(&project, args, &indentation));
    Ok(())
}

fn drawn(project: &Project, args: &Args, indentation: &str) -> String {
    let mut text = format!("digraph {} {{\n{indentation}layout=dot;\n", quoted(&project.name));
    // Writing to a string cannot fail.
    for service in project.services.values() {
        let label = label(project, service, args);
        let name = quoted(&service.name);
        let _ = writeln!(text, "{indentation}{name} [style=\"filled\" label=<{label}>];");
    }
    text.push('\n');
    for service in project.services.values() {
        for dependency in service.depends_on.keys() {
            let (from, to) = (quoted(&service.name), quoted(dependency));
            let _ = writeln!(text, "{indentation}{from} -> {to};");
        }
    }
    text + "}\n"
}

fn label(project: &Project, service: &Service, args: &Args) -> String {
    let mut label = format!("<font point-size=\"15\">{}</font>", escaped(&service.name));
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(label, "<font point-size=\"10\"><br/><br/><b>{title}:</b>");
            for line in &lines {
                let _ = write!(label, "<br/>{}", escaped(line));
            }
            label.push_str("</font>");
        }
    };
    if args.networks {
        section("Networks", service.networks.keys().cloned().collect());
    }
    if args.ports {
        let ports = service.ports.iter().map(|port| {
            let host =
                if port.host_ip.is_empty() { String::new() } else { format!("{}:", port.host_ip) };
            let (published, target) = (&port.published, port.target);
            format!("{host}{published}:{target} ({}, {})", port.protocol, port.mode)
        });
        section("Ports", ports.collect());
    }
    if args.image {
        section("Image", vec![image_name(project, service)]);
    }
    label
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\\\""))
}

/// Text in Graphviz's HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
