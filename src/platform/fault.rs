//! Why a container died, where its platform is the reason.
//!
//! Goes by the exit code, the last lines of the log and the platform of the image. The image comes first:
//! `exec format error` is also what a script without `#!` gives.

use super::program::Program;
use super::{Guest, How, Platform};

/// A container that ended.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// Its service.
    pub service: &'a str,
    /// Its exit code: 128 and the number of a signal where a signal ended it.
    pub exit_code: i64,
    /// The last lines of its log, and what the engine said of its start.
    pub log: &'a [String],
    /// The platform of its image.
    pub platform: &'a Platform,
    /// The program that could not be started, where that was looked at.
    pub program: Option<&'a Program>,
    /// What it was started with, the program first; empty where that is not known.
    pub process: &'a [String],
}

/// What was the matter, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One sentence, no trailing period.
    pub message: String,
    /// What to do, one sentence.
    pub remedy: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.message, self.remedy)
    }
}

/// How lines of emulators begin: QEMU as it calls itself, as Debian registers it, and Rosetta.
const EMULATORS: [&str; 3] = ["qemu-", "-binfmt-", "rosetta"];

/// Exit codes of processes that a fault in their instructions or memory ended.
const SIGILL: i64 = 132;
const SIGTRAP: i64 = 133;
const SIGABRT: i64 = 134;
const SIGSEGV: i64 = 139;

/// Shells, which give any exit code that they are told to, and say of a signal which one it was.
const SHELLS: [&str; 7] = ["sh", "ash", "bash", "busybox", "dash", "ksh", "zsh"];
/// Programs that run another one.
const WRAPPERS: [&str; 5] = ["catatonit", "docker-init", "dumb-init", "env", "tini"];

/// The fault of the platform that ended a container, if there is one.
pub fn of(end: &End<'_>, guest: &Guest) -> Option<Fault> {
    // Before 128 stand the codes of programs themselves, with it those of signals.
    if end.exit_code == 0 {
        return None;
    }
    let case = Case { end, guest, how: guest.how(end.platform) };
    let of_start = case.not_executable().or_else(|| case.of_another_platform_inside());
    if of_start.is_some() || case.emulates_itself() {
        return of_start;
    }
    case.of_the_emulator()
        .or_else(|| case.of_instructions())
        .or_else(|| case.of_a_missing_call())
        .or_else(|| case.of_a_signal())
}

struct Case<'a> {
    end: &'a End<'a>,
    guest: &'a Guest,
    how: How,
}

