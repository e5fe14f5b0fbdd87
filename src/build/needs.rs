//! Which builds need the image of another service first.

use std::collections::{BTreeMap, BTreeSet};

use super::dockerfile::{self, Base, Given, same_image};
use super::{BuildOptions, BuildRequest, dockerfile_of};
use crate::compose::model::{Project, Service};
use crate::platform::Platform;

/// Which services of a project need the images of which others to be built, as [`needs_between`] has it.
pub fn needs(project: &Project) -> BTreeMap<String, BTreeSet<String>> {
    let services = project.services.values().chain(project.disabled_services.values());
    let built: Vec<&Service> = services.filter(|service| service.build.is_some()).collect();
    if built.len() < 2 {
        return BTreeMap::new();
    }
    let request =
        |service: &&Service| BuildRequest::new(project, service, &BuildOptions::default());
    let requests: Vec<BuildRequest> =
        built.iter().filter_map(|service| request(service).ok()).collect();
    needs_between(&requests)
}

/// Services by service: those whose images its build takes as contexts (`additional_contexts`), and those whose images
/// its Dockerfile names in a `FROM` or a `COPY --from`.
///
/// Docker Compose goes by `depends_on` where it builds without bake (`COMPOSE_BAKE=0`, `DOCKER_BUILDKIT=0`), and by
/// contexts alone with it. What the Dockerfile says holds for both, and lets everything else be built side by side.
/// Services that name each other's images begin with what a registry has: no build waits for itself.
pub fn needs_between<'a>(
    requests: impl IntoIterator<Item = &'a BuildRequest>,
) -> BTreeMap<String, BTreeSet<String>> {
    let requests: Vec<&BuildRequest> = requests.into_iter().collect();
    let contexts = |request: &&BuildRequest| request.needs().map(str::to_owned).collect();
    let mut needs: BTreeMap<String, BTreeSet<String>> =
        requests.iter().map(|request| (request.service.clone(), contexts(request))).collect();
    if requests.len() < 2 {
        return needs;
    }
    for request in &requests {
        let named = named_images(request);
        let is_named = |tag: &String| named.iter().any(|name| same_image(name, tag));
        for other in &requests {
            if other.tags.iter().any(is_named) && !reaches(&needs, &other.service, &request.service)
            {
                needs.entry(request.service.clone()).or_default().insert(other.service.clone());
            }
        }
    }
    needs
}

/// The images that a Dockerfile names. One that cannot be read needs nothing: its build says why.
fn named_images(request: &BuildRequest) -> Vec<String> {
    let Ok(Some((_, text))) = dockerfile_of(request) else { return Vec::new() };
    let given = Given {
        args: &request.args,
        target: &request.target,
        contexts: &request.named_contexts.keys().cloned().collect(),
        // Names that depend on the platform are rare, and at worst a build does not wait.
        platform: &Platform::new("linux", "amd64", ""),
    };
    let stages = dockerfile::stages(&text, &given).unwrap_or_default();
    let images = stages.into_iter().filter_map(|stage| match stage.base {
        Base::Image(image) => Some(image),
        _ => None,
    });
    images.collect()
}

/// Whether a service is another, or needs it by way of others.
fn reaches(needs: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            open.extend(needs.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::loaded::Loaded;

    fn told(text: &str) -> String {
        let needs = needs(&Loaded::from(text).project());
        let lines = needs.iter().filter(|(_, needed)| !needed.is_empty());
        let line = |(service, needed): (&String, &BTreeSet<String>)| {
            format!(
                "{service}: {}",
                needed.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
            )
        };
        lines.map(line).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_a_dockerfile_begins_with_or_takes_from_is_built_first() {
        let base = "services: {base: {image: 'shop/base', build: {context: /, dockerfile_inline: FROM scratch}}, ";
        let with = |dockerfile: &str| {
            told(&format!(
                "{base}web: {{build: {{context: /, dockerfile_inline: {dockerfile:?}}}}}}}"
            ))
        };
        assert_eq!(with("FROM shop/base"), "web: base");
        assert_eq!(with("ARG N=shop/base\nFROM docker.io/$${N}:latest AS b\nFROM b"), "web: base");
        assert_eq!(with("FROM scratch\nCOPY --from=shop/base /a /a"), "web: base");
        assert_eq!(with("FROM shop/base:2"), "");
        assert_eq!(with("FROM busybox"), "");
    }

    #[test]
    fn contexts_count_and_nothing_waits_for_itself() {
        let build = |from: &str| format!("build: {{context: /, dockerfile_inline: FROM {from}");
        let (one, two) = (build("two"), build("one"));
        assert_eq!(
            told(&format!("services: {{a: {{image: one, {one}}}}}, b: {{image: two, {two}}}}}}}")),
            "a: b"
        );
        let (own, context) = (build("own"), build("x"));
        assert_eq!(
            told(&format!(
                "services: {{a: {{image: own, {own}}}}}, b: {{{context}, additional_contexts: {{x: 'service:a'}}}}}}}}"
            )),
            "b: a"
        );
    }
}
