//! From a service to a request (Compose Build Specification, and what Docker Compose makes of it).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{
    BuildOptions, BuildRequest, BuilderKind, Cache, Context, DEFAULT_PROVENANCE, Dockerfile,
    NamedContext, Secret, SecretSource, SshForward, platform,
};
use crate::compose::model::{Build, Project, Service, Ulimit};
use crate::diagnostic::{Code, Diagnostic, codes};

impl BuildRequest {
    /// What to do to build a service's image. A service without `build` is built from nothing but
    /// defaults; callers do not ask for it.
    ///
    /// # Errors
    /// What the file asks for and no builder can do.
    pub fn new(
        project: &Project,
        service: &Service,
        options: &BuildOptions,
    ) -> Result<Self, Diagnostic> {
        let none = Build::default();
        let build = service.build.as_deref().unwrap_or(&none);
        let resolver = Resolver { project, service, build, options };
        platform::check(project, service, build)?;
        let platforms = if options.single_platform {
            platform::single(project, service, build)
        } else {
            platform::all(project, service, build)
        };
        let mut entitlements = build.entitlements.clone();
        if build.privileged {
            entitlements.push("security.insecure".to_owned());
        }
        Ok(Self {
            service: service.name.clone(),
            builder: options.builder,
            context: resolver.context(&build.context),
            dockerfile: match (&build.dockerfile_inline, &build.dockerfile) {
                (inline, _) if !inline.is_empty() => Dockerfile::Inline(inline.clone()),
                (_, path) if !path.is_empty() => Dockerfile::File(path.clone()),
                _ => Dockerfile::default(),
            },
            named_contexts: resolver.named_contexts(),
            target: build.target.clone(),
            tags: resolver.tags(),
            args: resolver.args(),
            labels: resolver.labels(),
            platforms,
            cache_from: resolver.caches("cache_from", &build.cache_from)?,
            cache_to: resolver.caches("cache_to", &build.cache_to)?,
            no_cache: build.no_cache || options.no_cache,
            no_cache_filter: build.no_cache_filter.clone(),
            records: options.records,
            pull: build.pull || options.pull,
            network: resolver.network()?,
            extra_hosts: build
                .extra_hosts
                .iter()
                .flat_map(|(host, addresses)| {
                    addresses.iter().map(|address| (host.clone(), address.clone()))
                })
                .collect(),
            shm_size: build.shm_size.0,
            ulimits: build
                .ulimits
                .iter()
                .map(|(name, limit)| match *limit {
                    Ulimit::Single(limit) => (name.clone(), limit, limit),
                    Ulimit::Range { soft, hard } => (name.clone(), soft, hard),
                })
                .collect(),
            secrets: resolver.secrets(),
            ssh: resolver.ssh()?,
            entitlements,
            attestations: resolver.attestations(),
            privileged: build.privileged,
            isolation: build.isolation.clone(),
            memory: options.memory,
            push: options.push && !service.image.is_empty(),
        })
    }

    /// The services whose images must be there before this one is built.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        self.named_contexts.values().filter_map(|context| match context {
            NamedContext::Service { service, .. } => Some(service.as_str()),
            _ => None,
        })
    }
}

/// The name of a service's image: `image`, or `<project>-<service>`.
fn image_name(project: &Project, service: &Service) -> String {
    if service.image.is_empty() {
        format!("{}-{}", project.name, service.name)
    } else {
        service.image.clone()
    }
}

/// What a build section and the flags come to, field by field.
pub(super) struct Resolver<'a> {
    pub(super) project: &'a Project,
    pub(super) service: &'a Service,
    pub(super) build: &'a Build,
    pub(super) options: &'a BuildOptions,
}

