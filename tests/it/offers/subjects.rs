//! What verdicts go by: requests with their lines, copies, containers, offers and builds.

use bireme::compose::assemble::{Selection, assemble};
use bireme::compose::files::Disk;
use bireme::compose::load::{LoadOptions, merged};
use bireme::compose::model::Project;
use bireme::compose::source::Request;
use bireme::platform::subject::{By, Packages, Pin, Subject};
use bireme::stack::up::Build;
use bireme::survey::{Settings, subjects};

use super::{Bare, World, describe};
use crate::harness::{Stack, platforms};

fn load(stack: &Stack, variables: &[(&str, &str)]) -> Project {
    let environment =
        variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let request = Request { current_directory: stack.folder(), environment, ..Request::default() };
    let (options, files) = (LoadOptions::default(), Disk::default());
    let merged = merged(&request, &options, &files).unwrap_or_else(|failure| panic!("{failure}"));
    let loaded = assemble(merged, &options, &Selection::default(), &files);
    loaded.unwrap_or_else(|failure| panic!("{failure}")).0
}

async fn survey(world: &World, project: &Project, build: Build) -> Vec<Subject> {
    let settings = Settings {
        offers: world.settings.clone(),
        build,
        pull: None,
        elsewhere: None,
        all_platforms: false,
    };
    let nothing = Bare { host: String::new(), config: String::new() };
    subjects(project, &world.engine, &nothing, &settings).await
}

/// A subject as lines: what is asked for, offered, here and running; then each stage.
fn told(subject: &Subject) -> String {
    let names = |platforms: &[bireme::platform::Platform]| {
        let names: Vec<String> = platforms.iter().map(ToString::to_string).collect();
        names.join(" ")
    };
    let request = subject.request.as_ref().map(|request| match &request.by {
        By::Service(Some(place)) | By::Build(Some(place)) => {
            format!("{} at {place}", request.platform)
        }
        By::Service(None) | By::Build(None) => format!("{} somewhere", request.platform),
        By::Variables { remedy, .. } => format!("{} by variables: {remedy}", request.platform),
        By::Environment(_) => format!("{} by the environment", request.platform),
    });
    let mut told = format!(
        "{}: asked {}, offered {}, local {}, running {}{}",
        subject.service,
        request.unwrap_or_else(|| "nothing".to_owned()),
        describe(&subject.offer),
        names(&subject.local),
        names(&subject.running),
        if subject.accepted { ", accepted" } else { "" },
    );
    for stage in subject.build.iter().flat_map(|recipe| &recipe.stages) {
        let offer = stage.offer.as_ref().map_or_else(|| "anything".to_owned(), describe);
        let pin = match &stage.pin {
            None => String::new(),
            Some(Pin::Builder) => " on the builder".to_owned(),
            Some(Pin::Target) => " for the target".to_owned(),
            Some(Pin::Fixed(fixed)) => format!(" on {}", fixed.platform),
        };
        let runs = if stage.runs { ", runs" } else { "" };
        told = format!(
            "{told}\n  {} at {}: {} ({offer}){pin}{runs}",
            stage.name, stage.place, stage.base
        );
    }
    told
}

