//! The ways in: the program behaves by the name it is called by.
//!
//! | called as | what users type |
//! |---|---|
//! | `bireme` | `bireme up` |
//! | `docker-bireme bireme …`, by the docker command | `docker bireme up` |
//! | `docker-compose` | `docker-compose up` |
//! | `docker-compose compose …`, by the docker command | `docker compose up` |
//!
//! The docker command hands over all of its own arguments, its flags and the plugin's name among
//! them. Whatever the way, the words that come out are those of `bireme`; commands that are proposed are spelled
//! as they work there.

use std::path::Path;

use crate::stack::labels::WRITTEN_VERSION;

/// The verb by which the docker command asks a plugin what it is (Docker CLI, `cli-plugins`).
const METADATA: &str = "docker-cli-plugin-metadata";

/// The verb by which the docker command asks a plugin for hints behind a command.
const HOOKS: &str = "docker-cli-plugin-hooks";

/// Flags of the docker command that take a value; they may stand before a plugin's name.
const DOCKER_FLAGS: [&str; 10] = [
    "--config",
    "--context",
    "-c",
    "--host",
    "-H",
    "--log-level",
    "-l",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
];

/// Flags of the docker command that are switches.
const DOCKER_SWITCHES: [&str; 4] = ["--debug", "-D", "--tls", "--tlsverify"];

/// Who the program says it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Identity {
    /// Bireme.
    #[default]
    Bireme,
    /// Docker Compose, in whose place it was put.
    Compose,
}

/// How the program was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// What users type before a command: `bireme`, `docker compose`.
    pub(super) typed: String,
    /// Who the program says it is.
    pub(super) identity: Identity,
    /// Whether the docker command runs it.
    pub(super) is_plugin: bool,
}

/// What the program was called for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    /// The docker command asks what this plugin is.
    Metadata,
    /// The docker command asks for hints, of which there are none.
    Hooks,
    /// A shell asks what could be typed next (Cobra's protocol): the words behind the command so
    /// far, the last of them begun, and whether to describe what is offered.
    Complete(Vec<String>, bool),
    /// A user's command line.
    Words(Vec<String>),
}

impl Entry {
    /// Tells the way in from the program's name and its arguments, and what they ask for.
    pub(super) fn of(program: &str, arguments: Vec<String>) -> (Self, Call) {
        let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| "bireme".to_owned());
        // Released files are called docker-compose-linux-x86_64.
        let identity =
            if name.starts_with("docker-compose") { Identity::Compose } else { Identity::Bireme };
        let plugin = match identity {
            Identity::Compose => "compose",
            Identity::Bireme => name.strip_prefix("docker-").unwrap_or("bireme"),
        };
        let (is_plugin, call) = match arguments.first().map(String::as_str) {
            Some(METADATA) => (true, Call::Metadata),
            Some(HOOKS) => (true, Call::Hooks),
            Some(verb @ ("__complete" | "__completeNoDesc")) => {
                let is_plugin = arguments.get(1).is_some_and(|word| word == plugin);
                let words = arguments[1 + usize::from(is_plugin)..].to_vec();
                (is_plugin, Call::Complete(words, verb == "__complete"))
            }
            _ => match plugin_position(&arguments, plugin) {
                Some(at) => {
                    let mut words = arguments;
                    words.remove(at);
                    (true, Call::Words(words))
                }
                None => (false, Call::Words(arguments)),
            },
        };
        let typed = if is_plugin { format!("docker {plugin}") } else { name };
        (Self { typed, identity, is_plugin }, call)
    }
}

/// Where the docker command has the plugin's name: behind its own flags, and perhaps `help`.
fn plugin_position(arguments: &[String], plugin: &str) -> Option<usize> {
    let mut words = arguments.iter().enumerate();
    while let Some((at, word)) = words.next() {
        if word == plugin {
            return Some(at);
        }
        let flag = word.split('=').next().unwrap_or(word);
        if DOCKER_FLAGS.contains(&word.as_str()) {
            words.next();
        } else if !(DOCKER_FLAGS.contains(&flag)
            || DOCKER_SWITCHES.contains(&flag)
            || ["-c", "-H", "-l"].iter().any(|short| word.starts_with(short))
            || (at == 0 && word == "help"))
        {
            return None;
        }
    }
    None
}

/// What a plugin answers to the docker command.
pub(super) fn metadata(identity: Identity) -> String {
    let own = env!("CARGO_PKG_VERSION");
    let (version, description) = match identity {
        Identity::Bireme => (own.to_owned(), "Compose files, every action explained".to_owned()),
        Identity::Compose => {
            (format!("v{WRITTEN_VERSION}"), format!("Docker Compose, by Bireme {own}"))
        }
    };
    serde_json::json!({
        "SchemaVersion": "0.1.0",
        "Vendor": "Bireme",
        "Version": version,
        "ShortDescription": description,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(line: &str) -> (Entry, Call) {
        let mut words = line.split(' ').map(str::to_owned);
        let program = words.next().unwrap_or_default();
        Entry::of(&program, words.collect())
    }

    #[test]
    fn every_way_in_gives_the_words_of_bireme() {
        use Identity::{Bireme, Compose};
        for (line, typed, identity, words) in [
            ("bireme up -d", "bireme", Bireme, "up -d"),
            ("/opt/bin/bireme-0.1 ps", "bireme-0.1", Bireme, "ps"),
            ("docker-compose -f a.yaml up", "docker-compose", Compose, "-f a.yaml up"),
            ("./docker-compose-linux-x86_64 ps", "docker-compose-linux-x86_64", Compose, "ps"),
            ("/x/docker-compose compose up -d", "docker compose", Compose, "up -d"),
            ("docker-compose compose", "docker compose", Compose, ""),
            (
                "docker-compose --context compose --tls -Ha compose -p compose ps",
                "docker compose",
                Compose,
                "--context compose --tls -Ha -p compose ps",
            ),
            ("docker-compose help compose up", "docker compose", Compose, "help up"),
            ("docker-compose exec compose sh", "docker-compose", Compose, "exec compose sh"),
            ("docker-compose -p compose ps", "docker-compose", Compose, "-p compose ps"),
            ("docker-bireme bireme up", "docker bireme", Bireme, "up"),
            ("docker-bireme up", "docker-bireme", Bireme, "up"),
        ] {
            let (entry, call) = entered(line);
            assert_eq!((entry.typed.as_str(), entry.identity), (typed, identity), "{line}");
            assert_eq!(entry.is_plugin, typed.starts_with("docker "), "{line}");
            let words = words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned);
            assert_eq!(call, Call::Words(words.collect()), "{line}");
        }
    }

    #[test]
    fn verbs_of_the_docker_command_and_of_shells_are_understood() {
        for (line, expected) in [
            ("docker-compose docker-cli-plugin-metadata", Call::Metadata),
            ("bireme docker-cli-plugin-metadata", Call::Metadata),
            ("docker-compose docker-cli-plugin-hooks {}", Call::Hooks),
            (
                "docker-compose __complete compose up w",
                Call::Complete(vec!["up".to_owned(), "w".to_owned()], true),
            ),
            (
                "docker-compose __completeNoDesc up ",
                Call::Complete(vec!["up".to_owned(), String::new()], false),
            ),
        ] {
            assert_eq!(entered(line).1, expected, "{line}");
        }
    }
}
