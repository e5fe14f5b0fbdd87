//! Builds that begin with the image of another service: what that one is, they are.

use super::super::subject::{Stage, Subject};
use super::super::{Guest, How, Offer, Platform};
use super::judge::Court;
use super::obstacle::Obstacle;
use super::origin::both;
use super::{Cause, Code, Judgement, Verdict};

/// Lets the verdict on every service whose build goes back to another one's image follow from the verdict on that one,
/// where it is foreign. Both slices are in the same order.
pub fn follow_bases(subjects: &[Subject], judgements: &mut [Judgement], guest: &Guest) {
    let bases = |subject: &Subject| -> Vec<String> {
        let stages = subject.build.iter().flat_map(|recipe| &recipe.stages);
        stages.filter_map(|stage| stage.service.clone()).collect()
    };
    let mut open: Vec<(usize, Vec<String>)> = subjects.iter().map(bases).enumerate().collect();
    open.retain(|(_, bases)| !bases.is_empty());
    // What another one begins with comes first. None begins with itself, so there always is one.
    while let Some(next) = open.iter().position(|(_, bases)| {
        !open.iter().any(|(other, _)| bases.contains(&subjects[*other].service))
    }) {
        let (at, _) = open.swap_remove(next);
        if let Some(followed) = followed(&subjects[at], &judgements[at], judgements, guest) {
            judgements[at] = followed;
        }
    }
}

/// The verdict that follows from that on the service whose image a build begins with; `None` where none does, or it does
/// not decide.
fn followed(
    subject: &Subject,
    own: &Judgement,
    all: &[Judgement],
    guest: &Guest,
) -> Option<Judgement> {
    let recipe = subject.build.as_ref()?;
    let judged = |stage: &Stage| all.iter().find(|it| Some(&it.service) == stage.service.as_ref());
    let is_foreign =
        |it: &&Judgement| it.service != own.service && it.how != How::Native && it.chosen.is_some();
    if let Some(chosen) = &own.chosen
        && let Some(base) = recipe.lacking(chosen).and_then(judged).filter(is_foreign)
    {
        return (own.verdict == Verdict::CannotRun).then(|| unbuildable(own, chosen, base));
    }
    let brings = |stage: &&Stage| {
        let offered = stage.offer.as_ref().map_or(&[][..], Offer::platforms);
        !offered.is_empty() && guest.best_native(offered).is_none()
    };
    if own.how != How::Native {
        let base = recipe.stages_of_image().filter(brings).find_map(judged).filter(is_foreign)?;
        return Some(Court { subject, guest }.following(own, base));
    }
    let mut earlier = recipe.before_last().iter().filter(|stage| stage.runs && brings(stage));
    let (stage, base) =
        earlier.find_map(|stage| Some((stage, judged(stage).filter(is_foreign)?)))?;
    (own.verdict == Verdict::Needed && base.verdict == Verdict::Needless)
        .then(|| of_stage(own, stage, base))
}

/// The service that decides, which may be one that the base itself goes back to.
fn decisive(base: &Judgement) -> String {
    base.base.clone().unwrap_or_else(|| base.service.clone())
}

/// What is said of a service whose image is foreign for the sake of another one: `it goes back to the image of base
/// (pinned to linux/amd64 at compose.yaml:7)`.
fn cause(what: &str, base: &Judgement) -> Option<Cause> {
    let first = base.causes.first()?;
    let message = match first.code {
        Code::ServiceBase => first.message.clone(),
        _ => format!("{what} goes back to the image of {} ({})", base.service, first.message),
    };
    Some(Cause { code: Code::ServiceBase, message, place: first.place.clone() })
}

