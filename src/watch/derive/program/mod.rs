//! Which program a container runs, behind shells, wrappers and scripts, and what it does when its
//! source changes.

mod launchers;

use std::collections::BTreeMap;

use super::commands::{Line, lines, program, shown};
use super::habits::{Habit, habit};
use super::recipe::absolute;
use launchers::WRAPPERS;

/// Scripts that call scripts are followed so far.
const DEPTH: usize = 8;

/// The program of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::watch::derive) struct Program {
    /// Its command, shortened.
    pub(in crate::watch::derive) shown: String,
    /// What it does; `None` if it is not known.
    pub(in crate::watch::derive) habit: Option<Habit>,
    /// The script, or the files, that only count when the container starts; paths in it.
    pub(in crate::watch::derive) scripts: Vec<String>,
    /// Whether it is given a file that is nowhere in its source: something makes that (`node --watch dist/main.js`).
    pub(in crate::watch::derive) runs_what_is_made: bool,
}

impl Program {
    /// Why its source is treated as it is: one sentence, no trailing period.
    pub(in crate::watch::derive) fn reason(&self) -> String {
        let Self { shown, .. } = self;
        match self.habit {
            Some(Habit::Reloads) => format!("`{shown}` reloads by itself"),
            Some(Habit::Follows) => {
                format!("`{shown}` reloads by itself, but loses sight of files that are replaced")
            }
            Some(Habit::Reads) => format!("`{shown}` reads its files whenever they are asked for"),
            Some(Habit::Starts) => format!("`{shown}` reads its source only when it starts"),
            Some(Habit::Compiles) => format!("`{shown}` compiles its source when it starts"),
            Some(Habit::Idle) => format!("`{shown}` has nothing to do with the source"),
            None if shown.is_empty() => {
                "what the image runs is not known to reload by itself".to_owned()
            }
            None => format!("`{shown}` is not known to reload by itself"),
        }
    }

    /// Whether changes of what is mounted take effect without a restart.
    pub(in crate::watch::derive) fn notices(&self) -> bool {
        self.habit.is_some_and(Habit::notices)
    }

    /// Whether what is brought into the container does.
    pub(in crate::watch::derive) fn notices_what_is_brought(&self) -> bool {
        self.habit.is_some_and(Habit::notices_what_is_brought)
    }
}

/// What is around a command in its container.
pub(in crate::watch::derive) struct Around<'a> {
    /// Its variables.
    pub(in crate::watch::derive) environment: &'a BTreeMap<String, String>,
    /// Its working directory.
    pub(in crate::watch::derive) directory: &'a str,
    /// The text of a file, by its path in the container.
    pub(in crate::watch::derive) read: &'a dyn Fn(&str) -> Option<String>,
}

/// The program that a command comes to.
pub(in crate::watch::derive) fn judge(words: &[String], around: &Around<'_>) -> Program {
    let environment = around.environment.clone();
    let mut judge = Judge { around, environment, scripts: Vec::new(), runs_what_is_made: false };
    let found = judge.command(words, around.directory, DEPTH);
    let (habit, shown) = match found {
        Some((habit, shown)) => (Some(habit), shown),
        None => (None, shown(words)),
    };
    let Judge { scripts, runs_what_is_made, .. } = judge;
    Program { shown, habit, scripts, runs_what_is_made }
}

struct Judge<'a> {
    around: &'a Around<'a>,
    environment: BTreeMap<String, String>,
    scripts: Vec<String>,
    runs_what_is_made: bool,
}

type Found = Option<(Habit, String)>;

