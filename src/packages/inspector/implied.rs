//! Follows what packages need in turn, which no file says: the metadata of releases, as far as indexes offer it.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use pep440_rs::VersionSpecifiers;
use tokio::time::{Instant, timeout_at};

use super::super::report::LATE;
use super::Inspector;
use super::answers::Answers;
use super::gathered::{Candidate, Gathered, Group};
use crate::packages::index::{Answer, Needs};
use crate::packages::python::judge::Sides;
use crate::packages::python::requirement::Wanted;
use crate::packages::python::resolution::{Implied, Question, Resolution};
use crate::packages::report::Note;

/// What requirements need in turn.
pub(super) struct Followed {
    /// What indexes said of projects.
    pub(super) pages: Vec<((String, String), Answer)>,
    /// What was found.
    pub(super) found: Found,
    /// The packages of which no index tells what they need.
    pub(super) untold: Vec<String>,
}

/// What is to be judged besides what files ask for.
#[derive(Default)]
pub(super) struct Found {
    implied: Vec<Candidate>,
    /// What is asked of packages that files ask for: the requirement, and the limit.
    limits: Vec<(Wanted, VersionSpecifiers)>,
    notes: Vec<Note>,
}

/// Why it is not known what a release needs.
enum Untold {
    /// The index does not offer it.
    NotOffered,
    /// It could not be asked.
    Failed(String),
}

impl Inspector {
    /// Follows what one call of an installer asks for.
    pub(super) async fn follow(
        &self,
        group: &Group,
        sides: Sides<'_>,
        user: &Answers,
        deadline: Instant,
    ) -> Followed {
        let Group { wanted, constraints, forms, options, .. } = group;
        let mut resolution = Resolution::new(wanted, constraints, forms.clone());
        let (mut answers, urls) = (user.clone(), user.urls(options));
        let (mut pages, mut untold) = (Vec::new(), BTreeMap::new());
        loop {
            let open = resolution.open();
            if open.is_empty() {
                break;
            }
            let asked =
                open.iter().flat_map(|name| urls.iter().map(|url| (url.clone(), name.clone())));
            let told = self.pages(asked.collect(), deadline).await;
            answers.extend(told.iter().cloned());
            pages.extend(told);
            let mut questions = Vec::new();
            for name in open {
                match answers.releases(options, &name) {
                    Ok(releases) => questions.extend(resolution.take(&name, &releases, sides)),
                    // It is judged so.
                    Err(_) => resolution.give_up(&name),
                }
            }
            let needs = questions.into_iter().map(|question| self.needs(question, deadline));
            for (name, needs) in join_all(needs).await {
                untold.remove(&name);
                let why = match needs {
                    Some(Ok(needs)) => {
                        resolution.enter(&name, &needs, constraints, sides);
                        continue;
                    }
                    Some(Err(reason)) => Untold::Failed(reason),
                    None => Untold::NotOffered,
                };
                untold.insert(name, why);
            }
        }
        let has_extras = |name: &str| {
            wanted.iter().any(|it| it.requirement.name == name && !it.requirement.extras.is_empty())
        };
        let notes =
            untold.iter().filter_map(|(name, why)| note(&resolution, name, why, has_extras(name)));
        let mut notes: Vec<Note> = notes.collect();
        if resolution.is_cut()
            && let Some(first) = wanted.first()
        {
            let message = "it comes to more packages than are looked at".to_owned();
            notes.push(Note { message, place: first.place.clone() });
        }
        let is_untold = |(_, why): &(&String, &Untold)| matches!(why, Untold::NotOffered);
        let names = untold.iter().filter(is_untold).map(|(name, _)| titled(&resolution, name));
        let untold = names.collect();
        Followed { pages, found: Found::of(&resolution, group, notes), untold }
    }

    /// What a release needs; nothing where that is not offered.
    async fn needs(&self, question: Question, deadline: Instant) -> (String, Option<Needs>) {
        let Question { name, metadata } = question;
        let Some(url) = metadata else { return (name, None) };
        let needs = timeout_at(deadline, self.index.needs(&url)).await;
        (name, Some(needs.unwrap_or_else(|_| Err(LATE.to_owned()))))
    }
}

/// A project with its version.
fn titled(resolution: &Resolution, name: &str) -> String {
    match resolution.version(name) {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

/// What most packages need exists everywhere, so that an index which tells nothing of it is no reason to doubt. Extras are
/// asked for because of what they bring.
fn note(resolution: &Resolution, name: &str, why: &Untold, has_extras: bool) -> Option<Note> {
    let title = titled(resolution, name);
    let message = match why {
        Untold::Failed(reason) => format!("what {title} needs is not known: {reason}"),
        Untold::NotOffered if has_extras => {
            format!("what the extras of {title} bring is not known: its index does not tell")
        }
        Untold::NotOffered => return None,
    };
    Some(Note { message, place: resolution.place(name)?.clone() })
}

impl Found {
    fn of(resolution: &Resolution, group: &Group, notes: Vec<Note>) -> Self {
        let candidate = |implied| {
            let Implied { wanted, limits, by } = implied;
            Candidate {
                wanted,
                implied_by: Some(by),
                listed: None,
                limits,
                forms: group.forms.clone(),
                options: group.options.clone(),
                sides: group.sides,
            }
        };
        let limits = group.wanted.iter().filter_map(|wanted| {
            Some((wanted.clone(), resolution.limit(&wanted.requirement.name)?))
        });
        Self {
            implied: resolution.implied().map(candidate).collect(),
            limits: limits.collect(),
            notes,
        }
    }
}

impl Gathered {
    /// Takes up what requirements need in turn.
    pub(super) fn enter(&mut self, found: Found) {
        let Found { implied, limits, notes } = found;
        for (wanted, limit) in limits {
            let asked = self.candidates.iter_mut().filter(|it| it.wanted == wanted);
            asked.for_each(|candidate| candidate.limits.push(limit.clone()));
        }
        self.candidates.extend(implied);
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }
}
