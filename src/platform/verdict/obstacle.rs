//! What stands in the way of the native platform: images and packages that do not exist for it, and what is not
//! known of them.

use super::super::subject::{By, Fixed, Packages, Place, Recipe, without_default_platform};
use super::super::{Gap, Guest, Offer, Platform, replacements};
use super::judge::Court;
use super::{Cause, Code, Verdict};

/// What stands in the way of the native platform.
pub(super) struct Obstacle {
    pub(super) verdict: Verdict,
    pub(super) causes: Vec<Cause>,
    pub(super) remedy: Option<String>,
}

impl Obstacle {
    fn needed(causes: Vec<Cause>) -> Self {
        Self { verdict: Verdict::Needed, causes, remedy: None }
    }
}

impl Court<'_> {
    pub(super) fn obstacles_of_image(self) -> Result<(), Obstacle> {
        if self.guest.best_native(&self.subject.local).is_some() {
            return Ok(());
        }
        match &self.subject.offer {
            Offer::Unknown(gap) => Err(Obstacle {
                verdict: Verdict::Unknown,
                causes: vec![unknown_offer(&self.subject.image, gap)],
                remedy: None,
            }),
            Offer::Known { platforms, .. } if self.guest.best_native(platforms).is_none() => {
                Err(Obstacle {
                    verdict: Verdict::Needed,
                    causes: vec![no_native(&self.subject.image, platforms, self.guest, None)],
                    remedy: replacements::advice(&self.subject.image, &self.guest.own),
                })
            }
            Offer::Known { .. } => Ok(()),
        }
    }

    pub(super) fn obstacles_of_build(self, recipe: &Recipe) -> Result<(), Obstacle> {
        let is_bound = recipe.only_platform().is_some()
            || matches!(&self.subject.offer, Offer::Known { platforms, .. }
                if self.guest.best_native(platforms).is_none());
        if is_bound && let Some((base, cause)) = self.foreign_base(recipe) {
            let remedy = replacements::advice(base, &self.guest.own);
            return Err(Obstacle { remedy, ..Obstacle::needed(vec![cause]) });
        }
        if let Some(cause) = self.unknown_base(recipe) {
            let causes = vec![cause];
            return Err(Obstacle { verdict: Verdict::Unknown, causes, remedy: None });
        }
        self.obstacles_of_packages(recipe, recipe.pinned_result())
    }

    /// What of a build is not known: a base for whose platforms nobody could be asked, or all that a Dockerfile says.
    pub(super) fn unknown_base(self, recipe: &Recipe) -> Option<Cause> {
        let of_stage = recipe.stages_of_image().find_map(|stage| match &stage.offer {
            Some(Offer::Unknown(gap)) => {
                let place = Some(stage.place.clone());
                Some(Cause { place, ..unknown_offer(&stage.base, gap) })
            }
            _ => None,
        });
        of_stage.or_else(|| match &self.subject.offer {
            Offer::Unknown(gap) if recipe.stages.is_empty() => {
                Some(unknown_offer(&self.subject.image, gap))
            }
            _ => None,
        })
    }

    /// What the packages that a build installs say; `fixed` is the `FROM` that pins what installs them, if one does.
    pub(super) fn obstacles_of_packages(
        self,
        recipe: &Recipe,
        fixed: Option<&Fixed>,
    ) -> Result<(), Obstacle> {
        match &recipe.packages {
            Packages::None | Packages::Free => Ok(()),
            Packages::Unseen => Err(Obstacle {
                verdict: Verdict::Unknown,
                causes: vec![Cause {
                    code: Code::PackagesUnseen,
                    message: format!(
                        "whether the packages it installs exist for {} has not been looked at",
                        self.guest.own
                    ),
                    place: None,
                }],
                remedy: Some(format!("bireme platforms --packages {}", self.subject.service)),
            }),
            Packages::Unknown(reasons) => Err(Obstacle {
                verdict: Verdict::Unknown,
                causes: reasons
                    .iter()
                    .map(|(reason, place)| Cause {
                        code: Code::PackagesUnseen,
                        message: format!(
                            "whether its packages exist for {} is not known: {reason}",
                            self.guest.own
                        ),
                        place: place.clone(),
                    })
                    .collect(),
                remedy: Some(self.trial(fixed)),
            }),
            Packages::Forcing(packages) => Err(Obstacle::needed(
                packages
                    .iter()
                    .map(|(message, place)| Cause {
                        code: Code::Packages,
                        message: message.clone(),
                        place: place.clone(),
                    })
                    .collect(),
            )),
        }
    }

    /// How it is tried out whether a build is possible without its pin.
    fn trial(self, fixed: Option<&Fixed>) -> String {
        let (service, native) = (&self.subject.service, &self.guest.own);
        let at = |place: &Option<Place>| {
            place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default()
        };
        let of_request = self.subject.request.as_ref().map(|request| match &request.by {
            By::Service(place) => format!("take out `platform`{}", at(place)),
            By::Build(place) => format!("write {native} into `build.platforms`{}", at(place)),
            By::Variables { remedy, .. } => remedy.clone(),
            By::Environment(place) => without_default_platform(place.as_ref()),
        });
        let of_base =
            || fixed.map(|it| format!("take the platform out of the `FROM` at {}", it.place));
        let change = of_base().or(of_request).unwrap_or_else(|| format!("ask for {native}"));
        format!("to see whether it can be built natively, {change}, then: bireme build {service}")
    }

    /// The base of a build that does not exist for a native platform. What is pinned is judged by
    /// whether it need be.
    fn foreign_base(self, recipe: &Recipe) -> Option<(&str, Cause)> {
        recipe.stages_of_image().find_map(|stage| {
            let Some(Offer::Known { platforms, .. }) = &stage.offer else { return None };
            let place = Some(stage.place.clone());
            let cause = || no_native(&stage.base, platforms, self.guest, place);
            self.guest.best_native(platforms).is_none().then(|| (stage.base.as_str(), cause()))
        })
    }
}

pub(super) fn unknown_offer(image: &str, gap: &Gap) -> Cause {
    Cause {
        code: Code::OfferUnknown,
        message: format!("for which platforms {image} exists is not known: {gap}"),
        place: None,
    }
}

pub(super) fn no_native(
    image: &str,
    platforms: &[Platform],
    guest: &Guest,
    place: Option<Place>,
) -> Cause {
    Cause {
        code: Code::NoNativeVariant,
        message: format!("{image} does not exist for {}, {}", guest.own, others(platforms)),
        place,
    }
}

/// For which platforms something exists, behind one for which it does not.
pub(super) fn others(platforms: &[Platform]) -> String {
    let names: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    if names.is_empty() {
        return "nor for any other platform".to_owned();
    }
    format!("only for {}", names.join(", "))
}
