//! What comes of a build: images, platforms, failures, and nothing where it is called off.

use std::sync::Arc;
use std::time::Duration;

use bireme::build::request::{Secret, SecretSource};
use bireme::build::{BuildError, BuildEvent, BuilderKind, NoCredentials, build};

use super::{Workshop, is_refused, run};
use crate::harness::{machine, platforms, registry};

#[test]
fn the_image_is_named_labelled_and_told() {
    let shop = Workshop::new("named", &[("Dockerfile", "FROM busybox:stable\nCMD [\"x\"]\n")]);
    let mut request = shop.request();
    let other = format!("{}-other:1", shop.tag());
    request.tags.insert(0, other.clone());
    request.labels.insert("mine".to_owned(), "a \"b\", c".to_owned());
    let built = run(shop.run(&request)).unwrap();
    for name in [&other, &shop.tag()] {
        let image = shop.inspect(name);
        assert_eq!(image["Id"], built.id.as_str());
        assert_eq!(image["Config"]["Labels"]["mine"], "a \"b\", c");
    }
    let events = shop.events().clone();
    let begun: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            BuildEvent::Started { step, .. } => Some(*step),
            _ => None,
        })
        .collect();
    assert!(begun.is_sorted() && begun[0].0 == 1, "{begun:?}");
    let ended = events.iter().filter(|event| matches!(event, BuildEvent::Completed { .. })).count();
    assert!(ended >= 3, "{events:#?}");
}

#[test]
fn an_image_of_the_other_platform_is_built_under_emulation() {
    let shop = Workshop::new("foreign", &[]);
    let foreign = platforms().1;
    let mut request = shop.inline("FROM busybox:stable\nRUN uname -m\n");
    request.platforms = vec![foreign.to_owned()];
    assert_eq!(shop.output(&request).trim(), machine(foreign));
    let architecture = foreign.trim_start_matches("linux/");
    assert_eq!(shop.inspect(&shop.tag())["Architecture"], architecture);
}

#[test]
fn a_failing_step_is_explained() {
    let shop = Workshop::new("failing", &[]);
    let request = shop.inline(
        "FROM busybox:stable\n\n# the step\nRUN echo one \\\n && echo two >&2 \\\n && exit 3\nRUN true\n",
    );
    let error = run(shop.run(&request)).unwrap_err();
    let BuildError::Failed(failure) = error else { panic!("{error:?}") };
    assert!(failure.message.starts_with("failed to solve: "), "{failure:?}");
    assert!(failure.message.contains("exit code: 3"), "{failure:?}");
    assert!(failure.step.contains("RUN echo one"), "{failure:?}");
    assert_eq!(failure.exit_code, Some(3));
    let mut log = failure.log;
    // The two streams may overtake each other.
    log.sort();
    assert_eq!(log, ["one", "two"]);
    let place = failure.place.expect("the place is known");
    assert_eq!((place.first, place.last), (4, 6));
    let events = shop.events();
    assert!(events.iter().any(|event| matches!(event, BuildEvent::Failed { .. })), "{events:#?}");
}

#[test]
fn a_mistake_in_the_dockerfile_is_placed() {
    let shop = Workshop::new("mistake", &[("Dockerfile", "FROM busybox:stable\nRUNN x\n")]);
    let error = run(shop.run(&shop.request())).unwrap_err();
    let BuildError::Failed(failure) = error else { panic!("{error:?}") };
    assert!(failure.message.contains("unknown instruction: RUNN"), "{failure:?}");
    assert_eq!(failure.place.map(|place| (place.first, place.last)), Some((2, 2)));
}