impl Judge<'_> {
    fn command(&mut self, words: &[String], directory: &str, depth: usize) -> Found {
        let depth = depth.checked_sub(1)?;
        let (name, arguments) = words.split_first()?;
        if let Some((variable, value)) = assignment(name) {
            self.environment.insert(variable.to_owned(), value.to_owned());
            return self.command(arguments, directory, depth);
        }
        let called = program(name);
        let special = match called {
            "sh" | "bash" | "ash" | "dash" | "zsh" => self.shell(arguments, directory, depth),
            "python" | "pypy" => self.python(words, directory, depth),
            "php" => match arguments.iter().position(|word| program(word) == "artisan") {
                Some(at) => self.command(arguments.get(at..)?, directory, depth),
                None => None,
            },
            "npm" | "yarn" | "pnpm" | "bun" | "npx" | "bunx" | "pnpx" | "corepack" => {
                self.node(words, directory, depth)
            }
            "foreman" | "overmind" | "hivemind" | "honcho" | "dev" => {
                self.procfile(called, arguments, directory, depth)
            }
            "concurrently" | "run-p" | "run-s" | "npm-run-all" => {
                self.several(called, arguments, directory, depth)
            }
            "rails" if name.ends_with("dev") => None,
            _ if WRAPPERS.contains(&called) => self.wrapped(arguments, directory, depth),
            _ => self.script(name, arguments, directory, depth),
        };
        if special.is_some() {
            return special;
        }
        let variable = |name: &str| self.environment.get(name).cloned();
        let found = habit(called, arguments, variable)?;
        self.runs_what_is_made |= arguments.iter().any(|word| {
            let is_script = [".js", ".mjs", ".cjs"].iter().any(|end| word.ends_with(end));
            is_script && (self.around.read)(&absolute(directory, word)).is_none()
        });
        Some((found, shown(words)))
    }

    /// The last of several commands that says something: those before it prepare.
    fn last(&mut self, commands: &[Line], directory: &str, depth: usize) -> Found {
        let mut directory = directory.to_owned();
        let mut last = None;
        for command in commands {
            match command.as_slice() {
                [cd, path] if cd == "cd" => directory = absolute(&directory, path),
                [export, rest @ ..] if export == "export" => {
                    for (name, value) in rest.iter().filter_map(|word| assignment(word)) {
                        self.environment.insert(name.to_owned(), value.to_owned());
                    }
                }
                command => last = self.command(command, &directory, depth).or(last),
            }
        }
        last
    }

    fn shell(&mut self, arguments: &[String], directory: &str, depth: usize) -> Found {
        let is_text =
            |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
        if let Some(at) = arguments.iter().position(is_text) {
            let script = arguments.get(at + 1)?;
            return self.last(&lines(script), directory, depth);
        }
        let at = arguments.iter().position(|word| !word.starts_with('-'))?;
        let (path, rest) = arguments.get(at..)?.split_first()?;
        self.script(path, rest, directory, depth)
    }

    /// A script: what it was given to run, or what it runs itself.
    fn script(&mut self, path: &str, arguments: &[String], directory: &str, depth: usize) -> Found {
        let looks_like_one =
            path.contains('/') || is_shell_script(path) || path.contains("entrypoint");
        if !looks_like_one {
            return None;
        }
        let path = absolute(directory, path);
        let text = (self.around.read)(&path);
        let Some(text) = text.filter(|text| text.starts_with("#!") || is_shell_script(&path))
        else {
            return if path.contains("entrypoint") {
                self.command(arguments, directory, depth)
            } else {
                None
            };
        };
        self.scripts.push(path.clone());
        let interpreter = text.lines().next().unwrap_or_default();
        let interpreter = interpreter.split_whitespace().last().map_or("sh", program);
        if ["python", "ruby", "node", "php", "perl"].contains(&interpreter) {
            self.scripts.pop();
            let mut words = vec![interpreter.to_owned(), path];
            words.extend(arguments.iter().cloned());
            let known = self.named(&words);
            return known.or_else(|| self.command(&words, directory, depth));
        }
        let given = self.command(arguments, directory, depth);
        given.or_else(|| self.last(&lines(&text), directory, depth))
    }

    /// A script of an interpreter that is known by its own name (`bin/rails`).
    fn named(&self, words: &[String]) -> Found {
        let [_, path, arguments @ ..] = words else { return None };
        let variable = |name: &str| self.environment.get(name).cloned();
        let called = program(path);
        let found = habit(called, arguments, variable)?;
        let mut line = vec![called.to_owned()];
        line.extend(arguments.iter().cloned());
        Some((found, shown(&line)))
    }

    fn python(&mut self, words: &[String], directory: &str, depth: usize) -> Found {
        let mut rest = words.get(1..)?;
        while let Some((word, behind)) = rest.split_first() {
            match word.as_str() {
                "-m" => {
                    let inner = self.command(behind, directory, depth)?;
                    return Some((inner.0, shown(words)));
                }
                "-c" => return None,
                "-X" | "-W" => rest = behind.get(1..)?,
                flag if flag.starts_with('-') => rest = behind,
                script => {
                    let variable = |name: &str| self.environment.get(name).cloned();
                    let called = program(script);
                    let found = habit(called, behind, variable);
                    let found = found.or_else(|| habit("python-script", behind, variable))?;
                    return Some((found, shown(words)));
                }
            }
        }
        None
    }
}

