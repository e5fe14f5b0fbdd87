//! Builders of buildx that are not the engine's own: found where buildx keeps them, reached by their drivers.
//!
//! Their BuildKit is the engine's, behind a socket of its own. It packs images as archives, and pushes them, only where
//! the engine keeps images in containerd; elsewhere its refusal is what shows that it was reached.

use serde_json::{Value, json};

use crate::harness::{BuildKit, Output, Stack, certificate, machine, platforms, registry};

/// Writes what `buildx create` would.
fn create(stack: &Stack, name: &str, driver: &str, nodes: &Value) {
    let instance = json!({ "Name": name, "Driver": driver, "Nodes": nodes, "Dynamic": false });
    keep(stack, &format!("instances/{name}"), &instance);
}

/// Writes what `buildx use` would.
fn choose(stack: &Stack, name: &str) {
    let current = json!({ "Key": stack.engine().endpoint(), "Name": name, "Global": false });
    keep(stack, "current", &current);
}

fn keep(stack: &Stack, file: &str, content: &Value) {
    let path = stack.home().join(".docker/buildx").join(file);
    std::fs::create_dir_all(path.parent().expect("it has a parent")).expect("folders can be made");
    std::fs::write(path, content.to_string()).expect("a file can be written");
}

fn node(name: &str, endpoint: &str) -> Value {
    json!({ "Name": name, "Endpoint": endpoint, "Platforms": null, "DriverOpts": null, "Flags": null, "Files": null })
}

/// Creates a remote builder with the name `far`.
fn far(stack: &Stack, daemon: &BuildKit) {
    create(stack, "far", "remote", &json!([node("far0", daemon.endpoint())]));
}

/// That a command succeeded, or that the builder was reached and has no exporter.
#[track_caller]
fn reached(stack: &Stack, output: Output) -> Option<Output> {
    if stack.engine().has_containerd_store() {
        return Some(output.success());
    }
    output.code(1).shows("failed to solve: exporter \"docker\" could not be found");
    None
}

const WEB: &str = "
services:
  web:
    build:
      dockerfile_inline: |
        FROM busybox:stable
        RUN uname -m > /machine
    command: sleep 3600
    stop_signal: SIGKILL
";

#[test]
fn the_builder_in_use_builds_and_the_engine_gets_the_images() {
    let stack = Stack::of(
        "buildx-use",
        "
services:
  base:
    build:
      dockerfile_inline: |
        FROM busybox:stable
        RUN echo from the base > /note
    scale: 0
  web:
    build:
      context: .
      additional_contexts: {base: 'service:base'}
      dockerfile_inline: |
        FROM base
        COPY own /own
        RUN --mount=type=secret,id=word cat /run/secrets/word /own /note > /all
      secrets: [word]
    command: sleep 3600
    stop_signal: SIGKILL
secrets:
  word: {environment: WORD}
",
    )
    .file("own", "from the context\n")
    .variable("WORD", "from the environment;");
    let daemon = BuildKit::at_socket(stack.engine());
    far(&stack, &daemon);
    choose(&stack, "far");
    let up = stack.run(["up", "-d", "--build"]);
    assert_eq!(daemon.connections(), 1, "builds share a connection: {up}");
    let Some(up) = reached(&stack, up) else { return };
    up.shows("importing to docker");
    let all = "from the environment;from the context\nfrom the base";
    stack.run(["exec", "-T", "web", "cat", "/all"]).success().stdout_has(all);
    let before = stack.container("web").id().to_owned();
    stack.run(["up", "-d", "--build"]).success();
    assert_eq!(stack.container("web").id(), before, "nothing has changed");

    choose(&stack, "");
    stack.run(["build"]).success();
    assert_eq!(daemon.connections(), 2, "the engine's own builds again");
}

#[test]
fn a_builder_is_named_by_a_flag_before_a_variable() {
    let stack = Stack::of("buildx-name", WEB).variable("BUILDX_BUILDER", "far");
    let daemon = BuildKit::at_port(stack.engine());
    far(&stack, &daemon);
    reached(&stack, stack.run(["build"]));
    assert_eq!(daemon.connections(), 1);
    stack.run(["build", "--builder", "default"]).success();
    assert_eq!(daemon.connections(), 1, "the flag counts");
    let none = stack.run(["build", "--builder", "none"]).code(1);
    none.shows("no builder \"none\" found").shows("docker buildx ls");
    let classic = Stack::of("buildx-classic", WEB)
        .variable("BUILDX_BUILDER", "none")
        .variable("DOCKER_BUILDKIT", "0");
    classic.run(["build"]).success();
    // Its images are not labelled with the project.
    classic.run(["down", "--rmi", "local"]).success();
}

