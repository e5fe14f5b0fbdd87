//! Dockerfiles as people write them.

use super::*;
use crate::packages::python::requirement::From;

fn found(dockerfile: &str, target: &str, files: &[(&str, &str)]) -> Vec<String> {
    let context = |path: &str| {
        files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned())
    };
    let native = Platform::new("linux", "arm64", "");
    let recipe = Recipe {
        text: dockerfile,
        file: "Dockerfile",
        target,
        args: &[("GIVEN".to_owned(), "given".to_owned())].into(),
        context: &context,
        native: &native,
        built_for: &Platform::new("linux", "amd64", ""),
        base: &BaseImage::of,
    };
    let found = installs(&recipe);
    let mut shown = Vec::new();
    for install in &found.installs {
        match &install.what {
            What::Requirements(requirements) => {
                for wanted in &requirements.wanted {
                    let from = match &wanted.requirement.from {
                        From::Index(_) => "",
                        From::Wheel(_) => " wheel",
                        From::Source => " source",
                    };
                    shown.push(format!("{} {}{from}", wanted.place, wanted.text));
                }
                for wanted in &requirements.constraints {
                    shown.push(format!("{} limit {}", wanted.place, wanted.text));
                }
                let index = &requirements.index;
                shown
                    .extend(index.url.iter().chain(&index.extra).map(|url| format!("index {url}")));
                if requirements.forms != Forms::default() {
                    shown.push(format!("{:?}", requirements.forms.only_binary));
                }
            }
            What::PythonLock(lock, kind, selection) => {
                shown.push(format!("{} {kind:?} {}", lock.file, selection.development));
            }
            What::NodeLock(lock, kind, selection) => {
                let left_out = if selection.development { "" } else { " without development" };
                shown.push(format!("{} {kind:?}{left_out}", lock.file));
            }
            What::RubyLock(lock) => shown.push(lock.file.clone()),
        }
    }
    shown.extend(found.notes.iter().map(|note| format!("{} note {}", note.place, note.message)));
    shown
}

#[test]
fn requirements_are_followed_to_their_files() {
    let dockerfile = "\
FROM python:3.12-slim
WORKDIR /app
COPY requirements/prod.txt /app/req.txt
COPY requirements/base.txt constraints.txt ./
RUN pip install --no-cache-dir -r req.txt \\
    # and one more
    'gunicorn==20.1.0'
COPY . .
";
    let files = [
        (
            "requirements/prod.txt",
            "-r base.txt\npsycopg2-binary==2.8.6\n--only-binary=numpy,:all:\n",
        ),
        ("requirements/base.txt", "-c constraints.txt\n# x\ndjango>=3\n"),
        ("constraints.txt", "sqlparse<1\n"),
    ];
    assert_eq!(
        found(dockerfile, "", &files),
        [
            "requirements/base.txt:3 django>=3",
            "requirements/prod.txt:2 psycopg2-binary==2.8.6",
            "Dockerfile:7 gunicorn==20.1.0",
            "constraints.txt:1 limit sqlparse<1",
            r#"["numpy", ":all:"]"#,
        ]
    );
}

