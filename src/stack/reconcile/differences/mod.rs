//! What exactly differs between a container and what its service asks for now, for the cause of its
//! replacement. Nothing of it decides whether a container is replaced: the hash in its label does.
//!
//! Both sides become [`facts`]. What the image brings and what the engine fills in are facts of the
//! container, too, though nobody wrote them: they are told apart by the [`scalars`]' defaults and by
//! the image.

mod facts;
mod mounts;
mod networks;
mod provenance;
mod scalars;

use std::collections::{BTreeMap, BTreeSet};

use super::Input;
use crate::compose::model::Project;
use crate::engine::api::{ContainerCreate, ContainerDetails, EndpointSettings, ImageDetails};
use crate::platform::Platform;
use crate::stack::desired::{
    DesiredService, Instance, Purpose, blueprint, endpoint_known_to_engine, injected_files,
    known_to_engine,
};
use crate::stack::observed::Observed;
use crate::stack::plan::{Change, label_place, place, variable_place};
use crate::stack::query::ProjectContainer;
use crate::stack::{labels, record};
pub(super) use facts::is_ours;
use facts::{Endpoints, Fact, Facts, Names};
use scalars::is_engine_default;

pub(super) use provenance::is_nobodys_business;
pub(in crate::stack) use provenance::outside_fields;

/// The differences, in the order of the facts.
pub(super) fn differences(
    input: &Input<'_>,
    desired: &DesiredService,
    container: &ProjectContainer,
    details: &ContainerDetails,
) -> Vec<Change> {
    let service = &desired.service;
    let project = input.setting.project;
    let own_name = super::service_fate::own_name(input, service, container.number);
    let image = input.observed.images.get(&desired.image_key()).map(AsRef::as_ref);
    let instance = Instance {
        name: &own_name,
        purpose: Purpose::Replica(container.number),
        image,
        inherited: &[],
        replaces: None,
        linked: linked(input, desired),
    };
    // What cannot be made is reported when it is to be made.
    let expected = blueprint(&input.setting, desired, &instance, &mut Vec::new());
    let (Ok(expected), Ok(files)) = (expected, injected_files(&input.setting, service)) else {
        return Vec::new();
    };
    let names = names(input, desired, container, &own_name, &instance.linked);
    let first = |name: &str| {
        let others = input.observed.of_service(name).map(|other| (&other.name, &other.id));
        others.min().map(|(_, id)| id.clone())
    };
    let body = known_to_engine(&input.setting, expected.body(&first));
    let later = expected.later_endpoints.iter().map(|(name, endpoint)| (name.as_str(), endpoint));
    let wanted: Endpoints<'_> = at_creation(&body)
        .chain(later)
        .map(|(name, endpoint)| (name, endpoint_known_to_engine(&input.setting, endpoint.clone())))
        .collect();
    let mut new = Facts::of(&body, &wanted, &names);
    let mut actual = actual(details);
    if wanted.values().any(|endpoint| !endpoint.mac_address.is_empty()) {
        // The engine tells it once more, as if it were the container's.
        actual.mac_address.clear();
    }
    let mut old = Facts::of(&actual, &attached(details, &wanted), &names);
    if let Some(record) = record::read(&container.summary.labels) {
        old.add_files(record.files.keys().map(String::as_str), &names);
        new.add_files(files.iter().map(|file| file.path.as_str()), &names);
    }
    let of_images = Images::of(input.observed, image, details);
    let recorded = record::outside(container);
    let changes = compare(&new, &old, &of_images, &actual)
        .into_iter()
        .map(|(old, new)| change(project, &service.name, old, new, recorded.as_ref()));
    renamed(project, desired, container, &own_name)
        .into_iter()
        .chain(replatformed(input, desired, image, details))
        .chain(changes)
        .collect()
}

