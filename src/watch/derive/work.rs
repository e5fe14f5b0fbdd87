//! What a command of a `RUN` does with source that was copied before.

use std::path::Path;

use super::commands::{Line, lines, program};

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// It makes something of the source.
    Builds,
    /// It installs, or prepares the system.
    Installs,
    /// It is not known.
    Unknown,
}

use Work::{Builds, Installs, Unknown};

/// What compiles, by program and first argument; no arguments for any.
const BUILDS: &[(&[&str], &[&str])] = &[
    (&["go"], &["build", "install", "generate"]),
    (&["cargo"], &["build", "install", "b", "leptos"]),
    (&["mvn", "mvnw"], &["package", "install", "compile", "verify", "clean"]),
    (
        &["gradle", "gradlew"],
        &[
            "build",
            "bootJar",
            "assemble",
            "installDist",
            "shadowJar",
            "jar",
            "clean",
            "bootWar",
            "war",
            "classes",
        ],
    ),
    (&["dotnet"], &["build", "publish", "pack"]),
    (
        &["next", "vite", "ng", "nest", "nuxt", "nuxi", "astro", "gatsby", "remix", "turbo", "nx"],
        &["build", "generate"],
    ),
    (
        &[
            "parcel",
            "rspack",
            "rsbuild",
            "bun",
            "react-scripts",
            "vue-cli-service",
            "craco",
            "vitepress",
        ],
        &["build"],
    ),
    (
        &["react-router", "docusaurus", "svelte-kit", "medusa", "strapi", "quasar", "eleventy"],
        &["build"],
    ),
    (&["swift", "zig", "trunk", "wasm-pack", "poetry", "hatch", "crystal", "sam"], &["build"]),
    (&["mix"], &["release", "compile", "phx.digest", "assets.deploy"]),
    (&["stack", "cabal"], &["build", "install"]),
    (&["jekyll", "mkdocs", "middleman", "zola", "gitbook", "mdbook"], &["build"]),
    (&["setup.py"], &["install", "build", "bdist_wheel"]),
    (
        &[
            "tsc",
            "webpack",
            "rollup",
            "esbuild",
            "babel",
            "swc",
            "make",
            "cmake",
            "ninja",
            "meson",
            "gcc",
            "g++",
            "cc",
            "c++",
            "clang",
            "clang++",
            "rustc",
            "javac",
            "kotlinc",
            "scalac",
            "sbt",
            "nim",
            "ghc",
            "sphinx-build",
            "hugo",
            "tailwindcss",
            "sass",
            "gulp",
            "grunt",
            "tsup",
            "ncc",
            "pkg",
            "cythonize",
            "pyinstaller",
            "lein",
            "bazel",
        ],
        &[],
    ),
];

/// What installs or prepares.
const INSTALLS: &[&str] = &[
    "apt-get",
    "apt",
    "apk",
    "dnf",
    "yum",
    "microdnf",
    "pacman",
    "zypper",
    "pip",
    "pip3",
    "pipx",
    "uv",
    "poetry",
    "pdm",
    "pipenv",
    "conda",
    "mamba",
    "npm",
    "yarn",
    "pnpm",
    "bun",
    "corepack",
    "gem",
    "bundle",
    "composer",
    "docker-php-ext-install",
    "docker-php-ext-enable",
    "docker-php-ext-configure",
    "pecl",
    "a2enmod",
    "a2dismod",
    "a2ensite",
    "mkdir",
    "chmod",
    "chown",
    "ln",
    "rm",
    "mv",
    "cp",
    "install",
    "touch",
    "echo",
    "printf",
    "cat",
    "sed",
    "find",
    "grep",
    "test",
    "[",
    "true",
    ":",
    "set",
    "export",
    "cd",
    "ls",
    "curl",
    "wget",
    "tar",
    "unzip",
    "gpg",
    "git",
    "useradd",
    "groupadd",
    "adduser",
    "addgroup",
    "usermod",
    "groupmod",
    "passwd",
    "update-ca-certificates",
    "ldconfig",
    "locale-gen",
    "fi",
    "done",
    "rustup",
    "go",
    "cargo",
    "mvn",
    "mvnw",
    "gradle",
    "gradlew",
    "dotnet",
    "mix",
    "stack",
    "cabal",
    "playwright",
    "setcap",
    "dpkg",
    "rails",
    "rake",
    "manage.py",
    "python",
    "flask",
    "artisan",
    "php",
    "bootsnap",
];

/// What a command does. `package` gives the text of `package.json` where it runs.
pub(super) fn work(line: &Line, package: &dyn Fn() -> Option<String>) -> Work {
    judge(line, package, 6)
}

