//! What all installations of a Dockerfile come to, before an index is asked.

use pep440_rs::VersionSpecifiers;

use super::super::dockerfile::{
    IndexOptions, Install, LockFile, NodeLock, PythonLock, Requirements, What,
};
use super::super::image::BaseImage;
use super::super::node;
use super::super::python::judge::{Forms, Sides};
use super::super::python::lock::{self, Files, Locked, Selection};
use super::super::python::releases::Release;
use super::super::python::requirement::{From, Requirement, Wanted, specifiers};
use super::super::python::target::Target;
use super::super::report::{Ecosystem, Note, Package, State};
use super::super::{Request, ruby};
use crate::platform::subject::Place;

/// A Python package that is to be judged.
pub(super) struct Candidate {
    pub(super) wanted: Wanted,
    /// The package that needs it, where no file asks for it.
    pub(super) implied_by: Option<String>,
    /// What is known of its files without an index.
    pub(super) listed: Option<Release>,
    pub(super) limits: Vec<VersionSpecifiers>,
    pub(super) forms: Forms,
    pub(super) options: IndexOptions,
    /// Which pair of targets it is for.
    pub(super) sides: usize,
}

/// What one call of an installer asks for, which brings what that needs in turn.
pub(super) struct Group {
    pub(super) wanted: Vec<Wanted>,
    pub(super) constraints: Vec<Requirement>,
    pub(super) forms: Forms,
    pub(super) options: IndexOptions,
    pub(super) sides: usize,
}

/// What is gathered from all installations.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) candidates: Vec<Candidate>,
    pub(super) groups: Vec<Group>,
    sides: Vec<(Target, Target)>,
    pub(super) packages: Vec<Package>,
    pub(super) notes: Vec<Note>,
}

impl Gathered {
    pub(super) fn add(&mut self, install: Install, request: &Request<'_>) {
        let Install { image, what } = install;
        match what {
            What::NodeLock(lock, kind, selection) => {
                self.node(&lock, kind, &selection, &image, request);
            }
            What::RubyLock(lock) => self.ruby(&lock, &image, request),
            what => {
                let native = Target::new(request.native, &image);
                let pinned = Target::new(request.pinned, &image);
                let (Some(native), Some(pinned)) = (native, pinned) else {
                    let place = Place { file: request.file.to_owned(), line: 1 };
                    let message = "packages of Python are looked at for Linux only".to_owned();
                    return self.notes.push(Note { message, place });
                };
                let pair = (native, pinned);
                let known = self.sides.iter().position(|it| *it == pair);
                let sides = known.unwrap_or_else(|| {
                    self.sides.push(pair);
                    self.sides.len() - 1
                });
                match what {
                    What::Requirements(requirements) => self.requirements(requirements, sides),
                    What::PythonLock(lock, kind, selection) => {
                        self.python_lock(&lock, kind, &selection, sides);
                    }
                    What::NodeLock(..) | What::RubyLock(_) => {}
                }
            }
        }
    }

