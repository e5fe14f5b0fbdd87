//! Global flags, and what they and the environment come to.

use std::path::PathBuf;

use super::process::Variables;
use crate::engine::endpoint::Flags;
use crate::ui::{Ansi, Appearance, Terminals};

/// What the docker command takes for `--log-level`.
const LOG_LEVELS: [&str; 8] =
    ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];

/// Flags before the command.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct GlobalArgs {
    /// Keep networks and volumes that no service uses
    #[arg(long)]
    pub(super) all_resources: bool,
    /// When to write ANSI control codes: never, always or auto
    #[arg(long, value_name = "WHEN")]
    pub(super) ansi: Option<String>,
    /// Name containers and images with `_` instead of `-`
    #[arg(long)]
    pub(super) compatibility: bool,
    /// Show what would be done, and why, and do nothing
    #[arg(long, global = true)]
    pub(super) dry_run: bool,
    /// Read variables from this file instead of .env (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Vec<String>,
    /// Compose file; - is standard input (repeatable)
    #[arg(short, long, value_name = "FILE")]
    pub(super) file: Vec<String>,
    /// Plain HTTP for these registries
    #[arg(long, hide = true)]
    pub(super) insecure_registry: Vec<String>,
    /// Same as --ansi never
    #[arg(long, hide = true)]
    pub(super) no_ansi: bool,
    /// How many engine operations may run at once; -1 for no limit
    #[arg(long, value_name = "N", value_parser = super::flags::integer)]
    pub(super) parallel: Option<i64>,
    /// Enable a profile; * is all (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Vec<String>,
    /// How progress is shown: auto, tty, plain, json or quiet
    #[arg(long, value_name = "MODE")]
    pub(super) progress: Option<String>,
    /// Directory that relative paths are based on
    #[arg(long, value_name = "PATH")]
    pub(super) project_directory: Option<String>,
    /// Name of the project
    #[arg(short, long, value_name = "NAME")]
    pub(super) project_name: Option<String>,
    /// Tell more
    #[arg(long, hide = true)]
    pub(super) verbose: bool,
    /// Former name of --project-directory
    #[arg(long, hide = true)]
    pub(super) workdir: Option<String>,

    /// Engine to connect to
    #[arg(short = 'H', long, value_name = "URL")]
    pub(super) host: Vec<String>,
    /// Directory of the docker command's configuration
    #[arg(long, value_name = "PATH", hide = true)]
    pub(super) config: Option<String>,
    /// Docker context to take the engine from
    #[arg(short = 'c', long, value_name = "NAME")]
    pub(super) context: Option<String>,
    /// Tell more
    #[arg(short = 'D', long, hide = true)]
    pub(super) debug: bool,
    /// Least grave messages to show
    #[arg(short = 'l', long, hide = true)]
    pub(super) log_level: Option<String>,
    /// Use TLS
    #[arg(long, hide = true)]
    pub(super) tls: bool,
    /// Use TLS and check the engine's certificate
    #[arg(long, hide = true)]
    pub(super) tlsverify: bool,
    /// Certificates that are trusted
    #[arg(long, hide = true)]
    pub(super) tlscacert: Option<String>,
    /// Certificate of the client
    #[arg(long, hide = true)]
    pub(super) tlscert: Option<String>,
    /// Key of the client
    #[arg(long, hide = true)]
    pub(super) tlskey: Option<String>,
}

impl GlobalArgs {
    /// The words which say what project and what engine is meant, without files: as they were given, which what comes
    /// from the environment was not.
    pub(super) fn that_say_what(&self) -> Vec<String> {
        let with_value = [
            ("-p", self.project_name.as_slice()),
            ("--project-directory", self.project_directory.as_slice()),
            ("--workdir", self.workdir.as_slice()),
            ("--profile", &self.profile),
            ("--env-file", &self.env_file),
            ("--insecure-registry", &self.insecure_registry),
            ("-H", &self.host),
            ("--config", self.config.as_slice()),
            ("--context", self.context.as_slice()),
            ("--tlscacert", self.tlscacert.as_slice()),
            ("--tlscert", self.tlscert.as_slice()),
            ("--tlskey", self.tlskey.as_slice()),
        ];
        let switches = [
            ("--all-resources", self.all_resources),
            ("--compatibility", self.compatibility),
            ("--tls", self.tls),
            ("--tlsverify", self.tlsverify),
        ];
        let with_value = with_value.into_iter().flat_map(|(flag, values)| {
            values.iter().flat_map(move |value| [flag.to_owned(), value.clone()])
        });
        let switches = switches.into_iter().filter(|(_, is_given)| *is_given);
        with_value.chain(switches.map(|(flag, _)| flag.to_owned())).collect()
    }
}

