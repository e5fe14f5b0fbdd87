//! Projects in the languages and frameworks that people use.

use super::{built, derived, lines};

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
    for pattern in
        ["**/__pycache__", "requirements.txt", "Dockerfile", ".dockerignore", "compose.yaml"]
    {
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
fn manifests_in_directories_below_are_found() {
    let dockerfile = "\
FROM python:3.12-slim
WORKDIR /app
COPY . .
RUN pip install -r requirements/dev.txt
CMD [\"python\", \"manage.py\", \"runserver\"]
";
    let files = [
        ("manage.py", ""),
        ("requirements/dev.txt", "-r base.txt\npytest\n"),
        ("requirements/base.txt", "django\n"),
    ];
    let found = built(dockerfile, &files);
    assert!(found.contains(&"rebuild requirements/dev.txt Dockerfile:4".to_owned()), "{found:?}");
    assert!(found.contains(&"rebuild requirements/base.txt Dockerfile:4".to_owned()), "{found:?}");

    let dockerfile = "\
FROM node:20-slim
WORKDIR /app
COPY . .
RUN npm install
CMD [\"npm\", \"run\", \"dev\", \"-w\", \"apps/web\"]
";
    let files = [
        ("package.json", "{\"workspaces\": [\"apps/*\", \"./libs/one/\"]}"),
        ("apps/web/package.json", "{}"),
    ];
    let found = built(dockerfile, &files);
    let expected = "rebuild ./apps/*/package.json/libs/one/package.json Dockerfile:3";
    assert!(found.contains(&expected.to_owned()), "{found:?}");
}

#[test]
fn node_follows_single_files_and_loses_those_that_are_brought() {
    let dockerfile = "FROM node:20-slim\nWORKDIR /app\nCOPY src src\nCMD [\"node\", \"--watch\", \"src/server.js\"]\n";
    let found = built(dockerfile, &[("src/server.js", "")]);
    assert!(found.contains(&"sync+restart src → /app/src Dockerfile:3".to_owned()), "{found:?}");
    let mounted = "services: {web: {image: 'node:20', working_dir: /app, command: node --watch server.js, volumes: ['./:/app']}}";
    let found = lines(mounted, &[("server.js", "")]);
    assert_eq!(found, ["restart when replaced . compose.yaml:1"]);
}
