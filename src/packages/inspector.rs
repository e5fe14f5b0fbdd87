//! From a Dockerfile to a report.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use futures_util::future::join_all;
use pep440_rs::{Version, VersionSpecifiers};
use tokio::sync::OnceCell;

use super::dockerfile::{
    IndexOptions, Install, LockFile, NodeLock, PythonLock, Recipe, Requirements, What, installs,
};
use super::image::{BaseImage, PythonVersion};
use super::index::{Answer, Configuration, Index};
use super::node;
use super::python::judge::{Forms, Judgement, Sides, judge, judge_release, native_versions};
use super::python::lock::{self, Files, Locked, Selection};
use super::python::releases::{Release, merged};
use super::python::requirement::{From, Requirement, Wanted, specifiers};
use super::python::target::Target;
use super::report::{Ecosystem, Note, Package, Report, State};
use super::{Request, Settings, ruby};
use crate::platform::subject::Place;

/// Why nothing is known of packages that no lock file lists.
const NO_INDEX: &str = "pip is told of no index here: set PIP_INDEX_URL, or index-url in pip.conf, to the one \
     that the build uses";

/// Looks at the packages of builds. Keeps connections and answers, so one is for all builds of a run.
pub struct Inspector {
    settings: Settings,
    index: Index,
    configuration: OnceCell<Configuration>,
}

/// A Python package that is to be judged.
struct Candidate {
    wanted: Wanted,
    /// What is known of its files without an index.
    listed: Option<Release>,
    limits: Vec<VersionSpecifiers>,
    forms: Forms,
    options: IndexOptions,
    /// Which pair of targets it is for.
    sides: usize,
}

/// What is gathered from all installations.
#[derive(Default)]
struct Gathered {
    candidates: Vec<Candidate>,
    sides: Vec<(Target, Target)>,
    packages: Vec<Package>,
    notes: Vec<Note>,
    direct_only: bool,
}

impl Inspector {
    /// Connects to nothing yet.
    pub fn new(settings: Settings) -> Self {
        let index = Index::new(&settings);
        Self { settings, index, configuration: OnceCell::new() }
    }

    /// Looks at the packages of a build. Needs a runtime of tokio with time and input and output.
    pub async fn inspect(&self, request: &Request<'_>) -> Report {
        let base = |name: &str| {
            let mut image = BaseImage::of(name);
            let known = request.python_versions.get(name);
            image.python = image.python.or_else(|| PythonVersion::parse(known?));
            image
        };
        let found = installs(&Recipe {
            text: request.dockerfile,
            file: request.file,
            target: request.target,
            args: request.args,
            context: request.context,
            native: request.native,
            built_for: request.built_for,
            base: &base,
        });
        let mut gathered = Gathered { notes: found.notes, ..Gathered::default() };
        for install in found.installs {
            gathered.add(install, request);
        }
        let answers = self.ask(&gathered, request).await;
        let mut packages = std::mem::take(&mut gathered.packages);
        let mut seen = HashSet::new();
        for candidate in &gathered.candidates {
            // Stages often install the same files.
            let key =
                (candidate.wanted.place.clone(), candidate.wanted.text.clone(), candidate.sides);
            if seen.insert(key) {
                packages.push(gathered.judge(candidate, &answers));
            }
        }
        let mut report = Report::new(packages, gathered.notes);
        report.has_compiler = found.has_compiler;
        report.direct_only = gathered.direct_only;
        report
    }