/// Where the user says that the engine is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct EngineArgs {
    /// `-H`, as often as given.
    pub(super) hosts: Vec<String>,
    /// `--context`.
    pub(super) context: Option<String>,
    /// `--config`.
    pub(super) configuration: Option<PathBuf>,
    /// `--tlscacert`.
    pub(super) authority: Option<PathBuf>,
    /// `--tlscert`.
    pub(super) certificate: Option<PathBuf>,
    /// `--tlskey`.
    pub(super) key: Option<PathBuf>,
    /// `--tls`, or `--tlsverify`, which implies it.
    pub(super) tls: bool,
    /// `--tlsverify`.
    pub(super) tls_verify: bool,
}

impl EngineArgs {
    /// The same as the search for an engine takes it.
    pub(super) fn flags(&self) -> Flags {
        Flags {
            hosts: self.hosts.clone(),
            context: self.context.clone(),
            configuration: self.configuration.clone(),
            authority: self.authority.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
        }
    }
}

/// What holds for every command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Global {
    /// Compose files named by flags.
    pub(super) files: Vec<String>,
    /// `--project-directory`.
    pub(super) project_directory: Option<String>,
    /// `--project-name`.
    pub(super) project_name: Option<String>,
    /// Profiles named by flags.
    pub(super) profiles: Vec<String>,
    /// `--env-file`, or `COMPOSE_ENV_FILES`.
    pub(super) env_files: Vec<String>,
    /// `--insecure-registry`: registries that artifacts are fetched from without TLS.
    pub(super) insecure_registries: Vec<String>,
    /// `--all-resources`.
    pub(super) all_resources: bool,
    /// `--compatibility`, or `COMPOSE_COMPATIBILITY`.
    pub(super) compatibility: bool,
    /// `--dry-run`.
    pub(super) dry_run: bool,
    /// `--verbose`.
    pub(super) verbose: bool,
    /// Engine operations at once; `None` for no limit.
    pub(super) parallel: Option<usize>,
    /// How everything is shown.
    pub(super) appearance: Appearance,
    /// Where the engine is.
    pub(super) engine: EngineArgs,
    /// What to tell the user about the flags.
    pub(super) notes: Vec<String>,
}

impl Global {
    /// Flags over environment over defaults.
    ///
    /// # Errors
    /// A sentence in Docker Compose's words.
    pub(super) fn resolve(
        args: GlobalArgs,
        variables: &Variables,
        terminals: Terminals,
    ) -> Result<Self, String> {
        let mut notes = Vec::new();
        let variable = |name: &str| variables.get(name).filter(|value| !value.is_empty());

        let mut ansi_word =
            args.ansi.or_else(|| variable("COMPOSE_ANSI").cloned()).unwrap_or_default();
        if args.no_ansi {
            if !matches!(ansi_word.as_str(), "" | "auto") {
                return Err("cannot specify DEPRECATED \"--no-ansi\" and \"--ansi\". \
                            Please use only \"--ansi\""
                    .to_owned());
            }
            "never".clone_into(&mut ansi_word);
            notes
                .push("option '--no-ansi' is DEPRECATED ! Please use '--ansi' instead.".to_owned());
        }
        let progress =
            args.progress.or_else(|| variable("COMPOSE_PROGRESS").cloned()).unwrap_or_default();
        let no_color = variable("NO_COLOR").is_some();
        let status_to_stdout = is_true(variables, "COMPOSE_STATUS_STDOUT");
        let ansi = Ansi::from_word(&ansi_word);
        let appearance =
            Appearance::decide(&progress, ansi, no_color, terminals, status_to_stdout)?;
        let appearance = Appearance { verbose: args.verbose, ..appearance };

        let mut project_directory = args.project_directory;
        if let Some(workdir) = args.workdir {
            if project_directory.is_some() {
                return Err(
                    "cannot specify DEPRECATED \"--workdir\" and \"--project-directory\". \
                            Please use only \"--project-directory\" instead"
                        .to_owned(),
                );
            }
            notes.push(
                "option '--workdir' is DEPRECATED at root level! \
                 Please use '--project-directory' instead."
                    .to_owned(),
            );
            project_directory = Some(workdir);
        }
        if let Some(level) = args.log_level.filter(|level| !LOG_LEVELS.contains(&level.as_str())) {
            return Err(format!("unable to parse logging level: {level}"));
        }
        let env_files = match (args.env_file.is_empty(), variable("COMPOSE_ENV_FILES")) {
            (true, Some(list)) => list.split(',').map(str::to_owned).collect(),
            _ => args.env_file,
        };
        Ok(Self {
            files: args.file,
            project_directory,
            project_name: args.project_name.filter(|name| !name.is_empty()),
            profiles: args.profile,
            env_files,
            insecure_registries: args.insecure_registry,
            all_resources: args.all_resources,
            compatibility: args.compatibility || is_true(variables, "COMPOSE_COMPATIBILITY"),
            dry_run: args.dry_run,
            verbose: args.verbose,
            parallel: parallel(args.parallel, variable("COMPOSE_PARALLEL_LIMIT"))?,
            appearance,
            engine: EngineArgs {
                hosts: args.host,
                context: args.context,
                configuration: args.config.map(PathBuf::from),
                authority: args.tlscacert.map(PathBuf::from),
                certificate: args.tlscert.map(PathBuf::from),
                key: args.tlskey.map(PathBuf::from),
                tls: args.tls || args.tlsverify,
                tls_verify: args.tlsverify,
            },
            notes,
        })
    }
}