/// A container does not say for which platform it was made, but its image does.
fn replatformed(
    input: &Input<'_>,
    desired: &DesiredService,
    image: Option<&ImageDetails>,
    details: &ContainerDetails,
) -> Option<Change> {
    let mut known = input.observed.images.values().map(AsRef::as_ref).chain(image);
    let old = known.find(|image| image.id == details.image)?.platform();
    let wanted = &desired.service.platform;
    let new = match wanted.as_str() {
        "" => image?.platform(),
        wanted => Platform::parse(wanted, &old).ok()?,
    };
    let has_variants = !old.variant().is_empty() && !new.variant().is_empty();
    let same = (old.os(), old.architecture()) == (new.os(), new.architecture())
        && (!has_variants || old.variant() == new.variant());
    if same || old.architecture().is_empty() || new.architecture().is_empty() {
        return None;
    }
    let path = format!("services.{}.platform", desired.service.name);
    Some(Change {
        field: "platform".into(),
        old: Some(old.to_string()),
        new: Some(new.to_string()),
        place: place(input.setting.project, &path),
        hidden: false,
    })
}

/// What the images of a container say, the one that it was made from and the one it would be.
struct Images {
    new: Facts,
    /// `None` where the engine does not have the old one any more.
    old: Option<Facts>,
}

impl Images {
    fn of(observed: &Observed, image: Option<&ImageDetails>, details: &ContainerDetails) -> Self {
        let facts = |image: &ImageDetails| Facts::of_image(&image.config);
        let mut known = observed.images.values().map(AsRef::as_ref).chain(image);
        let old = known.find(|image| image.id == details.image).map(facts);
        let new = image.map(facts).unwrap_or_default();
        Self { new, old }
    }

    /// Whether an image, and not its service, gave a container this fact.
    fn gave(&self, key: &(usize, String), fact: &Fact) -> bool {
        match &self.old {
            Some(old) => old.get(key).is_some_and(|own| own.value == fact.value),
            // It may have given anything that images can.
            None => self.new.get(key).is_some() || fact.field.starts_with("environment."),
        }
    }
}

/// The container's configuration, with what depends on the host.
fn actual(details: &ContainerDetails) -> ContainerCreate {
    let mut actual =
        ContainerCreate { host_config: details.host_config.clone(), ..details.config.clone() };
    let host = &mut actual.host_config;
    // The engine names a container by its id, or as its host is called.
    let own = details.id.get(..12).unwrap_or(&details.id);
    if actual.hostname == own || host.network_mode == "host" || is_shared(&host.network_mode) {
        actual.hostname.clear();
    }
    // A limit of swap follows from one of memory.
    if host.memory_swap == host.memory.saturating_mul(2) {
        host.memory_swap = 0;
    }
    if host.privileged {
        host.security_opt.retain(|option| option != "label=disable");
    }
    actual
}

/// The networks of a container, as it was asked for: one that nobody asked for an address has one all the same.
fn attached<'a>(details: &'a ContainerDetails, wanted: &Endpoints<'_>) -> Endpoints<'a> {
    let networks = details.network_settings.networks.iter();
    let asked = networks.map(|(name, endpoint)| {
        let mut endpoint = endpoint.clone();
        if wanted.get(name.as_str()).is_none_or(|wanted| wanted.mac_address.is_empty()) {
            endpoint.mac_address.clear();
        }
        (name.as_str(), endpoint)
    });
    asked.collect()
}

fn is_shared(network_mode: &str) -> bool {
    network_mode.starts_with("container:")
}

fn at_creation(body: &ContainerCreate) -> impl Iterator<Item = (&str, &EndpointSettings)> {
    let endpoints = body.networking_config.iter().flat_map(|config| &config.endpoints_config);
    endpoints.map(|(name, endpoint)| (name.as_str(), endpoint))
}

