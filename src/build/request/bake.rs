//! Builds as `docker buildx bake` takes them (Buildx, Bake file reference, JSON form): what
//! `build --print` shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::resolve::Resolver;
use super::{BuildOptions, Context, NamedContext, platform};
use crate::compose::model::{Build, Project, Service, Ulimit};

/// A bake file: all targets, of which every one is built.
#[derive(Debug, Serialize)]
pub struct Bake {
    group: BTreeMap<&'static str, Group>,
    target: BTreeMap<String, Target>,
}

#[derive(Debug, Serialize)]
struct Group {
    targets: Vec<String>,
}

/// A target, with its fields in the order in which Docker Compose writes them.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    context: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    contexts: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    dockerfile: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    dockerfile_inline: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    args: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cache_from: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cache_to: Vec<String>,
    #[serde(rename = "target", skip_serializing_if = "String::is_empty")]
    stage: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secret: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ssh: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pull: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_cache: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    network: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    no_cache_filter: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    shm_size: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ulimits: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entitlements: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extra_hosts: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attest: Vec<String>,
}

impl Bake {
    /// The builds of some services, and of those whose images they take as contexts.
    pub fn new(project: &Project, services: &BTreeSet<String>, options: &BuildOptions) -> Self {
        let chosen = with_contexts(project, services);
        let names = target_names(chosen.keys().copied());
        let target: BTreeMap<String, Target> = chosen
            .iter()
            .map(|(name, service)| {
                (names[name].clone(), Target::new(project, service, options, &names))
            })
            .collect();
        let targets = target.keys().cloned().collect();
        Self { group: BTreeMap::from([("default", Group { targets })]), target }
    }

    /// As text, with the characters of HTML escaped as Go's encoder does.
    ///
    /// # Panics
    /// Never: texts, lists and maps by text serialise.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts, lists and maps serialise");
        // They stand in texts alone.
        text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
    }
}

fn service<'a>(project: &'a Project, name: &str) -> Option<&'a Service> {
    project.services.get(name).or_else(|| project.disabled_services.get(name))
}

/// The services that are built: those asked for, and whose images these need.
fn with_contexts<'a>(
    project: &'a Project,
    services: &BTreeSet<String>,
) -> BTreeMap<&'a str, &'a Service> {
    let mut chosen = BTreeMap::new();
    let mut open: Vec<String> = services.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let Some(service) = service(project, &name) else { continue };
        let Some(build) = service.build.as_deref() else { continue };
        if chosen.insert(service.name.as_str(), service).is_none() {
            let needed = build.additional_contexts.values();
            open.extend(needed.filter_map(|text| text.strip_prefix("service:")).map(str::to_owned));
        }
    }
    chosen
}

/// A target's name has no dots; where that makes two alike, the later one gets a `_` more.
fn target_names<'a>(services: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let mut taken = BTreeSet::new();
    services
        .map(|service| {
            let mut name = service.replace('.', "_");
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            (service, name)
        })
        .collect()
}

/// `${` begins a variable of a bake file.
fn escape(text: &str) -> String {
    text.replace("${", "$${")
}

