//! A project goes to a registry and comes back, and nothing goes out unasked.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use crate::harness::{Output, Stack, registry};

const APP: &str = r"
services:
  web:
    image: busybox:stable
    env_file: ['web.env']
    volumes: [./data:/data]
  worker:
    extends: {file: base.yaml, service: base}
    env_file: ./web.env
";

fn stack(label: &str) -> Stack {
    Stack::of(label, APP)
        .file("web.env", "GREETING=hello\n")
        .file("base.yaml", "services: {base: {image: 'busybox:stable', command: sleep 1000}}\n")
        .variable("BIREME_TRUST_REMOTE", "1")
}

fn answering(stack: &Stack, arguments: &[&str], answers: &str) -> Output {
    let mut command = stack.command(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bireme can be run");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(answers.as_bytes()).expect("it reads, or has ended");
    drop(stdin);
    let ended = child.wait_with_output().expect("it ends");
    Output::new(arguments.join(" "), &ended.stdout, &ended.stderr, ended.status)
}

#[test]
fn what_is_published_is_read_back() {
    let stack = stack("publish");
    let reference = format!("{}/bireme/{}:v1", registry(), stack.project());
    let published = stack.run(["publish", "--with-env", "-y", &reference]).success();
    let published = published.stderr_has(" web Skipped \n");
    published.stderr_has(&format!(" {reference} published"));
    let remote = format!("oci://{reference}");
    let config = stack.run(["-f", &remote, "config", "--format", "json"]).success();
    let config: serde_json::Value = serde_json::from_str(&config.stdout).expect("JSON");
    assert_eq!(config["services"]["web"]["environment"]["GREETING"], "hello");
    assert_eq!(config["services"]["worker"]["environment"]["GREETING"], "hello");
    assert_eq!(config["services"]["worker"]["command"][0], "sleep");
}

/// What the registry has at a path of a repository.
fn manifest(repository: &str, version: &str) -> serde_json::Value {
    let path = format!("/v2/{repository}/manifests/{version}");
    let accept = "application/vnd.oci.image.manifest.v1+json, \
                  application/vnd.oci.image.index.v1+json, \
                  application/vnd.docker.distribution.manifest.v2+json, \
                  application/vnd.docker.distribution.manifest.list.v2+json";
    let mut stream = std::net::TcpStream::connect(registry()).expect("the registry is up");
    write!(stream, "GET {path} HTTP/1.0\r\nHost: registry\r\nAccept: {accept}\r\n\r\n")
        .expect("it takes requests");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (_, body) = answer.split_once("\r\n\r\n").expect("it speaks HTTP");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{path}: {error}: {answer}"))
}

#[test]
fn images_go_along_on_demand() {
    let (registry, both) = (registry(), "library/busybox:stable");
    let stack = Stack::of(
        "application",
        &format!(
            "services: {{a: {{image: '{registry}/{both}'}}, b: {{image: '{registry}/{both}'}}}}"
        ),
    );
    let repository = format!("bireme/{}", stack.project());
    let reference = format!("{registry}/{repository}:v1");
    let published = stack.run(["publish", "--app", "-y", &reference]).success();
    published.stderr_has(&format!(" {reference} published"));

    let project = manifest(&repository, "v1");
    let layers = project["layers"].as_array().expect("it has layers");
    let names: Vec<&str> = layers
        .iter()
        .filter_map(|layer| layer["annotations"]["com.docker.compose.file"].as_str())
        .collect();
    assert_eq!(names, ["compose.yaml", "image-digests.yaml"]);
    assert!(layers.iter().all(|layer| layer["data"].is_string()), "{project}");

    // The image is whole: both platforms can be had from where the project is.
    let original = manifest("library/busybox", "stable");
    let pinned = stack.run(["-f", &format!("oci://{reference}"), "config", "--images"]).success();
    let digest = pinned.stdout.trim_end().rsplit('@').next().expect("it is pinned").to_owned();
    assert_eq!(manifest(&repository, &digest), original);
    for image in original["manifests"].as_array().expect("it is for two platforms") {
        let digest = image["digest"].as_str().expect("each has a digest");
        let layers = manifest(&repository, digest)["layers"].clone();
        assert!(layers.as_array().is_some_and(|layers| !layers.is_empty()), "{layers}");
    }
    let name = format!("{registry}/{repository}@{digest}");
    let pull = format!("/images/create?fromImage={name}");
    let pulled = stack.engine().call("POST", &pull, None);
    assert_eq!(pulled.0, 200, "{}", pulled.1);
    assert!(!pulled.1.to_string().contains("error"), "{}", pulled.1);
    stack.engine().call("DELETE", &format!("/images/{name}"), None);
}

#[test]
fn digests_are_those_of_what_is_pushed_along() {
    let built =
        "services: {a: {build: ., image: '${REGISTRY}/bireme/${NAME}-built:v1', command: cat /v}}";
    let stack = Stack::of("publish-built", built);
    let stack = stack.variable("REGISTRY", &registry()).variable("BIREME_TRUST_REMOTE", "1");
    let name = stack.project().to_owned();
    let stack = stack.variable("NAME", &name);
    let reference = format!("{}/bireme/{name}:v1", registry());
    for version in ["one", "two"] {
        stack.write("Dockerfile", &format!("FROM busybox:stable\nRUN echo {version} > /v\n"));
        stack.run(["build", "--quiet"]).success();
        stack.run(["publish", "--resolve-image-digests", "--with-env", "-y", &reference]).success();
        let remote = format!("oci://{reference}");
        let images = stack.run(["-f", &remote, "config", "--images"]).success();
        let pinned = images.stdout.trim_end().rsplit('@').next().expect("it is pinned").to_owned();
        let built = manifest(&format!("bireme/{name}-built"), "v1");
        let pushed = manifest(&format!("bireme/{name}-built"), &pinned);
        assert_eq!(pushed, built, "{version}");
    }
}

#[test]
fn nothing_goes_out_unasked() {
    let stack = stack("asked");
    let no = answering(&stack, &["publish", "a/b", "--dry-run"], "n\n");
    assert!(no.stdout.contains("/data:/data:rw\nAre you ok to publish these bind mount"), "{no}");
    assert!(!no.stderr.contains("published"), "{no}");
    let refused = answering(&stack, &["publish", "a/b", "--dry-run"], "y\n").code(1);
    let refused = refused.stderr_has(
        "service \"web\" has env_file declared.\nservice \"web\" has environment variable(s) declared.",
    );
    assert!(!refused.stderr.contains("published"), "{refused}");
    let yes = answering(&stack, &["publish", "a/b", "--dry-run", "--with-env"], "y\ny\n").success();
    yes.stdout_has("GREETING=hello\n").stderr_has(" DRY-RUN MODE -  a/b published");

    stack.write("web.env", "TOKEN=ghp_1234567890abcdefghijklmnopqrstuvwxyz\n");
    let secret = answering(&stack, &["publish", "a/b", "--dry-run", "--with-env"], "y\nn\n");
    let secret = secret
        .stdout_has("Github authentication\n\"TOKEN\": ghp_1234567890abcdefghijklmnopqrstuvwxyz\n");
    assert!(!secret.stderr.contains("published"), "{secret}");
}

#[test]
fn what_looks_like_a_secret_is_asked_about_before_variables_are_refused() {
    let files = "
services:
  web:
    image: 'busybox:stable'
    environment: [API_TOKEN=s0me-Rather-l0ng-valueWithCharsXYZ, 'PLAIN=${PLAIN:-x}']
    command: connect postgres://user:pa55@db/shop
";
    let stack = Stack::of("secrets", files);
    let refused = answering(&stack, &["publish", "a/b", "--dry-run"], "y\n").code(1);
    let refused = refused.stdout_has(
        "leaking sensitive data\n\
         Keyword Detector\n\
         \"services.web.environment.API_TOKEN\": s0me-Rather-l0ng-valueWithCharsXYZ\n\
         URL with password\n\
         \"services.web.command[1]\": postgres://user:pa55@db/shop\n\
         Are you ok to publish these sensitive data?",
    );
    refused.stderr_has("service \"web\" has environment variable(s) declared.");
    let no = answering(&stack, &["publish", "a/b", "--dry-run", "--with-env"], "n\n").success();
    assert!(!no.stderr.contains("published"), "{no}");
}

#[test]
fn texts_of_configs_are_published_and_variables_asked_about() {
    let files = "
services: {web: {image: 'busybox:stable', configs: [text, variable]}}
configs:
  text: {content: just a text}
  variable: {environment: GREETING}
";
    let stack = Stack::of("configs", files).variable("GREETING", "hello");
    let refused = stack.run(["publish", "a/b", "--dry-run"]).code(1);
    refused.stderr_has("is declare as an environment variable.");
    let name = format!("{}_variable", stack.project());
    let asked = answering(&stack, &["publish", "a/b", "--dry-run", "--with-env"], "y\n").success();
    let asked = asked.stdout_has(&format!("Service/Config  {name}\n{name}=GREETING\n"));
    assert!(!asked.stdout.contains("hello") && !asked.stdout.contains("just a text"), "{asked}");
    asked.stderr_has(" a/b published");

    stack.write(
        "compose.yaml",
        &files.replace(", variable]", "]").replace("  variable: {environment: GREETING}\n", ""),
    );
    let published = stack.run(["publish", "a/b", "--dry-run"]).success();
    published.stderr_has(" a/b published");
}

#[test]
fn what_others_cannot_run_is_not_published() {
    let stack = Stack::of("unfit", "services: {a: {build: .}, b: {build: .}}")
        .file("local.yaml", "include: [compose.yaml]\nservices: {c: {image: 'busybox:stable'}}\n");
    let built = stack.run(["publish", "a/b", "-y"]).code(1);
    built.stderr_has("only contains a build section for service(s):\n- \"a\"\n- \"b\"\n");
    let included = stack.run(["-f", "local.yaml", "publish", "a/b", "-y"]).code(1);
    included.stderr_has("cannot publish compose file with local includes");
    stack
        .run(["publish"])
        .code(1)
        .stderr_has("publish' requires 1 argument\n\nUsage:  bireme publish");
}

#[test]
fn viz_draws_services_for_graphviz() {
    let stack = Stack::of(
        "viz",
        "services: {a: {image: x, depends_on: [b], ports: ['80:8080']}, b: {image: y}}",
    );
    let drawn = stack.run(["alpha", "viz", "--ports", "--spaces"]).success();
    let drawn = drawn.stderr_has("viz command is EXPERIMENTAL");
    for part in [" layout=dot;\n", "<b>Ports:</b><br/>80:8080 (tcp, ingress)", " \"a\" -> \"b\";\n"]
    {
        assert!(drawn.stdout.contains(part), "`{part}` is missing: {drawn}");
    }
}