/// What has a name of its own at the engine.
fn names(
    input: &Input<'_>,
    desired: &DesiredService,
    container: &ProjectContainer,
    own_name: &str,
    linked: &BTreeMap<String, Vec<String>>,
) -> Names {
    let project = input.setting.project;
    let service = &desired.service;
    let mut names = Names {
        volumes: project.volumes.iter().map(|(key, it)| (it.name.clone(), key.clone())).collect(),
        networks: project.networks.iter().map(|(key, it)| (it.name.clone(), key.clone())).collect(),
        ..Names::default()
    };
    // Those that no service uses any more are known by their labels alone.
    let of_project =
        |labels: &BTreeMap<String, String>| labels.get(labels::PROJECT) == Some(&project.name);
    for volume in input.observed.volumes.iter().filter(|volume| of_project(&volume.labels)) {
        if let Some(key) = volume.labels.get(labels::VOLUME) {
            names.volumes.entry(volume.name.clone()).or_insert_with(|| key.clone());
        }
    }
    for network in input.observed.networks.iter().filter(|network| of_project(&network.labels)) {
        if let Some(key) = network.labels.get(labels::NETWORK) {
            names.networks.entry(network.name.clone()).or_insert_with(|| key.clone());
        }
    }
    for other in &input.observed.containers {
        names.services.insert(other.id.clone(), other.service.clone());
        names.containers.insert(other.name.clone(), other.service.clone());
    }
    for (service, containers) in linked {
        names.containers.extend(containers.iter().map(|name| (name.clone(), service.clone())));
    }
    for (kind, references, directory) in
        [("secrets", &service.secrets, "/run/secrets/"), ("configs", &service.configs, "/")]
    {
        for reference in references {
            let target = match reference.target.as_str() {
                "" => format!("{directory}{}", reference.source),
                target if target.starts_with('/') => target.to_owned(),
                target => format!("{directory}{target}"),
            };
            let field = format!("{kind}.{}", reference.source);
            let objects = if kind == "secrets" { &project.secrets } else { &project.configs };
            if let Some(object) = objects.get(&reference.source).filter(|it| !it.file.is_empty()) {
                names.sources.insert(object.file.clone(), field.clone());
            }
            names.files.insert(target, field);
        }
    }
    for (index, port) in service.ports.iter().enumerate() {
        let target = format!("{}/{}", port.target, port.protocol);
        names.items.insert(target, format!("ports[{index}]"));
    }
    for (index, mount) in service.volumes.iter().enumerate() {
        names.items.insert(mount.target.clone(), format!("volumes[{index}]"));
    }
    names.own_aliases = vec![
        own_name.to_owned(),
        container.name.clone(),
        service.name.clone(),
        container.id.get(..12).unwrap_or(&container.id).to_owned(),
    ];
    names
}

/// The containers of each service that one links to; one that has none yet will have its first.
fn linked(input: &Input<'_>, desired: &DesiredService) -> BTreeMap<String, Vec<String>> {
    let project = input.setting.project;
    let links = desired.service.links.iter();
    let targets = links.map(|link| link.split(':').next().unwrap_or(link));
    let containers = |target: &str| {
        let there = input.observed.of_service(target).map(|container| container.name.clone());
        let there: Vec<String> = there.collect();
        match project.services.get(target) {
            Some(service) if there.is_empty() => {
                vec![super::service_fate::own_name(input, service, 1)]
            }
            _ => there,
        }
    };
    targets.map(|target| (target.to_owned(), containers(target))).collect()
}

/// A fixed name is a field like any other, but for one that an interrupted run has left.
fn renamed(
    project: &Project,
    desired: &DesiredService,
    container: &ProjectContainer,
    own_name: &str,
) -> Option<Change> {
    let fixed = !desired.service.container_name.is_empty();
    if container.name == own_name || container.name.ends_with(&format!("_{own_name}")) {
        return None;
    }
    Some(Change {
        field: "container_name".into(),
        old: Some(container.name.clone()),
        new: Some(own_name.to_owned()),
        place: fixed
            .then(|| place(project, &format!("services.{}.container_name", desired.service.name)))
            .flatten(),
        hidden: false,
    })
}

