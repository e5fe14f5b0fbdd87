//! The flags of `up` and `create`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// When existing containers are replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recreate {
    /// When what they were made from changed.
    #[default]
    Diverged,
    /// Always.
    Force,
    /// Never.
    Never,
}

/// When images are built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Build {
    /// When the image is missing.
    #[default]
    Missing,
    /// Always (`--build`).
    Always,
    /// Never (`--no-build`).
    Never,
}

/// The flags of `up` and `create`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Services named; empty for all.
    pub services: Vec<String>,
    /// `--no-deps`.
    pub no_deps: bool,
    /// `--force-recreate`, `--no-recreate`.
    pub recreate: Recreate,
    /// `--always-recreate-deps`.
    pub always_recreate_dependencies: bool,
    /// `--renew-anon-volumes`; implies [`Recreate::Force`].
    pub renew_anonymous_volumes: bool,
    /// `--scale`.
    pub scale: BTreeMap<String, i64>,
    /// `--timeout`: seconds for containers that are stopped; `None` for the container's own.
    pub timeout: Option<i64>,
    /// `--remove-orphans`.
    pub remove_orphans: bool,
    /// `COMPOSE_IGNORE_ORPHANS`: no warning.
    pub ignore_orphans: bool,
    /// `--build`, `--no-build`.
    pub build: Build,
    /// `--pull`: a pull policy for every service.
    pub pull: Option<String>,
    /// `--no-start`, and `create`.
    pub no_start: bool,
    /// `--wait`: until every service runs, or is healthy where it has a healthcheck.
    pub wait: bool,
    /// `--wait-timeout`.
    pub wait_timeout: Option<Duration>,
    /// `--yes`: every question is answered yes.
    pub assume_yes: bool,
    /// `--compatibility`: `_` in container names.
    pub compatibility: bool,
    /// Proxy variables from the client's configuration file, which containers get unless their
    /// service sets them.
    #[serde(skip)]
    pub proxy_environment: BTreeMap<String, String>,
}
