//! What a finished command printed and how it ended.

use std::process::ExitStatus;

/// A finished command. The assertions return it, so that they can be chained, and show all of it when they fail.
#[derive(Debug)]
pub(crate) struct Output {
    /// The arguments, for messages.
    pub(crate) command: String,
    /// Everything written to standard output.
    pub(crate) stdout: String,
    /// Everything written to standard error.
    pub(crate) stderr: String,
    /// The exit code; 128 plus the signal's number where a signal ended it, as shells say it.
    pub(crate) code: i32,
}

impl Output {
    pub(crate) fn new(command: String, stdout: &[u8], stderr: &[u8], status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
        Self {
            command,
            stdout: String::from_utf8_lossy(stdout).into_owned(),
            stderr: String::from_utf8_lossy(stderr).into_owned(),
            code: code.expect("a process ends by exit or by signal"),
        }
    }

    /// Exit code 0.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        self.code(0)
    }

    /// This exit code.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert!(self.code == expected, "exit code {} instead of {expected}\n{self}", self.code);
        self
    }

    /// Standard output has this in it.
    #[track_caller]
    pub(crate) fn stdout_has(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "standard output lacks `{part}`\n{self}");
        self
    }

    /// Standard error has this in it.
    #[track_caller]
    pub(crate) fn stderr_has(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "standard error lacks `{part}`\n{self}");
        self
    }

    /// One of the two has this in it: where progress goes is nobody's promise.
    #[track_caller]
    pub(crate) fn shows(self, part: &str) -> Self {
        let shown = self.stdout.contains(part) || self.stderr.contains(part);
        assert!(shown, "neither output has `{part}`\n{self}");
        self
    }

    /// Neither of the two has this in it.
    #[track_caller]
    pub(crate) fn hides(self, part: &str) -> Self {
        let shown = self.stdout.contains(part) || self.stderr.contains(part);
        assert!(!shown, "an output has `{part}`\n{self}");
        self
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, stdout, stderr, code } = self;
        write!(
            f,
            "command: {command}\nexit code: {code}\n--- standard output\n{stdout}--- standard error\n{stderr}---"
        )
    }
}