    pub(super) fn sides(&self, number: usize) -> Option<Sides<'_>> {
        let (native, pinned) = self.sides.get(number)?;
        Some(Sides { native, pinned })
    }

    fn requirements(&mut self, requirements: Requirements, sides: usize) {
        let Some((native, _)) = self.sides.get(sides) else { return };
        let native = native.clone();
        let counts = |wanted: &Wanted| {
            wanted.requirement.marker.as_ref().is_none_or(|it| it.may_hold(&native, &[]))
        };
        let Requirements { wanted, constraints, forms, index, alone } = requirements;
        let wanted: Vec<Wanted> = wanted.into_iter().filter(|it| counts(it)).collect();
        let constraints = constraints.into_iter().filter(|it| counts(it));
        let constraints: Vec<Requirement> = constraints.map(|it| it.requirement).collect();
        let limits: Vec<(usize, &Requirement)> =
            wanted.iter().map(|it| &it.requirement).chain(&constraints).enumerate().collect();
        for (at, one) in wanted.iter().enumerate() {
            let others =
                limits.iter().filter(|(other, it)| *other != at && it.name == one.requirement.name);
            let limits = others.filter_map(|(_, it)| match &it.from {
                From::Index(specifiers) => Some(specifiers.clone()),
                _ => None,
            });
            self.candidates.push(Candidate {
                wanted: one.clone(),
                implied_by: None,
                listed: None,
                limits: limits.collect(),
                forms: forms.clone(),
                options: index.clone(),
                sides,
            });
        }
        if !alone {
            self.groups.push(Group { wanted, constraints, forms, options: index, sides });
        }
    }

    fn python_lock(
        &mut self,
        lock: &LockFile,
        kind: PythonLock,
        selection: &Selection,
        sides: usize,
    ) {
        let Some((native, _)) = self.sides.get(sides) else { return };
        let read = match kind {
            PythonLock::Uv => lock::uv,
            PythonLock::Poetry => lock::poetry,
            PythonLock::Pdm => lock::pdm,
            PythonLock::Pylock => lock::pylock,
            PythonLock::Pipfile => lock::pipfile,
        };
        match read(&lock.text, selection, native) {
            Ok(locked) => self
                .candidates
                .extend(locked.into_iter().map(|it| Candidate::of_lock(it, &lock.file, sides))),
            Err(error) => self.unreadable(lock, &error.reason, error.line),
        }
    }

    fn unreadable(&mut self, lock: &LockFile, reason: &str, line: u32) {
        let place = Place { file: lock.file.clone(), line };
        self.notes.push(Note { message: format!("cannot be read: {reason}"), place });
    }

    fn node(
        &mut self,
        lock: &LockFile,
        kind: NodeLock,
        selection: &node::Selection,
        image: &BaseImage,
        request: &Request<'_>,
    ) {
        let packages = match kind {
            NodeLock::Npm => node::npm(&lock.text),
            NodeLock::Pnpm => node::pnpm(&lock.text),
            NodeLock::Yarn => Ok(node::yarn(&lock.text, selection.manifest.as_deref())),
        };
        let packages = match packages {
            Ok(packages) => selection.of(packages),
            Err((reason, line)) => return self.unreadable(lock, &reason, line),
        };
        let native = node::Machine::new(request.native, image.libc);
        let pinned = node::Machine::new(request.pinned, image.libc);
        let (Some(native), Some(pinned)) = (native, pinned) else { return };
        for finding in node::judge(&packages, &native, &pinned) {
            let finding = finding.within(selection);
            let node::Package { name, version, line, .. } = finding.package;
            self.found(Package {
                ecosystem: Ecosystem::Node,
                name: name.clone(),
                requirement: format!("{name}@{version}"),
                place: Place { file: lock.file.clone(), line: *line },
                state: finding.state,
                version: Some(version.clone()).filter(|_| finding.state == State::NativeWheel),
                pinned_version: Some(version.clone()),
                implied_by: None,
                first_native: None,
                newest_native: None,
                reason: finding.reason,
            });
        }
    }

    fn ruby(&mut self, lock: &LockFile, image: &BaseImage, request: &Request<'_>) {
        let native = ruby::Machine::new(request.native, image.libc);
        let pinned = ruby::Machine::new(request.pinned, image.libc);
        let (Some(native), Some(pinned)) = (native, pinned) else { return };
        for finding in ruby::judge(&lock.text, native, pinned) {
            let version = finding.version.clone();
            self.found(Package {
                ecosystem: Ecosystem::Ruby,
                requirement: match &version {
                    Some(version) => format!("{} ({version})", finding.name),
                    None => finding.name.clone(),
                },
                name: finding.name,
                place: Place { file: lock.file.clone(), line: finding.line },
                state: finding.state,
                version: version.clone().filter(|_| finding.state != State::NoDistribution),
                pinned_version: version,
                implied_by: None,
                first_native: None,
                newest_native: None,
                reason: finding.reason,
            });
        }
    }

    fn found(&mut self, package: Package) {
        if !self.packages.contains(&package) {
            self.packages.push(package);
        }
    }
}

impl Candidate {
    fn of_lock(locked: Locked, file: &str, sides: usize) -> Self {
        let Locked { name, line, version, files } = locked;
        let text = if version.is_empty() { name.clone() } else { format!("{name}=={version}") };
        let exact = || specifiers(&format!("=={version}")).unwrap_or_else(VersionSpecifiers::empty);
        let (from, listed, index) = match files {
            Files::Listed(release) => (From::Index(exact()), Some(release), None),
            Files::OnIndex(index) => (From::Index(exact()), None, index),
            Files::Elsewhere(from) => (from, None, None),
        };
        let requirement = Requirement { name, extras: Vec::new(), from, marker: None };
        let place = Place { file: file.to_owned(), line };
        Self {
            wanted: Wanted { requirement, text, place },
            implied_by: None,
            listed,
            limits: Vec::new(),
            forms: Forms::default(),
            options: index.map_or_else(IndexOptions::default, IndexOptions::of_lock),
            sides,
        }
    }
}
