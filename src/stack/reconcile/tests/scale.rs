//! How many containers a service has, and which of them stay.

use super::*;

#[test]
fn scale_up_appends_and_scale_down_keeps_the_lowest() {
    let mut project = project(&[("web", &[])]);
    project.services["web"].scale = Some(3);
    let mut observed = running(&project);
    observed.containers.retain(|container| container.number != 2);
    let scaled = |count: i64| {
        let options =
            Options { scale: BTreeMap::from([("web".into(), count)]), ..Options::default() };
        plan(&project, &observed, &options)
    };
    assert_eq!(
        lines(&scaled(3)),
        [
            "create container shop-web-4 service \"web\" has 2 of 3 containers",
            "start container shop-web-4 it was created",
        ]
    );
    assert_eq!(
        lines(&scaled(1)),
        [
            "stop container shop-web-3 service \"web\" shall have 1 container",
            "remove container shop-web-3 service \"web\" shall have 1 container",
        ]
    );
    assert_eq!(scaled(0).containers.len(), 0);
}

#[test]
fn scale_keeps_what_is_up_to_date() {
    let mut project = project(&[("web", &[])]);
    project.services["web"].scale = Some(2);
    let mut observed = running(&project);
    let label = labels::CONFIG_HASH.to_owned();
    at(&mut observed, "shop-web-1").summary_mut().labels.insert(label, "old".into());
    project.services["web"].scale = Some(1);
    let result = plan(&project, &observed, &Options::default());
    assert_eq!(steps(&result), ["stop container shop-web-1", "remove container shop-web-1"]);
}

#[test]
fn of_two_with_one_number_the_running_one_stays() {
    let project = shop();
    let mut observed = running(&project);
    let mut younger = at(&mut observed, "shop-web-1").clone();
    younger.id = "feed".repeat(3);
    younger.name = format!("{}_shop-web-1", &at(&mut observed, "shop-web-1").id[..12]);
    younger.summary_mut().created += 60;
    younger.summary_mut().state = "created".into();
    let young_name = younger.name.clone();
    observed.containers.push(younger);
    let result = plan(&project, &observed, &Options::default());
    assert_eq!(steps(&result), [format!("remove container {young_name}")]);

    at(&mut observed, "shop-web-1").summary_mut().state = "exited".into();
    let result = plan(&project, &observed, &Options::default());
    assert_eq!(
        steps(&result),
        [
            "remove container shop-web-1".to_owned(),
            format!("rename container {young_name}"),
            "start container shop-web-1".to_owned(),
        ],
        "where neither runs, the younger one has what the replacement gave it"
    );
}

#[test]
fn fixed_name_cannot_be_scaled() {
    let mut project = project(&[("c", &[])]);
    project.services["c"].container_name = "custom".into();
    project.services["c"].scale = Some(2);
    let error = reconciled(&project, &Observed::default(), &Options::default(), &BTreeMap::new())
        .expect_err("two containers, one name");
    assert_eq!(
        error.to_string(),
        "WARNING: The \"c\" service is using the custom container name \"custom\". Docker requires \
         each container to have a unique name. Remove the custom name to scale the service"
    );
}

#[test]
fn sharers_stay_while_the_containers_that_they_share_do() {
    let mut project = project(&[("web", &[]), ("side", &["web"])]);
    project.services["web"].scale = Some(2);
    let side = &mut project.services["side"];
    side.networks.clear();
    side.network_mode = "service:web".into();
    let observed = running(&project);
    for (scale, expected) in [
        (1, &["stop container shop-web-2", "remove container shop-web-2"][..]),
        (3, &["create container shop-web-3", "start container shop-web-3"]),
    ] {
        project.services["web"].scale = Some(scale);
        assert_eq!(steps(&plan(&project, &observed, &Options::default())), expected, "{scale}");
    }
}
