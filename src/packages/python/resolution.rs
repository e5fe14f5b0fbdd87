//! What requirements need in turn: which projects, in which versions. Pure; who asks the index is
//! [`crate::packages::inspector`].
//!
//! It is a simple resolution, in rounds: of each project the newest release is taken that suits all that was asked of it
//! by then, and what that release needs is asked of others. What was taken is taken anew where later requirements do
//! not allow it; what it needed stays asked for. So nothing is tried out, and where no release suits
//! everybody, that is said.

use std::collections::BTreeMap;

use pep440_rs::VersionSpecifiers;

use super::judge::{Forms, Sides, taken};
use super::releases::Release;
use super::requirement::{From, Requirement, Wanted};
use crate::platform::subject::Place;

/// How many projects are looked at.
const PROJECTS: usize = 400;
/// How often what was taken is looked at again.
const ROUNDS: usize = 40;

/// The projects that some requirements come to.
#[derive(Debug)]
pub(in crate::packages) struct Resolution {
    forms: Forms,
    projects: BTreeMap<String, Project>,
    rounds: usize,
    is_cut: bool,
}

/// A project that somebody asks for.
#[derive(Debug)]
struct Project {
    /// What is asked of it, all in one.
    asked: Requirement,
    /// Who asked first, where that is no file.
    asked_by: Option<String>,
    /// The line that leads here.
    place: Place,
    /// What constraints say.
    limits: Vec<VersionSpecifiers>,
    /// The release that was taken, and the extras that were wanted of it.
    taken: Option<(String, Vec<String>)>,
    /// Whether its release is to be looked for.
    is_open: bool,
}

/// What a release is to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Question {
    /// The project.
    pub(in crate::packages) name: String,
    /// Where the metadata of the release is; `None` where none is offered.
    pub(in crate::packages) metadata: Option<String>,
}

/// A project that no file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Implied {
    /// What is asked of it, all in one, with the line that leads there.
    pub(in crate::packages) wanted: Wanted,
    /// What constraints say.
    pub(in crate::packages) limits: Vec<VersionSpecifiers>,
    /// The project that asks for it.
    pub(in crate::packages) by: String,
}

impl Resolution {
    /// Begins with what files ask for, as far as it counts for a target; constraints limit versions.
    pub(in crate::packages) fn new(
        wanted: &[Wanted],
        constraints: &[Requirement],
        forms: Forms,
    ) -> Self {
        let mut resolution = Self { forms, projects: BTreeMap::new(), rounds: 0, is_cut: false };
        for Wanted { requirement, place, .. } in wanted {
            resolution.ask(requirement.clone(), None, place, constraints);
        }
        resolution
    }

    /// The projects whose releases must be known now, in a round of their own; none at the end.
    pub(in crate::packages) fn open(&mut self) -> Vec<String> {
        self.rounds += 1;
        if self.rounds > ROUNDS {
            return Vec::new();
        }
        let open = self.projects.iter().filter(|(_, project)| project.is_open);
        open.map(|(name, _)| name.clone()).collect()
    }

    /// Takes the best release of a project. What must be asked then, if that was not taken before; nothing where
    /// no release suits.
    pub(in crate::packages) fn take(
        &mut self,
        name: &str,
        releases: &[Release],
        sides: Sides<'_>,
    ) -> Option<Question> {
        let project = self.projects.get_mut(name)?;
        project.is_open = false;
        let limits: Vec<_> = project.limits.iter().collect();
        let Some(release) = taken(&project.asked, &limits, releases, &self.forms, sides) else {
            project.taken = None;
            return None;
        };
        let now = (release.version.clone(), project.asked.extras.clone());
        if project.taken.as_ref() == Some(&now) {
            return None;
        }
        project.taken = Some(now);
        Some(Question { name: name.to_owned(), metadata: release.metadata.clone() })
    }

    /// Takes note that the releases of a project are not known.
    pub(in crate::packages) fn give_up(&mut self, name: &str) {
        if let Some(project) = self.projects.get_mut(name) {
            project.is_open = false;
        }
    }