#[tokio::test]
async fn services_of_images_are_looked_at() {
    let (native, foreign) = platforms();
    let stack = Stack::of(
        "subjects",
        &format!(
            "services:
  pinned:
    image: both:6
    platform: {foreign}
    command: sleep 600
    x-bireme: {{emulation: accepted}}
  plain:
    image: native-only:1
    command: sleep 600
  always:
    image: native-only:1
    pull_policy: always
  nowhere:
    image: bireme-test-that-is-nowhere:1
"
        ),
    );
    stack.run(["up", "--detach", "pinned", "plain"]).success();
    let world = World::new().await;
    let found = survey(&world, &load(&stack, &[]), Build::Missing).await;
    let both = "index: linux/amd64 linux/arm64";
    let told: Vec<String> = found.iter().map(told).collect();
    let expected = [
        format!(
            "pinned: asked {foreign} at compose.yaml:4, offered {both}, local {foreign}, running {foreign}, accepted"
        ),
        format!("plain: asked nothing, offered index: {native}, local {native}, running {native}"),
        format!("always: asked nothing, offered index: {native}, local , running "),
    ];
    // A containerd store may have both; the one that was asked for is among them.
    let normal = |text: &String| {
        text.replace(&format!("local {native} {foreign}"), &format!("local {foreign}"))
    };
    for line in &expected {
        assert!(told.iter().any(|it| normal(it) == *line), "{line} is not in {told:#?}");
    }
    let nowhere = found.iter().find(|subject| subject.service == "nowhere").expect("it is one");
    assert!(nowhere.offer.platforms().is_empty() && nowhere.local.is_empty(), "{nowhere:?}");

    let variables = [("DOCKER_DEFAULT_PLATFORM", foreign)];
    let found = survey(&world, &load(&stack, &variables), Build::Missing).await;
    let plain = found.iter().find(|subject| subject.service == "plain").expect("it is one");
    let request = plain.request.as_ref().expect("the environment asks");
    assert_eq!(
        (request.platform.to_string().as_str(), &request.by),
        (foreign, &By::Environment(None))
    );
}

#[tokio::test]
async fn services_with_a_build_are_read() {
    let (native, _) = platforms();
    let stack = Stack::of(
        "recipes",
        "services:
  app:
    build:
      context: app
      args: {BASE: busybox}
      additional_contexts:
        common: service:common
  common:
    build:
      context: .
      dockerfile_inline: |
        FROM native-only:1
        RUN true
  listed:
    build: {context: app, target: tools, platforms: [linux/amd64, linux/arm64]}
  far:
    build: https://example.org/far.git
  lost:
    build: {context: app, dockerfile: Nowhere}
",
    )
    .file(
        "app/Dockerfile",
        "ARG BASE=none TAG=stable
FROM --platform=$BUILDPLATFORM busybox:1.36 AS tools
RUN true
FROM scratch AS files
COPY --from=common /bin/sh /
FROM --platform=linux/amd64 $BASE:${TAG:-latest}
COPY --from=tools / /
COPY --from=files / /
RUN pip install -r requirements.txt
",
    );
    let world = World::new().await;
    let found = survey(&world, &load(&stack, &[]), Build::Missing).await;
    let both = "index: linux/amd64 linux/arm64";
    let find = |name: &str| found.iter().find(|it| it.service == name).expect("it is a service");
    let app = find("app");
    let common = format!("{}-common", stack.project());
    // From containerd's store a builder takes what another service makes whatever its platform.
    let single = format!("index: {native}");
    let (offered, made) = if stack.engine().has_containerd_store() {
        (both, format!("image: {native}"))
    } else {
        (single.as_str(), single.clone())
    };
    assert_eq!(
        told(app),
        format!(
            "app: asked nothing, offered {offered}, local , running 
  tools at app/Dockerfile:2: busybox:1.36 ({both}) on the builder, runs
  common at app/Dockerfile:5: {common} ({made})
  files at app/Dockerfile:4: scratch (anything)
  2 at app/Dockerfile:6: busybox:stable ({both}) on linux/amd64, runs"
        )
    );
    assert_eq!(app.build.as_ref().expect("it has one").packages, Packages::Unseen);
    assert_eq!(
        told(find("common")),
        format!(
            "common: asked nothing, offered index: {native}, local , running 
  0 at compose.yaml:12: native-only:1 (index: {native}), runs"
        )
    );
    assert_eq!(
        told(find("listed")),
        format!(
            "listed: asked nothing, offered {both}, local , running 
  tools at app/Dockerfile:2: busybox:1.36 ({both}) on the builder, runs"
        )
    );
    assert!(told(find("far")).contains("Unreadable(\"it is in a context"), "{}", told(find("far")));
    assert!(told(find("lost")).contains("Unreadable("), "{}", told(find("lost")));
}
