//! Plans as they are shown: every rule by which something is made, replaced or removed.

mod dependencies;
mod resources;
mod scale;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Reconciled;
use crate::compose::hash::{self, Dialect};
use crate::compose::model::{
    DependencyCondition, FileObject, FileReference, Mount, MountVolume, Project,
};
use crate::engine::api::{ContainerCreate, ContainerDetails, ImageDetails};
use crate::stack::labels;
use crate::stack::observed::Observed;
use crate::stack::query::ProjectContainer;
use crate::stack::testing::{self, project, reconciled, running};
use crate::stack::up::{Options, Recreate};

fn plan(project: &Project, observed: &Observed, options: &Options) -> Reconciled {
    reconciled(project, observed, options, &BTreeMap::new()).expect("a plan")
}

/// The plan's lines with runs of spaces as one.
fn lines(result: &Reconciled) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    result.plan.describe().lines().map(words).collect()
}

/// The plan's steps without causes, sorted as they may run.
fn steps(result: &Reconciled) -> Vec<String> {
    result
        .plan
        .steps()
        .into_iter()
        .map(|(_, step)| format!("{} {}", step.action.title(), step.action.subject_name()))
        .collect()
}

/// Whether one step comes after another, however indirectly.
fn comes_after(result: &Reconciled, later: &str, earlier: &str) -> bool {
    let steps = result.plan.steps();
    let find = |text: &str| {
        steps
            .iter()
            .find(|(_, step)| {
                format!("{} {}", step.action.title(), step.action.subject_name()) == text
            })
            .map_or_else(|| panic!("no step {text:?} in {:#?}", self::steps(result)), |(id, _)| *id)
    };
    let (earlier, mut front) = (find(earlier), vec![find(later)]);
    while let Some(step) = front.pop() {
        if step == earlier {
            return true;
        }
        front.extend(result.plan.before(step));
    }
    false
}

fn shop() -> Project {
    let mut project = project(&[("web", &["db"]), ("db", &[])]);
    testing::volume(&mut project, "data");
    project.services["db"].volumes.push(Mount {
        r#type: "volume".into(),
        source: "data".into(),
        target: "/var/lib".into(),
        volume: Some(MountVolume::default()),
        ..Mount::default()
    });
    project
}

fn depend(project: &mut Project, condition: DependencyCondition, restart: bool, required: bool) {
    let dependency = project.services["web"].depends_on.get_mut("db").expect("web needs db");
    dependency.condition = condition;
    dependency.restart = restart;
    dependency.required = required;
}

fn at<'a>(observed: &'a mut Observed, name: &str) -> &'a mut ProjectContainer {
    observed.containers.iter_mut().find(|one| one.name == name).expect("the container exists")
}

#[test]
fn first_up() {
    let mut project = shop();
    depend(&mut project, DependencyCondition::ServiceHealthy, false, true);
    let mut nothing = running(&project);
    nothing.containers.clear();
    nothing.networks.clear();
    nothing.volumes.clear();
    let result = plan(&project, &nothing, &Options::default());
    assert_eq!(
        result.plan.describe(),
        "\
create network      shop_default  network \"default\" does not exist
create volume       shop_data     volume \"data\" does not exist
create container    shop-db-1     service \"db\" has no container
create container    shop-web-1    service \"web\" has no container
start container     shop-db-1     it was created
wait until healthy  db            service \"web\" depends on it
start container     shop-web-1    it was created
"
    );
    assert!(comes_after(&result, "start container shop-web-1", "wait until healthy db"));
    assert!(
        !comes_after(&result, "create container shop-web-1", "create container shop-db-1"),
        "containers are created side by side"
    );
}

#[test]
fn unchanged_up_has_no_steps() {
    let project = shop();
    let result = plan(&project, &running(&project), &Options::default());
    assert!(result.plan.is_empty(), "{}", result.plan.describe());
    assert_eq!(result.plan.running(), ["shop-db-1", "shop-web-1"]);
}

#[test]
fn containers_of_both_dialects_are_recognised() {
    let mut project = project(&[("web", &[])]);
    project.services["web"].volumes.push(Mount {
        r#type: "bind".into(),
        source: "/srv".into(),
        target: "/srv".into(),
        bind: Some(crate::compose::model::MountBind {
            create_host_path: Some(true),
            ..crate::compose::model::MountBind::default()
        }),
        ..Mount::default()
    });
    for (version, dialect, kept) in [
        ("2.40.3", Dialect::V2, true),
        ("5.5.0", Dialect::V5, true),
        ("5.5.0", Dialect::V2, false),
        ("2.40.3", Dialect::V5, false),
    ] {
        let mut observed = running(&project);
        let hash = hash::service(&project.services["web"], dialect);
        let found = &mut at(&mut observed, "shop-web-1").summary_mut().labels;
        found.insert(labels::VERSION.into(), version.into());
        found.insert(labels::CONFIG_HASH.into(), hash);
        let result = plan(&project, &observed, &Options::default());
        assert_eq!(result.plan.is_empty(), kept, "{version} with {dialect:?}");
    }
}

