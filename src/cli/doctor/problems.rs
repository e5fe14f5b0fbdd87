//! What is wrong, or known to go wrong.

use std::collections::BTreeSet;

use super::project::Service;
use crate::engine::api::ServerInfo;
use crate::platform::verdict::{Judgement, Verdict};
use crate::platform::{How, traps};
use crate::survey::file_events::POLL_OR_RESTART;
use crate::survey::guest::Finding;
use crate::ui::doctor::{Engine, Problem, Severity};
use crate::ui::format::binary_size;

/// Seconds by which clocks may differ before something minds: tokens that are not valid yet, files that
/// seem to be of tomorrow.
const CLOCKS_APART: u64 = 2;
/// Bytes below which a pull or a build may find no room.
const LITTLE_ROOM: u64 = 2 << 30;

/// What is wrong with the services of a project. Programs of the architectures `deaf` cannot listen to files.
/// `judgements` are the verdicts on their platforms, as far as there are any: what mends these comes first.
pub(super) fn of_services(
    services: &[Service],
    finding: &Finding,
    deaf: &BTreeSet<String>,
    judgements: &[Judgement],
) -> Vec<Problem> {
    let problems = services.iter().map(|service| {
        let judgement = judgements.iter().find(|it| speaks_of(it, service));
        of_service(service, finding, deaf, judgement)
    });
    problems.flatten().collect()
}

/// Whether a verdict is on the platform that a service has here.
pub(super) fn speaks_of(judgement: &Judgement, service: &Service) -> bool {
    let mut platforms = judgement.chosen.iter().chain(&judgement.running);
    judgement.service == service.name
        && platforms.any(|platform| Some(platform) == service.platform.as_ref())
}

fn of_service(
    service: &Service,
    finding: &Finding,
    deaf: &BTreeSet<String>,
    judgement: Option<&Judgement>,
) -> Vec<Problem> {
    let Some(platform) = &service.platform else { return Vec::new() };
    let guest = &finding.guest;
    let remedy = judgement.and_then(|judgement| judgement.remedy.clone());
    // Where it could run natively, nothing else need be done.
    let native = remedy.clone().filter(|_| judgement.is_some_and(|it| it.native.is_some()));
    let how = guest.how(platform);
    let name = &service.name;
    let mut found = Vec::new();
    if how == How::None {
        let because = finding.reason(platform).because;
        found.push(Problem {
            severity: Severity::Error,
            message: format!("{name}: the engine cannot run {platform}: {because}"),
            remedy: Some(remedy.clone().unwrap_or_else(|| guest.emulator_remedy(platform))),
        });
    }
    if let Some(trap) = traps::trap_on(guest, &service.image, platform) {
        found.push(Problem {
            severity: if trap.fatal { Severity::Error } else { Severity::Warning },
            message: format!("{name}: {}", trap.message),
            remedy: Some(native.clone().unwrap_or(trap.remedy)),
        });
    }
    if service.has_binds && deaf.contains(platform.architecture()) {
        found.push(Problem {
            severity: Severity::Note,
            message: format!(
                "{name}: {how} its programs hear of no changes to files (it has no inotify)"
            ),
            remedy: Some(match &native {
                Some(native) => native.clone(),
                None => format!("use an image for the engine's own CPU; or {POLL_OR_RESTART}"),
            }),
        });
    }
    if how.is_emulated() && !service.is_accepted {
        let must = judgement.filter(|judgement| judgement.verdict == Verdict::Needed);
        let must = must.and_then(|judgement| judgement.causes.first());
        found.push(Problem {
            severity: Severity::Note,
            message: match must {
                Some(cause) => {
                    format!("{name}: {platform} runs {how}, and must: {}", cause.message)
                }
                None => format!("{name}: {platform} runs {how}"),
            },
            remedy: match must {
                Some(_) => remedy,
                None => remedy.or(Some("bireme platforms tells whether it must".to_owned())),
            },
        });
    }
    found
}

