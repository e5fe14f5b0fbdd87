//! Programs that start others: package managers, process managers, wrappers.

use super::{Found, Judge};
use crate::watch::derive::commands::{lines, program, shown};
use crate::watch::derive::habits::Habit;
use crate::watch::derive::recipe::absolute;

impl Judge<'_> {
    /// Package managers: scripts of `package.json`, and programs of packages.
    pub(super) fn node(&mut self, words: &[String], directory: &str, depth: usize) -> Found {
        let (manager, arguments) = words.split_first()?;
        let manager = program(manager);
        let mut directory = directory.to_owned();
        let (workspace, arguments) = workspace(manager, arguments);
        if let Some(name) = workspace {
            // Which script it is cannot be told without its manifest.
            directory = self.directory_of(&name, &directory)?;
        }
        let mut rest = arguments.as_slice();
        while let Some((flag, behind)) = rest.split_first() {
            match flag.as_str() {
                "--prefix" | "-C" | "--dir" | "--cwd" => {
                    directory = absolute(&directory, behind.first()?);
                    rest = behind.get(1..)?;
                }
                flag if flag.starts_with('-') && !["--watch", "--hot"].contains(&flag) => {
                    rest = behind;
                }
                _ => break,
            }
        }
        let (verb, behind) = rest.split_first()?;
        let (name, extra) = match (manager, verb.as_str()) {
            ("npx" | "bunx" | "pnpx" | "corepack", _) => {
                return self.wrapped(rest, &directory, depth);
            }
            (_, "exec" | "dlx" | "x") => return self.wrapped(behind, &directory, depth),
            (_, "run" | "run-script") => behind.split_first()?,
            ("npm", "start" | "test" | "stop" | "restart") | ("yarn" | "pnpm", _) => (verb, behind),
            _ => return None,
        };
        let text = (self.around.read)(&absolute(&directory, "package.json"));
        let package: Option<serde_json::Value> = text.and_then(|it| serde_json::from_str(&it).ok());
        let script =
            package.as_ref().and_then(|it| it.get("scripts")?.get(name.as_str())?.as_str());
        let Some(script) = script else {
            let program = self.command(rest, &directory, depth).filter(|_| verb != "run");
            return program.or_else(|| guess(name).map(|habit| (habit, shown(words))));
        };
        let mut commands = lines(script);
        if let Some(last) = commands.last_mut() {
            last.extend(extra.iter().filter(|word| *word != "--").cloned());
        }
        let (habit, inner) = self.last(&commands, &directory, depth)?;
        Some((habit, format!("{} → {inner}", shown(words))))
    }

    /// Where a workspace is, by its path or by the name of its package.
    fn directory_of(&self, workspace: &str, root: &str) -> Option<String> {
        let manifest = |directory: &str| -> Option<serde_json::Value> {
            let text = (self.around.read)(&absolute(directory, "package.json"))?;
            serde_json::from_str(&text).ok()
        };
        let direct = absolute(root, workspace);
        if manifest(&direct).is_some() {
            return Some(direct);
        }
        let own = manifest(root)?;
        let listed = own.get("workspaces")?;
        let listed = listed.get("packages").unwrap_or(listed).as_array()?;
        let name = workspace.rsplit('/').next().unwrap_or(workspace);
        let mut directories = listed.iter().filter_map(serde_json::Value::as_str).map(|pattern| {
            // What is there is not known; packages are mostly called like their directories.
            let pattern = pattern.trim_end_matches('/');
            let around = pattern.trim_end_matches('*').trim_end_matches('/');
            let path =
                if around == pattern { pattern.to_owned() } else { format!("{around}/{name}") };
            absolute(root, &path)
        });
        directories.find(|directory| {
            manifest(directory).is_some_and(|it| it.get("name").is_some_and(|it| it == workspace))
        })
    }

    /// Processes of a Procfile, all of which have to notice.
    pub(super) fn procfile(
        &mut self,
        called: &str,
        arguments: &[String],
        directory: &str,
        depth: usize,
    ) -> Found {
        let flag = arguments.iter().position(|word| word == "-f" || word == "--procfile");
        let named = flag.and_then(|at| arguments.get(at + 1)).map(String::as_str);
        let file = named.unwrap_or(if called == "dev" { "Procfile.dev" } else { "Procfile" });
        let text = (self.around.read)(&absolute(directory, file))?;
        let commands: Vec<String> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .filter_map(|line| line.split_once(':'))
            .map(|(_, command)| command.trim().to_owned())
            .collect();
        self.all(called, &commands, directory, depth)
    }

    pub(super) fn several(
        &mut self,
        called: &str,
        arguments: &[String],
        directory: &str,
        depth: usize,
    ) -> Found {
        let commands: Vec<String> = arguments
            .iter()
            .filter(|word| !word.starts_with('-'))
            .map(|word| match word.strip_prefix("npm:") {
                Some(script) => format!("npm run {script}"),
                None if called == "concurrently" => word.clone(),
                None => format!("npm run {word}"),
            })
            .collect();
        self.all(called, &commands, directory, depth)
    }

    /// Commands side by side: the one that notices least counts.
    fn all(&mut self, called: &str, commands: &[String], directory: &str, depth: usize) -> Found {
        let found: Vec<(Habit, String)> = commands
            .iter()
            .filter_map(|command| self.last(&lines(command), directory, depth))
            .collect();
        let first = |is_it: fn(Habit) -> bool| found.iter().find(|(habit, _)| is_it(*habit));
        let slowest = first(|habit| !habit.notices())
            .or_else(|| first(|habit| !habit.notices_what_is_brought()))
            .or(found.first())?;
        Some((slowest.0, format!("{called} → {}", slowest.1)))
    }

    /// What a wrapper runs: its arguments, from the first on that is known. Its own flags may have values.
    pub(super) fn wrapped(&mut self, arguments: &[String], directory: &str, depth: usize) -> Found {
        let rest = match arguments.iter().position(|word| word == "--") {
            Some(at) => arguments.get(at + 1..)?,
            None => arguments,
        };
        (0..rest.len().min(6)).find_map(|at| {
            let words = rest.get(at..)?;
            words.first().filter(|word| !word.starts_with('-'))?;
            self.command(words, directory, depth)
        })
    }
}

