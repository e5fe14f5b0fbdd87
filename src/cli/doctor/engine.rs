//! Looks at an engine: what it is, what its guest runs, and how files get there.

use std::collections::BTreeSet;
use std::path::Path;

use super::problems::speaks_of;
use super::{files, problems, project};
use crate::compose::model::Project;
use crate::engine::api::{ServerInfo, ServerVersion};
use crate::engine::endpoint::Surroundings;
use crate::engine::{DockerEngine, Engine as _};
use crate::platform::verdict::Judgement;
use crate::platform::{Guest, How, Platform};
use crate::stack::StackError;
use crate::survey::file_events::Side;
use crate::survey::guest::{self, Finding};
use crate::ui::doctor;
use crate::ui::doctor::{Api, Disk, Engine, FileEvents, Images, Report};
use crate::watch::replay;

/// Platforms that are told of whether they run or not: those that images are made for most.
const USUAL: [&str; 4] = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386"];

/// Looks at an engine, and at the images of a project on it. `directory` is the one whose files are
/// mounted, `judgements` are the verdicts on the project's services.
pub(super) async fn look(
    engine: &DockerEngine,
    surroundings: &dyn Surroundings,
    project: Option<&Project>,
    directory: &Path,
    judgements: &[Judgement],
    report: &mut Report,
) -> Result<(), StackError> {
    let (info, version) = tokio::try_join!(engine.server_info(), engine.server_version())?;
    let services = match project {
        Some(project) => project::services(engine, project).await?,
        None => Vec::new(),
    };
    let wanted: Vec<Platform> = services.iter().filter_map(|it| it.platform.clone()).collect();
    let mut asked = wanted.clone();
    let host = Platform::new("linux", &version.arch, "");
    asked.extend(USUAL.iter().filter_map(|name| Platform::parse(name, &host).ok()));
    let finding = guest::find(engine, surroundings, &asked).await?;

    report.engine = Some(described(engine, &info, &version, &finding));
    report.platforms = rows(&asked, &finding);
    let side = Side {
        product: finding.guest.product,
        address: engine.address(),
        guest: &info.name,
        is_here: finding.is_here,
    };
    let home = surroundings.home();
    let mounted = project.map(|it| replay::mounted(it, home.as_deref(), Path::is_dir));
    let mounted = mounted.unwrap_or_default().into_iter().map(|it| it.source).collect();
    let events = files::look(engine, side, &finding.guest, directory, mounted, surroundings).await;
    report.file_events = Some(FileEvents {
        arrival: events.arrival.word(),
        because: events.because,
        remedy: events.remedy,
    });
    if let Some(project) = project {
        let deaf = deaf(engine, &services, &finding.guest).await;
        report.project = Some(project::shown(project, &services, &finding.guest));
        for row in &mut report.platforms {
            // What would run it is no remedy where it need not run.
            let is_mended = |it: &project::Service| {
                let is_of_row =
                    it.platform.as_ref().is_some_and(|it| it.to_string() == row.platform);
                let mut own = judgements.iter().filter(|judgement| speaks_of(judgement, it));
                is_of_row && own.any(|judgement| judgement.native.is_some())
            };
            row.remedy = row.remedy.take().filter(|_| !services.iter().any(is_mended));
        }
        report.problems.extend(problems::of_services(&services, &finding, &deaf, judgements));
    }
    report.problems.extend(problems::of_engine(report.engine.as_ref(), &info));
    Ok(())
}

/// Architectures of services with mounted files whose emulator cannot listen to files.
async fn deaf(
    engine: &DockerEngine,
    services: &[project::Service],
    guest: &Guest,
) -> BTreeSet<String> {
    let emulated = services
        .iter()
        .filter(|service| service.has_binds)
        .filter_map(|service| service.platform.as_ref())
        .filter(|platform| matches!(guest.how(platform), How::Qemu | How::Emulated))
        .map(|platform| platform.architecture().to_owned());
    let mut deaf = BTreeSet::new();
    for architecture in emulated.collect::<BTreeSet<_>>() {
        if replay::can_listen(engine, &architecture).await.is_ok_and(|listens| !listens) {
            deaf.insert(architecture);
        }
    }
    deaf
}

fn described(
    engine: &DockerEngine,
    info: &ServerInfo,
    version: &ServerVersion,
    finding: &Finding,
) -> Engine {
    let description = engine.describe();
    let product = match version.platform.name.as_str() {
        // `Docker Desktop 4.59.0 (217644)`, `Docker Engine - Community`; Podman has its platform there.
        name if name.starts_with("Docker ") => name.to_owned(),
        _ => finding.guest.product.to_string(),
    };
    Engine {
        product,
        version: version.version.clone(),
        api: Api {
            used: description.api_version.to_string(),
            oldest: version.min_api_version.clone(),
            newest: version.api_version.clone(),
        },
        guest: doctor::Guest {
            system: info.operating_system.clone(),
            kernel: info.kernel_version.clone(),
            name: info.name.clone(),
            platform: finding.guest.own.to_string(),
            cpus: info.cpus,
            memory: info.mem_total,
            is_this_machine: finding.is_here,
            is_rootless: info.security_options.iter().any(|it| it == "name=rootless"),
        },
        images: Images {
            store: if info.has_containerd_store() { "containerd" } else { "classic" },
            driver: info.driver.clone(),
        },
        builder: match (description.is_podman(), description.buildkit) {
            (true, _) => "buildah",
            (false, true) => "buildkit",
            (false, false) => "classic",
        },
        clock_ahead: engine.clock_ahead(),
        disk: finding.is_here.then(|| disk(&info.docker_root_dir)).flatten(),
    }
}

/// Room on this machine where an engine keeps everything.
fn disk(path: &str) -> Option<Disk> {
    let disk = rustix::fs::statvfs(path).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
    Some(Disk { path: path.to_owned(), free: bytes(disk.f_bavail), total: bytes(disk.f_blocks) })
}

/// Platforms of which something is to be said: what runs, and of what does not what is usual or asked for.
fn rows(asked: &[Platform], finding: &Finding) -> Vec<doctor::Platform> {
    let mut platforms: Vec<Platform> = Vec::new();
    let known = finding.reasons.iter().filter(|it| !matches!(it.how, How::None | How::Unknown));
    let known = known.map(|reason| &reason.platform).filter(|it| is_worth_a_row(it, finding));
    for platform in known.chain(asked) {
        if !platforms.contains(platform) {
            platforms.push(platform.clone());
        }
    }
    platforms
        .iter()
        .map(|platform| {
            let reason = finding.reason(platform);
            doctor::Platform {
                platform: platform.to_string(),
                how: reason.how.word(),
                shown: reason.how.to_string(),
                because: reason.because,
                remedy: (reason.how == How::None).then(|| finding.guest.emulator_remedy(platform)),
            }
        })
        .collect()
}

/// Of the levels of x86-64 the highest is enough, and of 32-bit Arm the usual one.
fn is_worth_a_row(platform: &Platform, finding: &Finding) -> bool {
    let higher = |it: &Platform| {
        it != platform
            && it.architecture() == platform.architecture()
            && it.preference(platform).is_some()
            && finding.guest.how(it) == finding.guest.how(platform)
    };
    platform.variant().is_empty() || !finding.reasons.iter().any(|it| higher(&it.platform))
}
