//! Whether a program that a build runs installs packages that may exist for some platforms only. Pure.

use crate::packages::TOOLS;

/// Programs that run what follows them.
const WRAPPERS: [&str; 7] = ["sudo", "exec", "time", "env", "command", "nice", "corepack"];

/// Whether a `RUN` instruction, as it stands in the Dockerfile, installs such packages: by `pip`, `uv`,
/// `poetry`, `pipenv`, `npm`, `yarn`, `pnpm`, `bundle` or `gem`.
pub(super) fn installs(run: &str) -> bool {
    commands(run).iter().any(|words| is_installation(words))
}

/// The commands of an instruction, each as its words. A rough reading of the shell's grammar: quotes
/// do not matter, since what is looked for is never quoted.
fn commands(run: &str) -> Vec<Vec<&str>> {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let lines = run.lines().filter(|line| !is_comment(line));
    let mut commands = vec![Vec::new()];
    let mut is_continued = false;
    for line in lines {
        if !is_continued {
            commands.push(Vec::new());
        }
        let line = line.trim_end();
        is_continued = line.ends_with(['\\', '`']);
        for part in
            line.trim_end_matches(['\\', '`']).split_inclusive(['&', ';', '|', '(', ')', '{'])
        {
            let ends = |character| matches!(character, '&' | ';' | '|' | '(' | ')' | '{');
            let words = part
                .trim_end_matches(ends)
                .split(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | ',' | '[' | ']'));
            if let Some(command) = commands.last_mut() {
                command.extend(words.filter(|word| !word.is_empty()));
            }
            if part.ends_with(ends) {
                commands.push(Vec::new());
            }
        }
    }
    commands
}

fn is_installation(words: &[&str]) -> bool {
    let mut words = words
        .iter()
        .copied()
        .skip_while(|&word| {
            word.eq_ignore_ascii_case("RUN")
                || word.starts_with('-')
                || word.starts_with("<<")
                || word.split_once('=').is_some_and(|(name, _)| is_variable(name))
                || WRAPPERS.contains(&word)
                || matches!(word, "if" | "then" | "else" | "do" | "while" | "!")
        })
        .peekable();
    let Some(program) = words.next() else { return false };
    let program = program.rsplit('/').next().unwrap_or(program);
    if is_named(program, "python") {
        return words.next() == Some("-m") && is_installation(&words.collect::<Vec<_>>());
    }
    let arguments: Vec<&str> = words.collect();
    let mut plain = arguments.iter().copied().filter(|word| !word.starts_with('-'));
    let action = plain.next();
    match program {
        it if is_named(it, "pip") => action == Some("install") && is_particular(&arguments),
        "uv" => match action {
            Some("sync" | "add") => true,
            Some("pip") => match plain.next() {
                Some("install") => is_particular(&arguments[1..]),
                next => next == Some("sync"),
            },
            _ => false,
        },
        "poetry" => matches!(action, Some("install" | "add" | "sync" | "update")),
        "pipenv" => matches!(action, Some("install" | "sync" | "update")),
        "npm" => matches!(action, Some("ci" | "install" | "i" | "add" | "clean-install")),
        "pnpm" => matches!(action, Some("install" | "i" | "add")),
        "yarn" => {
            matches!(action, None | Some("install" | "add")) && !arguments.contains(&"--version")
        }
        "bundle" | "bundler" => matches!(action, None | Some("install" | "update")),
        "gem" => action == Some("install"),
        _ => false,
    }
}

/// Whether a program is of a name, with a version or without: `pip3.12`.
fn is_named(program: &str, name: &str) -> bool {
    program
        .strip_prefix(name)
        .is_some_and(|version| version.chars().all(|it| it.is_ascii_digit() || it == '.'))
}

/// Whether `pip install` is told to install anything besides tools that exist everywhere.
fn is_particular(arguments: &[&str]) -> bool {
    let mut packages = arguments.iter().copied().skip_while(|&word| word != "install").skip(1);
    packages.any(|word| {
        if word.starts_with('-') {
            let is_file = ["-r", "--requirement", "-e", "--editable"];
            return is_file.iter().any(|flag| word.starts_with(flag));
        }
        let name = word.split(['=', '<', '>', '~', '!', '[', ';', '@']).next().unwrap_or(word);
        !TOOLS.contains(&name)
    })
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installations_are_found_in_every_form() {
        for run in [
            "RUN pip install -r requirements.txt",
            "RUN pip3.12 install --no-cache-dir psycopg2-binary==2.9.9",
            "RUN --mount=type=cache,target=/root/.cache python3 -m pip install .",
            "RUN apt-get update && apt-get install -y gcc && pip install numpy && rm -rf /x",
            "RUN set -eux; \\\n  # tools\n  pip install -U pip; \\\n  pip install \\\n    numpy",
            "RUN [\"pip\", \"install\", \"numpy\"]",
            "RUN <<EOF\nset -e\npip install -rrequirements.txt\nEOF",
            "RUN PIP_NO_CACHE=1 /opt/venv/bin/pip install -e .",
            "RUN uv sync --frozen --no-dev",
            "RUN uv pip install --system -r requirements.txt",
            "RUN poetry config virtualenvs.create false && poetry install --only main",
            "RUN pipenv install --deploy --system",
            "RUN npm ci --omit=dev",
            "RUN if [ -f yarn.lock ]; then yarn --frozen-lockfile; else npm i; fi",
            "RUN corepack pnpm install",
            "RUN bundle install --jobs 4",
            "RUN (cd /app && yarn)",
        ] {
            assert!(installs(run), "{run}");
        }
    }

    #[test]
    fn what_installs_nothing_of_the_kind_is_none() {
        for run in [
            "RUN pip install --upgrade pip setuptools wheel",
            "RUN python -m pip install --no-cache-dir uv==0.5.1",
            "RUN apt-get install -y python3-pip npm",
            "RUN npm run build",
            "RUN npm --version",
            "RUN yarn build",
            "RUN yarn --version",
            "RUN pnpm run build",
            "RUN bundle exec rake assets:precompile",
            "RUN python -m venv /opt/venv",
            "RUN python setup.py install",
            "RUN echo pip install numpy",
            "RUN uv venv",
            "RUN # pip install numpy\n",
            "RUN",
        ] {
            assert!(!installs(run), "{run}");
        }
    }
}
