//! What plans come to, over projects whose containers all run.

use std::collections::BTreeMap;

use super::{Fate, Preview, Source, VolumeFate};
use crate::compose::loaded::Loaded;
use crate::engine::api::{ContainerDetails, MountDetails};
use crate::stack::observed::Observed;
use crate::stack::plan::Plan;
use crate::stack::testing::{reconciled_with, running};
use crate::stack::up::{Options, Recreate};

const SHOP: &str = "\
services:
  db:
    image: postgres
    stop_grace_period: 20s
    volumes: [data:/data, /scratch]
    healthcheck: {test: 'true', interval: 5s}
  web:
    image: web
    environment: {MODE: a, KEY: $KEY}
    depends_on:
      db: {condition: service_healthy}
volumes:
  data:
";

/// The preview of an `up` of `new` where everything of `old` runs, after a change of what exists.
fn preview(old: &str, new: &str, options: &Options, change: impl FnOnce(&mut Observed)) -> Preview {
    let load = |text: &str| Loaded::from(text).variable("KEY", "s3cret").project();
    let project = load(new);
    let mut observed = running(&load(old));
    for container in &mut observed.containers {
        let id = container.id.clone();
        container.summary_mut().id.clone_from(&id);
        if container.service == "db" {
            container.summary_mut().status = "Up 3 minutes (healthy)".to_owned();
        }
    }
    change(&mut observed);
    let (desired, result) = reconciled_with(&project, &observed, options);
    let questions: Vec<String> =
        result.questions.iter().map(|question| question.text.clone()).collect();
    Preview::of(&Source {
        project: &project,
        desired: &desired,
        observed: &observed,
        options,
        images: &Plan::default(),
        plan: &result.plan,
        containers: &result.containers,
        questions: &questions,
        files: &BTreeMap::new(),
    })
}

/// `service: fate` of each.
fn fates(preview: &Preview) -> Vec<String> {
    let fate = |fate: Fate| format!("{fate:?}").to_lowercase();
    preview.services.iter().map(|it| format!("{}: {}", it.service, fate(it.fate))).collect()
}

fn anonymous(observed: &mut Observed) {
    let db = observed.containers.iter_mut().find(|one| one.service == "db").expect("db runs");
    db.summary_mut().mounts.push(MountDetails {
        r#type: "volume".into(),
        name: "a".repeat(64),
        destination: "/scratch".into(),
        writable: true,
        ..MountDetails::default()
    });
}

#[test]
fn each_fate_is_told() {
    let options = Options::default();
    let same = preview(SHOP, SHOP, &options, |_| {});
    assert_eq!(fates(&same), ["db: keep", "web: keep"]);
    assert!(same.is_empty() && same.downtime.is_empty() && same.volumes.is_empty());

    let more = SHOP.replace("  web:\n", "  new:\n    image: x\n  web:\n");
    assert!(fates(&preview(SHOP, &more, &options, |_| {})).contains(&"new: create".to_owned()));

    let stopped = preview(SHOP, SHOP, &options, |observed| {
        observed.containers[1].summary_mut().state = "exited".into();
    });
    assert_eq!(fates(&stopped), ["db: keep", "web: start"]);
    assert_eq!(stopped.services[1].containers[0].reason, "it has exited");

    let fewer = SHOP.replace("    image: web\n", "    image: web\n    scale: 0\n");
    assert_eq!(fates(&preview(SHOP, &fewer, &options, |_| {})), ["db: keep", "web: remove"]);

    let without = SHOP.split("  web:").next().expect("text").to_owned() + "volumes:\n  data:\n";
    let orphan = preview(SHOP, &without, &options, |_| {});
    assert_eq!(fates(&orphan), ["db: keep", "web: orphan"]);
    assert!(orphan.is_empty(), "an orphan that is left is nothing to do");
    assert_eq!((orphan.totals.orphans, orphan.totals.remove), (1, 0));
    let removed = preview(SHOP, &without, &Options { remove_orphans: true, ..options }, |_| {});
    assert_eq!((removed.totals.orphans, removed.totals.remove), (0, 1));
    assert_eq!(removed.services[1].containers[0].removed, Some(true));
}