#[test]
fn what_no_builder_here_can_be_is_refused() {
    let stack = Stack::of("buildx-refused", WEB);
    create(&stack, "kube", "kubernetes", &json!([node("kube0", "kubernetes:///kube")]));
    create(&stack, "odd", "cloud", &json!([node("odd0", "x")]));
    create(&stack, "gone", "remote", &json!([node("gone0", "unix:///nowhere/buildkit.sock")]));
    for (name, words) in [
        ("kube", "builder \"kube\" has the driver kubernetes"),
        ("odd", "failed to find driver \"cloud\""),
        (
            "gone",
            "builder \"gone\", node gone0: cannot connect to BuildKit at unix:///nowhere/buildkit.sock",
        ),
    ] {
        stack.run(["build", "--builder", name]).code(1).shows(words);
    }
    keep(&stack, "instances/gone", &json!("{"));
    stack.run(["build", "--builder", "gone"]).code(1).shows("buildx/instances/gone");
}

#[test]
fn a_builder_may_speak_tls() {
    let stack = Stack::of("buildx-tls", WEB);
    let daemon = BuildKit::with_tls(stack.engine());
    let options = json!({
        "cacert": certificate("ca.pem"), "cert": certificate("client.pem"),
        "key": certificate("client.key"), "servername": "buildkit.test",
    });
    let mut secure = node("secure0", daemon.endpoint());
    secure["DriverOpts"] = options;
    create(&stack, "secure", "remote", &json!([secure]));
    reached(&stack, stack.run(["build", "--builder", "secure"]));
    secure["DriverOpts"]["servername"] = json!("other.test");
    create(&stack, "secure", "remote", &json!([secure]));
    stack.run(["build", "--builder", "secure"]).code(1).shows("certificate");
    assert_eq!(daemon.connections(), 1, "a name that is not the certificate's is not spoken to");
}

