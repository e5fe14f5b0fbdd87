//! Projects for tests, made without files.

use super::programs::Brought;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use super::StackError;
use super::desired::{
    Desired, DesiredService, Instance, Purpose, Setting, blueprint, container_name, desire,
    injected_files,
};
use super::observed::Observed;
use super::query::ProjectContainer;
use super::reconcile::{Input, Reconciled, reconcile, with_other_hash};
use super::selection::{Companions, select};
use super::up::Options;
use crate::compose::files::{FileKind, Files};
use crate::compose::model::{Dependency, Mount, Network, Project, Service, Volume};
use crate::engine::api::{
    ApiVersion, ContainerSummary, EndpointSettings, ImageDetails, MountDetails, NetworkDetails,
    SummaryNetworks, VolumeDetails,
};

/// An empty project named `shop`.
pub(crate) fn empty() -> Project {
    Project {
        working_dir: "/srv/shop".into(),
        compose_files: vec!["/srv/shop/compose.yaml".into()],
        ..Project::unwritten("shop")
    }
}

/// Services on the default network, each with the services that it depends on.
pub(crate) fn project(services: &[(&str, &[&str])]) -> Project {
    let mut project = empty();
    for (name, dependencies) in services {
        let service = service(&mut project, name);
        for dependency in *dependencies {
            service.depends_on.insert(
                (*dependency).to_owned(),
                Dependency { required: true, ..Dependency::default() },
            );
        }
    }
    project
}

/// Adds a service on the default network, with the image `busybox`.
pub(crate) fn service<'a>(project: &'a mut Project, name: &str) -> &'a mut Service {
    project
        .networks
        .entry("default".into())
        .or_insert_with(|| Network { name: "shop_default".into(), ..Network::default() });
    project.services.entry(name.to_owned()).or_insert_with(|| Service {
        name: name.to_owned(),
        image: "busybox".into(),
        networks: BTreeMap::from([("default".into(), None)]),
        ..Service::default()
    })
}

/// Adds a volume.
pub(crate) fn volume(project: &mut Project, key: &str) {
    let name = format!("{}_{key}", project.name);
    project.volumes.insert(key.to_owned(), Volume { name, ..Volume::default() });
}

/// A machine on which every file exists and is empty.
pub(crate) struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &Path) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn kind(&self, _path: &Path) -> Option<FileKind> {
        Some(FileKind::File)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_owned())
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

/// An engine's API version without any gate.
pub(crate) const NEWEST: ApiVersion = ApiVersion::new(1, 51);

/// What would exist after an `up` of the project, everything running.
pub(crate) fn running(project: &Project) -> Observed {
    let none = BTreeMap::new();
    let setting = Setting {
        project,
        api_version: NEWEST,
        files: &NoFiles,
        compatibility: false,
        proxy_environment: &none,
    };
    let selection = select(project, &[], Companions::Dependencies).expect("no names");
    let desired = desire(&setting, &selection, None, &BTreeMap::new(), &Brought::default())
        .expect("a project that can be made");
    let mut observed = Observed::default();
    for network in &desired.networks {
        observed.networks.push(NetworkDetails {
            name: network.name.clone(),
            id: format!("network-{}", network.name),
            labels: network.body.labels.clone(),
            ..NetworkDetails::default()
        });
    }
    for volume in &desired.volumes {
        observed.volumes.push(VolumeDetails {
            name: volume.name.clone(),
            labels: volume.body.labels.clone(),
            ..VolumeDetails::default()
        });
    }
    for service in &desired.services {
        let image =
            ImageDetails { id: format!("sha256:{}", service.image), ..ImageDetails::default() };
        for number in 1..=service.scale {
            let container = container(&setting, &desired, service, number, &image, &observed);
            observed.containers.push(container);
        }
        observed.images.insert(service.image_key(), image.into());
    }
    observed
}

/// Twelve hexadecimal digits made of a name, so that tests can tell containers apart.
fn id(name: &str) -> String {
    let digits: String = name.as_bytes().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    digits[digits.len() - 12..].to_owned()
}