impl Resolver<'_> {
    pub(super) fn context(&self, text: &str) -> Context {
        if is_remote(text) {
            Context::Remote(text.to_owned())
        } else {
            Context::Directory(self.path(text))
        }
    }

    fn path(&self, text: &str) -> PathBuf {
        self.project.working_dir.join(text)
    }

    pub(super) fn named_contexts(&self) -> BTreeMap<String, NamedContext> {
        let named = |text: &str| {
            if let Some(name) = text.strip_prefix("service:") {
                let services = [&self.project.services, &self.project.disabled_services];
                let image = services
                    .iter()
                    .find_map(|services| services.get(name))
                    .map(|service| image_name(self.project, service))
                    .unwrap_or_default();
                return NamedContext::Service { service: name.to_owned(), image };
            }
            if let Some(path) = text.strip_prefix("oci-layout://") {
                return NamedContext::Reference(format!(
                    "oci-layout://{}",
                    self.path(path).display()
                ));
            }
            if text.contains("://") || is_remote(text) {
                return NamedContext::Reference(text.to_owned());
            }
            NamedContext::Directory(self.path(text))
        };
        self.build
            .additional_contexts
            .iter()
            .map(|(name, text)| (name.clone(), named(text)))
            .collect()
    }

    /// The file's tags, then the name under which the service is run.
    pub(super) fn tags(&self) -> Vec<String> {
        let mut tags = self.build.tags.clone();
        tags.push(image_name(self.project, self.service));
        tags
    }

    /// The file's arguments, over which go the command's; what has no value gets the project
    /// environment's or is left out; proxies come last and replace nothing.
    pub(super) fn args(&self) -> BTreeMap<String, String> {
        let mut given = self.build.args.clone();
        given.extend(self.options.args.clone());
        let mut args: BTreeMap<String, String> = given
            .iter()
            .filter_map(|(name, value)| {
                let value = value.as_ref().or_else(|| self.project.environment.get(name))?;
                Some((name.clone(), value.clone()))
            })
            .collect();
        for (name, value) in &self.options.proxies {
            if !given.contains_key(name) {
                args.insert(name.clone(), value.clone());
            }
        }
        args
    }

    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.build.labels.clone();
        let mut set = |key: &str, value: &str| {
            labels.insert(format!("com.docker.compose.{key}"), value.to_owned());
        };
        match self.options.builder {
            BuilderKind::BuildKit => {
                set("project", &self.project.name);
                set("service", &self.service.name);
                set("version", &self.options.version);
            }
            BuilderKind::Classic => set("image.builder", "classic"),
        }
        labels
    }

    fn caches(&self, field: &str, entries: &[String]) -> Result<Vec<Cache>, Diagnostic> {
        let (base, environment) = (&self.project.working_dir, &self.project.environment);
        entries
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                Cache::parse(entry, base, environment).map_err(|words| {
                    let field = format!("build.{field}[{at}]");
                    self.refuse(codes::BUILD_CACHE, format!("invalid {field}: {words}"), &field)
                })
            })
            .collect()
    }

    /// BuildKit has two networks of its own; everything else needs the classic builder.
    fn network(&self) -> Result<String, Diagnostic> {
        let network = &self.build.network;
        let known = matches!(network.as_str(), "" | "default" | "host" | "none");
        if known || self.options.builder == BuilderKind::Classic {
            return Ok(network.clone());
        }
        Err(self
            .refuse(
                codes::BUILD_NETWORK,
                format!("network mode \"{network}\" not supported by buildkit"),
                "build.network",
            )
            .help("use `default`, `host` or `none`, or set DOCKER_BUILDKIT=0"))
    }

    /// Values from the environment are taken now, files are read when they are asked for.
    fn secrets(&self) -> Vec<Secret> {
        let secret = |reference: &crate::compose::model::FileReference| {
            let definition = self.project.secrets.get(&reference.source)?;
            let source = if !definition.environment.is_empty() {
                let value = self.project.environment.get(&definition.environment);
                SecretSource::Value(value.cloned().unwrap_or_default().into_bytes())
            } else if !definition.file.is_empty() {
                SecretSource::File(self.path(&definition.file))
            } else {
                SecretSource::Value(definition.content.clone().into_bytes())
            };
            let id =
                if reference.target.is_empty() { &reference.source } else { &reference.target };
            Some(Secret { id: id.clone(), source })
        };
        self.build.secrets.iter().filter_map(secret).collect()
    }

    fn ssh(&self) -> Result<Vec<SshForward>, Diagnostic> {
        let file = self.build.ssh.iter();
        let flags = self.options.ssh.iter().map(|(id, path)| (id, path));
        let mut forwards: BTreeMap<&str, SshForward> = BTreeMap::new();
        for (id, path) in file.chain(flags) {
            let paths = if path.is_empty() {
                vec![self.agent(id)?]
            } else {
                path.split(',').map(|path| self.path(path)).collect()
            };
            forwards.insert(id, SshForward { id: id.clone(), paths });
        }
        Ok(forwards.into_values().collect())
    }

    /// The socket of the user's own agent.
    fn agent(&self, id: &str) -> Result<PathBuf, Diagnostic> {
        let socket = self.project.environment.get("SSH_AUTH_SOCK").filter(|path| !path.is_empty());
        socket.map(PathBuf::from).ok_or_else(|| {
            let words = "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set";
            self.refuse(codes::BUILD_SSH_AGENT, words.to_owned(), &format!("build.ssh.{id}"))
                .help("start an ssh agent, or name a key: `id=path`")
        })
    }

    /// Those that are asked for; `true` asks for the builder's own options.
    pub(super) fn attestations(&self) -> BTreeMap<String, String> {
        let choose = |flag: &Option<String>, file: &String| {
            let text = flag.as_ref().unwrap_or(file);
            match text.as_str() {
                "" | "false" | "0" => None,
                "true" | "1" => Some(String::new()),
                options => Some(options.to_owned()),
            }
        };
        let said = self.options.provenance.as_ref().unwrap_or(&self.build.provenance);
        let by_default = self.options.attest_by_default && said.is_empty();
        let provenance = choose(&self.options.provenance, &self.build.provenance)
            .or_else(|| by_default.then(|| DEFAULT_PROVENANCE.to_owned()));
        [("provenance", provenance), ("sbom", choose(&self.options.sbom, &self.build.sbom))]
            .into_iter()
            .filter_map(|(kind, options)| Some((kind.to_owned(), options?)))
            .collect()
    }

    fn refuse(&self, code: Code, words: String, field: &str) -> Diagnostic {
        let path = format!("services.{}.{field}", self.service.name);
        Diagnostic::error(code, words).at(self.project.origin(&path), "")
    }
}

/// Whether a context is fetched by the builder: a URL, or a Git repository in one of the forms
/// that the Docker CLI knows.
fn is_remote(context: &str) -> bool {
    if Path::new(context).is_absolute() {
        return false;
    }
    ["http://", "https://", "git://", "ssh://", "git@", "github.com/"]
        .iter()
        .any(|prefix| context.starts_with(prefix))
}

#[cfg(test)]
mod tests;
