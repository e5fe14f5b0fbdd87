//! Which directories of this machine are mounted where somebody may wait for changes.

use std::path::{Path, PathBuf};

use crate::compose::model::{Project, Service};
use crate::watch::derive::is_of_system;

/// A directory of this machine that containers have mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    /// The directory; none of a list lies in another one.
    pub source: PathBuf,
    /// Who has it, or something in it.
    pub uses: Vec<Use>,
    /// Patterns, relative to the directory, of what nobody there waits for.
    pub ignore: Vec<String>,
}

/// A mount of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The service.
    pub service: String,
    /// What is mounted.
    pub source: PathBuf,
    /// Where it is in the container.
    pub target: String,
}

/// What package managers fill, in thousands, and watchers leave out.
const PACKAGES: &str = "**/node_modules";

/// Directories that services have mounted, without those of the system, the home directory and what is around it, and
/// without services that say `x-bireme: {replay: false}`. Only those that `is_directory` says so of.
pub fn mounted(
    project: &Project,
    home: Option<&Path>,
    is_directory: impl Fn(&Path) -> bool,
) -> Vec<Mounted> {
    let mut uses: Vec<Use> = Vec::new();
    for service in project.services.values().filter(|service| is_wanted(service)) {
        for mount in service.volumes.iter().filter(|mount| mount.r#type == "bind") {
            let source = PathBuf::from(&mount.source);
            if is_watched(&source, &project.working_dir, home) && is_directory(&source) {
                let (service, target) = (service.name.clone(), mount.target.clone());
                uses.push(Use { service, source, target });
            }
        }
    }
    uses.sort_by(|one, other| one.source.cmp(&other.source));
    let mut found: Vec<Mounted> = Vec::new();
    for one in uses {
        match found.last_mut().filter(|outer| one.source.starts_with(&outer.source)) {
            Some(outer) => outer.uses.push(one),
            None => found.push(Mounted {
                source: one.source.clone(),
                uses: vec![one],
                ignore: Vec::new(),
            }),
        }
    }
    for mounted in &mut found {
        mounted.ignore = ignored(mounted, project);
    }
    found
}

fn is_wanted(service: &Service) -> bool {
    let own = service.extensions.get("x-bireme");
    own.and_then(|own| own.get("replay")).and_then(serde_json::Value::as_bool) != Some(false)
}

/// Whether a directory may be one that people work in.
fn is_watched(source: &Path, project: &Path, home: Option<&Path>) -> bool {
    let is_around = |inner: &Path| inner.starts_with(source);
    source.starts_with(project)
        || source.is_absolute()
            && !is_around(project)
            && !home.is_some_and(is_around)
            && !is_of_system(source, project)
}

/// Packages, and what the only service that has a directory does not see of it, because something else is mounted
/// there.
fn ignored(mounted: &Mounted, project: &Project) -> Vec<String> {
    let mut ignored = vec![PACKAGES.to_owned()];
    if let [only] = mounted.uses.as_slice()
        && let Some(service) = project.services.get(&only.service)
    {
        let below = |mount: &crate::compose::model::Mount| {
            let inside = Path::new(&mount.target).strip_prefix(&only.target).ok()?;
            let inside = inside.to_str().filter(|inside| !inside.is_empty())?;
            Some(inside.to_owned())
        };
        ignored.extend(service.volumes.iter().filter_map(below));
    }
    ignored
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::model::Mount;

    fn service(name: &str, binds: &[(&str, &str)]) -> Service {
        let mount = |(source, target): &(&str, &str)| Mount {
            r#type: if source.is_empty() { "volume" } else { "bind" }.to_owned(),
            source: (*source).to_owned(),
            target: (*target).to_owned(),
            ..Mount::default()
        };
        Service {
            name: name.to_owned(),
            volumes: binds.iter().map(mount).collect(),
            ..Service::default()
        }
    }

    fn found(services: Vec<Service>) -> Vec<(String, usize, Vec<String>)> {
        let mut project = Project::unwritten("shop");
        project.working_dir = PathBuf::from("/home/ann/shop");
        for service in services {
            project.services.insert(service.name.clone(), service);
        }
        let is_directory = |path: &Path| path.extension().is_none();
        mounted(&project, Some(Path::new("/home/ann")), is_directory)
            .into_iter()
            .map(|it| (it.source.display().to_string(), it.uses.len(), it.ignore))
            .collect()
    }

    #[test]
    fn directories_that_people_work_in_are_found_once() {
        let web = service(
            "web",
            &[
                ("/home/ann/shop", "/app"),
                ("", "/app/.venv"),
                ("/home/ann/shop/web.conf", "/etc/web.conf"),
                ("/home/ann", "/ann"),
                ("/", "/host"),
                ("/etc", "/host/etc"),
            ],
        );
        let packages = || vec![PACKAGES.to_owned()];
        let one = |ignore| vec![("/home/ann/shop".to_owned(), 1, ignore)];
        let with_hidden = vec![PACKAGES.to_owned(), ".venv".to_owned()];
        assert_eq!(found(vec![web.clone()]), one(with_hidden));
        let jobs = service("jobs", &[("/home/ann/shop/src", "/src"), ("/home/ann/lib", "/lib")]);
        assert_eq!(
            found(vec![web, jobs]),
            [
                ("/home/ann/lib".to_owned(), 1, packages()),
                ("/home/ann/shop".to_owned(), 2, packages())
            ]
        );
    }

    #[test]
    fn a_service_can_do_without() {
        let mut web = service("web", &[("/home/ann/shop", "/app")]);
        web.extensions.insert("x-bireme".to_owned(), serde_json::json!({ "replay": false }));
        assert_eq!(found(vec![web]), []);
    }
}