fn parallel(flag: Option<i64>, variable: Option<&String>) -> Result<Option<usize>, String> {
    let limit = match (flag, variable) {
        (Some(limit), _) => limit,
        (None, Some(word)) => word
            .trim()
            .parse()
            .map_err(|_| format!("COMPOSE_PARALLEL_LIMIT must be an integer (found: {word:?})"))?,
        (None, None) => -1,
    };
    // Anything that is not a number of operations means that there is no limit.
    Ok(usize::try_from(limit).ok().filter(|limit| *limit > 0))
}

/// Whether a variable says yes: `y`, or what Go's `ParseBool` takes for true.
pub(super) fn is_true(variables: &Variables, name: &str) -> bool {
    variables.get(name).is_some_and(|value| {
        let value = value.trim().to_lowercase();
        value == "y" || super::flags::boolean(&value) == Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(args: GlobalArgs, variables: &[(&str, &str)]) -> Result<Global, String> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Global::resolve(args, &variables, Terminals::default())
    }

    #[test]
    fn flags_win_over_the_environment() {
        let args = GlobalArgs {
            parallel: Some(3),
            progress: Some("quiet".to_owned()),
            env_file: vec!["a.env".to_owned()],
            ..GlobalArgs::default()
        };
        let variables = [
            ("COMPOSE_PARALLEL_LIMIT", "9"),
            ("COMPOSE_PROGRESS", "json"),
            ("COMPOSE_ENV_FILES", "b.env,c.env"),
        ];
        let global = resolved(args, &variables).unwrap();
        assert_eq!(global.parallel, Some(3));
        assert_eq!(global.appearance.progress, crate::ui::ProgressMode::Quiet);
        assert_eq!(global.env_files, ["a.env"]);

        let global = resolved(GlobalArgs::default(), &variables).unwrap();
        assert_eq!(global.parallel, Some(9));
        assert_eq!(global.appearance.progress, crate::ui::ProgressMode::Json);
        assert_eq!(global.env_files, ["b.env", "c.env"]);
    }

    #[test]
    fn proposed_commands_carry_what_was_given() {
        let args = GlobalArgs {
            project_name: Some("shop".to_owned()),
            profile: vec!["a".to_owned(), "b".to_owned()],
            host: vec!["tcp://h:1".to_owned()],
            compatibility: true,
            progress: Some("plain".to_owned()),
            dry_run: true,
            ..GlobalArgs::default()
        };
        assert_eq!(
            args.that_say_what().join(" "),
            "-p shop --profile a --profile b -H tcp://h:1 --compatibility"
        );
        assert_eq!(GlobalArgs::default().that_say_what(), [""; 0]);
    }

    #[test]
    fn parallel_is_a_number_or_no_limit() {
        let limit = |word: &str| {
            resolved(GlobalArgs::default(), &[("COMPOSE_PARALLEL_LIMIT", word)])
                .map(|global| global.parallel)
        };
        assert_eq!(limit("-1"), Ok(None));
        assert_eq!(limit("4"), Ok(Some(4)));
        assert_eq!(
            limit("x"),
            Err("COMPOSE_PARALLEL_LIMIT must be an integer (found: \"x\")".to_owned())
        );
    }

    #[test]
    fn switches_in_the_environment_are_read_as_docker_compose_reads_them() {
        for (word, expected) in
            [("1", true), ("y", true), (" TRUE ", true), ("yes", false), ("0", false), ("", false)]
        {
            let variables = [("X".to_owned(), word.to_owned())].into();
            assert_eq!(is_true(&variables, "X"), expected, "{word:?}");
        }
    }

    #[test]
    fn flags_of_former_versions_are_taken_with_a_note() {
        let args =
            GlobalArgs { no_ansi: true, workdir: Some("/srv".to_owned()), ..GlobalArgs::default() };
        let global = resolved(args.clone(), &[]).unwrap();
        assert_eq!(global.project_directory.as_deref(), Some("/srv"));
        assert_eq!(global.notes.len(), 2);
        assert!(resolved(args, &[("COMPOSE_ANSI", "always")]).is_err());
    }
}
