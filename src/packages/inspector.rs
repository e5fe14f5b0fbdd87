//! From a Dockerfile to a report.

mod answers;
mod gathered;
mod implied;

use std::collections::{BTreeSet, HashSet};

use futures_util::future::join_all;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use super::dockerfile::{Recipe, installs};
use super::image::{BaseImage, PythonVersion};
use super::index::{Answer, Configuration, Index};
use super::report::{Ecosystem, LATE, Report};
use super::{Request, Settings};

use answers::Answers;
use gathered::Gathered;

/// Looks at the packages of builds. Keeps connections and answers, so one is for all builds of a run.
pub struct Inspector {
    settings: Settings,
    index: Index,
    configuration: OnceCell<Configuration>,
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
        let mut gathered = Gathered::default();
        gathered.notes = found.notes;
        for install in found.installs {
            gathered.add(install, request);
        }
        let deadline = Instant::from_std(request.deadline);
        let (answers, untold) = self.ask(&mut gathered, deadline).await;
        let mut packages = std::mem::take(&mut gathered.packages);
        let mut seen = HashSet::new();
        for candidate in &gathered.candidates {
            // Stages often install the same files, and what packages need is often the same.
            let key =
                (candidate.wanted.place.clone(), candidate.wanted.text.clone(), candidate.sides);
            if !seen.insert(key) {
                continue;
            }
            let package = gathered.judge(candidate, &answers);
            let is_known = packages.iter().any(|other| {
                (other.ecosystem, &other.name) == (Ecosystem::Python, &package.name)
                    && (&other.version, other.state) == (&package.version, package.state)
            });
            if package.implied_by.is_none() || !is_known {
                packages.push(package);
            }
        }
        let mut report = Report::new(packages, gathered.notes, found.has_compiler);
        report.untold = untold.into_iter().collect();
        report
    }

    /// Asks indexes for all that is not known without them, and for what that needs in turn. Also the packages of
    /// which no index tells what they need.
    async fn ask(&self, gathered: &mut Gathered, deadline: Instant) -> (Answers, BTreeSet<String>) {
        let asked: Vec<_> =
            gathered.candidates.iter().filter(|it| gathered.needs_index(it)).collect();
        if asked.is_empty() {
            return (Answers::default(), BTreeSet::new());
        }
        let mut answers = Answers::new(self.configuration().await);
        let wanted = asked.into_iter().flat_map(|candidate| {
            let name = &candidate.wanted.requirement.name;
            answers.urls(&candidate.options).into_iter().map(|url| (url, name.clone()))
        });
        let pages = self.pages(wanted.collect(), deadline);
        let followed = join_all(gathered.groups.iter().filter_map(|group| {
            Some(self.follow(group, gathered.sides(group.sides)?, &answers, deadline))
        }));
        let (pages, followed) = futures_util::future::join(pages, followed).await;
        let mut untold = BTreeSet::new();
        answers.extend(pages);
        for followed in followed {
            answers.extend(followed.pages);
            gathered.enter(followed.found);
            untold.extend(followed.untold);
        }
        (answers, untold)
    }

    /// What the user's machine says of indexes.
    async fn configuration(&self) -> Configuration {
        let load = || async {
            let settings = self.settings.clone();
            let load =
                move || Configuration::load(&settings, &|path| std::fs::read_to_string(path).ok());
            // It ends without a panic, so there is a result.
            tokio::task::spawn_blocking(load).await.unwrap_or_default()
        };
        self.configuration.get_or_init(load).await.clone()
    }

    /// What indexes, by their addresses, say of projects, all asked at the same time.
    async fn pages(
        &self,
        wanted: BTreeSet<(String, String)>,
        deadline: Instant,
    ) -> Vec<((String, String), Answer)> {
        let work = wanted.into_iter().map(|(url, name)| async move {
            let work = self.index.project(&url, &name);
            let late = |_| Answer::Unknown(LATE.to_owned());
            let answer = timeout_at(deadline, work).await.unwrap_or_else(late);
            ((url, name), answer)
        });
        join_all(work).await
    }
}