    /// Asks indexes for all that is not known without them, at the same time.
    async fn ask(&self, gathered: &Gathered, request: &Request<'_>) -> Answers {
        let asked: Vec<_> =
            gathered.candidates.iter().filter(|it| gathered.needs_index(it)).collect();
        if asked.is_empty() {
            return Answers::default();
        }
        let settings = self.settings.clone();
        let configuration = self
            .configuration
            .get_or_init(|| async {
                let load = move || {
                    Configuration::load(&settings, &|path| std::fs::read_to_string(path).ok())
                };
                // It ends without a panic, so there is a result.
                let loaded = tokio::task::spawn_blocking(load).await;
                loaded.unwrap_or_default()
            })
            .await;
        let mut wanted: Vec<(String, String)> = Vec::new();
        let mut answers =
            Answers { configuration: Some(configuration.clone()), ..Answers::default() };
        for candidate in asked {
            for url in answers.urls(&candidate.options) {
                wanted.push((url, candidate.wanted.requirement.name.clone()));
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let deadline = tokio::time::Instant::from_std(request.deadline);
        let work = wanted.into_iter().map(|(url, name)| async move {
            let work = self.index.project(&url, &name);
            let late = |_| Answer::Unknown("the index did not answer in time".to_owned());
            let answer = tokio::time::timeout_at(deadline, work).await.unwrap_or_else(late);
            ((url, name), answer)
        });
        answers.by_project = join_all(work).await.into_iter().collect();
        answers
    }
}

/// What indexes said.
#[derive(Default)]
struct Answers {
    configuration: Option<Configuration>,
    by_project: HashMap<(String, String), Answer>,
}

impl Answers {
    /// The indexes that an installer asks.
    fn urls(&self, options: &IndexOptions) -> Vec<String> {
        let Some(user) = &self.configuration else { return Vec::new() };
        let first = options.url.as_ref().or(user.url.as_ref());
        // What the user has beside the index is left out where the build has an index of its own.
        let extra = if options.extra.is_empty() && options.url.is_none() {
            &user.extra
        } else {
            &options.extra
        };
        first.into_iter().chain(extra).cloned().collect()
    }

    /// The releases of a project, or why they are not known.
    fn releases(&self, options: &IndexOptions, name: &str) -> Result<Vec<Release>, String> {
        let mut all = Vec::new();
        let urls = self.urls(options);
        if urls.is_empty() {
            return Err(NO_INDEX.to_owned());
        }
        for url in urls {
            match self.by_project.get(&(url, name.to_owned())) {
                Some(Answer::Releases(releases)) => all.push(releases.to_vec()),
                Some(Answer::NoProject) => {}
                Some(Answer::Unknown(reason)) => return Err(reason.clone()),
                None => return Err("the index was not asked".to_owned()),
            }
        }
        if all.is_empty() {
            Err("the index has no such project".to_owned())
        } else {
            Ok(merged(all))
        }
    }
}

impl Gathered {
    fn add(&mut self, install: Install, request: &Request<'_>) {
        let Install { image, what } = install;
        match what {
            What::NodeLock(lock, kind) => self.node(&lock, kind, &image, request),
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

    fn sides(&self, number: usize) -> Option<Sides<'_>> {
        let (native, pinned) = self.sides.get(number)?;
        Some(Sides { native, pinned })
    }

    fn requirements(&mut self, requirements: Requirements, sides: usize) {
        let Some((native, _)) = self.sides.get(sides) else { return };
        let native = native.clone();
        let counts = |wanted: &Wanted| {
            wanted.requirement.marker.as_ref().is_none_or(|it| it.may_hold(&native, &[]))
        };
        let Requirements { wanted, constraints, forms, index } = requirements;
        let wanted: Vec<Wanted> = wanted.into_iter().filter(|it| counts(it)).collect();
        let limits: Vec<(usize, &Requirement)> = wanted
            .iter()
            .chain(constraints.iter().filter(|it| counts(it)))
            .map(|it| &it.requirement)
            .enumerate()
            .collect();
        for (at, one) in wanted.iter().enumerate() {
            let others =
                limits.iter().filter(|(other, it)| *other != at && it.name == one.requirement.name);
            let limits = others.filter_map(|(_, it)| match &it.from {
                From::Index(specifiers) => Some(specifiers.clone()),
                _ => None,
            });
            self.direct_only |= matches!(one.requirement.from, From::Index(_));
            self.candidates.push(Candidate {
                wanted: one.clone(),
                listed: None,
                limits: limits.collect(),
                forms: forms.clone(),
                options: index.clone(),
                sides,
            });
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

    /// Whether an index is to be asked: where files are not known, and for a way out where those that are
    /// force the pin.
    fn needs_index(&self, candidate: &Candidate) -> bool {
        let Some(sides) = self.sides(candidate.sides) else { return false };
        match (&candidate.wanted.requirement.from, &candidate.listed) {
            (_, Some(release)) => judge_release(release, sides).state.forces(),
            (From::Index(_), None) => true,
            _ => false,
        }
    }

    fn judge(&self, candidate: &Candidate, answers: &Answers) -> Package {
        let requirement = &candidate.wanted.requirement;
        let judgement = match self.sides(candidate.sides) {
            Some(sides) => judgement(candidate, sides, answers),
            None => Judgement::unknown("its platform is not known"),
        };
        let Judgement { state, version, pinned_version, first_native, newest_native, reason } =
            judgement;
        Package {
            ecosystem: Ecosystem::Python,
            name: requirement.name.clone(),
            requirement: candidate.wanted.text.clone(),
            place: candidate.wanted.place.clone(),
            state,
            version,
            pinned_version,
            first_native,
            newest_native,
            reason,
        }
    }

    fn node(&mut self, lock: &LockFile, kind: NodeLock, image: &BaseImage, request: &Request<'_>) {
        let packages = match kind {
            NodeLock::Npm => node::npm(&lock.text),
            NodeLock::Pnpm => node::pnpm(&lock.text),
            NodeLock::Yarn => Ok(node::yarn(&lock.text)),
        };
        let packages = match packages {
            Ok(packages) => packages,
            Err((reason, line)) => return self.unreadable(lock, &reason, line),
        };
        let native = node::Machine::new(request.native, image.libc);
        let pinned = node::Machine::new(request.pinned, image.libc);
        let (Some(native), Some(pinned)) = (native, pinned) else { return };
        for finding in node::judge(&packages, &native, &pinned) {
            let node::Package { name, version, line, .. } = finding.package;
            self.found(Package {
                ecosystem: Ecosystem::Node,
                name: name.clone(),
                requirement: format!("{name}@{version}"),
                place: Place { file: lock.file.clone(), line: *line },
                state: finding.state,
                version: Some(version.clone()).filter(|_| finding.state == State::NativeWheel),
                pinned_version: Some(version.clone()),
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

/// What is to be said of a package, by all that is known.
fn judgement(candidate: &Candidate, sides: Sides<'_>, answers: &Answers) -> Judgement {
    let requirement = &candidate.wanted.requirement;
    let releases = || answers.releases(&candidate.options, &requirement.name);
    if let Some(release) = &candidate.listed {
        let mut judgement = judge_release(release, sides);
        if judgement.state.forces()
            && let Ok(releases) = releases()
        {
            let from = Version::from_str(&release.version).ok();
            (judgement.first_native, judgement.newest_native) =
                native_versions(&releases, sides.native, from.as_ref());
        }
        return judgement;
    }
    if !matches!(requirement.from, From::Index(_)) {
        return judge(requirement, &[], &[], &candidate.forms, sides);
    }
    let limits: Vec<_> = candidate.limits.iter().collect();
    match releases() {
        Err(reason) => Judgement::unknown(reason),
        Ok(releases) => {
            let judgement = judge(requirement, &limits, &releases, &candidate.forms, sides);
            let is_certain =
                matches!(judgement.state, State::NativeWheel | State::Pure | State::Unknown);
            if candidate.options.finds_links && !is_certain {
                let reason = "it may also come from where `--find-links` leads";
                return Judgement::unknown(reason);
            }
            judgement
        }
    }
}

impl Candidate {
    fn of_lock(locked: Locked, file: &str, sides: usize) -> Self {
        let Locked { name, line, version, files } = locked;
        let text = if version.is_empty() { name.clone() } else { format!("{name}=={version}") };
        let exact = || specifiers(&format!("=={version}")).unwrap_or_else(VersionSpecifiers::empty);
        let (from, listed) = match files {
            Files::Listed(release) => (From::Index(exact()), Some(release)),
            Files::OnIndex => (From::Index(exact()), None),
            Files::Elsewhere(from) => (from, None),
        };
        let requirement = Requirement { name, extras: Vec::new(), from, marker: None };
        let place = Place { file: file.to_owned(), line };
        Self {
            wanted: Wanted { requirement, text, place },
            listed,
            limits: Vec::new(),
            forms: Forms::default(),
            options: IndexOptions::default(),
            sides,
        }
    }
}
