//! Dockerfiles, and what cannot be told of them.

use std::path::Path;

use super::{built, derived, lines};

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
