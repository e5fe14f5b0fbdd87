//! `ls`: the projects that an engine has. One call: their containers' labels say it all.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex_lite::Regex;
use serde::Serialize;

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::Signals;
use crate::engine::Engine;
use crate::engine::api::{ContainerFilter, ContainerSummary};
use crate::stack::progress::Report;
use crate::stack::{StackError, labels};
use crate::ui::{Layout, Stream, Ui, table};

/// The flags of `ls`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Projects of which nothing runs, too
    #[arg(short, long)]
    all: bool,
    /// Only those with a property: name=NAME or a regular expression (repeatable)
    #[arg(long, value_name = "FILTER", value_parser = filter)]
    filter: Vec<(String, String)>,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: String,
    /// Only names
    #[arg(short, long)]
    quiet: bool,
}

/// A project.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
    status: String,
    config_files: String,
}

/// Lists projects.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    if let Some((name, _)) = args.filter.iter().find(|(name, _)| name != "name") {
        return Err(
            Failure::new(format!("invalid filter '{name}'")).help("the only filter is name=NAME")
        );
    }
    let format = Format::parse(&args.format)?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let filter = ContainerFilter {
            labels: vec![labels::PROJECT.to_owned(), labels::CONFIG_HASH.to_owned()],
            all: args.all,
            ..ContainerFilter::default()
        };
        let containers = engine.list_containers(&filter).await.map_err(StackError::from)?;
        let mut projects = projects(&containers, &context.ui);
        projects.retain(|project| is_wanted(&project.name, &args.filter));
        let text = if args.quiet {
            projects.iter().flat_map(|project| [project.name.as_str(), "\n"]).collect()
        } else {
            format.write(&projects)
        };
        context.ui.write(Stream::Stdout, text);
        Ok(())
    })
}

/// How rows that are no templates' are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Columns below a header.
    Table,
    /// One JSON array.
    Json,
}

impl Format {
    /// Reads the value of `--format`.
    pub(super) fn parse(word: &str) -> Result<Self> {
        match word.to_lowercase().as_str() {
            "" | "table" | "pretty" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            _ => Err(Failure::new(format!(
                "format value {word:?} could not be parsed: parsing failed"
            ))
            .help("the formats are table and json")),
        }
    }

    fn write(self, projects: &[Listed]) -> String {
        if self == Self::Json {
            // Texts in a list: there is nothing in it that JSON has not.
            return serde_json::to_string(projects).unwrap_or_default() + "\n";
        }
        let header = ["NAME", "STATUS", "CONFIG FILES"].map(str::to_owned).to_vec();
        let rows = projects.iter().map(|project| {
            vec![project.name.clone(), project.status.clone(), project.config_files.clone()]
        });
        table(&std::iter::once(header).chain(rows).collect::<Vec<_>>(), Layout::LISTING)
    }
}

/// `name=value`.
fn filter(word: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = word.split_once('=').ok_or("bad format of filter (expected name=value)")?;
    Ok((name.trim().to_lowercase(), value.trim().to_owned()))
}

/// Whether one of the filters is the name, or matches anywhere in it.
fn is_wanted(name: &str, filters: &[(String, String)]) -> bool {
    filters.is_empty()
        || filters.iter().any(|(_, pattern)| {
            pattern == name || Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name))
        })
}

/// The projects that containers belong to, by name.
fn projects(containers: &[Arc<ContainerSummary>], ui: &Ui) -> Vec<Listed> {
    let mut projects: BTreeMap<&str, Vec<&ContainerSummary>> = BTreeMap::new();
    for container in containers {
        let name = container.labels.get(labels::PROJECT).map_or("", String::as_str);
        projects.entry(name).or_default().push(container);
    }
    projects
        .into_iter()
        .map(|(name, containers)| {
            let config_files = config_files(&containers).unwrap_or_else(|id| {
                Report::warning(
                    ui,
                    &format!(
                        "no label {:?} set on container {id:?} of compose project",
                        labels::CONFIG_FILES
                    ),
                );
                "N/A".to_owned()
            });
            Listed { name: name.to_owned(), status: status(&containers), config_files }
        })
        .collect()
}

/// `exited(1), running(2)`.
fn status(containers: &[&ContainerSummary]) -> String {
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for container in containers {
        *states.entry(&container.state).or_default() += 1;
    }
    let states: Vec<String> =
        states.iter().map(|(state, count)| format!("{state}({count})")).collect();
    states.join(", ")
}

/// All files that the containers were made from; or the id of one that does not say.
fn config_files(containers: &[&ContainerSummary]) -> std::result::Result<String, String> {
    let mut files: Vec<&str> = Vec::new();
    for container in containers {
        let label = container.labels.get(labels::CONFIG_FILES).ok_or(&container.id)?;
        for file in label.split(',') {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    Ok(files.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_names_or_patterns() {
        let named = |pattern: &str| vec![("name".to_owned(), pattern.to_owned())];
        for (pattern, wanted) in
            [("shop", true), ("ho", true), ("^s.*p$", true), ("^ho", false), ("[", false)]
        {
            assert_eq!(is_wanted("shop", &named(pattern)), wanted, "{pattern}");
        }
        assert!(is_wanted("shop", &[]));
        assert_eq!(filter(" Name = x "), Ok(("name".to_owned(), "x".to_owned())));
        assert_eq!(filter("x").unwrap_err(), "bad format of filter (expected name=value)");
    }

    #[test]
    fn a_project_has_the_states_and_files_of_its_containers() {
        let container = |state: &str, files: Option<&str>| ContainerSummary {
            id: "c1".to_owned(),
            state: state.to_owned(),
            labels: files
                .map(|files| (labels::CONFIG_FILES.to_owned(), files.to_owned()))
                .into_iter()
                .collect(),
            ..ContainerSummary::default()
        };
        let (up, down, bare) = (
            container("running", Some("/a.yaml,/b.yaml")),
            container("exited", Some("/b.yaml")),
            container("running", None),
        );
        assert_eq!(status(&[&up, &down, &up]), "exited(1), running(2)");
        assert_eq!(config_files(&[&up, &down]).as_deref(), Ok("/a.yaml,/b.yaml"));
        assert_eq!(config_files(&[&up, &bare]), Err("c1".to_owned()));
    }
}
