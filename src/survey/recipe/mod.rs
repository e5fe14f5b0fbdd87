//! How the images of services with a build come about: their Dockerfiles, the stages that take part, and
//! what those begin with.

mod base;
mod offer;
mod packages;
mod pins;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::place::{Inline, name, place};
use crate::build::dockerfile::{self, Base, Given};
use crate::build::request::{Context, NamedContext};
use crate::build::{BuildOptions, BuildRequest, dockerfile_of};
use crate::compose::model::{Project, Service};
use crate::compose::paths::clean;
use crate::platform::subject::{Packages, Pin, Place, Recipe, Stage};
use crate::platform::{Gap, Offer, Platform};

pub(super) use base::Known;
use pins::Origin;

/// Begins the name of a context that is an image.
const IMAGE: &str = "docker-image://";
/// Begins the name of a context that is an image in a directory.
const LAYOUT: &str = "oci-layout://";

/// The builds of a project, before it is known for which platforms their bases exist.
pub(super) struct Builds<'p> {
    project: &'p Project,
    own: Platform,
    /// By service: those that are asked for, and those whose images others begin with.
    drafts: BTreeMap<String, Result<Draft, Gap>>,
    /// The services whose builds make images, by these.
    makers: BTreeMap<String, &'p str>,
}

/// A build as its files say it.
struct Draft {
    read: Dockerfile,
    stages: Vec<dockerfile::Stage>,
    /// Of each stage, where it is written and what its platform is.
    heads: Vec<(Place, Option<Pin>)>,
    /// The platform that it was read for, where its stages are others for others.
    read_for: Option<Platform>,
}

/// A Dockerfile, and what is built of it.
pub(super) struct Dockerfile {
    /// What is asked of the builder.
    pub(super) request: BuildRequest,
    /// The file, as its user calls it; `dockerfile_inline` where a Compose file holds it.
    pub(super) file: String,
    /// Its text.
    pub(super) text: String,
    /// The context, as its user calls it; empty for the project's directory, and where it is none.
    pub(super) directory: String,
    /// Where that is written, if a Compose file holds it.
    pub(super) inline: Option<Inline>,
}

