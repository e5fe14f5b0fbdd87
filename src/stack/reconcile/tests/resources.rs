//! Networks and volumes: made anew, renamed, somebody else's, missing.

use super::*;

#[test]
fn changed_network_is_made_anew_and_containers_stay() {
    let mut project = project(&[("web", &[])]);
    let observed = running(&project);
    if let Some(network) = project.networks.get_mut("default") {
        network.internal = true;
    }
    let result = plan(&project, &observed, &Options::default());
    assert_eq!(
        steps(&result),
        [
            "stop container shop-web-1",
            "disconnect container shop-web-1 (shop_default)",
            "remove network shop_default",
            "create network shop_default",
            "connect container shop-web-1 (shop_default)",
            "start container shop-web-1",
        ]
    );
}

#[test]
fn renamed_network_moves_containers() {
    let mut project = project(&[("web", &[])]);
    let observed = running(&project);
    if let Some(network) = project.networks.get_mut("default") {
        network.name = "other".into();
    }
    let result = plan(&project, &observed, &Options::default());
    for (later, earlier) in [
        ("connect container shop-web-1 (other)", "create network other"),
        ("connect container shop-web-1 (other)", "disconnect container shop-web-1 (shop_default)"),
        ("remove network shop_default", "disconnect container shop-web-1 (shop_default)"),
    ] {
        assert!(comes_after(&result, later, earlier), "{later} after {earlier}");
    }
    assert_eq!(result.plan.running(), ["shop-web-1"], "it need not stop for this");
}

#[test]
fn changed_volume_is_asked_about() {
    let mut project = shop();
    let observed = running(&project);
    if let Some(volume) = project.volumes.get_mut("data") {
        volume.driver_opts.insert("type".into(), "tmpfs".into());
    }
    let result = plan(&project, &observed, &Options::default());
    assert!(result.plan.is_empty(), "without an answer nothing is lost");
    assert_eq!(
        result.questions[0].text,
        "Volume \"shop_data\" exists but doesn't match configuration in compose file. Recreate \
         (data will be lost)?"
    );
    let yes = BTreeMap::from([("shop_data".to_owned(), true)]);
    let result = reconciled(&project, &observed, &Options::default(), &yes).expect("a plan");
    assert_eq!(
        steps(&result),
        [
            "stop container shop-db-1",
            "remove container shop-db-1",
            "remove volume shop_data",
            "create volume shop_data",
            "create container shop-db-1",
            "start container shop-db-1",
        ]
    );
}

#[test]
fn a_container_goes_once_it_is_off_the_network_that_goes() {
    let mut project = shop();
    let observed = running(&project);
    if let Some(network) = project.networks.get_mut("default") {
        network.internal = true;
    }
    if let Some(volume) = project.volumes.get_mut("data") {
        volume.driver_opts.insert("type".into(), "tmpfs".into());
    }
    let options = Options { scale: BTreeMap::from([("web".into(), 0)]), ..Options::default() };
    let yes = BTreeMap::from([("shop_data".to_owned(), true)]);
    let result = reconciled(&project, &observed, &options, &yes).expect("a plan");
    for name in ["shop-db-1", "shop-web-1"] {
        let removal = format!("remove container {name}");
        let detachment = format!("disconnect container {name} (shop_default)");
        assert!(comes_after(&result, &removal, &detachment), "{:#?}", steps(&result));
    }
}

#[test]
fn strangers_are_used_with_a_warning_and_never_removed() {
    let project = shop();
    let mut observed = running(&project);
    for network in &mut observed.networks {
        network.labels.clear();
    }
    for volume in &mut observed.volumes {
        volume.labels.insert(labels::PROJECT.into(), "other".into());
    }
    let result = plan(&project, &observed, &Options::default());
    assert!(result.plan.is_empty());
    assert_eq!(
        result.plan.warnings(),
        [
            "a network with name shop_default exists but was not created by compose.\n\
             Set `external: true` to use an existing network",
            "volume \"shop_data\" already exists but was created for project \"other\" (expected \
             \"shop\"). Use `external: true` to use an existing volume",
        ]
    );
}

#[test]
fn missing_external_resources() {
    let mut project = shop();
    if let Some(network) = project.networks.get_mut("default") {
        network.external = true;
    }
    let mut observed = running(&project);
    observed.networks.clear();
    let refused = |project: &Project, observed: &Observed| {
        reconciled(project, observed, &Options::default(), &BTreeMap::new())
            .expect_err("it is missing")
            .to_string()
    };
    assert_eq!(
        refused(&project, &observed),
        "network shop_default declared as external, but could not be found"
    );
    let mut project = shop();
    if let Some(volume) = project.volumes.get_mut("data") {
        volume.external = true;
    }
    let mut observed = running(&project);
    observed.volumes.clear();
    assert_eq!(refused(&project, &observed), "external volume \"shop_data\" not found");
}