#[test]
fn changed_fields_are_told_and_secrets_are_not() {
    let new = SHOP.replace("MODE: a", "MODE: b").replace("image: web", "image: web:2");
    let mut told = preview(SHOP, &new, &Options::default(), |observed| {
        let web = observed.containers.iter().find(|one| one.service == "web").expect("it runs");
        let mut details = ContainerDetails { id: web.id.clone(), ..ContainerDetails::default() };
        details.config.image = "web".into();
        details.config.env = vec!["MODE=a".into(), "KEY=0ther".into()];
        details.network_settings = web.summary.network_settings.clone();
        observed.details.insert(web.id.clone(), details);
    });
    assert_eq!(fates(&told), ["db: keep", "web: replace"]);
    let revealed = told.services[1].containers[0].changes[1].new.clone();
    assert_eq!(revealed.as_deref(), Some("s3cret"));
    told.conceal(false);
    let changes: Vec<String> =
        told.services[1].containers[0].changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        changes,
        [
            "image web → web:2 (compose.yaml:8:12)",
            "environment.KEY (hidden) → (hidden) (compose.yaml:9:33)",
            "environment.MODE a → b (compose.yaml:9:25)",
        ]
    );
    let json = serde_json::to_string(&told).expect("texts and numbers");
    assert!(!json.contains("s3cret") && !json.contains("0ther"), "{json}");
}

#[test]
fn volumes_are_never_lost_silently() {
    let force = Options { recreate: Recreate::Force, ..Options::default() };
    let volumes = |options: &Options, new: &str| -> Vec<(String, VolumeFate)> {
        let preview = preview(SHOP, new, options, anonymous);
        preview.volumes.into_iter().map(|one| (one.volume, one.fate)).collect()
    };
    let nameless = "a".repeat(64);
    assert_eq!(
        volumes(&force, SHOP),
        [(nameless.clone(), VolumeFate::PassOn), ("p_data".to_owned(), VolumeFate::Keep)]
    );
    let renew = Options { renew_anonymous_volumes: true, ..force.clone() };
    assert_eq!(
        volumes(&renew, SHOP),
        [(nameless.clone(), VolumeFate::Renew), ("p_data".to_owned(), VolumeFate::Keep)]
    );
    let moved = SHOP.replace("data:/data", "other:/data").replace("  data:\n", "  other:\n");
    assert_eq!(
        volumes(&force, &moved),
        [
            (nameless, VolumeFate::PassOn),
            ("p_data".to_owned(), VolumeFate::Leave),
            ("p_other".to_owned(), VolumeFate::Create),
        ]
    );
    let changed = SHOP.replace("  data:\n", "  data: {driver_opts: {type: tmpfs}}\n");
    let asked = preview(SHOP, &changed, &Options::default(), |_| {});
    assert!(asked.is_empty() && asked.questions.len() == 1, "the answer is no: {asked:#?}");
    let yes = Options { assume_yes: true, ..Options::default() };
    let lost = preview(SHOP, &changed, &yes, |_| {});
    assert_eq!(lost.volumes[0].fate, VolumeFate::Lose);
    assert_eq!((lost.totals.volumes_lost, lost.totals.volumes), (1, 0));
}

#[test]
fn downtime_is_estimated_from_grace_and_probes() {
    let force = Options { recreate: Recreate::Force, ..Options::default() };
    let down = preview(SHOP, SHOP, &force, |_| {}).downtime;
    assert_eq!(down.len(), 2);
    let db = &down[0];
    assert_eq!(
        db.from,
        [
            "stop up to 20 s (stop_grace_period)",
            "start 0.2 to 1 s",
            "first health probe after 5 s (healthcheck.interval, compose.yaml:6:43)",
        ]
    );
    assert!(db.at_least.as_secs_f64() < 1.0, "{db:?}");
    let most = db.at_most.expect("a bound").as_secs_f64();
    assert!((26.0..29.0).contains(&most), "20 s, 5 s and the engine's calls: {most}");
    assert_eq!(down[1].from[1], "until \"db\" is ready");
    assert_eq!(down[1].from[0], "stop up to 10 s (the engine's default grace)");

    let timeout = Options { timeout: Some(1), ..force.clone() };
    let down = preview(SHOP, SHOP, &timeout, |_| {}).downtime;
    assert_eq!(down[0].from[0], "stop up to 1 s (--timeout)");
    let never = Options { timeout: Some(-1), ..force };
    assert_eq!(preview(SHOP, SHOP, &never, |_| {}).downtime[0].at_most, None);
}

#[test]
fn a_replica_that_stays_is_no_downtime() {
    let one = "services:\n  web:\n    image: x\n";
    let two = "services:\n  web:\n    image: x\n    scale: 2\n";
    let preview = preview(one, two, &Options::default(), |_| {});
    assert_eq!(preview.downtime, []);
    assert_eq!((preview.totals.create, preview.totals.keep), (1, 1));
}