/// What a stage begins with, when everything was followed.
enum Ground<'a> {
    Nothing,
    Image(&'a str),
    /// The image of another service.
    Service(&'a str, &'a str),
    /// An image by its name, which another service's build makes.
    Made(&'a str, &'a str),
    Unknown(&'a str, Gap),
}

impl<'p> Builds<'p> {
    /// Reads the Dockerfiles of services, and of those whose images they begin with. `own` is the
    /// engine's own platform, and `process` the variables of the process.
    pub(super) fn read(
        project: &'p Project,
        services: &[&'p Service],
        own: Platform,
        process: &BTreeMap<String, String>,
    ) -> Self {
        let makers = base::makers(project);
        let mut builds = Self { project, own, drafts: BTreeMap::new(), makers };
        let mut open: Vec<&Service> = services.to_vec();
        while let Some(service) = open.pop() {
            if service.build.is_none() || builds.drafts.contains_key(&service.name) {
                continue;
            }
            let draft = Draft::read(project, service, &builds.own, process);
            if let Ok(draft) = &draft {
                let others =
                    draft.stages.iter().filter_map(|stage| builds.ground(draft, stage).service());
                open.extend(others.filter_map(|name| find(project, name)));
            }
            builds.drafts.insert(service.name.clone(), draft);
        }
        builds
    }

    /// The images that must be asked for: those that stages begin with or take files from.
    pub(super) fn bases(&self) -> BTreeSet<String> {
        let mut bases = BTreeSet::new();
        for draft in self.drafts.values().flatten() {
            for stage in &draft.stages {
                match self.ground(draft, stage) {
                    Ground::Image(image) | Ground::Made(_, image) => {
                        bases.insert(image.to_owned());
                    }
                    Ground::Service(service, image) if !self.drafts.contains_key(service) => {
                        bases.insert(image.to_owned());
                    }
                    _ => {}
                }
            }
        }
        bases
    }

    /// The services whose builds make what others begin with.
    pub(super) fn makers(&self) -> impl Iterator<Item = &'p Service> {
        let drafts = self.drafts.values().flatten();
        let grounds = drafts.flat_map(|draft| draft.stages.iter().map(|it| self.ground(draft, it)));
        let names: BTreeSet<&str> = grounds.filter_map(|ground| ground.service()).collect();
        let services = names.into_iter().filter_map(|name| find(self.project, name));
        services.filter(|service| service.build.is_some()).collect::<Vec<_>>().into_iter()
    }

    /// The Dockerfile of a service, if it could be read.
    pub(super) fn dockerfile(&self, service: &str) -> Option<&Dockerfile> {
        self.drafts.get(service)?.as_ref().ok().map(|draft| &draft.read)
    }

    /// How the image of a service comes about, and for which platforms it can be built.
    pub(super) fn recipe(&self, service: &Service, known: &Known<'_>) -> (Recipe, Offer) {
        let told = self.told(&service.name);
        let platforms_at =
            place(self.project, &format!("services.{}.build.platforms", service.name));
        let (recipe, offer) = match self.drafts.get(&service.name) {
            Some(Ok(draft)) => {
                let recipe = self.finish(draft, known, &mut vec![service.name.as_str()]);
                let recipe = Recipe { platforms: told, platforms_at, ..recipe };
                let requested = known.requests.get(&service.name);
                let offer = offer::of_build(&recipe, &self.own, requested);
                return (recipe, offer);
            }
            Some(Err(gap @ Gap::Unbuildable(_))) => {
                return (Recipe::default(), Offer::Unknown(gap.clone()));
            }
            Some(Err(gap)) => (Recipe::default(), Offer::Unknown(gap.clone())),
            None => {
                let reason = "it has no build".to_owned();
                (Recipe::default(), Offer::Unknown(Gap::Unreadable(reason)))
            }
        };
        if told.is_empty() {
            return (recipe, offer);
        }
        (recipe, Offer::Known { platforms: told, is_index: true })
    }

    /// The platforms that a service is told to be built for.
    fn told(&self, service: &str) -> Vec<Platform> {
        let build = find(self.project, service).and_then(|service| service.build.as_ref());
        let told = build.map_or(&[][..], |build| build.platforms.as_slice());
        told.iter().filter_map(|text| Platform::parse(text, &self.own).ok()).collect()
    }

    /// `within` are the services on the way, none of which can begin with itself.
    fn finish<'b>(
        &'b self,
        draft: &'b Draft,
        known: &Known<'_>,
        within: &mut Vec<&'b str>,
    ) -> Recipe {
        let mut stages: Vec<Stage> = Vec::with_capacity(draft.stages.len());
        let mut packages = Packages::None;
        for (stage, (place, pin)) in draft.stages.iter().zip(&draft.heads) {
            let begins_with = match stage.base {
                Base::Stage(at) => Some(at),
                _ => None,
            };
            let inherited = begins_with.and_then(|at| stages.get(at)).cloned();
            let (base, offer, service, pin) = if let Some(other) = inherited {
                // As BuildKit has it, the platform is the other stage's, whatever is said here.
                (other.base, other.offer, other.service, other.pin)
            } else {
                let (base, offer, service) = self.base(self.ground(draft, stage), known, within);
                (base, offer, service, pin.clone())
            };
            let installs = stage.runs.iter().any(|(_, run)| packages::installs(run));
            if installs && pin != Some(Pin::Builder) {
                packages = Packages::Unseen;
            }
            stages.push(Stage {
                name: stage.name.clone(),
                place: place.clone(),
                base,
                offer,
                service,
                begins_with,
                pin,
                runs: !stage.runs.is_empty(),
                installs,
            });
        }
        Recipe { stages, packages, read_for: draft.read_for.clone(), ..Recipe::default() }
    }
}

impl<'a> Ground<'a> {
    /// The service whose image it is.
    const fn service(&self) -> Option<&'a str> {
        match self {
            Self::Service(service, _) | Self::Made(service, _) => Some(service),
            Self::Nothing | Self::Image(_) | Self::Unknown(..) => None,
        }
    }
}

