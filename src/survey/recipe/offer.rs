//! For which platforms an image can be built, by what its stages begin with. Pure.

use crate::platform::subject::Recipe;
use crate::platform::{Offer, Platform};

/// The platforms for which every base exists that must be of the platform that is built for; of those that the recipe
/// is told to build for, if it is. Where nothing limits it, `own` and `requested` stand for all. What begins with
/// something that is for one platform alone is for that one, whatever is built for; unless its stages are others for others.
pub(super) fn of_build(recipe: &Recipe, own: &Platform, requested: Option<&Platform>) -> Offer {
    if let Some(only) = recipe.only_platform() {
        return Offer::Known { platforms: vec![only.clone()], is_index: false };
    }
    let told = &recipe.platforms;
    let offers = recipe.stages_of_image().filter_map(|stage| stage.offer.as_ref());
    let mut common: Option<Vec<Platform>> = None;
    for offer in offers {
        match offer {
            // What it is told to build for is not denied.
            Offer::Unknown(_) if !told.is_empty() => {}
            Offer::Unknown(_) => return offer.clone(),
            Offer::Known { platforms, .. } => {
                common = Some(match common {
                    None => platforms.clone(),
                    Some(before) => shared(&before, platforms),
                });
            }
        }
    }
    // For others than `own` it begins with something else, which is not denied.
    let common = common.filter(|common| recipe.read_for.is_none() || !serves(common, own));
    let platforms = match common {
        Some(common) if told.is_empty() => common,
        Some(common) => told.iter().filter(|it| serves(&common, it)).cloned().collect(),
        None if told.is_empty() => {
            let other = requested.filter(|&platform| platform != own);
            std::iter::once(own).chain(other).cloned().collect()
        }
        None => told.clone(),
    };
    Offer::Known { platforms, is_index: true }
}

/// Whether there is one that does for a platform.
fn serves(platforms: &[Platform], wanted: &Platform) -> bool {
    platforms.iter().any(|platform| wanted.preference(platform).is_some())
}

/// The platforms of either side that both can serve: for `arm/v7` an image of `arm/v6` does, too.
fn shared(one: &[Platform], other: &[Platform]) -> Vec<Platform> {
    let mut shared: Vec<Platform> =
        one.iter().filter(|platform| serves(other, platform)).cloned().collect();
    for platform in other {
        if !shared.contains(platform) && serves(one, platform) {
            shared.push(platform.clone());
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Gap;
    use crate::platform::subject::{Fixed, Pin, Place, Stage};

    fn platform(text: &str) -> Platform {
        Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
    }

    fn stage(offer: Option<Offer>, pin: Option<Pin>) -> Stage {
        let place = Place { file: "Dockerfile".to_owned(), line: 1 };
        let (name, base) = ("0".to_owned(), "base".to_owned());
        Stage {
            name,
            place,
            base,
            offer,
            service: None,
            begins_with: None,
            pin,
            runs: false,
            installs: false,
        }
    }

    fn known(platforms: &[&str]) -> Offer {
        let platforms = platforms.iter().map(|text| platform(text)).collect();
        Offer::Known { platforms, is_index: true }
    }

    fn offer(stages: &[Stage]) -> String {
        let requested = platform("linux/arm64");
        let recipe = Recipe { stages: stages.to_vec(), ..Recipe::default() };
        match of_build(&recipe, &platform("linux/amd64"), Some(&requested)) {
            Offer::Known { platforms, .. } => {
                platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
            }
            Offer::Unknown(gap) => gap.to_string(),
        }
    }

    #[test]
    fn all_bases_must_exist_for_a_platform() {
        let both = || Some(known(&["linux/amd64", "linux/arm64", "linux/arm/v7"]));
        let one = || Some(known(&["linux/arm64", "linux/arm/v6"]));
        assert_eq!(offer(&[stage(both(), None)]), "linux/amd64 linux/arm64 linux/arm/v7");
        assert_eq!(
            offer(&[stage(both(), None), stage(one(), Some(Pin::Target))]),
            "linux/arm64 linux/arm/v7"
        );
        assert_eq!(
            offer(&[stage(one(), Some(Pin::Builder)), stage(Some(known(&["linux/amd64"])), None)]),
            "linux/amd64"
        );
        let fixed = || {
            Some(Pin::Fixed(Box::new(Fixed {
                platform: platform("linux/arm64"),
                place: Place { file: "Dockerfile".to_owned(), line: 1 },
                argument: None,
                is_editable: true,
            })))
        };
        assert_eq!(
            offer(&[stage(one(), fixed()), stage(Some(known(&["linux/amd64"])), None)]),
            "linux/amd64"
        );
        assert_eq!(offer(&[stage(one(), fixed())]), "linux/arm64 linux/arm/v6");
    }

    #[test]
    fn a_base_for_one_platform_alone_is_taken_for_every_other() {
        let single = || {
            let platforms = vec![platform("linux/s390x")];
            Some(Offer::Known { platforms, is_index: false })
        };
        let both = || Some(known(&["linux/amd64", "linux/arm64"]));
        assert_eq!(offer(&[stage(single(), None), stage(both(), None)]), "linux/amd64 linux/arm64");
        assert_eq!(offer(&[stage(both(), None), stage(single(), None)]), "linux/s390x");
    }

    #[test]
    fn what_is_told_can_be_built_where_its_bases_exist() {
        let told = ["linux/amd64", "linux/arm64", "linux/arm/v7"].map(platform).to_vec();
        let offer = |stages: Vec<Stage>| {
            let recipe = Recipe { stages, platforms: told.clone(), ..Recipe::default() };
            match of_build(&recipe, &platform("linux/s390x"), None) {
                Offer::Known { platforms, .. } => {
                    platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
                }
                Offer::Unknown(gap) => gap.to_string(),
            }
        };
        let base = stage(Some(known(&["linux/amd64", "linux/s390x"])), None);
        assert_eq!(offer(vec![base.clone()]), "linux/amd64");
        let covers = stage(Some(known(&["linux/arm/v6", "linux/amd64"])), None);
        assert_eq!(offer(vec![covers]), "linux/amd64 linux/arm64 linux/arm/v7");
        assert_eq!(offer(vec![stage(None, None)]), "linux/amd64 linux/arm64 linux/arm/v7");
        let unknown = stage(Some(Offer::Unknown(Gap::RateLimited)), None);
        assert_eq!(offer(vec![unknown.clone()]), "linux/amd64 linux/arm64 linux/arm/v7");
        assert_eq!(offer(vec![unknown, base]), "linux/amd64");
        assert_eq!(offer(vec![stage(Some(known(&["linux/s390x"])), None)]), "");
    }

    #[test]
    fn nothing_limits_what_begins_with_nothing() {
        assert_eq!(offer(&[stage(None, None)]), "linux/amd64 linux/arm64");
        let unknown = Some(Offer::Unknown(Gap::RateLimited));
        assert_eq!(
            offer(&[stage(unknown.clone(), None), stage(Some(known(&["linux/amd64"])), None)]),
            "the registry's rate limit is reached"
        );
        assert_eq!(
            offer(&[
                stage(unknown, Some(Pin::Builder)),
                stage(Some(known(&["linux/amd64"])), None)
            ]),
            "linux/amd64"
        );
    }
}
