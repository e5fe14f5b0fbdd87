//! `top`: the processes of running containers. A list, and one call for each container, side by
//! side.

use futures_util::future::join_all;
use indexmap::IndexSet;

use super::context::Context;
use super::failure::Result;
use super::runtime::Signals;
use crate::engine::EngineError;
use crate::engine::api::Processes;
use crate::stack::StackError;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::ui::{Layout, Stream, columns};

/// The flags of `top`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// Lists processes.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let scope = context.named_scope()?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let filter =
            Filter { services: args.services.clone(), all: false, one_off: OneOff::Include };
        let mut containers = query::containers(&*engine, scope.name(), &filter).await?;
        scope.tell_unknown(&args.services, context);
        containers.sort_by(|left, right| left.name.cmp(&right.name));
        let calls = containers.iter().map(|container| engine.processes(&container.id));
        let mut rows = Vec::new();
        for (container, answer) in containers.iter().zip(join_all(calls).await) {
            match answer {
                Ok(processes) => rows.push((container, processes)),
                // It stopped or went away since it was listed.
                Err(EngineError::NotFound(_) | EngineError::Conflict(_)) => {}
                Err(error) => return Err(StackError::from(error).into()),
            }
        }
        context.ui.write(Stream::Stdout, text(&rows));
        Ok(())
    })
}

/// The rows below the words of all of them, the command line last. Nothing where nothing runs.
fn text(containers: &[(&ProjectContainer, Processes)]) -> String {
    if containers.iter().all(|(_, answer)| answer.processes.is_empty()) {
        return String::new();
    }
    let mut titles: IndexSet<&str> = IndexSet::new();
    for (_, answer) in containers {
        titles.extend(answer.titles.iter().map(String::as_str));
    }
    if titles.shift_remove("CMD") {
        titles.insert("CMD");
    }
    let header: String = titles.iter().flat_map(|title| ["\t", title]).collect();
    let mut text = format!("SERVICE\t#{header}\n");
    for (container, answer) in containers {
        let number = container.label(crate::stack::labels::CONTAINER_NUMBER);
        for process in &answer.processes {
            text.extend([&container.service, "\t", number]);
            for title in &titles {
                let column = answer.titles.iter().position(|own| own == title);
                let cell = column.and_then(|column| process.get(column));
                text.push('\t');
                text.push_str(cell.map_or("-", String::as_str));
            }
            text.push('\n');
        }
    }
    columns(&text, Layout::PROCESSES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::ContainerSummary;
    use crate::stack::labels;

    fn container(service: &str, number: &str) -> ProjectContainer {
        ProjectContainer::new(ContainerSummary {
            labels: [
                (labels::SERVICE.to_owned(), service.to_owned()),
                (labels::CONTAINER_NUMBER.to_owned(), number.to_owned()),
            ]
            .into(),
            ..ContainerSummary::default()
        })
    }

    fn processes(titles: &[&str], rows: &[&[&str]]) -> Processes {
        let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        Processes { titles: owned(titles), processes: rows.iter().map(|row| owned(row)).collect() }
    }

    #[test]
    fn columns_of_all_containers_stand_side_by_side() {
        let (web, db) = (container("web", "1"), container("database", "12"));
        let rows = [
            (
                &web,
                processes(&["UID", "PID", "CMD"], &[&["root", "7", "sh"], &["root", "71", "ls"]]),
            ),
            (&db, processes(&["PID", "TTY", "CMD"], &[&["9", "?", "postgres"]])),
        ];
        assert_eq!(
            text(&rows),
            "SERVICE   #   UID   PID  TTY  CMD\n\
             web       1   root  7    -    sh\n\
             web       1   root  71   -    ls\n\
             database  12  -     9    ?    postgres\n"
        );
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[(&web, processes(&["PID"], &[]))]), "");
    }
}
