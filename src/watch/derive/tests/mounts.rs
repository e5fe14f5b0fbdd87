//! What is mounted, and what a project is loaded from.

use super::{derived, lines};
use crate::compose::files::Memory;
use crate::compose::loaded::Loaded;
use crate::watch::derive::{Input, derive};

#[test]
fn what_is_mounted_is_not_brought() {
    let compose = "\
services:
  web:
    build: .
    command: python app.py
    volumes:
      - ./app:/app
      - /app/node_modules
      - ./settings.ini:/etc/web.ini:ro
      - ./data:/data
  worker:
    build: .
    command: watchmedo auto-restart -- python app.py
    volumes: [./app:/app]
  plain:
    image: python:3.12
    working_dir: /w
    command: python app.py
    volumes: [./app:/w]
";
    let dockerfile = "FROM python:3.12\nWORKDIR /app\nCOPY app /app\nCOPY lib /lib/own\n";
    let files = [
        ("Dockerfile", dockerfile),
        ("app/app.py", ""),
        ("lib/a.py", ""),
        ("settings.ini", ""),
        ("data/x", ""),
    ];
    assert_eq!(
        lines(compose, &files),
        [
            "sync+restart lib → /lib/own Dockerfile:4",
            "rebuild Dockerfile Dockerfile:1",
            "restart app compose.yaml:6",
            "restart settings.ini compose.yaml:8",
            "sync lib → /lib/own Dockerfile:4",
            "rebuild Dockerfile Dockerfile:1",
            "start again when ended app compose.yaml:13",
            "restart app compose.yaml:18",
        ]
    );
    let found = derived(compose, &files);
    assert!(found.rules[2].ignore.contains(&"node_modules".to_owned()));
}

#[test]
fn configuration_is_read_again() {
    let compose = "\
services:
  proxy:
    image: nginx:1.27
    volumes: [./nginx.conf:/etc/nginx/nginx.conf:ro, ./html:/usr/share/nginx/html]
  shell:
    image: nginx:1.27
    command: sh -c 'nginx -g \"daemon off;\"'
    volumes: [./nginx.conf:/etc/nginx/nginx.conf:ro]
  metrics:
    image: prom/prometheus
    command: --config.file=/p.yml
    configs: [{source: p, target: /p.yml}]
  edge:
    image: caddy:2
    volumes: [./Caddyfile:/etc/caddy/Caddyfile]
  db:
    image: postgres:17
    volumes: [./data:/var/lib/postgresql/data, ./init.sql:/docker-entrypoint-initdb.d/i.sql:ro]
  cache:
    image: redis:7
    volumes: [./redis.conf:/redis.conf, /etc/localtime:/etc/localtime:ro]
configs:
  p: {file: ./prometheus.yml}
";
    let files = [
        ("nginx.conf", ""),
        ("html/index.html", ""),
        ("prometheus.yml", ""),
        ("Caddyfile", ""),
        ("data/x", ""),
        ("init.sql", ""),
        ("redis.conf", ""),
    ];
    assert_eq!(
        lines(compose, &files),
        [
            "SIGHUP nginx.conf compose.yaml:4",
            "restart nginx.conf compose.yaml:8",
            "SIGHUP prometheus.yml compose.yaml:12",
            "caddy reload --config /etc/caddy/Caddyfile Caddyfile compose.yaml:15",
            "restart redis.conf compose.yaml:21",
        ]
    );
}

#[test]
fn files_of_the_load_are_listed() {
    let loaded = Loaded::from(
        "services: {a: {image: x, env_file: [a.env, both.env]}, b: {image: x, env_file: both.env}}",
    )
    .file("a.env", "A=1")
    .file("both.env", "B=1");
    let project = loaded.project();
    let derived = derive(&Input { project: &project, files: &Memory::default() });
    let shown: Vec<_> = derived
        .reconcile
        .iter()
        .map(|it| format!("{} {:?}", it.path.display(), it.services))
        .collect();
    assert_eq!(
        shown,
        [
            "/srv/app/compose.yaml []",
            "/srv/app/.env []",
            "/srv/app/a.env [\"a\"]",
            "/srv/app/both.env [\"a\", \"b\"]",
        ]
    );
    let awaited: Vec<_> = derived.awaited.iter().map(|it| it.display().to_string()).collect();
    let names = ["compose.override.yml", "compose.override.yaml"];
    assert_eq!(awaited.get(..2), Some(&names.map(|name| format!("/srv/app/{name}"))[..]));
}

#[test]
fn what_reloads_by_itself_is_started_again_where_it_has_ended() {
    let compose = "services: {web: {image: 'python:3', working_dir: /app, command: python manage.py runserver, volumes: ['./:/app']}}";
    assert_eq!(lines(compose, &[("manage.py", "")]), ["start again when ended . compose.yaml:1"]);
}

#[test]
fn a_file_behind_a_link_is_configuration_where_the_link_is() {
    let compose = "services: {b: {image: busybox, command: sleep 9, volumes: ['./link.conf:/l']}}";
    let project = Loaded::from(compose).project();
    let files = Memory::default()
        .file("/srv/app/current", "")
        .link("/srv/app/link.conf", "/srv/app/current");
    let found = derive(&Input { project: &project, files: &files });
    let paths: Vec<_> =
        found.rules.iter().map(|it| (it.action.name(), it.path.to_str().unwrap())).collect();
    assert_eq!(paths, [("restart", "/srv/app/link.conf"), ("restart", "/srv/app/current")]);
}

#[test]
fn what_is_copied_to_where_configuration_is_asks_for_a_restart() {
    let dockerfile = "FROM php:8.2-apache\nCOPY php.ini /usr/local/etc/php/conf.d/app.ini\nCOPY src /var/www/html\n";
    assert_eq!(
        super::built(dockerfile, &[("php.ini", ""), ("src/a.php", "")])[..2],
        [
            "sync+restart php.ini → /usr/local/etc/php/conf.d/app.ini Dockerfile:2",
            "sync src → /var/www/html Dockerfile:3"
        ]
    );
}