fn judge(line: &[String], package: &dyn Fn() -> Option<String>, depth: usize) -> Work {
    let Some((name, arguments)) = line.split_first() else { return Installs };
    let Some(depth) = depth.checked_sub(1) else { return Unknown };
    if name.contains('=') && !name.starts_with('-') && !name.contains('/') {
        return judge(arguments, package, depth);
    }
    let called = program(name);
    let first = arguments.iter().map(String::as_str).find(|word| !word.starts_with('-'));
    let builds = BUILDS.iter().any(|(programs, verbs)| {
        programs.contains(&called)
            && (verbs.is_empty() || arguments.iter().any(|word| verbs.contains(&plain(word))))
    });
    let is_fetch =
        arguments.iter().any(|word| word.starts_with("dependency:")) || first == Some("fetch");
    if builds && !is_fetch {
        return Builds;
    }
    match called {
        "sh" | "bash" | "ash" => match arguments {
            [flag, script] if flag.ends_with('c') => lines(script)
                .iter()
                .map(|line| judge(line, package, depth))
                .find(|work| *work != Installs)
                .unwrap_or(Installs),
            _ => Unknown,
        },
        "exec" | "env" | "time" | "npx" | "bunx" | "bundle" | "corepack" => {
            let behind = arguments.iter().position(|word| !word.starts_with('-') && word != "exec");
            match behind.and_then(|at| arguments.get(at..)) {
                Some([first, ..])
                    if called == "bundle" && ["install", "config"].contains(&first.as_str()) =>
                {
                    Installs
                }
                Some(rest) => judge(rest, package, depth),
                None => Installs,
            }
        }
        "npm" | "yarn" | "pnpm" => script(called, arguments, package, depth),
        "bun" if first == Some("run") => script(called, arguments, package, depth),
        "python" if arguments.iter().any(|word| word == "setup.py" || word == "build") => Builds,
        "python"
            if first.is_some_and(|script| {
                Path::new(script).extension().is_some_and(|it| it == "py")
                    && !script.ends_with("manage.py")
            }) =>
        {
            Unknown
        }
        // The project itself goes to where packages are; an editable one stays where it is.
        "pip" | "pip3" | "uv"
            if first == Some("install") || arguments.iter().any(|it| it == "install") =>
        {
            let itself =
                |word: &String| word == "." || word.starts_with("./") || word.starts_with(".[");
            let editable = arguments.iter().any(|word| word == "-e" || word == "--editable");
            if arguments.iter().any(itself) && !editable { Builds } else { Installs }
        }
        _ if INSTALLS.contains(&called) => Installs,
        _ => Unknown,
    }
}

/// The verb of `:app:bootJar`.
fn plain(word: &str) -> &str {
    word.rsplit(':').next().unwrap_or(word)
}

fn script(
    manager: &str,
    arguments: &[String],
    package: &dyn Fn() -> Option<String>,
    depth: usize,
) -> Work {
    let words: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let name = match words.as_slice() {
        [run, name, ..] if *run == "run" || *run == "run-script" => name.as_str(),
        [exec, ..] if *exec == "exec" || *exec == "dlx" => {
            let at = arguments.iter().position(|word| word == *exec).unwrap_or_default();
            return judge(arguments.get(at + 1..).unwrap_or_default(), package, depth);
        }
        [name, ..] if manager != "npm" => name.as_str(),
        _ => return Installs,
    };
    if ["install", "add", "ci", "i", "config", "set", "cache", "global", "fetch", "workspaces"]
        .contains(&name)
    {
        return Installs;
    }
    let manifest: Option<serde_json::Value> =
        package().and_then(|text| serde_json::from_str(&text).ok());
    let text = manifest.as_ref().and_then(|it| it.get("scripts")?.get(name)?.as_str());
    let by_text = text.map(|text| {
        let mut commands = lines(text).into_iter();
        commands.any(|line| judge(&line, package, depth) == Builds)
    });
    let by_name = ["build", "compile", "generate", "bundle"].iter().any(|it| name.starts_with(it));
    if by_text == Some(true) || by_name { Builds } else { Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builds_is_told_from_what_installs() {
        let package = || {
            Some(r#"{"scripts": {"css": "tailwindcss -i a -o b", "lint": "eslint ."}}"#.to_owned())
        };
        for (command, expected) in [
            ("CGO_ENABLED=0 go build -o /x ./cmd", Builds),
            ("go mod download", Installs),
            ("cargo build --release", Builds),
            ("cargo fetch", Installs),
            ("./mvnw -q clean package -DskipTests", Builds),
            ("mvn dependency:go-offline", Installs),
            ("./gradlew :app:bootJar", Builds),
            ("gradle dependencies", Installs),
            ("dotnet restore", Installs),
            ("dotnet publish -c Release -o /app", Builds),
            ("npm ci --omit=dev", Installs),
            ("npm run build", Builds),
            ("npm run css", Builds),
            ("npm run lint", Unknown),
            ("yarn build", Builds),
            ("yarn install --frozen-lockfile", Installs),
            ("yarn", Installs),
            ("pnpm -r build", Builds),
            ("npx tsc", Builds),
            ("pip install -r requirements.txt", Installs),
            ("pip install .", Builds),
            ("pip install -e .", Installs),
            ("uv sync --locked", Installs),
            ("python manage.py collectstatic --noinput", Installs),
            ("python build_assets.py", Unknown),
            ("bundle install", Installs),
            ("bundle exec rails assets:precompile", Installs),
            ("bundle exec jekyll build", Builds),
            ("composer install --no-dev", Installs),
            ("docker-php-ext-install pdo_mysql", Installs),
            ("make", Builds),
            ("./build.sh", Unknown),
            ("sh -c 'mkdir x && make'", Builds),
        ] {
            let line = lines(command).remove(0);
            assert_eq!(work(&line, &package), expected, "{command}");
        }
    }
}
