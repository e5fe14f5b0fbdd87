//! `ls`, `images`, `volumes`, `port`, `top`: what there is, in the columns and words of Docker Compose.

use crate::harness::Stack;

const SHOP: &str = r#"
services:
  web:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
    deploy: {replicas: 2}
    ports: ["127.0.0.1::80", "127.0.0.1::53/udp"]
    expose: ["7000"]
    volumes: ["data:/data"]
  job:
    image: busybox:stable
    command: "true"
    volumes: ["other:/other"]
volumes: {data: , other: {labels: {x: "<1>"}}}
"#;

#[test]
fn projects_are_listed_by_what_their_containers_say() {
    let stack = Stack::of("ls", SHOP);
    let project = stack.project().to_owned();
    stack.run(["up", "-d"]).success();
    stack.run(["wait", "job"]);
    let filter = format!("name=^{project}$");
    let file = stack.folder().join("compose.yaml").display().to_string();
    let table = stack.run(["ls", "-a", "--filter", &filter]).success().stdout;
    let rows: Vec<&str> = table.lines().collect();
    let name = format!("{project:<17}   ");
    let status = "exited(1), running(2)   ";
    assert_eq!(rows[1], format!("{name:<20}{status}{file}"), "{table}");
    let json = stack.run(["ls", "--format", "json", "--filter", &filter]).success().stdout;
    assert_eq!(
        json,
        format!(
            "[{{\"Name\":\"{project}\",\"Status\":\"running(2)\",\"ConfigFiles\":\"{file}\"}}]\n"
        )
    );
    // Unlike kill, this is over once nothing runs any more.
    stack.run(["stop"]).success();
    assert_eq!(stack.run(["ls", "-q", "--filter", &filter]).success().stdout, "");
    let all = stack.run(["ls", "-a", "-q", "--filter", &filter]).success().stdout;
    assert_eq!(all, format!("{project}\n"));
    stack.run(["ls", "--filter", "label=x"]).code(1).stderr_has("invalid filter 'label'\n");
    stack
        .run(["ls", "--format", "{{.Name}}"])
        .code(1)
        .stderr_has("format value \"{{.Name}}\" could not be parsed: parsing failed\n");
}

#[test]
fn images_and_volumes_are_those_of_the_containers() {
    let stack = Stack::of("images", SHOP);
    let project = stack.project().to_owned();
    stack.run(["up", "-d"]).success();
    stack.run(["wait", "job"]);

    let table = stack.run(["-p", &project, "images"]).success().stdout;
    let header: Vec<&str> = table.lines().next().unwrap_or_default().split("  ").collect();
    let header: Vec<&str> = header.into_iter().map(str::trim).filter(|w| !w.is_empty()).collect();
    let words = ["CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"];
    assert_eq!(header, words, "{table}");
    assert_eq!(table.lines().count(), 4, "containers that ended count, too: {table}");
    let json = stack.run(["images", "--format", "json", "web"]).success().stdout;
    let images: serde_json::Value = serde_json::from_str(&json).expect("an array");
    assert_eq!(images.as_array().map(Vec::len), Some(2), "{json}");
    let image = &images[0];
    assert_eq!(image["ContainerName"], format!("{project}-web-1"));
    assert_eq!((&image["Repository"], &image["Tag"]), (&"busybox".into(), &"stable".into()));
    let ids = stack.run(["images", "-q"]).success().stdout;
    assert_eq!(format!("sha256:{}", ids.trim_end()), image["ID"], "one image, told once");

    let volumes = stack.run(["volumes"]).success().stdout;
    assert_eq!(
        volumes,
        format!("DRIVER    VOLUME NAME\nlocal     {project}_data\nlocal     {project}_other\n")
    );
    assert_eq!(stack.run(["volumes", "-q", "web"]).success().stdout, format!("{project}_data\n"));
    let labels = stack.run(["volumes", "--format", r#"{{.Label "x"}}{{.Links}}"#]).success();
    assert_eq!(labels.stdout, "N/A\n<1>N/A\n");
    let json = stack.run(["volumes", "--format", "json"]).success().stdout;
    assert!(json.contains(r"x=\u003c1\u003e"), "{json}");
    stack.run(["volumes", "wbe"]).code(1).stderr_has("no such service: wbe").stderr_has("`web`");
}

#[test]
fn ports_and_processes_are_those_of_running_containers() {
    let stack = Stack::of("ports", SHOP);
    stack.run(["up", "-d", "web"]).success();
    let published = |words: &[&str]| {
        let all: Vec<&str> = ["port"].iter().chain(words).copied().collect();
        stack.run(all).success().stdout.trim_end().to_owned()
    };
    let (first, second) = (published(&["web", "80"]), published(&["--index", "2", "web", "80"]));
    assert!(first.starts_with("127.0.0.1:") && second.starts_with("127.0.0.1:"));
    assert_ne!(first, second);
    assert_ne!(published(&["--protocol", "UDP", "web", "53"]), ":0");
    assert_eq!(published(&["web", "7000"]), ":0", "known, but not published");
    assert_eq!(published(&["--index", "-1", "web", "80"]), first);
    let all = published(&["web"]);
    assert!(all.contains(&format!("80/tcp -> {first}")) && all.contains("53/udp -> "), "{all}");
    assert!(!all.contains("7000"), "{all}");
    assert!(!published(&["--protocol", "udp", "web"]).contains("/tcp"));
    for (words, message) in [
        (&["port", "web", "81"][..], "no port 81/tcp for container "),
        (&["port", "web", "80/tcp"], "strconv.ParseUint: parsing \"80/tcp\": invalid syntax\n"),
        (&["port"], "requires at least 1 arg(s), only received 0\n"),
        (&["port", "job", "80"], "service \"job\" is not running\n"),
        (&["port", "--index", "9", "web", "80"], "service \"web\" is not running container #9\n"),
    ] {
        stack.run(words).code(1).stderr_has(message);
    }

    let top = stack.run(["top"]).success().stdout;
    let mut lines = top.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    assert_eq!((&header[..3], header.last()), (&["SERVICE", "#", "UID"][..], Some(&"CMD")));
    let rows: Vec<&str> = lines.collect();
    assert_eq!(rows.len(), 2, "{top}");
    assert!(rows[0].starts_with("web      1  ") && rows[0].ends_with("sleep 1000"), "{top}");
    assert!(rows[1].starts_with("web      2  "), "{top}");
    assert_eq!(stack.run(["top", "job"]).success().stdout, "");
    stack.run(["top", "wbe"]).success().stderr_has("no such service: wbe; did you mean `web`?");
}
