//! What a command of a `RUN` does with source that was copied before.

use std::path::Path;

use super::commands::{is_assignment, lines, program};
use super::tools::{BUILDS, INSTALLS, READS};

/// What it does: of several commands, what the last of these is counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// It installs, or prepares the system.
    Installs,
    /// It makes something of the files that it names.
    Reads,
    /// It is not known.
    Unknown,
    /// It makes something of the source.
    Builds,
}

use Work::{Builds, Installs, Reads, Unknown};

/// What a command does. `package` gives the text of `package.json` where it runs.
pub(super) fn work(line: &[String], package: &dyn Fn() -> Option<String>) -> Work {
    judge(line, package, 6)
}

fn judge(line: &[String], package: &dyn Fn() -> Option<String>, depth: usize) -> Work {
    let Some((name, arguments)) = line.split_first() else { return Installs };
    let Some(depth) = depth.checked_sub(1) else { return Unknown };
    if is_assignment(name) {
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
    if let Some(command) = as_another(called, arguments) {
        return judge(command, package, depth);
    }
    match called {
        "su" | "sh" | "bash" | "ash" | "dash" => match script_of(arguments) {
            Some(script) => {
                let commands = lines(script);
                let works = commands.iter().map(|line| judge(line, package, depth));
                works.max().unwrap_or(Installs)
            }
            // What is piped into it is named before.
            None if first.is_none_or(|word| word.starts_with('<')) => Reads,
            None => Unknown,
        },
        "find" => match executed(arguments) {
            Some(command) => judge(command, package, depth),
            None => Installs,
        },
        // Which files it is about is not said.
        "xargs" => match first.and_then(|_| given(arguments)) {
            Some(command) if judge(command, package, depth) == Installs => Installs,
            _ => Unknown,
        },
        "exec" | "env" | "time" | "command" | "nohup" | "nice" | "npx" | "bunx" | "bundle"
        | "corepack" => {
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
        "python" if arguments.first().is_some_and(|word| word == "-m") => {
            match judge(arguments.get(1..).unwrap_or_default(), package, depth) {
                // A module that nobody knows is most likely there to prepare something.
                Unknown => Reads,
                work => work,
            }
        }
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
        "apt-get" | "apt" | "apk" | "dnf" | "yum" if arguments.iter().any(|it| is_package(it)) => {
            Reads
        }
        _ if INSTALLS.contains(&called) => Installs,
        _ if READS.contains(&called) => {
            if called != "envsubst" && arguments.iter().any(|it| is_open(it)) {
                Unknown
            } else {
                Reads
            }
        }
        _ => Unknown,
    }
}

/// The script that a shell is given as an argument.
pub(super) fn script_of(arguments: &[String]) -> Option<&String> {
    let is_flag =
        |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    arguments.get(arguments.iter().position(is_flag)? + 1)
}

/// The command that is run as another user.
pub(super) fn as_another<'l>(called: &str, arguments: &'l [String]) -> Option<&'l [String]> {
    let user = match called {
        "gosu" | "su-exec" => 0,
        "sudo" => match arguments.iter().position(|word| word == "-u") {
            Some(at) => at + 1,
            None => return Some(arguments),
        },
        _ => return None,
    };
    arguments.get(user + 1..)
}

/// The command that `find` runs.
pub(super) fn executed(arguments: &[String]) -> Option<&[String]> {
    let is_flag = |word: &String| ["-exec", "-execdir", "-ok", "-okdir"].contains(&word.as_str());
    arguments.get(arguments.iter().position(is_flag)? + 1..)
}

/// The command that `xargs` runs, behind its own options and their values.
fn given(arguments: &[String]) -> Option<&[String]> {
    let is_program = |word: &String| word.starts_with(|it: char| it.is_alphabetic() || it == '/');
    arguments.get(arguments.iter().position(is_program)?..)
}

/// Whether it is the file of a package.
fn is_package(word: &str) -> bool {
    word.contains('/') && [".deb", ".rpm", ".apk"].iter().any(|ending| word.ends_with(ending))
}

/// Whether a word is a path that a variable holds, of which nothing is known.
fn is_open(word: &str) -> bool {
    let path = word.trim_start_matches('<');
    (path.starts_with('$') && !path.contains(' ')) || path.contains("/$") || path.contains("/{}")
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
    if [
        "install",
        "add",
        "ci",
        "i",
        "config",
        "set",
        "cache",
        "global",
        "fetch",
        "prune",
        "workspaces",
    ]
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
            ("sh -ec 'mkdir x; cat a > b'", Reads),
            ("cp a.conf /etc/a.conf", Reads),
            ("PATH=/x:$PATH make", Builds),
            ("cp $each /out", Unknown),
            ("curl https://example.com/install.sh | sh", Installs),
            ("find . -type f -exec chmod 644 {} +", Installs),
            ("find . -name '*.sh' -exec sed -i s/a/b/ {} +", Reads),
            ("xargs -0 chmod +x", Installs),
            ("xargs cat", Unknown),
            ("gosu app make", Builds),
            ("sudo chown -R app /app", Installs),
            ("su app -c 'npm ci'", Installs),
            ("apt-get install -y curl", Installs),
            ("apt-get install -y ./a.deb", Reads),
            ("python -m compileall .", Installs),
            ("python -m pip install .", Builds),
            ("python -m json.tool a.json", Reads),
            ("chgrp -R 0 /app", Installs),
        ] {
            let line = lines(command).remove(0);
            assert_eq!(work(&line, &package), expected, "{command}");
        }
    }
}