impl Target {
    fn new(
        project: &Project,
        service: &Service,
        options: &BuildOptions,
        names: &BTreeMap<&str, String>,
    ) -> Self {
        let none = Build::default();
        let build = service.build.as_deref().unwrap_or(&none);
        let resolver = Resolver { project, service, build, options };
        let context = resolver.context(&build.context);
        let platforms = platform::all(project, service, build);
        let push = options.push && !service.image.is_empty();
        let mut entitlements = build.entitlements.clone();
        if build.privileged {
            entitlements.push("security.insecure".to_owned());
        }
        Self {
            contexts: resolver
                .named_contexts()
                .into_iter()
                .map(|(name, context)| (name, named(&context, names)))
                .collect(),
            dockerfile: dockerfile(build, &context),
            dockerfile_inline: escape(&build.dockerfile_inline),
            args: resolver.args().into_iter().map(|(name, value)| (name, escape(&value))).collect(),
            labels: resolver.labels(),
            tags: resolver.tags(),
            cache_from: build.cache_from.clone(),
            cache_to: build.cache_to.clone(),
            stage: build.target.clone(),
            secret: secrets(project, build),
            ssh: ssh(build, options),
            pull: build.pull || options.pull,
            no_cache: build.no_cache || options.no_cache,
            network: build.network.clone(),
            no_cache_filter: build.no_cache_filter.clone(),
            shm_size: match build.shm_size.0 {
                0 => String::new(),
                bytes => bytes.to_string(),
            },
            ulimits: build.ulimits.iter().map(|(name, limit)| ulimit(name, *limit)).collect(),
            call: options.check.then_some("lint"),
            entitlements,
            extra_hosts: build
                .extra_hosts
                .iter()
                .map(|(host, addresses)| (host.clone(), addresses.join(",")))
                .collect(),
            output: match (options.check, platforms.len()) {
                (true, _) => Vec::new(),
                (false, 2..) => vec![format!("type=image,push={push}")],
                (false, _) if push => vec!["type=registry".to_owned()],
                (false, _) => vec!["type=docker".to_owned()],
            },
            attest: resolver
                .attestations()
                .into_iter()
                .map(|(kind, options)| match options.as_str() {
                    "" => format!("type={kind}"),
                    options => format!("type={kind},{options}"),
                })
                .collect(),
            platforms,
            context: match context {
                Context::Directory(path) => path.display().to_string(),
                Context::Remote(url) => url,
            },
        }
    }
}

/// A file of the context, from the root of this machine's files where the context is a directory.
fn dockerfile(build: &Build, context: &Context) -> String {
    if !build.dockerfile_inline.is_empty() {
        return String::new();
    }
    let name = if build.dockerfile.is_empty() { "Dockerfile" } else { &build.dockerfile };
    match context {
        Context::Directory(path) => path.join(name).display().to_string(),
        Context::Remote(_) => name.to_owned(),
    }
}

fn named(context: &NamedContext, names: &BTreeMap<&str, String>) -> String {
    match context {
        NamedContext::Directory(path) => path.display().to_string(),
        NamedContext::Reference(text) => text.clone(),
        NamedContext::Service { service, image } => match names.get(service.as_str()) {
            Some(target) => format!("target:{target}"),
            None => format!("docker-image://{image}"),
        },
    }
}

fn secrets(project: &Project, build: &Build) -> Vec<String> {
    let secret = |reference: &crate::compose::model::FileReference| {
        let definition = project.secrets.get(&reference.source)?;
        let id = if reference.target.is_empty() { &reference.source } else { &reference.target };
        Some(if definition.environment.is_empty() {
            let file = project.working_dir.join(&definition.file);
            format!("id={id},type=file,src={}", file.display())
        } else {
            format!("id={id},type=env,env={}", definition.environment)
        })
    };
    build.secrets.iter().filter_map(secret).collect()
}

fn ssh(build: &Build, options: &BuildOptions) -> Vec<String> {
    let flags = options.ssh.iter().map(|(id, path)| (id, path));
    build.ssh.iter().chain(flags).map(|(id, path)| format!("{id}={path}")).collect()
}

fn ulimit(name: &str, limit: Ulimit) -> String {
    match limit {
        Ulimit::Single(limit) => format!("{name}={limit}"),
        Ulimit::Range { soft, hard } => format!("{name}={soft}:{hard}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_dots_and_differ() {
        let names = target_names(["a", "two.x", "two_x"].into_iter());
        let names: Vec<&str> = names.values().map(String::as_str).collect();
        assert_eq!(names, ["a", "two_x", "two_x_"]);
    }

    #[test]
    fn variables_of_a_bake_file_are_escaped() {
        assert_eq!(escape("a ${b} $c $"), "a $${b} $c $");
    }

    #[test]
    fn limits_have_one_value_or_two() {
        assert_eq!(ulimit("nproc", Ulimit::Single(5)), "nproc=5");
        assert_eq!(ulimit("nofile", Ulimit::Range { soft: 1, hard: 2 }), "nofile=1:2");
    }
}
