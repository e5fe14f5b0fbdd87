//! For which platforms there is what a stage begins with: an image, or what another service's build makes.

use std::collections::BTreeMap;

use super::{Builds, Draft, Ground, offer};
use crate::compose::image_name::ImageName;
use crate::compose::model::{Project, Service};
use crate::platform::subject::Recipe;
use crate::platform::{Gap, Offer, Platform};

/// What is known of images, besides what files say of builds.
#[derive(Clone, Copy)]
pub(in crate::survey) struct Known<'k> {
    /// For which platforms there are images.
    pub(in crate::survey) offers: &'k BTreeMap<String, Offer>,
    /// The platforms of the copies that the engine has.
    pub(in crate::survey) copies: &'k BTreeMap<String, Vec<Platform>>,
    /// The platforms that services ask for.
    pub(in crate::survey) requests: &'k BTreeMap<String, Platform>,
    /// Whether the builder begins with an image of the engine's whatever its platform is, as it does with those in
    /// containerd's store. From a classic store it only takes what is of the platform that it builds for.
    pub(in crate::survey) takes_any: bool,
}

impl Known<'_> {
    fn offer(&self, image: &str) -> Offer {
        let known = self.offers.get(image).cloned();
        match known.unwrap_or(Offer::Unknown(Gap::OutOfTime)) {
            // What was made here and never pushed.
            Offer::Unknown(Gap::NotFound | Gap::Denied) if self.has_copy(image) => {
                self.kept(self.copies.get(image).cloned().unwrap_or_default())
            }
            known => known,
        }
    }

    fn has_copy(&self, image: &str) -> bool {
        self.copies.get(image).is_some_and(|platforms| !platforms.is_empty())
    }

    /// What the engine has of these platforms and nobody else.
    const fn kept(&self, platforms: Vec<Platform>) -> Offer {
        let is_index = !self.takes_any || platforms.len() > 1;
        Offer::Known { platforms, is_index }
    }
}

/// The images that builds make, in their normal form, with the services that name them.
pub(super) fn makers(project: &Project) -> BTreeMap<String, &str> {
    let services = project.services.values().chain(project.disabled_services.values());
    let built = services.filter(|service| service.build.is_some());
    let made = |service: &'_ Service| crate::stack::images::image_name(project, service);
    built.filter_map(|service| Some((normal(&made(service))?, service.name.as_str()))).collect()
}

fn normal(image: &str) -> Option<String> {
    ImageName::parse(image).ok().map(|name| name.to_string())
}

impl<'p> Builds<'p> {
    /// What a stage begins with; an image that another service's build makes is that service's.
    pub(super) fn ground<'b>(
        &'b self,
        draft: &'b Draft,
        stage: &'b super::dockerfile::Stage,
    ) -> Ground<'b> {
        match draft.ground(stage) {
            Ground::Image(image) => match self.maker(image) {
                Some(service) if service != draft.read.request.service => {
                    Ground::Made(service, image)
                }
                _ => Ground::Image(image),
            },
            ground => ground,
        }
    }

    /// The service whose build makes an image.
    fn maker(&self, image: &str) -> Option<&'p str> {
        self.makers.get(&normal(image)?).copied()
    }

    /// The name of what a stage begins with, for which platforms there is such a thing, and whose build makes it.
    pub(super) fn base<'b>(
        &'b self,
        ground: Ground<'b>,
        known: &Known<'_>,
        within: &mut Vec<&'b str>,
    ) -> (String, Option<Offer>, Option<String>) {
        match ground {
            Ground::Nothing => ("scratch".to_owned(), None, None),
            Ground::Image(image) => (image.to_owned(), Some(known.offer(image)), None),
            Ground::Unknown(written, gap) => (written.to_owned(), Some(Offer::Unknown(gap)), None),
            Ground::Made(service, image) => {
                // Nobody says that it is built first: the builder finds a copy of before, or asks the registry.
                let offered = matches!(known.offers.get(image), Some(Offer::Known { .. }));
                if (offered && !known.has_copy(image)) || within.contains(&service) {
                    return (image.to_owned(), Some(known.offer(image)), None);
                }
                (
                    image.to_owned(),
                    Some(self.made(service, image, known, within)),
                    Some(service.to_owned()),
                )
            }
            Ground::Service(service, image) => {
                let maker = self.drafts.contains_key(service).then(|| service.to_owned());
                (image.to_owned(), Some(self.made(service, image, known, within)), maker)
            }
        }
    }

    /// What there is of a service's image once that is built: the platform that it is built for, and no other.
    fn made<'b>(
        &'b self,
        service: &'b str,
        image: &str,
        known: &Known<'_>,
        within: &mut Vec<&'b str>,
    ) -> Offer {
        let draft = match self.drafts.get(service) {
            Some(Ok(draft)) if !within.contains(&service) => draft,
            Some(Ok(_)) => {
                return Offer::Unknown(Gap::Unreadable("it begins with itself".to_owned()));
            }
            Some(Err(gap)) => return Offer::Unknown(gap.clone()),
            None => return known.offer(image),
        };
        within.push(service);
        let recipe = self.finish(draft, known, within);
        within.pop();
        let recipe = Recipe { platforms: self.told(service), ..recipe };
        let requested = known.requests.get(service);
        let offer = offer::of_build(&recipe, &self.own, requested);
        let fixed = recipe.only_platform().or_else(|| Some(&recipe.pinned_result()?.platform));
        let platform = match (fixed.or(requested), &offer) {
            (Some(platform), _) => platform,
            // Several are kept side by side.
            (None, _) if recipe.platforms.len() > 1 => return offer,
            (None, Offer::Unknown(_)) => return offer,
            (None, Offer::Known { .. }) => &self.own,
        };
        let is_there = match &offer {
            Offer::Known { platforms, .. } => {
                platforms.iter().any(|it| platform.preference(it).is_some())
            }
            Offer::Unknown(_) => true,
        };
        if is_there { known.kept(vec![platform.clone()]) } else { offer }
    }
}
