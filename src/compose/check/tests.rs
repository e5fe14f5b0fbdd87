use crate::compose::loaded::Loaded;

fn problems(compose: &str) -> Vec<String> {
    Loaded::from(compose).problems()
}

#[test]
fn mistakes_have_places_and_docker_composes_words() {
    let cases = [
        (
            "services: {a: {command: x}}",
            "1:12 service \"a\" has neither an image nor a build context specified: invalid compose project",
        ),
        (
            "services: {a: {image: x, networks: [net]}}\nnetworks: {nett: {}}",
            "1:37 service \"a\" refers to undefined network net: invalid compose project",
        ),
        (
            "services: {a: {image: x, volumes: ['vol:/v']}}",
            "1:37 service \"a\" refers to undefined volume vol: invalid compose project",
        ),
        (
            "services: {a: {image: x, configs: [c]}}",
            "1:36 service \"a\" refers to undefined config c: invalid compose project",
        ),
        (
            "services: {a: {image: x, configs: [{target: /c}]}}",
            "1:36 service \"a\" refers to undefined config : invalid compose project",
        ),
        (
            "services: {a: {image: x, secrets: [s]}}",
            "1:36 service \"a\" refers to undefined secret s: invalid compose project",
        ),
        (
            "services: {a: {build: {secrets: [s]}}}",
            "1:34 service \"a\" refers to undefined build secret s: invalid compose project",
        ),
        (
            "services: {a: {image: x, models: [m]}}",
            "1:35 service \"a\" refers to undefined model m: invalid compose project",
        ),
        (
            "services: {a: {image: x, depends_on: [b]}}",
            "1:39 service \"a\" depends on undefined service \"b\": invalid compose project",
        ),
        (
            "services: {a: {image: x, links: ['b:c']}}",
            "1:35 service \"a\" depends on undefined service \"b\": invalid compose project",
        ),
        (
            "services: {a: {image: x, depends_on: [b]}, b: {image: x, profiles: [p]}}",
            "1:39 1:44 service \"a\" depends on undefined service \"b\": invalid compose project",
        ),
        (
            "services: {a: {image: x, network_mode: host, networks: [default]}}",
            "1:40 1:46 service a declares mutually exclusive `network_mode` and `networks`: invalid compose project",
        ),
        (
            "services: {a: {build: {dockerfile: x, dockerfile_inline: FROM x}}}",
            "1:36 1:58 service \"a\" declares mutualy exclusive dockerfile and dockerfile_inline: invalid compose project",
        ),
        (
            "services: {a: {build: {additional_contexts: {c: 'service:b'}}}}",
            "1:49 service \"a\" declares unknown service \"b\" as additional contexts c",
        ),
        (
            "services: {a: {build: {additional_contexts: {c: 'service:b'}}}, b: {image: x}}",
            "1:49 1:65 service \"a\" declares non-buildable service \"b\" as additional contexts c",
        ),
        (
            "services: {a: {build: {platforms: [linux/arm64]}, platform: linux/amd64}}",
            "1:61 1:24 service.build.platforms MUST include service.platform \"linux/amd64\": invalid compose project",
        ),
        (
            "services: {a: {image: x, healthcheck: {test: [curl]}}}",
            "1:40 healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"",
        ),
        (
            "services: {a: {image: x, scale: 2, deploy: {replicas: 3}}}",
            "1:33 1:55 services.a: can't set distinct values on 'scale' and 'deploy.replicas': invalid compose project",
        ),
        (
            "services: {a: {image: x, cpus: 1, deploy: {resources: {limits: {cpus: '2'}}}}}",
            "1:32 1:71 services.a: can't set distinct values on 'cpus' and 'deploy.resources.limits.cpus': invalid compose project",
        ),
        (
            "services: {a: {image: x, mem_limit: 1m, deploy: {resources: {limits: {memory: 2m}}}}}",
            "1:37 1:79 services.a: can't set distinct values on 'mem_limit' and 'deploy.resources.limits.memory': invalid compose project",
        ),
        (
            "services: {a: {image: x, scale: -1}}",
            "1:33 services.a.scale: must be greater than or equal to 0",
        ),
        (
            "services: {a: {image: x, container_name: one, scale: 2}}",
            "1:42 1:54 services.scale: can't set container_name and one as container name must be unique: invalid compose project",
        ),
        (
            "services: {a: {image: x, develop: {watch: [{path: ., action: sync}]}}}",
            "1:44 services.a.develop.watch: target is required for non-rebuild actions: invalid compose project",
        ),
        (
            "services: {a: {image: x, tmpfs: ['/t:size=1m'], volumes: ['/srv:/t']}}",
            "1:59 1:34 services.a.volumes[0]: target /t already mounted as services.a.tmpfs[0]",
        ),
        ("services: {a: {image: x, depends_on: [a]}}", "1:39 dependency cycle detected: a -> a"),
        (
            "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, links: [c]}\n  c: {image: x, network_mode: 'service:a'}",
            "2:30 3:25 4:31 dependency cycle detected: a -> b -> c -> a",
        ),
    ];
    let found: Vec<_> = cases.iter().map(|(compose, _)| problems(compose).join("\n")).collect();
    let expected: Vec<_> = cases.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_enabled_is_not_checked() {
    let project = Loaded::from(
        "services:\n  a: {image: x, depends_on: {b: {condition: service_started, required: false}}}\n  \
         b: {profiles: [p], networks: [nosuch]}",
    )
    .project();
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(project.disabled_services.keys().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn a_slip_gets_the_name_that_was_meant() {
    let failure =
        Loaded::from("services: {web: {image: x, depends_on: [databse]}, database: {image: x}}")
            .load()
            .unwrap_err();
    assert_eq!(failure.diagnostics[0].help.as_deref(), Some("did you mean `database`?"));
    let failure =
        Loaded::from("services: {web: {image: x, networks: [zzz]}}\nnetworks: {front: {}}")
            .load()
            .unwrap_err();
    assert_eq!(
        failure.diagnostics[0].help.as_deref(),
        Some("define it at the top level, under `networks:`")
    );
}

#[test]
fn container_names_are_taken_once() {
    let project = Loaded::from(
        "services: {a: {image: x, container_name: same}, b: {image: x, container_name: same}}",
    )
    .project();
    let problems = super::container_names(&project);
    assert_eq!(
        problems[0].message,
        "services.b: container name \"same\" is already in use by service a"
    );
    assert_eq!(problems[0].labels.len(), 2);
}