#[test]
fn changed_service_is_replaced_and_says_what_changed() {
    let mut project = shop();
    let mut observed = running(&project);
    let web = at(&mut observed, "shop-web-1").clone();
    let service = &mut project.services["web"];
    service.environment.insert("MODE".into(), Some("new".into()));
    service.environment.insert("DB_PASSWORD".into(), Some("s3cret".into()));
    service.user = "1000".into();
    observed.details.insert(
        web.id.clone(),
        ContainerDetails {
            id: web.id.clone(),
            config: ContainerCreate {
                image: "busybox".into(),
                env: vec!["MODE=old".into(), "PATH=/bin".into()],
                ..ContainerCreate::default()
            },
            host_config: crate::engine::api::HostConfig {
                network_mode: "shop_default".into(),
                shm_size: 67_108_864,
                runtime: "runc".into(),
                ..crate::engine::api::HostConfig::default()
            },
            image: "sha256:busybox".into(),
            network_settings: web.summary.network_settings.clone(),
            ..ContainerDetails::default()
        },
    );
    let result = plan(&project, &observed, &Options::default());
    let temporary = format!("{}_shop-web-1", &web.id[..12]);
    let cause = "service \"web\" changed: environment.DB_PASSWORD (hidden) added; environment.MODE old → \
                 new; environment.PATH /bin removed; user 1000 added";
    assert_eq!(
        lines(&result),
        [
            format!("create container {temporary} {cause}"),
            "stop container shop-web-1 for this replacement".to_owned(),
            "remove container shop-web-1 for this replacement".to_owned(),
            "rename container shop-web-1 for this replacement".to_owned(),
            "start container shop-web-1 it was created".to_owned(),
        ]
    );
    assert_eq!(result.plan.running(), ["shop-db-1"]);
}

#[test]
fn another_platform_is_told_by_the_image_of_the_container() {
    let mut project = shop();
    let mut observed = running(&project);
    let web = at(&mut observed, "shop-web-1").clone();
    project.services["web"].platform = "linux/arm64".into();
    let image = |id: &str, architecture: &str| {
        Arc::new(ImageDetails {
            id: id.to_owned(),
            os: "linux".into(),
            architecture: architecture.to_owned(),
            ..ImageDetails::default()
        })
    };
    observed.images.insert(("sha256:old".into(), String::new()), image("sha256:old", "amd64"));
    observed.images.insert(("busybox".into(), "linux/arm64".into()), image("sha256:new", "arm64"));
    let details = ContainerDetails {
        id: web.id.clone(),
        config: ContainerCreate { image: "busybox".into(), ..ContainerCreate::default() },
        image: "sha256:old".into(),
        network_settings: web.summary.network_settings.clone(),
        ..ContainerDetails::default()
    };
    observed.details.insert(web.id.clone(), details);
    let lines = lines(&plan(&project, &observed, &Options::default()));
    assert!(lines[0].contains("changed: platform linux/amd64 → linux/arm64"), "{lines:?}");
}

#[test]
fn every_rule_of_divergence() {
    type Change = fn(&mut Project, &mut Observed);
    let cases: [(&str, Change, &str); 4] = [
        (
            "another image",
            |_, observed| {
                for image in observed.images.values_mut() {
                    Arc::make_mut(image).id = "sha256:0123456789abcdef".into();
                }
            },
            "image busybox is another one now: image busybox → 0123456789ab",
        ),
        (
            "not on its network",
            |_, observed| {
                for container in &mut observed.containers {
                    container.summary_mut().network_settings.networks.clear();
                }
            },
            "it is not connected to network \"default\"",
        ),
        (
            "created, but not yet connected",
            |_, observed| {
                for container in &mut observed.containers {
                    container.summary_mut().network_settings.networks.clear();
                    container.summary_mut().state = "created".into();
                }
            },
            "it is not connected to network \"default\"",
        ),
        (
            "without its volume",
            |_, observed| {
                for container in &mut observed.containers {
                    container.summary_mut().mounts.clear();
                }
            },
            "it does not mount volume \"data\"",
        ),
    ];
    for (name, change, cause) in cases {
        let mut project = shop();
        let mut observed = running(&project);
        change(&mut project, &mut observed);
        let options = Options { services: vec!["db".into()], ..Options::default() };
        let result = plan(&project, &observed, &options);
        let created = lines(&result)[0].clone();
        assert!(created.ends_with(cause), "{name}: {created}");
        let kept = plan(&project, &observed, &Options { recreate: Recreate::Never, ..options });
        assert!(
            !steps(&kept).iter().any(|step| step.starts_with("create")),
            "{name}: --no-recreate keeps it"
        );
    }
}