/// What is wrong with an engine.
pub(super) fn of_engine(engine: Option<&Engine>, info: &ServerInfo) -> Vec<Problem> {
    let Some(engine) = engine else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(ahead) = engine.clock_ahead.filter(|ahead| ahead.unsigned_abs() >= CLOCKS_APART) {
        let side = if ahead > 0 { "ahead of" } else { "behind" };
        let seconds = ahead.unsigned_abs();
        found.push(Problem {
            severity: Severity::Warning,
            message: format!(
                "the engine's clock is {seconds} s {side} this machine's: certificates and tokens may be \
                 refused, and builds take old files for new ones"
            ),
            remedy: Some(if engine.guest.is_this_machine {
                "set the clock of this machine".to_owned()
            } else {
                "restart the engine's virtual machine, or have its clock set (chronyd, \
                 systemd-timesyncd)"
                    .to_owned()
            }),
        });
    }
    if let Some(disk) = engine.disk.as_ref().filter(|disk| disk.free < LITTLE_ROOM) {
        let free = binary_size(disk.free);
        found.push(Problem {
            severity: Severity::Warning,
            message: format!(
                "there is little room for images and volumes: {free} in {}",
                disk.path
            ),
            remedy: Some(
                "docker system df tells what takes it, docker system prune frees it".to_owned(),
            ),
        });
    }
    if engine.builder == "classic" {
        found.push(Problem {
            severity: Severity::Note,
            message: "the engine prefers the classic builder: there are no secrets, caches and \
                      platforms in builds"
                .to_owned(),
            remedy: None,
        });
    }
    found.extend(info.warnings.iter().map(|warning| Problem {
        severity: Severity::Note,
        message: format!("the engine says: {}", warning.trim_start_matches("WARNING: ")),
        remedy: None,
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::subject::{By, Request, Subject};
    use crate::platform::verdict::judge;
    use crate::platform::{Ability, Guest, Offer, Platform};
    use crate::ui::doctor::Disk;

    fn finding(how: How) -> Finding {
        let mut guest = Guest::new(Platform::new("linux", "arm64", ""));
        guest.rest = How::None;
        guest.others = vec![Ability { platform: Platform::new("linux", "amd64", ""), how }];
        Finding {
            guest,
            reasons: Vec::new(),
            rest_because: "there is no handler".to_owned(),
            is_here: false,
        }
    }

    fn service(image: &str, architecture: &str, has_binds: bool) -> Service {
        Service {
            name: "db".to_owned(),
            image: image.to_owned(),
            platform: Some(Platform::new("linux", architecture, "")),
            is_built: false,
            has_binds,
            is_accepted: false,
        }
    }

    fn told(image: &str, architecture: &str, how: How, has_binds: bool) -> Vec<String> {
        let deaf: BTreeSet<String> =
            (how == How::Qemu).then(|| "amd64".to_owned()).into_iter().collect();
        let service = service(image, architecture, has_binds);
        let found = of_services(&[service], &finding(how), &deaf, &[]).into_iter();
        found.map(|it| format!("{:?} {}", it.severity, it.message)).collect()
    }

    #[test]
    fn services_that_do_not_run_or_fail_are_told() {
        assert_eq!(told("postgres:16", "arm64", How::Qemu, true), [""; 0]);
        assert_eq!(
            told("postgres:16", "s390x", How::Qemu, false),
            ["Error db: the engine cannot run linux/s390x: there is no handler"]
        );
        let sql = told("mcr.microsoft.com/mssql/server:2022-latest", "amd64", How::Qemu, false);
        assert!(sql[0].starts_with("Error db: SQL Server"), "{sql:?}");
        let java = told("tomcat:10", "amd64", How::Rosetta, true);
        assert!(java[0].starts_with("Warning db: Java"), "{java:?}");
        assert_eq!(java[1], "Note db: linux/amd64 runs under Rosetta");
        let node = told("node:22", "amd64", How::Qemu, true);
        assert!(node[0].contains("inotify") && node.len() == 2, "{node:?}");
        let accepted = Service { is_accepted: true, ..service("node:22", "amd64", false) };
        let told = of_services(&[accepted], &finding(How::Qemu), &BTreeSet::new(), &[]);
        assert!(told.is_empty(), "its owner knows");
    }

    #[test]
    fn what_mends_a_verdict_is_proposed_before_emulators() {
        let amd64 = || Platform::new("linux", "amd64", "");
        let told = |platforms: &[&str], how: How| {
            let platforms = platforms.iter().map(|it| Platform::new("linux", it, "")).collect();
            let subject = Subject {
                service: "db".to_owned(),
                image: "postgres:16".to_owned(),
                behind: None,
                request: Some(Request { platform: amd64(), by: By::Service(None) }),
                offer: Offer::Known { platforms, is_index: true },
                local: Vec::new(),
                running: Vec::new(),
                data: Vec::new(),
                keeps_copies: false,
                build: None,
                accepted: false,
            };
            let finding = finding(how);
            let judgement = judge(&subject, &finding.guest);
            let service = service("postgres:16", "amd64", false);
            let found = of_services(&[service], &finding, &BTreeSet::new(), &[judgement]);
            let lines = found.into_iter().map(|it| format!("{} -> {:?}", it.message, it.remedy));
            lines.collect::<Vec<_>>()
        };
        let fix = "Some(\"bireme platforms --fix db\")";
        let both = &["amd64", "arm64"][..];
        assert_eq!(
            told(both, How::None),
            [format!("db: the engine cannot run linux/amd64: there is no handler -> {fix}")]
        );
        assert_eq!(told(both, How::Qemu), [format!("db: linux/amd64 runs under QEMU -> {fix}")]);
        assert!(told(&["amd64"], How::None)[0].contains("--install amd64"));
        assert_eq!(
            told(&["amd64"], How::Qemu),
            [
                "db: linux/amd64 runs under QEMU, and must: postgres:16 does not exist for linux/arm64, only for \
              linux/amd64 -> None"
            ]
        );
    }

    #[test]
    fn clocks_and_disks_are_looked_at() {
        let disk = |free| Some(Disk { path: "/var/lib/docker".into(), free, total: 100 << 30 });
        let engine = |clock_ahead, free| Engine {
            builder: "buildkit",
            clock_ahead,
            disk: disk(free),
            ..Engine::default()
        };
        let count = |engine: &Engine| of_engine(Some(engine), &ServerInfo::default()).len();
        assert_eq!(count(&engine(Some(1), 50 << 30)), 0);
        assert_eq!(count(&engine(None, 50 << 30)), 0);
        assert_eq!(count(&engine(Some(-90), 1 << 30)), 2);
    }
}