/// A node in a container whose `buildctl` is a pipe to the daemon, and what its image belongs to. Its name has the
/// project's in it, by which it is removed.
fn contained(stack: &Stack, daemon: &BuildKit) -> (Value, Stack) {
    let image = Stack::of(
        "buildx-image",
        "
services:
  buildkit:
    image: $IMAGE
    build:
      context: .
      dockerfile_inline: |
        FROM busybox:stable
        COPY --chmod=755 buildctl /bin/buildctl
        ENTRYPOINT [\"sh\", \"-c\", \"echo $$* > /arguments; exec sleep 3600\", \"sh\"]
",
    )
    .file(
        "buildctl",
        "#!/bin/sh\ncase $1 in debug) test -e /arguments ;; *) exec nc $BUILDKIT_HOST $BUILDKIT_PORT ;; esac\n",
    );
    let name = format!("{}-buildkit:1", stack.project());
    let image = image.variable("IMAGE", &name);
    image.run(["build"]).success();
    let (host, port) =
        daemon.endpoint().trim_start_matches("tcp://").split_once(':').expect("a port");
    let mut node = node(&format!("{}0", stack.project()), &stack.engine().endpoint());
    node["DriverOpts"] = json!({
        "image": name, "network": "host",
        "env.BUILDKIT_HOST": host, "env.BUILDKIT_PORT": port,
    });
    node["Flags"] = json!(["--debug"]);
    // `debug = true`
    node["Files"] = json!({ "buildkitd.toml": "ZGVidWcgPSB0cnVlCg==" });
    (node, image)
}

/// Whether the engine may give a container all rights; one from before Docker 22 may not where it lacks some itself.
fn gives_all_rights(stack: &Stack) -> bool {
    let body =
        json!({ "Image": "busybox:stable", "Cmd": ["true"], "HostConfig": { "Privileged": true } });
    let engine = stack.engine();
    let name = format!("{}-rights", stack.project());
    assert_eq!(engine.call("POST", "/images/create?fromImage=busybox&tag=stable", None).0, 200);
    assert_eq!(engine.call("POST", &format!("/containers/create?name={name}"), Some(&body)).0, 201);
    engine.call("POST", &format!("/containers/{name}/start"), None).0 == 204
}

#[test]
fn a_builder_in_a_container_is_made_and_started_where_needed() {
    let stack = Stack::of("buildx-container", WEB);
    let daemon = BuildKit::at_port(stack.engine());
    let (node, _image) = contained(&stack, &daemon);
    create(&stack, "contained", "docker-container", &json!([node]));
    choose(&stack, "contained");
    let first = stack.run(["build"]);
    let first = first.shows("booting buildkit").shows("using local image");
    if !gives_all_rights(&stack) {
        first.code(1).shows("builder \"contained\", node").shows("operation not permitted");
        return;
    }
    reached(&stack, first);
    let container = format!("/containers/buildx_buildkit_{}0", stack.project());
    let made = stack.engine().get(&format!("{container}/json"));
    assert_eq!(made["State"]["Running"], true);
    assert_eq!(made["HostConfig"]["Privileged"], true);
    assert_eq!(made["HostConfig"]["RestartPolicy"]["Name"], "unless-stopped");
    assert_eq!(made["Mounts"][0]["Name"], format!("buildx_buildkit_{}0_state", stack.project()));
    assert_eq!(
        made["Config"]["Cmd"],
        json!(["--config", "/etc/buildkit/buildkitd.toml", "--debug"])
    );
    let file = format!("{container}/archive?path=/etc/buildkit/buildkitd.toml");
    assert_eq!(stack.engine().call("GET", &file, None).0, 200);

    stack.engine().call("POST", &format!("{container}/stop?t=0"), None);
    let again = stack.run(["build"]).shows("starting container").hides("creating container");
    reached(&stack, again);
    let running = stack.run(["build"]).hides("booting buildkit");
    reached(&stack, running);
    // The way that a remote builder has to a container.
    let address = format!("docker-container://buildx_buildkit_{}0", stack.project());
    create(&stack, "behind", "remote", &json!([self::node("behind0", &address)]));
    reached(&stack, stack.run(["build", "--builder", "behind"]));
    assert_eq!(daemon.connections(), 4);
}

#[test]
fn a_node_is_chosen_by_platform() {
    let (native, foreign) = platforms();
    let stack = Stack::of("buildx-nodes", &WEB.replace("services:", "services:\n  far:\n    platform: $FOREIGN\n    build: {dockerfile_inline: 'FROM busybox:stable'}"))
        .variable("FOREIGN", foreign);
    let daemons = [BuildKit::at_socket(stack.engine()), BuildKit::at_port(stack.engine())];
    let mut nodes =
        json!([node("two0", daemons[0].endpoint()), node("two1", daemons[1].endpoint())]);
    let architecture = |platform: &str| platform.trim_start_matches("linux/").to_owned();
    nodes[1]["Platforms"] = json!([{ "os": "linux", "architecture": architecture(foreign) }]);
    create(&stack, "two", "remote", &nodes);
    choose(&stack, "two");
    reached(&stack, stack.run(["build", "web"]));
    assert_eq!([daemons[0].connections(), daemons[1].connections()], [1, 0]);
    reached(&stack, stack.run(["build", "far"]));
    assert_eq!(daemons[1].connections(), 1);

    nodes[0]["Platforms"] = json!([{ "os": "linux", "architecture": architecture(native) }]);
    create(&stack, "two", "remote", &nodes);
    let both = format!(
        "services: {{web: {{build: {{platforms: [{native}, {foreign}], dockerfile_inline: FROM busybox:stable}}}}}}"
    );
    stack.write("compose.yaml", &both);
    stack.run(["build"]).code(1).shows("on its node two0").shows("on its node two1");
}

#[test]
fn several_platforms_are_pushed_by_the_builder() {
    let (native, foreign) = platforms();
    let compose = format!(
        "
services:
  web:
    image: $IMAGE
    build:
      platforms: [{native}, {foreign}]
      dockerfile_inline: |
        FROM busybox:stable
        RUN echo built on $$(uname -m)
      cache_to: ['type=local,dest=cache']
"
    );
    let stack = Stack::of("buildx-push", &compose);
    let image = format!("{}/{}:1", registry(), stack.project());
    let stack = stack.variable("IMAGE", &image);
    let daemon = BuildKit::at_socket(stack.engine());
    far(&stack, &daemon);
    let pushed = stack.run(["build", "--push", "--builder", "far", "--no-cache"]);
    if !stack.engine().has_containerd_store() {
        pushed.code(1).shows("exporter \"image\" could not be found");
        return;
    }
    let on = |platform| format!("built on {}", machine(platform));
    pushed.success().shows(&on(native)).shows(&on(foreign));
    let index = stack.engine().get(&format!("/distribution/{image}/json"));
    let offered = index["Platforms"].as_array().expect("platforms are an array");
    assert_eq!(offered.len(), 4, "two images, each with its provenance: {index}");
    assert!(stack.folder().join("cache/index.json").exists(), "the cache is written");
    let kept = stack.run(["build", "--builder", "far"]).success();
    kept.shows("stays in the builder's cache");
    stack.run(["build", "--builder", "far", "--check"]).success().shows("Check complete");
}

#[test]
fn what_only_an_engine_knows_is_refused() {
    let stack = Stack::of(
        "buildx-gateway",
        "
services:
  web:
    build:
      dockerfile_inline: FROM busybox:stable
      extra_hosts: [here=host-gateway]
",
    );
    let daemon = BuildKit::at_socket(stack.engine());
    far(&stack, &daemon);
    stack
        .run(["build", "--builder", "far"])
        .code(1)
        .shows("host-gateway is not supported by the remote driver");
}

#[test]
fn what_a_builder_elsewhere_builds_for_is_not_guessed() {
    let stack = Stack::of("buildx-verdicts", WEB);
    let unknown = "the builder other builds it for its own machine";
    create(&stack, "other", "docker-container", &json!([node("other0", "tcp://127.0.0.1:1")]));
    choose(&stack, "other");
    stack.run(["platforms"]).success().stdout_has(unknown);
    let daemon = BuildKit::at_socket(stack.engine());
    create(&stack, "other", "remote", &json!([node("other0", daemon.endpoint())]));
    stack.run(["platforms"]).success().hides(unknown);
    assert_eq!(daemon.connections(), 1, "it has told its platform");
}