#[test]
fn orphans_go_only_on_demand() {
    let mut project = shop();
    let mut observed = running(&project);
    project.services.shift_remove("web");
    let result = plan(&project, &observed, &Options::default());
    assert!(result.plan.is_empty());
    assert_eq!(
        result.plan.warnings(),
        [
            "Found orphan containers ([shop-web-1]) for this project. If you removed or renamed this \
          service in your compose file, you can run this command with the --remove-orphans flag to \
          clean it up."
        ]
    );
    let remove = Options { remove_orphans: true, ..Options::default() };
    assert_eq!(
        steps(&plan(&project, &observed, &remove)),
        ["stop container shop-web-1", "remove container shop-web-1"]
    );
    at(&mut observed, "shop-web-1").summary_mut().state = "exited".into();
    let stopped = plan(&project, &observed, &remove);
    assert_eq!(steps(&stopped), ["remove container shop-web-1"]);
    assert_eq!(stopped.plan.stopped(), ["shop-web-1"], "its stop is told all the same");
    at(&mut observed, "shop-web-1").summary_mut().state = "running".into();
    // A one-off that runs is nobody's orphan.
    let web = at(&mut observed, "shop-web-1");
    web.one_off = true;
    assert!(plan(&project, &observed, &remove).plan.is_empty());
}

#[test]
fn interrupted_replacement_is_finished() {
    let mut project = shop();
    project.services["web"].user = "1".into();
    let observed = running(&project);
    let old = {
        let mut before = running(&shop());
        at(&mut before, "shop-web-1").clone()
    };
    let mut interrupted = observed.clone();
    let new = at(&mut interrupted, "shop-web-1");
    new.id = "feed".repeat(3);
    new.name = format!("{}_shop-web-1", &old.id[..12]);
    new.summary_mut().state = "created".into();
    let new_name = new.name.clone();
    interrupted.containers.push(old);
    let result = plan(&project, &interrupted, &Options::default());
    assert_eq!(
        steps(&result),
        [
            "stop container shop-web-1".to_owned(),
            "remove container shop-web-1".to_owned(),
            format!("rename container {new_name}"),
            "start container shop-web-1".to_owned(),
        ]
    );
}

#[test]
fn stopped_container_gets_its_secrets_and_starts() {
    let mut project = project(&[("web", &[])]);
    project.secrets.insert(
        "token".into(),
        FileObject { name: "shop_token".into(), content: "t".into(), ..FileObject::default() },
    );
    project.services["web"].secrets =
        vec![FileReference { source: "token".into(), ..FileReference::default() }];
    let mut observed = running(&project);
    at(&mut observed, "shop-web-1").summary_mut().state = "exited".into();
    let result = plan(&project, &observed, &Options::default());
    assert_eq!(
        lines(&result),
        [
            "write files into container shop-web-1 secrets and configs that are not files",
            "start container shop-web-1 it has exited",
        ]
    );
    let created = plan(&project, &observed, &Options { no_start: true, ..Options::default() });
    assert!(created.plan.is_empty());
}

#[test]
fn secret_whose_variable_is_not_set_hinders_no_container_that_is_not_to_start() {
    let mut project = project(&[("web", &[])]);
    let secret = FileObject {
        name: "shop_token".into(),
        environment: "NOT_SET".into(),
        ..FileObject::default()
    };
    project.secrets.insert("token".into(), secret);
    project.services["web"].secrets =
        vec![FileReference { source: "token".into(), ..FileReference::default() }];
    let mut observed = running(&project);
    observed.containers.clear();
    let created = plan(&project, &observed, &Options { no_start: true, ..Options::default() });
    assert_eq!(steps(&created), ["create container shop-web-1"]);
    let nothing = BTreeMap::new();
    let error = reconciled(&project, &observed, &Options::default(), &nothing)
        .expect_err("it cannot start");
    assert!(error.to_string().contains("\"NOT_SET\" required by secret \"shop_token\" is not set"));
}