/// The workspace that a package manager is told to work in, and the other arguments.
fn workspace(manager: &str, arguments: &[String]) -> (Option<String>, Vec<String>) {
    let options: &[&str] = match manager {
        "npm" | "npx" => &["-w", "--workspace"],
        "pnpm" => &["-F", "--filter"],
        "bun" => &["--filter"],
        "yarn" => {
            return match arguments {
                [verb, name, rest @ ..] if verb == "workspace" => {
                    (Some(name.clone()), rest.to_vec())
                }
                _ => (None, arguments.to_vec()),
            };
        }
        _ => &[],
    };
    let (mut found, mut others) = (None, Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let (name, value) =
            word.split_once('=').map_or((word.as_str(), None), |(name, it)| (name, Some(it)));
        if word == "--" {
            // What follows is the script's.
            others.push(word.clone());
            others.extend(words.by_ref().cloned());
        } else if options.contains(&name) {
            found = value.map(str::to_owned).or_else(|| words.next().cloned());
        } else {
            others.push(word.clone());
        }
    }
    (found, others)
}

/// Programs that run what they are given.
pub(super) const WRAPPERS: [&str; 44] = [
    "exec",
    "command",
    "nohup",
    "time",
    "nice",
    "sudo",
    "env",
    "eval",
    "bundle",
    "poetry",
    "pipenv",
    "pdm",
    "hatch",
    "rye",
    "uv",
    "uvx",
    "pipx",
    "tini",
    "dumb-init",
    "catatonit",
    "docker-init",
    "gosu",
    "su-exec",
    "setpriv",
    "runuser",
    "dotenv",
    "dotenvx",
    "doppler",
    "op",
    "ddtrace-run",
    "newrelic-admin",
    "opentelemetry-instrument",
    "cross-env",
    "env-cmd",
    "wait-for-it",
    "wait-for-it.sh",
    "wait-for",
    "wait-for.sh",
    "dockerize",
    "debugpy",
    "coverage",
    "stdbuf",
    "unbuffer",
    "docker-php-entrypoint",
];

/// What a script of `package.json` does, by its usual name.
fn guess(name: &str) -> Option<Habit> {
    let parts: Vec<&str> = name.split([':', '-']).collect();
    if parts.iter().any(|part| ["dev", "develop", "watch"].contains(part)) {
        Some(Habit::Reloads)
    } else if ["start", "serve", "prod", "production"].contains(&name) {
        Some(Habit::Starts)
    } else {
        None
    }
}