impl Court<'_> {
    /// The verdict on an image that is what its base is.
    fn following(self, own: &Judgement, base: &Judgement) -> Judgement {
        let mut told = own.clone();
        told.base = Some(decisive(base));
        // Who asks for all asks for this one, too.
        let shared = base
            .causes
            .first()
            .filter(|cause| cause.code == Code::DefaultPlatform && own.declared == base.declared);
        let inherited = shared.cloned().or_else(|| cause("it", base));
        // What a base brings that is for one platform alone, no request changes.
        let recipe = self.subject.build.as_ref();
        let is_bound = shared.is_some() || recipe.is_some_and(|it| it.only_platform().is_some());
        let of_own = if is_bound { Vec::new() } else { self.causes_of_own() };
        let packages = recipe.map(|recipe| self.obstacles_of_packages(recipe, None));
        if base.verdict == Verdict::Needless
            && let Some(Err(Obstacle { verdict, causes, remedy })) = packages
        {
            (told.verdict, told.causes, told.remedy) = (verdict, causes, remedy);
            return told;
        }
        told.verdict = base.verdict;
        told.remedy = if of_own.is_empty() {
            base.remedy.clone()
        } else {
            // Both must be mended.
            Some(base.remedy.iter().fold(self.remedy_of_choice(), |own, more| both(own, more)))
        };
        told.causes = of_own.into_iter().chain(inherited).collect();
        told
    }
}

/// The verdict on a build that cannot begin with what its base is.
fn unbuildable(own: &Judgement, chosen: &Platform, base: &Judgement) -> Judgement {
    let mut told = own.clone();
    told.base = Some(decisive(base));
    let Some(cause) = cause("it", base) else { return told };
    let message = format!("it cannot be built for {chosen}: {}", cause.message);
    told.causes = vec![Cause { message, ..cause }];
    if base.verdict == Verdict::Needless {
        told.remedy.clone_from(&base.remedy);
    }
    told
}

/// The verdict on a service one of whose earlier stages is what its base is.
fn of_stage(own: &Judgement, stage: &Stage, base: &Judgement) -> Judgement {
    let mut told = own.clone();
    told.base = Some(decisive(base));
    told.verdict = Verdict::Needless;
    told.causes = cause(&format!("stage {}", stage.name), base).into_iter().collect();
    told.remedy.clone_from(&base.remedy);
    told
}

#[cfg(test)]
mod tests {
    use super::super::super::notice::{Notice, notices};
    use super::super::super::samples::{
        BOTH, built, fixed, guest, index, platform, stage, subject,
    };
    use super::super::super::subject::{By, Packages, Place, Recipe, Request, Stage, Subject};
    use super::super::judge;
    use super::*;

    fn of(service: &str, stages: Vec<Stage>, offer: Offer) -> Subject {
        let build = Some(built(stages, Packages::None));
        Subject { service: service.to_owned(), build, ..subject(offer) }
    }

    /// A service whose `FROM` is pinned.
    fn base() -> Subject {
        of("base", vec![stage("0", index(&BOTH), Some(fixed(None)))], index(&BOTH))
    }

    /// What a build of `base` brings: where `takes_any`, as containerd's store has it.
    fn brought(takes_any: bool) -> Offer {
        Offer::Known { platforms: vec![platform("linux/amd64")], is_index: !takes_any }
    }

    fn on(service: &str, offer: Offer) -> Stage {
        let place = Place { file: "app/Dockerfile".to_owned(), line: 2 };
        Stage { service: Some(service.to_owned()), place, ..stage("0", offer, None) }
    }

    fn judged(subjects: &[Subject]) -> Vec<Judgement> {
        let mut judgements: Vec<Judgement> =
            subjects.iter().map(|it| judge(it, &guest())).collect();
        follow_bases(subjects, &mut judgements, &guest());
        judgements
    }

    /// `verdict how line [codes]: remedy`, and what is said of all.
    fn told(subjects: &[Subject]) -> (Vec<String>, Vec<String>) {
        let judgements = judged(subjects);
        let each = judgements.iter().map(|it| {
            let codes: Vec<&str> = it.causes.iter().map(|cause| cause.code.word()).collect();
            let place = it.causes.first().and_then(|cause| cause.place.as_ref());
            let place = place.map(ToString::to_string).unwrap_or_default();
            let remedy = it.remedy.clone().unwrap_or_default();
            format!("{} {} {place} {}: {remedy}", it.verdict.word(), it.how.word(), codes.join(","))
        });
        (each.collect(), notices(&judgements).iter().map(Notice::line).collect())
    }

    const OF_BASE: &str = "base: runs emulated (QEMU) needlessly: its base is pinned to linux/amd64 at Dockerfile:1, \
                           although it can be built for linux/arm64; bireme platforms --fix base";

