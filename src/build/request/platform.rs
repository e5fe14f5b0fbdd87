//! For which platforms an image is built.

use crate::compose::model::{Build, Project, Service};
use crate::diagnostic::{Diagnostic, codes};

/// `DOCKER_DEFAULT_PLATFORM`, where it is set.
fn default_platform(project: &Project) -> Option<&str> {
    project
        .environment
        .get("DOCKER_DEFAULT_PLATFORM")
        .map(String::as_str)
        .filter(|platform| !platform.is_empty())
}

/// The platforms of an image that is built to be kept (`build`): all that `build.platforms` has,
/// else the service's one, instead of which `DOCKER_DEFAULT_PLATFORM` stands.
pub(super) fn all(project: &Project, service: &Service, build: &Build) -> Vec<String> {
    if !build.platforms.is_empty() {
        return build.platforms.clone();
    }
    let platform = default_platform(project).unwrap_or(&service.platform);
    if platform.is_empty() { Vec::new() } else { vec![platform.to_owned()] }
}

/// The platform of an image that is built to be run here: the service's, else
/// `DOCKER_DEFAULT_PLATFORM`. Without either, the one in `build.platforms`, or the builder's own
/// when there are several.
pub(super) fn single(project: &Project, service: &Service, build: &Build) -> Vec<String> {
    if !service.platform.is_empty() {
        return vec![service.platform.clone()];
    }
    match default_platform(project) {
        Some(platform) => vec![platform.to_owned()],
        None if build.platforms.len() > 1 => Vec::new(),
        None => build.platforms.clone(),
    }
}

/// Whether the platform that is asked for, the service's or else `DOCKER_DEFAULT_PLATFORM`, is among
/// `build.platforms`, where there are any.
pub(super) fn check(project: &Project, service: &Service, build: &Build) -> Result<(), Diagnostic> {
    let supported = |platform: &str| {
        build.platforms.is_empty() || build.platforms.iter().any(|one| one == platform)
    };
    let name = &service.name;
    let (code, words) = match (service.platform.as_str(), default_platform(project)) {
        ("", Some(platform)) if !supported(platform) => (
            codes::BUILD_DEFAULT_PLATFORM,
            format!(
                "service \"{name}\" build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: {platform}"
            ),
        ),
        (platform, _) if !platform.is_empty() && !supported(platform) => (
            codes::BUILD_PLATFORM,
            format!("service \"{name}\" build configuration does not support platform: {platform}"),
        ),
        _ => return Ok(()),
    };
    let place = project.origin(&format!("services.{name}.build.platforms"));
    Err(Diagnostic::error(code, words)
        .at(place, "the platforms it is built for")
        .help("add the platform to `build.platforms`"))
}