/// `NAME=value`.
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
    (name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.chars().all(is_name))
    .then_some((name, value))
}

/// Whether a script says by its name that a shell runs it.
fn is_shell_script(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|it| it == "sh")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = r#"{"workspaces": ["packages/*"], "scripts": {"dev": "NODE_ENV=development nodemon server.js", "start": "node server.js",
        "both": "concurrently \"npm:dev\" \"vite\"", "typed": "tsc && node dist/x.js", "loop": "npm run loop"}}"#;

    fn shown_habit(command: &str) -> String {
        let read = |path: &str| {
            match path {
            "/app/package.json" => Some(PACKAGE.to_owned()),
            "/app/entrypoint.sh" => {
                Some("#!/bin/sh\nset -e\npython manage.py migrate\nexec \"$@\"\n".to_owned())
            }
            "/app/start.sh" => {
                Some("#!/bin/bash\nalembic upgrade head\nexec uvicorn a:b --reload\n".to_owned())
            }
            "/app/packages/web/package.json" => Some(
                r#"{"name": "@shop/web", "scripts": {"dev": "node --watch i.js", "start": "node i.js"}}"#
                    .to_owned(),
            ),
            "/app/bin/rails" => Some("#!/usr/bin/env ruby\nrequire 'x'\n".to_owned()),
            "/app/Procfile.dev" => {
                Some("web: bin/rails server -p 3000\ncss: yarn watch\n".to_owned())
            }
            _ => None,
        }
        };
        let environment = BTreeMap::new();
        let around = Around { environment: &environment, directory: "/app", read: &read };
        let words = if command.starts_with('[') {
            serde_json::from_str(command).unwrap()
        } else {
            vec!["/bin/sh".to_owned(), "-c".to_owned(), command.to_owned()]
        };
        let program = judge(&words, &around);
        format!("{:?} {}", program.habit, program.shown)
    }

    #[test]
    fn programs_are_found_behind_what_starts_them() {
        for (command, expected) in [
            (r#"["python", "app.py"]"#, "Some(Starts) python app.py"),
            (
                "python -u manage.py runserver 0.0.0.0:8000",
                "Some(Reloads) python -u manage.py runserver 0.0.0.0:8000",
            ),
            (
                "python manage.py migrate && exec python manage.py runserver",
                "Some(Reloads) python manage.py runserver",
            ),
            (
                "python manage.py runserver --noreload",
                "Some(Starts) python manage.py runserver --noreload",
            ),
            ("flask --app x run --debug", "Some(Reloads) flask --app x run --debug"),
            ("FLASK_DEBUG=1 flask run", "Some(Reloads) flask run"),
            ("export FLASK_ENV=development; flask run", "Some(Reloads) flask run"),
            ("python -m flask run", "Some(Starts) python -m flask run"),
            (r#"["uvicorn", "a:b", "--reload"]"#, "Some(Reloads) uvicorn a:b --reload"),
            ("poetry run uvicorn a:b", "Some(Starts) uvicorn a:b"),
            ("uv run --directory x gunicorn a:b", "Some(Starts) gunicorn a:b"),
            ("fastapi dev main.py", "Some(Reloads) fastapi dev main.py"),
            (
                "watchmedo auto-restart -- celery -A x worker",
                "Some(Reloads) watchmedo auto-restart -- celery -A x worker",
            ),
            ("celery -A x worker", "Some(Starts) celery -A x worker"),
            ("./entrypoint.sh gunicorn --reload a:b", "Some(Reloads) gunicorn --reload a:b"),
            (r#"["/app/entrypoint.sh", "gunicorn", "a:b"]"#, "Some(Starts) gunicorn a:b"),
            (r#"["sh", "start.sh"]"#, "Some(Reloads) uvicorn a:b --reload"),
            (r#"["tini", "--", "node", "server.js"]"#, "Some(Starts) node server.js"),
            (
                r#"["docker-entrypoint.sh", "node", "--watch", "x.js"]"#,
                "Some(Follows) node --watch x.js",
            ),
            ("npm run dev", "Some(Reloads) npm run dev → nodemon server.js"),
            ("yarn dev", "Some(Reloads) yarn dev → nodemon server.js"),
            ("npm start", "Some(Starts) npm start → node server.js"),
            (
                "npm run dev -w packages/web",
                "Some(Follows) npm run dev -w packages/web → node --watch i.js",
            ),
            (
                "npm --workspace=@shop/web start",
                "Some(Starts) npm --workspace=@shop/web start → node i.js",
            ),
            (
                "yarn workspace @shop/web dev",
                "Some(Follows) yarn workspace @shop/web dev → node --watch i.js",
            ),
            (
                "pnpm --filter @shop/web dev",
                "Some(Follows) pnpm --filter @shop/web dev → node --watch i.js",
            ),
            ("npm run dev -w other", "None /bin/sh -c npm run dev -w other"),
            ("jekyll serve --no-watch", "Some(Starts) jekyll serve --no-watch"),
            (
                "npm run both",
                "Some(Reloads) npm run both → concurrently → npm run dev → nodemon server.js",
            ),
            ("npm run typed", "Some(Starts) npm run typed → node dist/x.js"),
            ("npm run loop", "None /bin/sh -c npm run loop"),
            ("npm run start:dev", "Some(Reloads) npm run start:dev"),
            ("npx vite --host", "Some(Reloads) vite --host"),
            ("pnpm exec next dev", "Some(Reloads) next dev"),
            ("npx next start", "Some(Starts) next start"),
            ("bundle exec rails s -b 0.0.0.0", "Some(Reloads) rails s -b 0.0.0.0"),
            ("RAILS_ENV=production bundle exec puma", "Some(Starts) puma"),
            ("bin/rails server", "Some(Reloads) rails server"),
            ("./bin/dev", "Some(Reloads) dev → rails server -p 3000"),
            ("php artisan serve --host=0.0.0.0", "Some(Reads) artisan serve --host=0.0.0.0"),
            ("php -S 0.0.0.0:80 -t public", "Some(Reads) php -S 0.0.0.0:80 -t public"),
            ("php-fpm8.2 -F", "Some(Reads) php-fpm8.2 -F"),
            (r#"["air", "-c", ".air.toml"]"#, "Some(Reloads) air -c .air.toml"),
            ("go run ./cmd/x", "Some(Compiles) go run ./cmd/x"),
            ("cargo watch -x run", "Some(Reloads) cargo watch -x run"),
            ("sleep infinity", "Some(Idle) sleep infinity"),
            (r#"["/server"]"#, "None /server"),
            ("java -jar app.jar", "None /bin/sh -c java -jar app.jar"),
        ] {
            assert_eq!(shown_habit(command), expected, "{command}");
        }
    }
}