#[test]
fn a_build_that_is_dropped_ends_in_the_engine_too() {
    let shop = Workshop::new("dropped", &[]);
    // A mark of its own makes the step new to the cache, and findable among the machine's processes.
    let mark = format!("31{:05}", std::process::id());
    let request = shop.inline(&format!("FROM busybox:stable\nRUN echo begun && sleep {mark}\n"));
    let sleeping = || {
        let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        processes
            .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
            .any(|line| line == format!("sleep\0{mark}\0").as_bytes())
    };
    run(async {
        let begun = tokio::sync::Notify::new();
        let builder = shop.builder();
        let building = build(&builder, &request, Arc::new(NoCredentials), |event| {
            if matches!(event, BuildEvent::Log { .. }) {
                begun.notify_one();
            }
        });
        tokio::select! {
            result = building => panic!("the build ended by itself: {result:?}"),
            () = begun.notified() => {}
        }
    });
    assert!(
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            !sleeping()
        }),
        "the step still runs ten seconds after its build was dropped"
    );
}

#[test]
fn several_platforms_make_one_image_where_the_engine_can_keep_it() {
    let shop = Workshop::new("platforms", &[]);
    let mut request = shop.inline("FROM busybox:stable\nRUN uname -m\n");
    let (native, foreign) = platforms();
    request.platforms = vec![native.to_owned(), foreign.to_owned()];
    if !shop.stack.engine().has_containerd_store() {
        return is_refused(&shop, &request, "Multi-platform build");
    }
    let log = shop.output(&request);
    assert!(log.contains(machine(native)) && log.contains(machine(foreign)), "{log}");
}

#[test]
fn an_image_is_pushed_where_asked() {
    let shop = Workshop::new("push", &[]);
    let mut request = shop.inline("FROM busybox:stable\nRUN echo pushed\n");
    request.tags = vec![format!("{}/{}:1", registry(), shop.tag())];
    request.push = true;
    shop.output(&request);
    assert_eq!(shop.steps().last(), Some(&format!("pushing {}", request.tags[0])));
    let pulled =
        shop.stack.engine().call("GET", &format!("/distribution/{}/json", request.tags[0]), None);
    assert_eq!(pulled.0, 200, "{pulled:?}");

    request.tags = vec!["127.0.0.1:1/nowhere:1".to_owned()];
    let error = run(shop.run(&request)).unwrap_err().to_string();
    assert!(error.starts_with("failed to push 127.0.0.1:1/nowhere:1: "), "{error}");
    shop.stack.engine().call("DELETE", "/images/127.0.0.1:1/nowhere:1", None);
}

#[test]
fn the_classic_builder_builds_too() {
    let shop = Workshop::new(
        "classic",
        &[
            (
                "Dockerfile",
                "FROM busybox:stable\nARG WHO\nCOPY . /x\nRUN echo hello $WHO && ls -A /x\n",
            ),
            (".dockerignore", "Dockerfile\n.dockerignore\nskipped\n"),
            ("skipped", "x"),
            ("kept", "x"),
        ],
    );
    let mut request = shop.request();
    request.builder = BuilderKind::Classic;
    request.args = [("WHO".to_owned(), "world".to_owned())].into();
    let built = run(shop.run(&request)).unwrap();
    let log = shop.log();
    assert!(log.contains("hello world\n"), "{log}");
    assert!(log.contains("kept\n") && !log.contains("skipped\n"), "{log}");
    assert_eq!(shop.inspect(&shop.tag())["Id"], built.id.as_str());

    let mut request = shop.inline("FROM busybox:stable\nRUN echo inline && exit 4\n");
    request.builder = BuilderKind::Classic;
    let error = run(shop.run(&request)).unwrap_err();
    let BuildError::Failed(failure) = error else { panic!("{error:?}") };
    assert!(failure.message.contains("returned a non-zero code: 4"), "{failure:?}");
    assert!(failure.log.iter().any(|line| line == "inline"), "{failure:?}");
    assert_eq!(failure.exit_code, Some(4));
    assert_eq!(failure.place.map(|place| (place.first, place.last)), Some((2, 2)));

    request.secrets = vec![Secret { id: "x".into(), source: SecretSource::Value(Vec::new()) }];
    assert_eq!(
        run(shop.run(&request)).unwrap_err().to_string(),
        "the classic builder doesn't support secrets, set DOCKER_BUILDKIT=1 to use BuildKit"
    );
}
