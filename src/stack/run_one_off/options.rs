//! The flags of `run`, and what they make of its service. Pure.

use std::collections::BTreeMap;

use crate::compose::model::{Mount, Port, Project, Service};
use crate::stack::desired::name_built_images;
use crate::stack::up::{self, Build};

/// The flags of `run`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The service.
    pub service: String,
    /// The command; empty for the service's own.
    pub command: Vec<String>,
    /// `--entrypoint`, split into words.
    pub entrypoint: Option<Vec<String>>,
    /// `--name`.
    pub name: Option<String>,
    /// `--env` and `--env-from-file`; `None` takes the project's environment.
    pub environment: BTreeMap<String, Option<String>>,
    /// `--label`.
    pub labels: BTreeMap<String, String>,
    /// `--user`.
    pub user: Option<String>,
    /// `--workdir`.
    pub working_dir: Option<String>,
    /// `--volume`.
    pub volumes: Vec<Mount>,
    /// `--publish`.
    pub publish: Vec<Port>,
    /// `--service-ports`.
    pub service_ports: bool,
    /// `--use-aliases`.
    pub use_aliases: bool,
    /// `--cap-add`.
    pub cap_add: Vec<String>,
    /// `--cap-drop`.
    pub cap_drop: Vec<String>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// `--interactive`.
    pub interactive: bool,
    /// `--detach`.
    pub detach: bool,
    /// `--rm`.
    pub remove: bool,
    /// `--no-deps`.
    pub no_deps: bool,
    /// `--build`.
    pub build: Build,
    /// `--pull`.
    pub pull: Option<String>,
    /// `--remove-orphans`.
    pub remove_orphans: bool,
    /// `COMPOSE_IGNORE_ORPHANS`.
    pub ignore_orphans: bool,
    /// `--compatibility`: `_` in container names.
    pub compatibility: bool,
    /// Proxy variables from the client's configuration file.
    pub proxy_environment: BTreeMap<String, String>,
}

impl Options {
    /// The service as its one-off container has it.
    pub(super) fn apply(&self, project: &Project, service: &Service) -> Service {
        let mut service = service.clone();
        name_built_images(project, &mut service);
        service.tty = self.tty;
        service.stdin_open = self.interactive;
        service.scale = Some(1);
        service.restart.clear();
        if let Some(deploy) = &mut service.deploy {
            deploy.restart_policy = None;
        }
        if !self.service_ports {
            service.ports.clear();
        }
        service.ports.extend(self.publish.iter().cloned());
        for mount in &self.volumes {
            service.volumes.retain(|other| other.target != mount.target);
            service.volumes.push(mount.clone());
        }
        if let Some(entrypoint) = &self.entrypoint {
            service.entrypoint = Some(entrypoint.clone());
            // The command of the file was meant for the entrypoint of the file.
            service.command = Some(Vec::new());
        }
        if !self.command.is_empty() {
            service.command = Some(self.command.clone());
        }
        for (name, value) in &self.environment {
            // Without a value here or in the project's environment it is not passed on.
            match value.as_ref().or_else(|| project.environment.get(name)) {
                Some(value) => service.environment.insert(name.clone(), Some(value.clone())),
                None => service.environment.remove(name),
            };
        }
        service.labels.extend(self.labels.clone());
        if let Some(user) = &self.user {
            service.user.clone_from(user);
        }
        if let Some(directory) = &self.working_dir {
            service.working_dir.clone_from(directory);
        }
        if let Some(name) = &self.name {
            service.container_name.clone_from(name);
        }
        exchange(&mut service.cap_add, &mut service.cap_drop, &self.cap_add);
        exchange(&mut service.cap_drop, &mut service.cap_add, &self.cap_drop);
        service
    }

    /// How the dependencies come up.
    pub(super) fn dependencies(&self) -> up::Options {
        up::Options {
            services: vec![self.service.clone()],
            no_deps: self.no_deps,
            remove_orphans: self.remove_orphans,
            ignore_orphans: self.ignore_orphans,
            build: self.build,
            pull: self.pull.clone(),
            compatibility: self.compatibility,
            proxy_environment: self.proxy_environment.clone(),
            ..up::Options::default()
        }
    }
}

/// Puts capabilities into one list and takes them out of the other.
fn exchange(into: &mut Vec<String>, out_of: &mut Vec<String>, names: &[String]) {
    for name in names {
        if !into.contains(name) {
            into.push(name.clone());
        }
        out_of.retain(|other| other != name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::testing;

    #[test]
    fn flags_win_over_the_service() {
        let mut project = testing::empty();
        project.environment.insert("FROM_SHELL".into(), "1".into());
        let service = testing::service(&mut project, "web");
        service.command = Some(vec!["serve".into()]);
        service.restart = "always".into();
        service.cap_drop = vec!["NET_ADMIN".into()];
        service.ports = vec![Port::default()];
        let service = service.clone();
        let options = Options {
            service: "web".into(),
            entrypoint: Some(vec!["sh".into()]),
            environment: BTreeMap::from([
                ("FROM_SHELL".into(), None),
                ("UNKNOWN".into(), None),
                ("GIVEN".into(), Some("2".into())),
            ]),
            cap_add: vec!["NET_ADMIN".into()],
            ..Options::default()
        };
        let applied = options.apply(&project, &service);
        assert_eq!(applied.command, Some(Vec::new()), "the entrypoint replaces the command too");
        assert_eq!(applied.restart, "");
        assert!(applied.ports.is_empty());
        assert_eq!((applied.cap_add.len(), applied.cap_drop.len()), (1, 0));
        let environment: Vec<_> = applied.environment.iter().collect();
        assert_eq!(
            environment,
            [
                (&"FROM_SHELL".to_owned(), &Some("1".to_owned())),
                (&"GIVEN".to_owned(), &Some("2".to_owned())),
            ]
        );
    }
}
