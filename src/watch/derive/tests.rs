//! Projects as people write them.

use std::path::Path;

use super::{Derived, Input, derive, inserted, section};
use crate::compose::files::Memory;
use crate::compose::loaded::Loaded;

/// What is derived for a project in `/srv/app` with these files.
fn derived(compose: &str, files: &[(&str, &str)]) -> Derived {
    let project = Loaded::from(compose).project();
    let memory = files.iter().fold(Memory::default(), |memory, (name, text)| {
        memory.file(format!("/srv/app/{name}"), *text)
    });
    derive(&Input { project: &project, files: &memory })
}

/// Rules as lines: action, path with what of it is included, target, place.
fn lines(compose: &str, files: &[(&str, &str)]) -> Vec<String> {
    let derived = derived(compose, files);
    assert_eq!(derived.notes, []);
    let base = Path::new("/srv/app");
    let line = |rule: &super::Rule| {
        let path = rule.path.strip_prefix(base).unwrap_or(&rule.path).display().to_string();
        let include = rule.include.iter().fold(String::new(), |text, it| text + "/" + it);
        let target =
            if rule.action.syncs() { format!(" → {}", rule.target) } else { String::new() };
        let place = rule.place.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
        let action = match &rule.action {
            super::Action::Signal(signal) => (*signal).to_owned(),
            super::Action::Exec(words) => words.join(" "),
            action => action.name().to_owned(),
        };
        let path = if path.is_empty() { "." } else { &path };
        format!("{action} {path}{include}{target}{place}")
    };
    derived.rules.iter().map(line).collect()
}

/// The rules of a service `web` that is built here.
fn built(dockerfile: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![("Dockerfile", dockerfile)];
    all.extend(files);
    lines("services: {web: {build: .}}", &all)
}