impl Case<'_> {
    fn not_executable(&self) -> Option<Fault> {
        let line = self.end.log.iter().find(|line| is_of_exec(line))?;
        let (platform, own) = (self.end.platform, &self.guest.own);
        let name = program(line).map_or_else(String::new, |program| format!(" ({program})"));
        if let Some(fault) = self.of_the_program(&name) {
            return Some(fault);
        }
        let emulated = self.how.is_emulated();
        if self.how == How::Native || emulated {
            return Some(Fault {
                message: format!(
                    "its program{name} is nothing that {platform} runs, although the image is of that platform"
                ),
                remedy: "a script needs a first line such as `#!/bin/sh` and Unix line ends; a program that was \
                         copied in must be built for the platform of the image"
                    .to_owned(),
            });
        }
        let register = self.guest.emulator_remedy(platform);
        let service = self.end.service;
        let is_its = |program: &Program| !program.is_for_another(platform);
        if self.how == How::None || self.end.program.is_some_and(is_its) {
            return Some(Fault {
                message: format!(
                    "its image is for {platform}, and the engine ({own}) has no emulator for that"
                ),
                remedy: format!(
                    "see which platforms there are (bireme platforms {service}), or register one: {register}"
                ),
            });
        }
        Some(Fault {
            message: format!(
                "its image is for {platform}, and nothing on the engine ({own}) ran its program"
            ),
            remedy: format!(
                "see which platforms there are (bireme platforms {service}), or register an emulator ({register}); \
                 if there is one, the program is a script without a first line such as `#!/bin/sh`"
            ),
        })
    }

    /// What is wrong with a program itself, whatever runs its platform.
    fn of_the_program(&self, name: &str) -> Option<Fault> {
        let platform = self.end.platform;
        let (message, remedy) = match self.end.program? {
            Program::Text => (
                format!("its program{name} is a text without a line that says by what it is run"),
                "let a script begin with a line such as `#!/bin/sh`",
            ),
            Program::Empty => (format!("its program{name} is empty"), "write something into it"),
            program @ Program::Built(architecture) if program.is_for_another(platform) => (
                format!(
                    "its program{name} is built for {}/{architecture}, and the image is for {platform}",
                    platform.os()
                ),
                "build what is copied into an image for the image's platform",
            ),
            Program::Built(_) => return None,
        };
        Some(Fault { message, remedy: remedy.to_owned() })
    }

    /// A loader that is missing: programs of a platform in an image of another one.
    fn of_another_platform_inside(&self) -> Option<Fault> {
        let line = self
            .line("could not open '/lib")
            .or_else(|| self.line("failed to open elf at /lib"))
            .filter(|line| EMULATORS.iter().any(|name| line.contains(name)))?;
        let inside = match line {
            line if line.contains("x86-64") || line.contains("x86_64") => "linux/amd64",
            line if line.contains("aarch64") => "linux/arm64",
            _ => "another platform",
        };
        Some(Fault {
            message: format!(
                "a program for {inside} was started in an image for {}, which has no libraries for it",
                self.end.platform
            ),
            remedy: "install the program that is built for the platform of the image, or take an image of the \
                     program's platform"
                .to_owned(),
        })
    }

    /// Whether an emulator speaks where nothing emulates the container: the image has one of its own.
    fn emulates_itself(&self) -> bool {
        self.how == How::Native && self.words_of_an_emulator().is_some()
    }

    /// An emulator that failed, with its words.
    fn words_of_an_emulator(&self) -> Option<(&'static str, &str)> {
        let of_qemu = self.line("qemu: uncaught target signal").map(|line| ("QEMU", line));
        of_qemu.or_else(|| self.line("rosetta error:").map(|line| ("Rosetta", line)))
    }

    fn of_the_emulator(&self) -> Option<Fault> {
        let (who, line) = self.words_of_an_emulator()?;
        Some(Fault {
            message: format!(
                "{who}, which runs {} here, failed at it ({})",
                self.end.platform,
                line.trim()
            ),
            remedy: self.native_one(),
        })
    }

    fn of_instructions(&self) -> Option<Fault> {
        let is_said = self.line("cpu does not support x86-64-v").is_some()
            || self.line("illegal instruction").is_some() && self.end.exit_code > 128;
        if !is_said && self.end.exit_code != SIGILL {
            return None;
        }
        if self.how == How::Native {
            if !is_said {
                return self.of_an_exit_code();
            }
            return Some(Fault {
                message: "it needs instructions that this CPU does not have (x86-64-v3, AVX and their like)"
                    .to_owned(),
                remedy: "take a version of the image that is built for older CPUs".to_owned(),
            });
        }
        Some(Fault {
            message: format!(
                "it used an instruction of {} that its emulation does not have{}",
                self.end.platform,
                if is_x86(self.end.platform) { ", AVX most often" } else { "" }
            ),
            remedy: self.native_one(),
        })
    }

    /// What an exit code alone tells on the CPU itself: programs are ended by SIGILL where they trap, too.
    fn of_an_exit_code(&self) -> Option<Fault> {
        is_program(self.end.process).then(|| Fault {
            message: "it may need instructions that this CPU does not have (x86-64-v3, AVX and their like): exit \
                      code 132 is that of SIGILL, with which programs end themselves, too"
                .to_owned(),
            remedy: "where nothing else explains it, take a version of the image that is built for older CPUs"
                .to_owned(),
        })
    }

    /// Calls of the kernel that QEMU's user mode does not have.
    fn of_a_missing_call(&self) -> Option<Fault> {
        if self.how == How::Native {
            return None;
        }
        if self.line("config_seccomp not compiled into kernel").is_some() {
            return Some(Fault {
                message: "it asks for a seccomp filter, which emulation does not have".to_owned(),
                remedy: format!(
                    "{}; Elasticsearch before version 8 also starts with `bootstrap.system_call_filter: false`",
                    self.native_one()
                ),
            });
        }
        self.line("ptrace").filter(|line| contains(line, "function not implemented"))?;
        Some(Fault {
            message: "it traces another process (ptrace), which emulation does not have".to_owned(),
            remedy: self.native_one(),
        })
    }

    fn of_a_signal(&self) -> Option<Fault> {
        let signal = match self.end.exit_code {
            SIGTRAP => "SIGTRAP",
            SIGABRT => "SIGABRT",
            SIGSEGV => "SIGSEGV",
            _ => return None,
        };
        (self.how != How::Native).then(|| Fault {
            message: format!(
                "it runs emulated ({} on {}) and {signal} ended it; emulators are a common reason for that",
                self.end.platform, self.guest.own
            ),
            remedy: self.native_one(),
        })
    }

    fn native_one(&self) -> String {
        format!("see whether there is a native variant (bireme platforms {})", self.end.service)
    }

    fn line(&self, text: &str) -> Option<&str> {
        self.end.log.iter().map(String::as_str).find(|line| contains(line, text))
    }
}

/// Whether a process is known to be a program, and no shell.
fn is_program(process: &[String]) -> bool {
    let mut names = process.iter().map(|word| word.rsplit('/').next().unwrap_or_default());
    let runs_another =
        |name: &&str| WRAPPERS.contains(name) || name.starts_with('-') || name.contains('=');
    names.find(|name| !runs_another(name)).is_some_and(|name| !SHELLS.contains(&name))
}

/// Whether a line has a text, which is in lower case, in whatever case.
fn contains(line: &str, text: &str) -> bool {
    line.to_lowercase().contains(text)
}

/// Whether a line says that a program could not be started: the words stand at its end, or at that of a quotation.
fn is_of_exec(line: &str) -> bool {
    const WORDS: &str = "exec format error";
    let line = line.to_lowercase();
    let rest = line.find(WORDS).and_then(|at| line.get(at + WORDS.len()..));
    rest.is_some_and(|rest| {
        let rest = rest.trim_start_matches(['.', ')', '\'']).trim();
        rest.is_empty() || rest.starts_with(['"', '\\', ':', ',', ';'])
    })
}

/// The program that could not be started, by the last lines of a log: one that is named there, else the container's own.
pub fn not_started<'a>(log: &'a [String], own: &'a str) -> Option<&'a str> {
    let line = log.iter().find(|line| is_of_exec(line))?;
    program(line).or_else(|| own.starts_with('/').then_some(own))
}

fn is_x86(platform: &Platform) -> bool {
    matches!(platform.architecture(), "amd64" | "386")
}

/// The program that an `exec format error` names: `exec /start.sh: exec format error`.
fn program(line: &str) -> Option<&str> {
    let path = line.find('/').and_then(|at| line.get(at..))?;
    let end = path.find([':', '`', '"', '\'', ' ']).unwrap_or(path.len());
    path.get(..end)
}

#[cfg(test)]
mod tests;