/// An old and a new fact.
type Pair<'a> = (Option<&'a Fact>, Option<&'a Fact>);

/// Pairs of old and new facts that are not the same.
fn compare<'a>(
    new: &'a Facts,
    old: &'a Facts,
    images: &Images,
    actual: &ContainerCreate,
) -> Vec<Pair<'a>> {
    let keys: BTreeSet<&(usize, String)> =
        new.iter().chain(old.iter()).map(|(key, _)| key).collect();
    let taken_away = |fact: &Fact| {
        fact.field.strip_prefix("environment.").is_some_and(|name| {
            !actual.env.iter().any(|entry| entry.split('=').next() == Some(name))
        })
    };
    let found: Vec<Pair<'_>> = keys
        .into_iter()
        .filter_map(|key| {
            let (was, is) = (old.get(key), new.get(key));
            let nobodys =
                |fact: &Fact| images.gave(key, fact) || is_engine_default(&fact.field, &fact.value);
            let same = match (was, is) {
                (Some(was), Some(is)) => was.value == is.value,
                (Some(was), None) => nobodys(was),
                (None, Some(is)) => is_engine_default(&is.field, &is.value) && !taken_away(is),
                (None, None) => true,
            };
            (!same).then_some((was, is))
        })
        .collect();
    paired(&found)
}

/// One thing that went and one that came in the same list, as a port, are one change.
fn paired<'a>(found: &[Pair<'a>]) -> Vec<Pair<'a>> {
    let only = |field: &str, side: fn(&Pair<'a>) -> Option<&'a Fact>| {
        let mut all = found
            .iter()
            .filter(|pair| pair.0.is_none() || pair.1.is_none())
            .filter_map(side)
            .filter(|fact| fact.field == field);
        let first = all.next();
        first.filter(|_| all.next().is_none())
    };
    found
        .iter()
        .filter_map(|pair| match *pair {
            (Some(was), None) => match only(&was.field, |pair| pair.1) {
                Some(_) if only(&was.field, |pair| pair.0).is_some() => None,
                _ => Some(*pair),
            },
            (None, Some(is)) => match only(&is.field, |pair| pair.1) {
                Some(_) => Some((only(&is.field, |pair| pair.0), Some(is))),
                None => Some(*pair),
            },
            both => Some(both),
        })
        .collect()
}

fn change(
    project: &Project,
    service: &str,
    old: Option<&Fact>,
    new: Option<&Fact>,
    recorded: Option<&BTreeSet<String>>,
) -> Change {
    let (fact, none) = (new.or(old), Vec::new());
    let field = fact.map(|fact| fact.field.clone()).unwrap_or_default();
    let paths = fact.map_or(&none, |fact| &fact.paths);
    let full = |path: &str| format!("services.{service}.{path}");
    let path = paths.iter().find(|path| project.tree.at_path(&full(path)).is_some());
    let path = path.or(paths.first()).map_or(field.as_str(), String::as_str);
    let value = |fact: Option<&Fact>| fact.map(|fact| fact.value.clone());
    let (old, new) = (value(old), value(new));
    let whole = field.split('.').next().unwrap_or(&field);
    let was_outside =
        recorded.is_some_and(|fields| fields.contains(&field) || fields.contains(whole));
    let is_outside = new.is_some() && provenance::from_outside(project, service, path);
    let hidden = was_outside
        || is_outside
        || provenance::is_confidential(&field, [old.as_ref(), new.as_ref()]);
    let place = match field.split_once('.') {
        Some(("environment", name)) => variable_place(project, service, name),
        Some(("labels", name)) => label_place(project, service, name),
        _ => place(project, &full(path)),
    };
    // A limit may stand in one of two places; the one that the file uses is told.
    let field = if paths.first() == Some(&field) { path.to_owned() } else { field };
    Change { field, old, new, place, hidden }
}