    #[test]
    fn what_begins_with_a_needless_image_is_needless_for_its_cause() {
        let app = of("app", vec![on("base", brought(true))], brought(true));
        let needless = "needless qemu Dockerfile:1 service-base: bireme platforms --fix base";
        let (each, lines) = told(&[app.clone(), base()]);
        assert_eq!(each[0], needless);
        assert_eq!(lines, [format!("{OF_BASE} (app goes back to its image and is emulated, too)")]);

        // A chain goes back to its first cause, in whatever order it is told.
        let third = of("third", vec![on("app", brought(true))], brought(true));
        for subjects in [[third.clone(), app.clone(), base()], [base(), app.clone(), third]] {
            let (each, lines) = told(&subjects);
            assert_eq!(each.iter().filter(|it| *it == needless).count(), 2, "{each:?}");
            assert_eq!(lines.len(), 1, "{lines:?}");
        }

        // Where nothing is said of the base, it is said here.
        let accepted = Subject { accepted: true, ..base() };
        let (_, lines) = told(&[app.clone(), accepted]);
        assert_eq!(
            lines,
            [
                "app: runs emulated (QEMU) needlessly: it goes back to the image of base (its base is pinned to \
                 linux/amd64 at Dockerfile:1); bireme platforms --fix base"
            ]
        );
        let of_app = Subject { accepted: true, ..app };
        assert_eq!(told(&[of_app, base()]).1, [OF_BASE]);
    }

    #[test]
    fn what_cannot_begin_with_it_cannot_be_built_for_its_cause() {
        let app = of("app", vec![on("base", brought(false))], brought(false));
        let (each, lines) = told(&[app.clone(), base()]);
        assert_eq!(
            each[0],
            "cannot-run native Dockerfile:1 service-base: bireme platforms --fix base"
        );
        assert_eq!(lines, [format!("{OF_BASE} (app goes back to its image and cannot be built)")]);

        // That both are asked for the same, a variable says once; a line of its own is a cause of its own.
        let asking = |by: By, subject: Subject| {
            let platform = platform("linux/amd64");
            Subject { request: Some(Request { platform, by }), ..subject }
        };
        let free = || of("base", vec![stage("0", index(&BOTH), None)], index(&BOTH));
        let by_default = |it| asking(By::Environment(None), it);
        let (each, lines) = told(&[by_default(app.clone()), by_default(free())]);
        assert_eq!(each[0], "needless qemu  default-platform: unset DOCKER_DEFAULT_PLATFORM");
        assert_eq!(lines.len(), 1, "{lines:?}");
        let place = Place { file: "compose.yaml".to_owned(), line: 9 };
        let (each, _) = told(&[asking(By::Service(Some(place)), app), base()]);
        assert_eq!(
            each[0],
            "needless qemu compose.yaml:9 pinned,service-base: bireme platforms --fix app; bireme platforms --fix base"
        );
    }

    #[test]
    fn what_must_be_foreign_lets_others_be_foreign() {
        let only = || index(&["linux/amd64"]);
        let base = of("base", vec![stage("0", only(), Some(fixed(None)))], only());
        let app = of("app", vec![on("base", brought(true))], brought(true));
        let (each, lines) = told(&[app, base]);
        assert_eq!(each[0], "needed qemu Dockerfile:1 service-base: ");
        assert_eq!(lines, [""; 0]);
    }

    #[test]
    fn packages_of_its_own_may_force_what_is_needless_for_the_base() {
        let forcing = Packages::Forcing(vec![("lxml has no wheel".to_owned(), None)]);
        let app = of("app", vec![on("base", brought(true))], brought(true));
        let build = app.build.clone().map(|build| Recipe { packages: forcing, ..build });
        let (each, _) = told(&[Subject { build, ..app }, base()]);
        assert_eq!(each[0], "needed qemu  packages: ");
    }

    #[test]
    fn an_earlier_stage_follows_too() {
        let native = stage("1", index(&BOTH), None);
        let app = of("app", vec![on("base", brought(true)), native], index(&BOTH));
        let (each, lines) = told(&[app, base()]);
        assert_eq!(
            each[0],
            "needless native Dockerfile:1 service-base: bireme platforms --fix base"
        );
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
}
