//! Services as a picture: who needs whom, who is on which network, and how each is. [`tree`] is for a
//! terminal, [`mermaid`] and [`dot`] for other programs, [`svg`] for looking at. Pure.

mod dot;
mod mermaid;
mod places;
mod svg;
mod tree;

use serde::Serialize;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;
pub use tree::tree;

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Picture {
    /// Name of the project.
    pub project: String,
    /// Services, dependencies first.
    pub services: Vec<Node>,
    /// Who needs whom.
    pub needs: Vec<Need>,
    /// Networks that services are on, by key.
    pub networks: Vec<String>,
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Node {
    /// Name.
    pub name: String,
    /// The networks it is on, by key.
    pub networks: Vec<String>,
    /// How it is; `None` when no engine was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

/// How a service is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// In a few words: `running`, `2 of 3 running, healthy`, `exited (1)`.
    pub text: String,
    /// Whether that is well.
    pub mood: Mood,
}

/// Whether a state is well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// It has no container, or one that was not started.
    #[default]
    Absent,
    /// It runs, and is healthy if it is probed.
    Well,
    /// It starts, or not all of it runs.
    Partly,
    /// It completed.
    Completed,
    /// It failed.
    Failed,
}

/// One service needs another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Need {
    /// Who.
    pub service: String,
    /// What it needs.
    pub needs: String,
    /// What that must have become: `started`, `healthy`, `completed`.
    pub condition: &'static str,
    /// Whether it goes without, too.
    pub optional: bool,
}

impl Need {
    /// The condition in words: `healthy, optional`.
    fn words(&self) -> String {
        let optional = if self.optional { ", optional" } else { "" };
        format!("{}{optional}", self.condition)
    }
}

impl Picture {
    fn service(&self, name: &str) -> Option<&Node> {
        self.services.iter().find(|service| service.name == name)
    }

    /// What a service needs.
    fn needs_of<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Need> {
        self.needs.iter().filter(move |need| need.service == service)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A shop: `web` and `worker` need `db`, and `worker` also a job.
    pub(in crate::ui) fn shop() -> Picture {
        let state = |text: &str, mood| Some(State { text: text.to_owned(), mood });
        let service = |name: &str, networks: &[&str], state| Node {
            name: name.to_owned(),
            networks: networks.iter().map(|network| (*network).to_owned()).collect(),
            state,
        };
        let need = |service: &str, needs: &str, condition, optional| Need {
            service: service.to_owned(),
            needs: needs.to_owned(),
            condition,
            optional,
        };
        Picture {
            project: "shop".into(),
            services: vec![
                service("db", &["back"], state("running, healthy", Mood::Well)),
                service("migrate", &["back"], state("exited (1)", Mood::Failed)),
                service("web", &["back", "front"], state("2 of 3 running", Mood::Partly)),
                service("worker", &["back"], state("not created", Mood::Absent)),
            ],
            needs: vec![
                need("migrate", "db", "healthy", false),
                need("web", "db", "healthy", false),
                need("worker", "migrate", "completed", false),
                need("worker", "db", "started", true),
            ],
            networks: vec!["back".into(), "front".into()],
        }
    }
}