    /// Asks for what the release of a project needs on a target.
    pub(in crate::packages) fn enter(
        &mut self,
        name: &str,
        needs: &[String],
        constraints: &[Requirement],
        sides: Sides<'_>,
    ) {
        let Some(project) = self.projects.get(name) else { return };
        let (place, extras) = (project.place.clone(), project.asked.extras.clone());
        for requirement in needs.iter().filter_map(|text| Requirement::parse(text)) {
            let marker = requirement.marker.as_ref();
            if marker.is_none_or(|marker| marker.may_hold(sides.native, &extras)) {
                self.ask(requirement, Some(name), &place, constraints);
            }
        }
    }

    fn ask(
        &mut self,
        requirement: Requirement,
        by: Option<&str>,
        place: &Place,
        constraints: &[Requirement],
    ) {
        let Some(project) = self.projects.get_mut(&requirement.name) else {
            if self.projects.len() >= PROJECTS {
                self.is_cut = true;
                return;
            }
            let of_it = constraints.iter().filter(|it| it.name == requirement.name);
            let limits = of_it.filter_map(|it| specifiers(it).cloned()).collect();
            let project = Project {
                is_open: specifiers(&requirement).is_some(),
                asked_by: by.map(str::to_owned),
                place: place.clone(),
                limits,
                taken: None,
                asked: Requirement { marker: None, ..requirement.clone() },
            };
            self.projects.insert(requirement.name, project);
            return;
        };
        let (From::Index(known), From::Index(more)) = (&project.asked.from, &requirement.from)
        else {
            // What comes from elsewhere is what it is.
            return;
        };
        let new: Vec<_> =
            more.iter().filter(|it| !known.iter().any(|other| other == *it)).collect();
        let extras = requirement.extras.into_iter();
        let extras: Vec<_> = extras.filter(|it| !project.asked.extras.contains(it)).collect();
        project.is_open |= !new.is_empty() || !extras.is_empty();
        project.asked.extras.extend(extras);
        project.asked.from = From::Index(known.iter().chain(new).cloned().collect());
    }

    /// Whether there were more projects than are looked at.
    pub(in crate::packages) fn is_cut(&self) -> bool {
        self.is_cut || self.rounds > ROUNDS
    }

    /// The project's version that was taken.
    pub(in crate::packages) fn version(&self, name: &str) -> Option<&str> {
        self.projects.get(name)?.taken.as_ref().map(|(version, _)| version.as_str())
    }

    /// The line that leads to a project.
    pub(in crate::packages) fn place(&self, name: &str) -> Option<&Place> {
        self.projects.get(name).map(|project| &project.place)
    }

    /// What others ask of a project that a file asks for, if its release suits all of them.
    pub(in crate::packages) fn limit(&self, name: &str) -> Option<VersionSpecifiers> {
        let project = self.projects.get(name).filter(|project| project.asked_by.is_none())?;
        project.taken.as_ref()?;
        specifiers(&project.asked).cloned()
    }

    /// The projects that no file asks for, by their names.
    pub(in crate::packages) fn implied(&self) -> impl Iterator<Item = Implied> {
        self.projects.values().filter_map(|project| {
            let by = project.asked_by.clone()?;
            let Requirement { name, .. } = &project.asked;
            let text = match &project.asked.from {
                From::Index(specifiers) if specifiers.is_empty() => name.clone(),
                From::Index(specifiers) => format!("{name}{specifiers}"),
                From::Wheel(file) => format!("{name} @ {file}"),
                From::Source => name.clone(),
            };
            let requirement = project.asked.clone();
            let wanted = Wanted { requirement, text, place: project.place.clone() };
            Some(Implied { wanted, limits: project.limits.clone(), by })
        })
    }
}