#[test]
fn django() {
    let dockerfile = "\
FROM python:3.12-slim
WORKDIR /code
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD [\"python\", \"manage.py\", \"runserver\", \"0.0.0.0:8000\"]
";
    let files = [("requirements.txt", "django"), ("manage.py", ""), (".dockerignore", ".git\n")];
    assert_eq!(
        built(dockerfile, &files),
        [
            "rebuild requirements.txt Dockerfile:3",
            "sync . → /code Dockerfile:5",
            "rebuild Dockerfile Dockerfile:1",
            "rebuild .dockerignore",
        ]
    );
    let all = [&files[..], &[("Dockerfile", dockerfile)]].concat();
    let found = derived("services: {web: {build: .}}", &all);
    let sync = &found.rules[1];
    assert_eq!(sync.reason, "`python manage.py runserver 0.0.0.0:8000` reloads by itself");
    for pattern in [
        "**/__pycache__",
        "**/.git",
        "requirements.txt",
        "Dockerfile",
        ".dockerignore",
        "compose.yaml",
    ] {
        assert!(sync.ignore.iter().any(|it| it == pattern), "{pattern}");
    }
    assert!(sync.ignore_file && !found.rules[2].ignore_file);
    // Another command, another habit.
    let gunicorn = "services: {web: {build: ., command: gunicorn shop.wsgi}}";
    assert_eq!(lines(gunicorn, &all)[1], "sync+restart . → /code Dockerfile:5");
    let own = "services: {web: {build: ., develop: {watch: [{path: ., action: rebuild}]}}}";
    assert!(lines(own, &all).is_empty());
}

#[test]
fn fastapi_with_uv_in_two_stages() {
    let dockerfile = "\
FROM python:3.12-slim AS builder
COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/uv
WORKDIR /app
RUN --mount=type=bind,source=uv.lock,target=uv.lock \\
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml uv sync --locked --no-install-project
COPY . /app
RUN uv sync --locked
FROM python:3.12-slim
COPY --from=builder /app /srv/app
ENV PATH=/srv/app/.venv/bin:$PATH
WORKDIR /srv/app
CMD fastapi run src/main.py
";
    let files = [("uv.lock", ""), ("pyproject.toml", ""), ("src/main.py", "")];
    assert_eq!(
        built(dockerfile, &files),
        [
            "rebuild uv.lock Dockerfile:4",
            "rebuild pyproject.toml Dockerfile:4",
            "sync+restart . → /srv/app Dockerfile:6",
            "rebuild Dockerfile Dockerfile:1",
        ]
    );
}

#[test]
fn express_with_nodemon() {
    let dockerfile = "\
ARG DIR=/usr/src
FROM node:20 AS base
ARG DIR
WORKDIR $DIR/app
COPY package*.json ./
RUN npm ci
FROM base AS dev
COPY src src
COPY index.js config.json /usr/src/app/
COPY docker/start.sh /usr/local/bin/start
CMD [\"npm\", \"run\", \"dev\"]
FROM base
COPY . .
CMD [\"node\", \"index.js\"]
";
    let package = r#"{"scripts": {"dev": "nodemon -L index.js"}}"#;
    let files = [
        ("Dockerfile", dockerfile),
        ("package.json", package),
        ("package-lock.json", "{}"),
        ("src/a.js", ""),
        ("index.js", ""),
        ("config.json", ""),
        ("docker/start.sh", ""),
    ];
    let dev = "services: {web: {build: {context: ., target: dev}}}";
    assert_eq!(
        lines(dev, &files),
        [
            "rebuild ./package*.json Dockerfile:5",
            "sync src → /usr/src/app/src Dockerfile:8",
            "sync index.js → /usr/src/app/index.js Dockerfile:9",
            "sync config.json → /usr/src/app/config.json Dockerfile:9",
            "sync docker/start.sh → /usr/local/bin/start Dockerfile:10",
            "rebuild Dockerfile Dockerfile:1",
        ]
    );
    let found = derived(dev, &files);
    assert_eq!(found.rules[1].reason, "`npm run dev → nodemon -L index.js` reloads by itself");
    assert_eq!(
        lines("services: {web: {build: .}}", &files)[1],
        "sync+restart . → /usr/src/app Dockerfile:13"
    );
}

#[test]
fn frontends_are_built_or_served_by_their_tools() {
    let vite = "\
FROM node:20-alpine
WORKDIR /app
COPY package.json yarn.lock ./
RUN yarn
COPY . .
CMD yarn dev --host
";
    let package = ("package.json", r#"{"scripts": {"dev": "vite", "build": "vite build"}}"#);
    assert_eq!(built(vite, &[package, ("yarn.lock", "")])[2], "sync . → /app Dockerfile:5");

    let next = "\
FROM node:20 AS builder
WORKDIR /app
COPY . .
RUN npm ci && npm run build
FROM node:20-slim
WORKDIR /app
COPY --from=builder /app/.next/standalone ./
COPY --from=builder /app/.next/static ./.next/static
COPY public ./public
CMD [\"node\", \"server.js\"]
";
    let files = [package, ("public/logo.svg", "")];
    assert_eq!(
        built(next, &files),
        [
            "rebuild . Dockerfile:3",
            "sync+restart public → /app/public Dockerfile:9",
            "rebuild Dockerfile Dockerfile:1"
        ]
    );
    let dev = next
        .replace("FROM node:20-slim", "FROM builder AS dev\nCMD npx next dev\nFROM node:20-slim");
    let files = [("Dockerfile", dev.as_str()), package];
    assert_eq!(
        lines("services: {web: {build: {context: ., target: dev}}}", &files)[1],
        "sync . → /app Dockerfile:3"
    );

    let static_files = "FROM nginx:1.27\nCOPY nginx.conf /etc/nginx/nginx.conf\nCOPY site/ /usr/share/nginx/html/\n";
    assert_eq!(
        built(static_files, &[("nginx.conf", ""), ("site/index.html", "")]),
        [
            "sync+restart nginx.conf → /etc/nginx/nginx.conf Dockerfile:2",
            "sync site → /usr/share/nginx/html Dockerfile:3",
            "rebuild Dockerfile Dockerfile:1",
        ]
    );
}

#[test]
fn rails() {
    let dockerfile = "\
FROM ruby:3.3
WORKDIR /rails
COPY Gemfile Gemfile.lock ./
RUN bundle install
COPY . .
RUN bundle exec bootsnap precompile app/ && chmod +x bin/docker-entrypoint
ENTRYPOINT [\"/rails/bin/docker-entrypoint\"]
CMD [\"./bin/rails\", \"server\"]
";
    let files = [
        ("Gemfile", ""),
        ("Gemfile.lock", ""),
        ("bin/docker-entrypoint", "#!/bin/bash -e\nexec \"${@}\"\n"),
        ("bin/rails", "#!/usr/bin/env ruby\n"),
    ];
    assert_eq!(built(dockerfile, &files)[2], "sync . → /rails Dockerfile:5");
    let production = dockerfile.replace("WORKDIR", "ENV RAILS_ENV=production\nWORKDIR");
    assert_eq!(built(&production, &files)[2], "sync+restart . → /rails Dockerfile:6");
}

#[test]
fn languages_that_compile() {
    let go = "\
FROM golang:1.23 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY *.go ./
COPY internal internal
RUN CGO_ENABLED=0 go build -o /server .
FROM gcr.io/distroless/static
COPY --from=build /server /server
COPY templates /templates
ENTRYPOINT [\"/server\"]
";
    let files = [("go.mod", ""), ("go.sum", ""), ("internal/a.go", ""), ("templates/a.html", "")];
    assert_eq!(
        built(go, &files),
        [
            "rebuild go.mod Dockerfile:3",
            "rebuild go.sum Dockerfile:3",
            "rebuild ./*.go Dockerfile:5",
            "rebuild internal Dockerfile:6",
            "sync+restart templates → /templates Dockerfile:10",
            "rebuild Dockerfile Dockerfile:1",
        ]
    );
    let mounted = "\
FROM golang:1.23 AS build
RUN --mount=type=bind,target=. --mount=type=cache,target=/root/.cache go build -o /server .
FROM scratch
COPY --from=build /server /
CMD [\"/server\"]
";
    assert_eq!(
        built(mounted, &files),
        ["rebuild . Dockerfile:2", "rebuild Dockerfile Dockerfile:1"]
    );
    let air = "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build ./...\nCMD [\"air\"]\n";
    assert_eq!(built(air, &files)[2], "sync . → /src Dockerfile:3");

    let rust = "\
FROM rust:1 AS build
WORKDIR /b
COPY Cargo.toml Cargo.lock ./
COPY src ./src
RUN cargo build --release
FROM debian:bookworm-slim
COPY --from=build /b/target/release/app /usr/local/bin/
CMD [\"app\"]
";
    assert_eq!(
        built(rust, &[("Cargo.toml", ""), ("Cargo.lock", ""), ("src/main.rs", "")])[2],
        "rebuild src Dockerfile:4"
    );
    let java = "\
FROM maven:3.9 AS build
WORKDIR /b
COPY pom.xml .
RUN mvn dependency:go-offline
COPY src src
RUN mvn -q package
FROM eclipse-temurin:21-jre
COPY --from=build /b/target/app.jar /app.jar
CMD [\"java\", \"-jar\", \"/app.jar\"]
";
    assert_eq!(
        built(java, &[("pom.xml", ""), ("src/main/A.java", "")]),
        [
            "rebuild pom.xml Dockerfile:3",
            "rebuild src Dockerfile:5",
            "rebuild Dockerfile Dockerfile:1"
        ]
    );
    let script = "FROM alpine AS b\nWORKDIR /b\nCOPY . .\nRUN ./build.sh\nFROM alpine\nCOPY --from=b /b/out/x /x\n";
    assert_eq!(built(script, &[("build.sh", "")])[0], "rebuild . Dockerfile:3");
}

#[test]
fn php_with_apache() {
    let dockerfile = "\
FROM php:8.3-apache
RUN docker-php-ext-install pdo_mysql
COPY composer.json composer.lock ./
RUN composer install
COPY src/ .
ADD vendor.tar.gz /opt
COPY --chmod=755 tool /usr/local/bin/
";
    let files = [
        ("composer.json", ""),
        ("composer.lock", ""),
        ("src/index.php", ""),
        ("vendor.tar.gz", ""),
        ("tool", ""),
    ];
    assert_eq!(
        built(dockerfile, &files)[2..],
        [
            "sync src → /var/www/html Dockerfile:5",
            "rebuild vendor.tar.gz Dockerfile:6",
            "rebuild tool Dockerfile:7",
            "rebuild Dockerfile Dockerfile:1",
        ]
    );
}

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
    let found = derive(&Input { project: &project, files: &Memory::default() }).reconcile;
    let shown: Vec<_> =
        found.iter().map(|it| format!("{} {:?}", it.path.display(), it.services)).collect();
    assert_eq!(
        shown,
        [
            "/srv/app/compose.yaml []",
            "/srv/app/.env []",
            "/srv/app/a.env [\"a\"]",
            "/srv/app/both.env [\"a\", \"b\"]",
        ]
    );
}

#[test]
fn paths_are_what_buildkit_makes_of_them() {
    let dockerfile = "\
FROM python:3.12 AS wheels
WORKDIR /w
COPY requirements*.txt ./
RUN pip wheel -r requirements.txt
FROM python:3.12
ENV HOME_DIR=/srv
WORKDIR ${HOME_DIR}/app
WORKDIR inner
COPY --from=wheels /w /wheels
COPY [\"with space.py\", \"/opt/\"]
COPY a.py renamed.py
COPY b.py /srv/app
COPY one/ two /both/
COPY --parents one/x.py /p/
COPY --exclude=*.md docs /docs
COPY *.json ./
COPY missing/ /m
COPY <<EOF /x
text
EOF
ADD https://example.com/a /a
CMD python renamed.py
";
    let files = [
        ("requirements.txt", ""),
        ("with space.py", ""),
        ("a.py", ""),
        ("b.py", ""),
        ("one/x.py", ""),
        ("two/y.py", ""),
        ("docs/a.md", ""),
        ("package.json", ""),
        (".dockerignore", "two\n"),
    ];
    assert_eq!(
        built(dockerfile, &files),
        [
            "rebuild ./requirements*.txt Dockerfile:3",
            "sync+restart with space.py → /opt/with space.py Dockerfile:10",
            "sync+restart a.py → /srv/app/inner/renamed.py Dockerfile:11",
            "sync+restart b.py → /srv/app/b.py Dockerfile:12",
            "sync+restart one → /both Dockerfile:13",
            "sync+restart one/x.py → /p/one/x.py Dockerfile:14",
            "sync+restart docs → /docs Dockerfile:15",
            "rebuild package.json Dockerfile:16",
            "sync+restart ./*.json → /srv/app/inner Dockerfile:16",
            "sync+restart missing → /m Dockerfile:17",
            "rebuild Dockerfile Dockerfile:1",
            "rebuild .dockerignore",
        ]
    );
}

#[test]
fn what_cannot_be_told_is_noted() {
    let dockerfile = "FROM team/base\nARG WHERE\nCOPY a /$WHERE/a\nCOPY b rel\nCOPY c /c\n";
    let found = derived(
        "services: {web: {build: .}, far: {build: https://example.com/x.git}}",
        &[("Dockerfile", dockerfile), ("c", "")],
    );
    let notes: Vec<_> =
        found.notes.iter().map(|it| (it.service.as_str(), it.message.as_str())).collect();
    assert_eq!(
        notes,
        [
            ("web", "a path of its Dockerfile cannot be told: the value of WHERE is not known"),
            (
                "web",
                "a path of its Dockerfile cannot be told: where \"rel\" is in \"team/base\" is not known"
            ),
            ("far", "its build context is no directory of this machine"),
        ]
    );
    assert_eq!(found.rules[0].path, Path::new("/srv/app/c"));
}

#[test]
fn ignore_files_and_inline_dockerfiles_count() {
    let compose = "\
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM node:20
        COPY secret kept /x/
        CMD node /x/kept
";
    let files = [("secret", ""), ("kept", ""), (".dockerignore", "secret\n")];
    let found = lines(compose, &files);
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("sync+restart kept → /x/kept compose.yaml:"), "{found:?}");
    assert_eq!(found[1], "rebuild .dockerignore");
}

#[test]
fn sections_go_into_files_and_leave_the_rest() {
    let compose = "services:\n  web:\n    build: . # here\n    command: node --watch a.js\n";
    let files = [("Dockerfile", "FROM node:20\nCOPY src /src\nCOPY *.js /\n"), ("src/a.js", "")];
    let found = derived(compose, &files);
    let rules: Vec<_> = found.rules.iter().collect();
    let base = Path::new("/srv/app");
    let mut brief: Vec<_> = found.rules.clone();
    for rule in &mut brief {
        rule.ignore.truncate(1);
    }
    let brief: Vec<_> = brief.iter().take(2).collect();
    let list = "      watch:
        # `node --watch a.js` reloads by itself
        - action: sync
          path: ./src
          target: /src
          ignore:
            - \"**/.git\"
        # `node --watch a.js` reloads by itself
        - action: sync
          path: .
          target: /
          include:
            - \"*.js\"
";
    let expected = format!("{compose}    develop:\n{list}");
    assert_eq!(inserted(compose, "web", &brief, base).as_deref(), Some(expected.as_str()));
    let windows = compose.replace('\n', "\r\n");
    assert_eq!(inserted(&windows, "web", &brief, base), Some(expected.replace('\n', "\r\n")));
    assert_eq!(section(&brief[1..], base).lines().nth(3), Some("    - action: sync"));
    // Other styles, and what is there already.
    let flow = "services: {web: {build: .}}\n";
    let edited = inserted(flow, "web", &brief[1..], base).unwrap();
    assert_eq!(
        edited,
        "services: {web: {build: ., develop: {watch: [{action: \"sync\", path: \".\", target: \"/\", include: [\"*.js\"]}]}}}\n"
    );
    assert_eq!(inserted(compose, "other", &brief, base), None);
    assert_eq!(inserted(&expected, "web", &brief, base), None);
    let wide = "services:\n    web:\n        build: .\n        develop:\n            x-a: 1\n";
    let edited = inserted(wide, "web", &brief[1..], base).unwrap();
    assert!(edited.contains("            x-a: 1\n            watch:\n"), "{edited}");

    // What is written is what was derived, in Compose's eyes.
    for text in [compose, flow, wide] {
        let edited = inserted(text, "web", &rules, base).unwrap();
        let project = Loaded::from(&edited).project();
        let written = &project.services["web"].develop.as_ref().unwrap().watch;
        let expected: Vec<_> = found.rules.iter().map(super::Rule::trigger).collect();
        let plain = |list: &[crate::compose::model::WatchTrigger]| {
            list.iter()
                .map(|it| {
                    (
                        it.action.clone(),
                        it.path.clone(),
                        it.target.clone(),
                        it.include.clone(),
                        it.ignore.clone(),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(plain(written), plain(&expected), "{edited}");
    }
}
