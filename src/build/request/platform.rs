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
/// `DOCKER_DEFAULT_PLATFORM`, and it must be among `build.platforms` where there are any. Without
/// either, the one in `build.platforms`, or the builder's own when there are several.
pub(super) fn single(
    project: &Project,
    service: &Service,
    build: &Build,
) -> Result<Vec<String>, Diagnostic> {
    let supported = |platform: &str| {
        build.platforms.is_empty() || build.platforms.iter().any(|one| one == platform)
    };
    let refuse = |code, words: String| {
        let at = |field: &str| project.origin(&format!("services.{}.{field}", service.name));
        Err(Diagnostic::error(code, words)
            .at(at("build.platforms"), "the platforms it is built for")
            .help("add the platform to `build.platforms`"))
    };
    if !service.platform.is_empty() {
        if supported(&service.platform) {
            return Ok(vec![service.platform.clone()]);
        }
        return refuse(
            codes::BUILD_PLATFORM,
            format!(
                "service \"{}\" build configuration does not support platform: {}",
                service.name, service.platform
            ),
        );
    }
    if let Some(platform) = default_platform(project) {
        if supported(platform) {
            return Ok(vec![platform.to_owned()]);
        }
        return refuse(
            codes::BUILD_DEFAULT_PLATFORM,
            format!(
                "service \"{}\" build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: {platform}",
                service.name
            ),
        );
    }
    Ok(if build.platforms.len() > 1 { Vec::new() } else { build.platforms.clone() })
}