fn specifiers(requirement: &Requirement) -> Option<&VersionSpecifiers> {
    match &requirement.from {
        From::Index(specifiers) => Some(specifiers),
        From::Wheel(_) | From::Source => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::tests::target;
    use super::*;

    fn release(version: &str) -> Release {
        Release {
            version: version.to_owned(),
            metadata: Some(format!("m-{version}")),
            wheels: vec!["py3-none-any".to_owned()],
            ..Release::default()
        }
    }

    /// Packages, their versions, newest first, and what each of these needs.
    type Index<'a> = &'a [(&'a str, &'a [(&'a str, &'a [&'a str])])];

    /// What an index leads to.
    fn resolved(index: Index<'_>, wanted: &[&str], limits: &[&str]) -> Vec<String> {
        let place = Place { file: "requirements.txt".to_owned(), line: 1 };
        let (native, pinned) = (target("python:3.12", "arm64"), target("python:3.12", "amd64"));
        let sides = Sides { native: &native, pinned: &pinned };
        let parse = |text: &&str| Requirement::parse(text).unwrap();
        let limits: Vec<_> = limits.iter().map(parse).collect();
        let wanted: Vec<Wanted> = wanted
            .iter()
            .map(|text| Wanted {
                requirement: parse(text),
                text: (*text).to_owned(),
                place: place.clone(),
            })
            .collect();
        let mut resolution = Resolution::new(&wanted, &limits, Forms::default());
        loop {
            let open = resolution.open();
            if open.is_empty() {
                break;
            }
            for name in open {
                let of_it = index.iter().find(|(project, _)| *project == name);
                let versions = of_it.map_or(&[][..], |(_, versions)| versions);
                let releases: Vec<_> =
                    versions.iter().map(|(version, _)| release(version)).collect();
                let Some(question) = resolution.take(&name, &releases, sides) else { continue };
                let taken = versions
                    .iter()
                    .find(|(version, _)| question.metadata == Some(format!("m-{version}")));
                let needs: Vec<String> = taken.unwrap().1.iter().map(ToString::to_string).collect();
                resolution.enter(&name, &needs, &limits, sides);
            }
        }
        let version = |name: &str| resolution.version(name).unwrap_or("none").to_owned();
        let direct = wanted.iter().map(|it| {
            let name = &it.requirement.name;
            format!("{name} {}", version(name))
        });
        let implied = resolution.implied().map(|it| {
            let name = &it.wanted.requirement.name;
            format!("{name} {} for {}", version(name), it.by)
        });
        direct.chain(implied).collect()
    }

    #[test]
    fn what_is_needed_is_followed_to_its_end() {
        let index: Index<'_> = &[
            (
                "pandas",
                &[(
                    "2.2",
                    &[
                        "numpy>=1.26; python_version < '3.13'",
                        "numpy>=9; python_version >= '3.13'",
                        "pytz",
                    ],
                )],
            ),
            ("numpy", &[("3.0", &[]), ("2.1", &[]), ("1.0", &[])]),
            ("pytz", &[("2024", &["circle"])]),
            ("circle", &[("1", &["pytz", "win; sys_platform == 'win32'", "extra; extra == 'x'"])]),
            ("extra", &[("1", &[])]),
            ("lib", &[("1", &["numpy<3", "circle[x]"])]),
        ];
        assert_eq!(
            resolved(index, &["pandas"], &[]),
            ["pandas 2.2", "circle 1 for pytz", "numpy 3.0 for pandas", "pytz 2024 for pandas"]
        );
        assert_eq!(
            resolved(index, &["pandas", "lib"], &[]),
            [
                "pandas 2.2",
                "lib 1",
                "circle 1 for lib",
                "extra 1 for circle",
                "numpy 2.1 for lib",
                "pytz 2024 for pandas"
            ]
        );
        assert_eq!(
            resolved(index, &["pandas"], &["numpy<2.5"])[2],
            "numpy 2.1 for pandas",
            "constraints limit what is implied"
        );
        assert_eq!(
            resolved(index, &["numpy<2", "pandas"], &[])[0],
            "numpy none",
            "nothing suits both"
        );
        assert_eq!(resolved(index, &["numpy<3", "pandas"], &[])[0], "numpy 2.1");
    }

    #[test]
    fn what_is_allowed_no_more_is_taken_anew() {
        let index: Index<'_> = &[
            ("a", &[("1", &["b"])]),
            ("b", &[("1", &["c<2"])]),
            ("c", &[("2", &[]), ("1", &["d"])]),
            ("d", &[("1", &[])]),
        ];
        assert_eq!(resolved(index, &["a", "c"], &[]), ["a 1", "c 1", "b 1 for a", "d 1 for c"]);
    }
}
