use super::*;
use crate::stack::preview::{ContainerPreview, Downtime, ServicePreview, Totals};

fn container(name: &str, fate: Fate, reason: &str, changes: Vec<Change>) -> ContainerPreview {
    ContainerPreview {
        name: name.into(),
        fate,
        reason: reason.into(),
        place: None,
        changes,
        replaced_if_new: None,
        removed: None,
    }
}

fn service(name: &str, containers: Vec<ContainerPreview>) -> ServicePreview {
    let fate = containers[0].fate;
    ServicePreview { service: name.into(), fate, containers }
}

fn shop() -> Preview {
    let changes = vec![
        Change {
            field: "environment.MODE".into(),
            old: Some("a".into()),
            new: Some("\u{1b}[31mb".into()),
            place: Some("compose.yaml:7:13".into()),
            hidden: false,
        },
        Change {
            field: "ports".into(),
            old: None,
            new: Some("8080:80".into()),
            place: Some("compose.yaml:9:9".into()),
            hidden: false,
        },
    ];
    let web = |number: u32| {
        let name = format!("shop-web-{number}");
        container(&name, Fate::Replace, "service \"web\" changed", changes.clone())
    };
    Preview {
        project: "shop".into(),
        images: vec![ImagePreview {
            action: "pull",
            image: "redis:7".into(),
            reason: "the engine does not have it".into(),
            place: Some("compose.yaml:13:12".into()),
            ..ImagePreview::default()
        }],
        services: vec![
            service("db", vec![container("shop-db-1", Fate::Keep, "", Vec::new())]),
            service("web", vec![web(1), web(2), web(3)]),
        ],
        totals: Totals { replace: 3, keep: 1, pull: 1, steps: 9, ..Totals::default() },
        downtime: vec![Downtime {
            service: "web".into(),
            at_least: Duration::from_millis(300),
            at_most: Some(Duration::from_millis(11_700)),
            from: vec!["stop up to 10 s (the engine's default grace)".into()],
        }],
        ..Preview::default()
    }
}

#[test]
fn columns_where_there_is_room() {
    assert_eq!(
        preview(&shop(), None, false),
        "    SERVICE  ACTION   CONTAINER              WHY
    db       keep     shop-db-1
-/+ web      replace  shop-web-1 and 2 more  service \"web\" changed
        environment.MODE  a → \u{fffd}[31mb        compose.yaml:7:13
        ports             (none) → 8080:80  compose.yaml:9:9

Images
~   pull  redis:7  the engine does not have it (compose.yaml:13:12); what is in it is known once it is here

Downtime, estimated
    web  0.3 s to 11.7 s  stop up to 10 s (the engine's default grace)

shop: 3 to replace, 1 kept, 1 image to pull; down for 0.3 s to 11.7 s
"
    );
}

#[test]
fn sentences_go_on_below_their_beginning() {
    assert_eq!(
        preview(&shop(), Some(70), false),
        "    SERVICE  ACTION   CONTAINER              WHY
    db       keep     shop-db-1
-/+ web      replace  shop-web-1 and 2 more  service \"web\" changed
        environment.MODE  a → \u{fffd}[31mb        compose.yaml:7:13
        ports             (none) → 8080:80  compose.yaml:9:9

Images
~   pull  redis:7  the engine does not have it (compose.yaml:13:12);
                   what is in it is known once it is here

Downtime, estimated
    web  0.3 s to 11.7 s  stop up to 10 s (the engine's default grace)

shop: 3 to replace, 1 kept, 1 image to pull; down for 0.3 s to 11.7 s
"
    );
}

#[test]
fn below_each_other_where_there_is_no_room() {
    assert_eq!(
        preview(&shop(), Some(48), false),
        "    db keep  shop-db-1
-/+ web replace  shop-web-1 and 2 more
      service \"web\" changed
        environment.MODE
          a → \u{fffd}[31mb
          compose.yaml:7:13
        ports
          (none) → 8080:80
          compose.yaml:9:9

Images
~   pull  redis:7
      the engine does not have it
      (compose.yaml:13:12); what is in it is
      known once it is here

Downtime, estimated
    web  0.3 s to 11.7 s
      stop up to 10 s (the engine's default
      grace)

shop: 3 to replace, 1 kept, 1 image to pull;
  down for 0.3 s to 11.7 s
"
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = preview(&shop(), None, true);
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(console::strip_ansi_codes(&coloured), preview(&shop(), None, false));
}

#[test]
fn sentences_about_images_and_volumes_begin_below_each_other() {
    let mut shop = shop();
    shop.images.push(ImagePreview {
        action: "build",
        image: "shop-web".into(),
        reason: "the service is to be built".into(),
        ..ImagePreview::default()
    });
    for name in ["shop_data", "shop_uploads"] {
        shop.volumes.push(VolumePreview {
            volume: name.into(),
            anonymous: false,
            fate: VolumeFate::Create,
            containers: Vec::new(),
            target: String::new(),
            reason: "it is not there".into(),
            place: None,
        });
    }
    let drawn = preview(&shop, None, false);
    for lines in [
        "~   pull   redis:7   the engine does not have it (compose.yaml:13:12); what is in it is known once it is here\n\
         ~   build  shop-web  the service is to be built\n",
        "+   shop_data     it is not there\n\
         +   shop_uploads  it is not there\n",
    ] {
        assert!(drawn.contains(lines), "{drawn}");
    }
}
