//! What services wait for, and who follows whom.

use super::*;
use crate::compose::model::{Hook, Service};

#[test]
fn healthy_dependencies_are_not_waited_for_again() {
    let mut project = shop();
    depend(&mut project, DependencyCondition::ServiceHealthy, false, true);
    let mut observed = running(&project);
    let (wait, start) = ("wait until healthy db", "start container shop-web-1");
    for (database, web, expected) in [
        ("Up 3 minutes (healthy)", "exited", &[start][..]),
        ("Up 2 seconds (health: starting)", "exited", &[wait, start]),
        ("Up 3 minutes (unhealthy)", "exited", &[wait, start]),
        // What runs already is only well if that is.
        ("Up 2 seconds (health: starting)", "running", &[wait]),
        ("Up 3 minutes (healthy)", "running", &[]),
    ] {
        at(&mut observed, "shop-db-1").summary_mut().status = database.into();
        at(&mut observed, "shop-web-1").summary_mut().state = web.into();
        let result = plan(&project, &observed, &Options::default());
        assert_eq!(steps(&result), expected, "{database}, {web}");
    }
    // Each that waits is told of, and so is --wait.
    let healthy = |options: &Options| plan(&project, &observed, options).plan.healthy().to_vec();
    assert_eq!(healthy(&Options::default()), ["shop-db-1"]);
    let wait = Options { wait: true, ..Options::default() };
    assert_eq!(healthy(&wait), ["shop-db-1", "shop-db-1", "shop-web-1"]);
}

#[test]
fn dependencies_are_forced_only_on_demand() {
    let project = shop();
    let observed = running(&project);
    let of = |force: Recreate, always: bool| {
        let options = Options {
            services: vec!["web".into()],
            recreate: force,
            always_recreate_dependencies: always,
            ..Options::default()
        };
        let result = plan(&project, &observed, &options);
        steps(&result)
            .into_iter()
            .filter_map(|step| step.strip_prefix("rename container ").map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Recreate::Force, false), ["shop-web-1"]);
    assert_eq!(of(Recreate::Diverged, true), ["shop-db-1"]);
    assert!(of(Recreate::Diverged, false).is_empty());
}

#[test]
fn restart_takes_dependents_along() {
    let mut project = shop();
    project.services["web"].pre_stop =
        vec![Hook { command: Some(vec!["true".into()]), ..Hook::default() }];
    depend(&mut project, DependencyCondition::ServiceStarted, true, true);
    let observed = running(&project);
    project.services["db"].user = "1".into();
    let result = plan(&project, &observed, &Options::default());
    let temporary =
        steps(&result).into_iter().find(|step| step.starts_with("create")).expect("db is replaced");
    assert!(comes_after(&result, &temporary, "stop container shop-web-1"));
    assert!(comes_after(
        &result,
        "stop container shop-web-1",
        "run pre_stop in container shop-web-1"
    ));
    assert!(comes_after(&result, "start container shop-web-1", "start container shop-db-1"));
}

#[test]
fn sharers_of_a_namespace_follow_it() {
    let mut project = project(&[("web", &[]), ("side", &["web"])]);
    let side = &mut project.services["side"];
    side.networks.clear();
    side.network_mode = "service:web".into();
    let observed = running(&project);
    let unchanged = plan(&project, &observed, &Options::default());
    assert!(unchanged.plan.is_empty(), "{}", unchanged.plan.describe());
    project.services["web"].user = "1".into();
    let result = plan(&project, &observed, &Options::default());
    let renames: Vec<String> =
        steps(&result).into_iter().filter(|step| step.starts_with("rename")).collect();
    assert_eq!(renames, ["rename container shop-web-1", "rename container shop-side-1"]);
    let create = steps(&result)
        .into_iter()
        .find(|step| step.starts_with("create") && step.ends_with("side-1"))
        .expect("side is replaced");
    assert!(comes_after(&result, &create, "rename container shop-web-1"), "its id must be known");
}

#[test]
fn what_a_service_names_itself_is_there_before_it() {
    let project = project(&[("web", &[]), ("side", &["web"])]);
    let created = |project: &Project| {
        let observed = running(project);
        let options = Options { recreate: Recreate::Force, ..Options::default() };
        let result = plan(project, &observed, &options);
        let create = steps(&result)
            .into_iter()
            .find(|step| step.starts_with("create") && step.ends_with("side-1"))
            .expect("side is replaced");
        comes_after(&result, &create, "rename container shop-web-1")
    };
    assert!(!created(&project), "nothing is named");
    let changes: [fn(&mut Service); 5] = [
        |side| {
            side.networks.clear();
            side.network_mode = "container:shop-web-1".into();
        },
        |side| side.ipc = "container:shop-web-1".into(),
        |side| side.pid = "container:shop-web-1".into(),
        |side| side.volumes_from = vec!["container:shop-web-1:ro".into()],
        |side| side.external_links = vec!["shop-web-1:other".into()],
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut project = project.clone();
        change(&mut project.services["side"]);
        assert!(created(&project), "change {index}");
    }
}

#[test]
fn wait_covers_every_service() {
    let mut project = project(&[("web", &["migrate"]), ("migrate", &[])]);
    if let Some(dependency) = project.services["web"].depends_on.get_mut("migrate") {
        dependency.condition = DependencyCondition::ServiceCompletedSuccessfully;
    }
    let mut nothing = running(&project);
    nothing.containers.clear();
    let options = Options { wait: true, ..Options::default() };
    let waits: Vec<String> = steps(&plan(&project, &nothing, &options))
        .into_iter()
        .filter(|step| step.starts_with("wait"))
        .collect();
    assert_eq!(
        waits,
        ["wait until completed migrate", "wait until completed migrate", "wait until ready web"]
    );
}

#[test]
fn missing_dependency() {
    let mut project = shop();
    project.services["db"].scale = Some(0);
    let mut nothing = running(&project);
    nothing.containers.clear();
    depend(&mut project, DependencyCondition::ServiceHealthy, false, true);
    let result = plan(&project, &nothing, &Options::default());
    assert!(
        steps(&result).contains(&"start container shop-web-1".to_owned()),
        "what is scaled to nothing is not waited for"
    );
}