fn container(
    setting: &Setting<'_>,
    desired: &Desired,
    service: &DesiredService,
    number: u32,
    image: &ImageDetails,
    observed: &Observed,
) -> ProjectContainer {
    let name = container_name(&setting.project.name, &service.service, number, false);
    let instance = Instance {
        name: &name,
        purpose: Purpose::Replica(number),
        image: Some(image),
        inherited: &[],
        replaces: None,
        linked: BTreeMap::new(),
    };
    let made = blueprint(setting, service, &instance, &mut Vec::new()).expect("a body");
    let first = |name: &str| observed.of_service(name).next().map(|one| one.id.clone());
    let body = made.body(&first);
    let endpoint = |key: &String| {
        let network = desired.network(key)?;
        let network_id = format!("network-{}", network.name);
        Some((network.name.clone(), EndpointSettings { network_id, ..EndpointSettings::default() }))
    };
    let mounted = |mount: &Mount| {
        let volume = desired.volume(&mount.source)?;
        Some(MountDetails {
            r#type: "volume".into(),
            name: volume.name.clone(),
            destination: mount.target.clone(),
            writable: true,
            ..MountDetails::default()
        })
    };
    ProjectContainer::new(ContainerSummary {
        id: id(&name),
        names: vec![format!("/{name}")],
        image: service.image.clone(),
        labels: body.labels,
        state: "running".into(),
        status: "Up 3 minutes".into(),
        mounts: service.service.volumes.iter().filter_map(mounted).collect(),
        network_settings: SummaryNetworks {
            networks: service.service.networks.keys().filter_map(endpoint).collect(),
        },
        ..ContainerSummary::default()
    })
}

/// The plan from what exists to what the project asks for.
pub(crate) fn reconciled(
    project: &Project,
    observed: &Observed,
    options: &Options,
    answers: &BTreeMap<String, bool>,
) -> Result<Reconciled, StackError> {
    let none = BTreeMap::new();
    let setting = Setting {
        project,
        api_version: NEWEST,
        files: &NoFiles,
        compatibility: false,
        proxy_environment: &none,
    };
    let selection = select(project, &options.services, Companions::Dependencies)?;
    let desired = desire(&setting, &selection, None, &options.scale, &Brought::default())?;
    reconcile(&Input {
        setting,
        desired: &desired,
        observed,
        other_hash: &with_other_hash(&desired, observed),
        options,
        swarm_active: false,
        answers,
        target: None,
    })
}

/// The same with what it was decided from, all questions unanswered.
pub(crate) fn reconciled_with(
    project: &Project,
    observed: &Observed,
    options: &Options,
) -> (Desired, Reconciled) {
    let none = BTreeMap::new();
    let setting = Setting {
        project,
        api_version: NEWEST,
        files: &NoFiles,
        compatibility: false,
        proxy_environment: &none,
    };
    let selection =
        select(project, &options.services, Companions::Dependencies).expect("names of services");
    let desired = desire(&setting, &selection, None, &options.scale, &Brought::default())
        .expect("a project that can be made");
    let result = reconciled(project, observed, options, &BTreeMap::new()).expect("a plan");
    (desired, result)
}

/// What keeps an engine of that version, on which nothing exists yet, from running the project.
pub(crate) fn problem_of_up(
    project: &Project,
    api_version: ApiVersion,
    files: &dyn Files,
    scale: &BTreeMap<String, i64>,
) -> Result<(), StackError> {
    let (none, options) = (BTreeMap::new(), Options::default());
    let proxy_environment = &BTreeMap::new();
    let setting = Setting { project, api_version, files, compatibility: false, proxy_environment };
    let selection = select(project, &[], Companions::Dependencies)?;
    let desired = desire(&setting, &selection, None, scale, &Brought::default())?;
    reconcile(&Input {
        setting,
        desired: &desired,
        observed: &Observed::default(),
        other_hash: &BTreeSet::new(),
        options: &options,
        swarm_active: false,
        answers: &none,
        target: None,
    })?;
    for service in &desired.services {
        let instance = Instance {
            name: &service.service.name,
            purpose: Purpose::Replica(1),
            image: None,
            inherited: &[],
            replaces: None,
            linked: BTreeMap::new(),
        };
        blueprint(&setting, service, &instance, &mut Vec::new())?;
        injected_files(&setting, &service.service)?;
    }
    Ok(())
}
