//! How things are shown: progress mode and colour, decided once from flags, environment and what
//! the streams are. Pure; reads nothing itself.

/// How the progress of a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressMode {
    /// A region of the terminal that is redrawn.
    Live,
    /// One line for each change, as Docker Compose 2.40 writes off a terminal.
    Plain,
    /// One JSON object for each change.
    Json,
    /// Nothing but errors.
    Quiet,
}

/// Whether escape codes may be written: `--ansi`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ansi {
    /// Only to a terminal.
    #[default]
    Auto,
    /// Also elsewhere.
    Always,
    /// Not even to a terminal.
    Never,
}

impl Ansi {
    /// The value of `--ansi`. As in Docker Compose, a word it does not know counts as `auto`.
    pub fn from_word(word: &str) -> Self {
        match word {
            "always" => Self::Always,
            "never" => Self::Never,
            _ => Self::Auto,
        }
    }
}

/// What the three standard streams are connected to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terminals {
    /// Standard input is a terminal.
    pub stdin: bool,
    /// Standard output is a terminal.
    pub stdout: bool,
    /// Standard error is a terminal.
    pub stderr: bool,
}

/// How everything of one run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appearance {
    /// Progress on standard error, or where [`Self::status_to_stdout`] says.
    pub progress: ProgressMode,
    /// Whether standard output takes colour.
    pub colour_stdout: bool,
    /// Whether standard error takes colour.
    pub colour_stderr: bool,
    /// Whether progress and texts for information go to standard output (`COMPOSE_STATUS_STDOUT`).
    pub status_to_stdout: bool,
    /// What the streams are.
    pub terminals: Terminals,
    /// Whether what only helps to find mistakes is told (`--verbose`).
    pub verbose: bool,
}

impl Appearance {
    /// Whether a region of the terminal is redrawn.
    pub fn is_live(self) -> bool {
        self.progress == ProgressMode::Live
    }

    /// Decides by the rules of Docker Compose (`--progress`, `--ansi`, `NO_COLOR`).
    ///
    /// # Errors
    /// A sentence in Docker Compose's words when `progress` is unknown or contradicts `ansi`.
    pub fn decide(
        progress: &str,
        ansi: Ansi,
        no_color: bool,
        terminals: Terminals,
        status_to_stdout: bool,
    ) -> Result<Self, String> {
        let on_terminal = if status_to_stdout { terminals.stdout } else { terminals.stderr };
        let progress = match progress {
            "" | "auto" => match ansi {
                Ansi::Always => ProgressMode::Live,
                Ansi::Auto if on_terminal => ProgressMode::Live,
                Ansi::Auto | Ansi::Never => ProgressMode::Plain,
            },
            "tty" if ansi == Ansi::Never => {
                return Err("can't use --progress tty while ANSI support is disabled".to_owned());
            }
            "tty" => ProgressMode::Live,
            "plain" if ansi == Ansi::Always => {
                return Err("can't use --progress plain while ANSI support is forced".to_owned());
            }
            "plain" => ProgressMode::Plain,
            "json" => ProgressMode::Json,
            "quiet" | "none" => ProgressMode::Quiet,
            other => return Err(format!("unsupported --progress value \"{other}\"")),
        };
        let colour = |is_terminal: bool| match ansi {
            Ansi::Never => false,
            Ansi::Always => !no_color,
            Ansi::Auto => is_terminal && !no_color,
        };
        Ok(Self {
            progress,
            colour_stdout: colour(terminals.stdout),
            colour_stderr: colour(terminals.stderr),
            status_to_stdout,
            terminals,
            verbose: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPES: Terminals = Terminals { stdin: false, stdout: false, stderr: false };
    const TERMINAL: Terminals = Terminals { stdin: true, stdout: true, stderr: true };

    fn progress(word: &str, ansi: Ansi, terminals: Terminals) -> Result<ProgressMode, String> {
        Appearance::decide(word, ansi, false, terminals, false)
            .map(|appearance| appearance.progress)
    }

    #[test]
    fn auto_follows_standard_error_unless_ansi_decides() {
        for (ansi, terminals, expected) in [
            (Ansi::Auto, TERMINAL, ProgressMode::Live),
            (Ansi::Auto, PIPES, ProgressMode::Plain),
            (Ansi::Auto, Terminals { stdout: true, ..PIPES }, ProgressMode::Plain),
            (Ansi::Never, TERMINAL, ProgressMode::Plain),
            (Ansi::Always, PIPES, ProgressMode::Live),
        ] {
            assert_eq!(progress("auto", ansi, terminals), Ok(expected), "{ansi:?} {terminals:?}");
            assert_eq!(progress("", ansi, terminals), Ok(expected), "{ansi:?} {terminals:?}");
        }
    }

    #[test]
    fn progress_on_standard_output_follows_that() {
        let output = Terminals { stdout: true, ..PIPES };
        for (terminals, expected) in [
            (output, ProgressMode::Live),
            (Terminals { stdout: false, ..TERMINAL }, ProgressMode::Plain),
        ] {
            let decided = Appearance::decide("auto", Ansi::Auto, false, terminals, true).unwrap();
            assert_eq!(decided.progress, expected, "{terminals:?}");
            assert!(decided.status_to_stdout);
        }
    }

    #[test]
    fn named_modes_are_taken_and_contradictions_refused() {
        assert_eq!(progress("json", Ansi::Auto, TERMINAL), Ok(ProgressMode::Json));
        assert_eq!(progress("none", Ansi::Auto, TERMINAL), Ok(ProgressMode::Quiet));
        assert_eq!(progress("plain", Ansi::Auto, TERMINAL), Ok(ProgressMode::Plain));
        for (word, ansi, message) in [
            ("bogus", Ansi::Auto, "unsupported --progress value \"bogus\""),
            ("tty", Ansi::Never, "can't use --progress tty while ANSI support is disabled"),
            ("plain", Ansi::Always, "can't use --progress plain while ANSI support is forced"),
        ] {
            assert_eq!(progress(word, ansi, TERMINAL), Err(message.to_owned()));
        }
    }

    #[test]
    fn no_color_takes_colour_but_not_the_live_view() {
        let appearance = Appearance::decide("auto", Ansi::Auto, true, TERMINAL, false).unwrap();
        assert_eq!(appearance.progress, ProgressMode::Live);
        assert!(!appearance.colour_stdout && !appearance.colour_stderr);
    }
}