#[test]
fn stages_mounts_and_scripts_are_followed() {
    let dockerfile = "\
# syntax=docker/dockerfile:1
ARG GIVEN
FROM python:3.12 AS build
ARG GIVEN FILE=requirements.txt
ENV PIP_INDEX_URL=https://mine/simple
RUN --mount=type=cache,target=/root/.cache \\
    --mount=type=bind,source=requirements.txt,target=/tmp/r.txt \\
    python3 -m pip wheel -w /wheels -r /tmp/r.txt
RUN <<EOF
set -e
cd /srv
/venv/bin/pip3 install $GIVEN==1 --extra-index-url https://other/simple
EOF
FROM --platform=$BUILDPLATFORM node AS assets
COPY . /a
RUN cd /a && npm ci
FROM python:3.12-slim
COPY <<EOF /in/line.txt
# comment
lxml==4.6.1
EOF
RUN [\"pip\", \"install\", \"-r\", \"/in/line.txt\"]
RUN sh -c \"pip install a; if true; then sudo -H pip install b; fi\"
COPY --from=build /wheels /wheels
COPY --from=assets /a /b
RUN pip install /wheels/*.whl && pip install -r missing.txt && pip install ./x-1-cp312-cp312-linux_x86_64.whl git+https://h/g.git#egg=g
";
    let files = [("requirements.txt", "psutil==5.8.0"), ("package-lock.json", "{}")];
    assert_eq!(
        found(dockerfile, "", &files),
        [
            "requirements.txt:1 psutil==5.8.0",
            "index https://mine/simple",
            "Dockerfile:12 given==1",
            "index https://mine/simple",
            "index https://other/simple",
            "Dockerfile:20 lxml==4.6.1",
            "Dockerfile:23 a",
            "Dockerfile:23 b",
            "Dockerfile:26 ./x-1-cp312-cp312-linux_x86_64.whl wheel",
            "Dockerfile:26 git+https://h/g.git#egg=g source",
            "Dockerfile:26 note `/wheels/*.whl` is known only while the build runs",
            "Dockerfile:26 note `missing.txt` is not a file of the build context that could be read",
        ]
    );
    assert_eq!(found(dockerfile, "nothing", &files), [""; 0]);
}

#[test]
fn tools_with_lock_files_are_known() {
    let dockerfile = "\
FROM python:3.12-slim AS base
WORKDIR /app
COPY . .
FROM base AS uv
RUN --mount=type=bind,source=uv.lock,target=uv.lock uv sync --frozen --no-dev
FROM base AS uvpip
RUN uv pip install --system -r requirements.txt
FROM base AS poetry
RUN pip install \"poetry==1.8\" && poetry config virtualenvs.create false && poetry install --only main --no-root
FROM base AS export
RUN poetry export -f requirements.txt --output requirements.out && pip install -r requirements.out
FROM base AS pipenv
RUN pipenv install --deploy --system --dev
FROM base AS project
RUN pip install -e .[extra]
FROM node:20 AS npm
WORKDIR /app
COPY package*.json ./
RUN npm ci --omit=dev && npm install -g serve
FROM node:20-alpine AS pnpm
WORKDIR /app
COPY pnpm-lock.yaml .
RUN corepack enable && pnpm fetch && pnpm run build
FROM ruby:3.3 AS ruby
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN bundle config set without test && bundle install
FROM continuumio/miniconda3 AS conda
RUN conda install numpy
";
    let project =
        "[project]\ndependencies = ['numpy']\n[project.optional-dependencies]\nextra = ['scipy']\n";
    let files = [
        ("uv.lock", ""),
        ("poetry.lock", ""),
        ("Pipfile.lock", ""),
        ("requirements.txt", "a"),
        ("pyproject.toml", project),
        ("package-lock.json", ""),
        ("pnpm-lock.yaml", ""),
        ("Gemfile.lock", ""),
    ];
    for (target, expected) in [
        ("uv", vec!["uv.lock Uv false"]),
        ("uvpip", vec!["requirements.txt:1 a"]),
        ("poetry", vec!["poetry.lock Poetry true"]),
        ("export", vec!["poetry.lock Poetry false"]),
        ("pipenv", vec!["Pipfile.lock Pipfile true"]),
        ("project", vec!["pyproject.toml:2 numpy", "pyproject.toml:4 scipy"]),
        ("npm", vec!["package-lock.json Npm without development"]),
        ("pnpm", vec!["pnpm-lock.yaml Pnpm"]),
        ("ruby", vec!["Gemfile.lock"]),
        ("conda", vec!["Dockerfile:29 note packages of conda are not looked at"]),
    ] {
        assert_eq!(found(dockerfile, target, &files), expected, "{target}");
    }
}

#[test]
fn poetry_installs_the_groups_that_it_is_told_to() {
    let project = r#"[tool.poetry.dependencies]
python = "^3.12"
web = "1"
[tool.poetry.group.dev.dependencies]
lint = "1"
[tool.poetry.group.test.dependencies]
check = "1"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
pages = "1"
"#;
    let names = |flags: &str, files: &[(&str, &str)]| {
        let dockerfile =
            format!("FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN poetry install {flags}\n");
        let found = found(&dockerfile, "", files).into_iter();
        found.map(|it| it.split([' ', '=']).nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (flags, expected) in [
        ("", &["web", "lint", "check"][..]),
        ("--only main", &["web"]),
        ("--only=main,docs", &["web", "pages"]),
        ("--without dev", &["web", "check"]),
        ("--without dev,test --with docs", &["web", "pages"]),
        ("--no-dev", &["web"]),
        ("--with docs", &["web", "lint", "pages", "check"]),
        ("--all-groups", &["web", "lint", "pages", "check"]),
        ("--only-root", &[]),
    ] {
        let mut found = names(flags, &[("pyproject.toml", project)]);
        let mut expected = expected.to_vec();
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{flags}");
    }
    let old = "[tool.poetry.dependencies]\nweb = '1'\n[tool.poetry.dev-dependencies]\nlint = '1'\n";
    assert_eq!(names("", &[("pyproject.toml", old)]), ["web", "lint"]);
    assert_eq!(names("--no-dev", &[("pyproject.toml", old)]), ["web"]);
}

#[test]
fn uv_installs_the_groups_that_are_defaults_where_nothing_else_is_said() {
    const PROJECT: &str = r#"[project]
dependencies = ["web==1"]
[dependency-groups]
dev = ["lint==1"]
docs = ["pages==1"]
"#;
    let names = |flags: &str, tool: &str| {
        let dockerfile =
            format!("FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN uv sync {flags}\n");
        let project = format!("{PROJECT}{tool}");
        let found = found(&dockerfile, "", &[("pyproject.toml", &project)]).into_iter();
        found.map(|it| it.split([' ', '=']).nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (flags, expected) in [
        ("", &["web", "lint"][..]),
        ("--no-dev", &["web"]),
        ("--group docs", &["web", "lint", "pages"]),
        ("--only-group docs", &["pages"]),
        ("--only-dev", &["lint"]),
        ("--all-groups --no-group dev", &["web", "pages"]),
    ] {
        assert_eq!(names(flags, ""), expected, "{flags}");
    }
    let docs = "[tool.uv]\ndefault-groups = ['docs']\n";
    for (flags, expected) in [
        ("", &["web", "pages"][..]),
        ("--no-dev", &["web", "pages"]),
        ("--dev", &["web", "lint", "pages"]),
        ("--no-default-groups", &["web"]),
        ("--only-dev", &["lint"]),
    ] {
        assert_eq!(names(flags, docs), expected, "{flags}");
    }
    assert_eq!(names("", "[tool.uv]\ndefault-groups = 'all'\n"), ["web", "lint", "pages"]);
    assert_eq!(names("", "[tool.uv]\ndefault-groups = []\n"), ["web"]);
}

/// What one `RUN` finds in a project.
fn found_by(environment: &str, run: &str) -> String {
    let files = [
        ("package-lock.json", ""),
        ("web/package-lock.json", ""),
        ("yarn.lock", ""),
        ("web/yarn.lock", ""),
        ("pnpm-lock.yaml", ""),
        ("web/pnpm-lock.yaml", ""),
        ("web/poetry.lock", ""),
        ("web/uv.lock", ""),
        ("pdm.lock", ""),
        ("web/pdm.lock", ""),
        ("Gemfile.lock", ""),
        ("web/Gemfile.lock", ""),
        ("requirements.txt", "a"),
    ];
    let dockerfile = format!("FROM node:20\nWORKDIR /app\nCOPY . .\n{environment}\nRUN {run}\n");
    found(&dockerfile, "", &files).join("; ")
}

#[test]
fn values_of_options_are_not_what_is_asked_for() {
    for (run, expected) in [
        ("npm ci --include dev", "package-lock.json Npm"),
        ("npm ci --cache /tmp/c --registry http://x -w x", "package-lock.json Npm"),
        ("npm ci --prefix web", "web/package-lock.json Npm"),
        ("npm --prefix web ci", "web/package-lock.json Npm"),
        ("npm -C web ci --ignore-scripts true", "web/package-lock.json Npm"),
        ("npm install --prefix web left-pad", ""),
        ("npm install --location global", ""),
        ("yarn --cwd web", "web/yarn.lock Yarn"),
        ("yarn --cwd=web install --mutex network", "web/yarn.lock Yarn"),
        ("yarn --version", ""),
        ("pnpm -C web i", "web/pnpm-lock.yaml Pnpm"),
        ("pnpm install --filter web --lockfile-dir web", "web/pnpm-lock.yaml Pnpm"),
        ("poetry -C /app/web install", "web/poetry.lock Poetry true"),
        ("uv --project web --cache-dir /c sync", "web/uv.lock Uv false"),
        ("uv pip --python 3.12 install a", "Dockerfile:5 a"),
        ("pip --cache-dir /c install -r requirements.txt", "requirements.txt:1 a"),
        ("pip uninstall -y wheel a", ""),
        ("bundle _2.5.0_ install", "Gemfile.lock"),
        ("bundle --jobs 4 --gemfile web/Gemfile", "web/Gemfile.lock"),
        ("bundle exec rake", ""),
        ("pdm -p web install", "web/pdm.lock Pdm true"),
        ("python -m pdm sync --prod", "pdm.lock Pdm false"),
        ("pdm install -L web/pdm.lock", "web/pdm.lock Pdm true"),
    ] {
        assert_eq!(found_by("", run), expected, "{run}");
    }
}

#[test]
fn scripts_of_shells_are_looked_into() {
    for (run, expected) in [
        ("sh -c \"npm ci\"", "package-lock.json Npm"),
        ("bash --norc -exc 'cd web && npm ci'", "web/package-lock.json Npm"),
        ("[\"sh\", \"-c\", \"pip install -r requirements.txt\"]", "requirements.txt:1 a"),
        ("bash -o pipefail -c 'npm ci'", "package-lock.json Npm"),
        ("NODE_ENV=production sh -c 'npm ci'", "package-lock.json Npm without development"),
        ("sh -c 'cd web; export NODE_ENV=production' && npm ci", "package-lock.json Npm"),
        ("sh install.sh -c 'npm ci'", ""),
    ] {
        assert_eq!(found_by("", run), expected, "{run}");
    }
}

#[test]
fn what_is_for_development_may_be_left_out() {
    for (environment, run, comes) in [
        ("", "npm ci", true),
        ("", "npm ci --omit=dev", false),
        ("", "npm ci --omit optional --omit dev", false),
        ("", "npm install --production", false),
        ("", "npm install --only=production", false),
        ("", "npm ci --omit=dev --include=dev", true),
        ("ENV NODE_ENV=production", "npm ci", false),
        ("ARG NODE_ENV=production", "npm ci", false),
        ("ENV NODE_ENV=production", "NODE_ENV=development npm ci", true),
        ("ENV NODE_ENV=production", "npm ci --include=dev", true),
        ("ENV NODE_ENV=production", "npm ci --production=false", true),
        ("ENV NODE_ENV=production", "npm ci --omit=optional", true),
        ("ENV NPM_CONFIG_OMIT=dev", "npm ci", false),
        ("ENV npm_config_production=true", "npm ci", false),
        ("", "yarn install --production", false),
        ("", "yarn --prod true", false),
        ("ENV NODE_ENV=production", "yarn", false),
        ("ENV NODE_ENV=production", "yarn --production=false", true),
        ("ENV YARN_PRODUCTION=true", "yarn", false),
        ("", "pnpm install --prod", false),
        ("", "pnpm fetch -P", false),
        ("", "pnpm install -w", true),
        ("ENV NODE_ENV=production", "pnpm i", false),
        ("ENV NODE_ENV=production", "pnpm i --no-prod", true),
    ] {
        let found = found_by(environment, run);
        assert_eq!(!found.ends_with("without development"), comes, "{environment} {run}: {found}");
        assert!(!found.is_empty() && !found.contains("note"), "{run}: {found}");
    }
}