impl Draft {
    fn read(
        project: &Project,
        service: &Service,
        own: &Platform,
        process: &BTreeMap<String, String>,
    ) -> Result<Self, Gap> {
        let request = BuildRequest::new(project, service, &BuildOptions::default())
            .map_err(|problem| Gap::Unreadable(problem.message))?;
        let (path, text) = dockerfile_of(&request)
            .map_err(|error| Gap::Unreadable(first_line(&error.to_string())))?
            .ok_or_else(|| {
                Gap::Unreadable("it is in a context that only the builder fetches".to_owned())
            })?;
        let contexts = request.named_contexts.keys().cloned().collect();
        let given = Given {
            args: &request.args,
            target: &request.target,
            contexts: &contexts,
            platform: own,
        };
        if let Some(frontend) = dockerfile::other_frontend(&text) {
            return Err(Gap::Unreadable(format!("it is written for {frontend}")));
        }
        let stages = dockerfile::stages(&text, &given).map_err(Gap::Unbuildable)?;
        let read_for = is_for_one(&stages, &text, &given).then(|| own.clone());
        if let Some(text) = stages.iter().find_map(|stage| no_platform(stage, own)) {
            return Err(Gap::Unbuildable(text));
        }
        let field = format!("services.{}.build.dockerfile_inline", service.name);
        let inline = if path.is_none() { Inline::of(project, &field) } else { None };
        let file = path.map_or("dockerfile_inline".to_owned(), |path| name(project, &short(path)));
        let at = |line: u32| match &inline {
            Some(inline) => inline.at(line),
            None => Place { file: file.clone(), line },
        };
        let is_editable = inline.as_ref().is_none_or(|inline| inline.is_literal);
        let origin = Origin { project, process, service, text: &text, given: &given, is_editable };
        let heads =
            stages.iter().map(|stage| (at(stage.line), origin.pin(&stage.platform, &at))).collect();
        let directory = match &request.context {
            Context::Directory(root) => name(project, root),
            Context::Remote(_) => String::new(),
        };
        let read = Dockerfile { request, file, text, directory, inline };
        Ok(Self { read, stages, heads, read_for })
    }

    fn ground<'b>(&'b self, stage: &'b dockerfile::Stage) -> Ground<'b> {
        match &stage.base {
            // That of the other stage counts.
            Base::Scratch | Base::Stage(_) => Ground::Nothing,
            Base::Image(image) => Ground::Image(image),
            Base::Unknown { written, why } => {
                Ground::Unknown(written, Gap::Unresolved(why.clone()))
            }
            Base::Context(context) => match self.read.request.named_contexts.get(context) {
                Some(NamedContext::Service { service, image }) => Ground::Service(service, image),
                Some(NamedContext::Reference(text)) => match text.strip_prefix(IMAGE) {
                    Some(image) => Ground::Image(image),
                    None if text.starts_with(LAYOUT) => {
                        let gap = Gap::Unresolved("it lies in a directory".to_owned());
                        Ground::Unknown(text, gap)
                    }
                    None => Ground::Nothing,
                },
                Some(NamedContext::Directory(_)) | None => Ground::Nothing,
            },
        }
    }
}

/// A path without `x/..`, where that leads to the same file: behind a link it does not.
fn short(path: PathBuf) -> PathBuf {
    let Some(cleaned) = path.to_str().map(|path| PathBuf::from(clean(path))) else { return path };
    match (path.canonicalize(), cleaned.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => cleaned,
        _ => path,
    }
}

/// Whether the stages of a Dockerfile begin with something else where it is built for another platform.
fn is_for_one(stages: &[dockerfile::Stage], text: &str, given: &Given<'_>) -> bool {
    let bases = |stages: &[dockerfile::Stage]| -> Vec<Base> {
        stages.iter().map(|stage| stage.base.clone()).collect()
    };
    let architecture = if given.platform.architecture() == "amd64" { "arm64" } else { "amd64" };
    let other = Platform::new("linux", architecture, "");
    let others = dockerfile::stages(text, &Given { platform: &other, ..*given });
    others.map_or(true, |others| bases(&others) != bases(stages))
}

/// What is wrong with the `--platform` of a stage, which no builder takes.
fn no_platform(stage: &dockerfile::Stage, own: &Platform) -> Option<String> {
    let dockerfile::Asked::Fixed(fixed) = &stage.platform else { return None };
    let text = &fixed.platform;
    Platform::parse(text, own)
        .is_err()
        .then(|| format!("the `--platform` of its `FROM` in line {} comes to {text:?}", fixed.line))
}

fn find<'a>(project: &'a Project, name: &str) -> Option<&'a Service> {
    project.services.get(name).or_else(|| project.disabled_services.get(name))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_short_where_they_lead_to_the_same_file() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["app", "docker", "far/deep"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::os::unix::fs::symlink("far/deep", root.join("link")).unwrap();
        std::fs::write(root.join("docker/My.Dockerfile"), "").unwrap();
        std::fs::write(root.join("far/Dockerfile"), "").unwrap();
        let told = |path: &str| short(root.join(path)).strip_prefix(root).unwrap().to_owned();
        assert_eq!(told("app/../docker/My.Dockerfile"), PathBuf::from("docker/My.Dockerfile"));
        assert_eq!(told("link/../Dockerfile"), PathBuf::from("link/../Dockerfile"));
    }
}
