//! From what is known of a guest to what it can run, each with its reason. Takes everything as arguments.

use super::binfmt::Handler;
use super::facts::Facts;
use super::probe::Outcome;
use super::{Finding, Reason};
use crate::platform::{Ability, Guest, How, Platform, Product};

/// Architectures that only newer releases of BuildKit try out.
const SOMETIMES_TRIED: [&str; 3] = ["mips64le", "mips64", "loong64"];
/// Levels of x86-64 above the first.
const LEVELS: [u8; 3] = [2, 3, 4];

/// What a program showed that was run to find out.
const RAN: &str = "a program of it was run in a container";
const REFUSED: &str = "a program of it could not be run in a container";

/// What follows from what an engine told (`facts`) and from the kernel's handlers where those are seen.
pub(super) fn conclude(facts: &Facts, handlers: Option<&[Handler]>) -> Finding {
    let own = facts.own();
    let sees_handlers = handlers.is_some();
    let mut case = Case { facts, sees_handlers, own: own.clone(), reasons: Vec::new() };
    case.add(own.clone(), How::Native, "it is the guest's own");
    case.probed();
    case.levels();
    let (rest, rest_because) = match (handlers, facts.tested.as_ref(), facts.handled.as_ref()) {
        (Some(handlers), ..) => case.by_handlers(handlers),
        (None, Some(tested), _) => case.by_tests(&facts.platforms(tested)),
        (None, None, Some(handled)) => case.by_podman(&facts.platforms(handled)),
        (None, None, None) => (How::Unknown, "nothing tells"),
    };
    case.of_32_bits(rest);
    let others =
        case.reasons.iter().map(|it| Ability { platform: it.platform.clone(), how: it.how });
    let (others, product, matching) = (others.collect(), facts.product, facts.matching);
    let guest = Guest { own, others, rest, product, matching };
    Finding {
        guest,
        reasons: case.reasons,
        rest_because: rest_because.to_owned(),
        is_here: facts.is_here,
    }
}

struct Case<'a> {
    facts: &'a Facts,
    sees_handlers: bool,
    own: Platform,
    reasons: Vec<Reason>,
}

impl Case<'_> {
    /// Notes how a platform runs, unless that is settled.
    fn add(&mut self, platform: Platform, how: How, because: impl Into<String>) {
        if !self.has(&platform) {
            self.reasons.push(Reason { platform, how, because: because.into() });
        }
    }

    fn has(&self, platform: &Platform) -> bool {
        self.reasons.iter().any(|reason| reason.platform == *platform)
    }

    /// What was tried out in containers of ours. What the kernel itself shows is newer.
    fn probed(&mut self) {
        if self.sees_handlers {
            return;
        }
        for (name, outcome) in &self.facts.probed {
            for platform in self.facts.platforms(std::slice::from_ref(name)) {
                match outcome {
                    // Programs for x86 say by what; those of the CPU's own family are not asked.
                    Outcome::Ran(how) if self.is_foreign_x86(&platform) => {
                        self.add(platform, *how, RAN);
                    }
                    Outcome::Ran(_) => {
                        let how = self.kind(&platform);
                        self.add(platform, how, RAN);
                    }
                    Outcome::Refused => {
                        self.add(platform, How::None, REFUSED);
                    }
                    Outcome::Unclear => {}
                }
            }
        }
    }

    fn is_foreign_x86(&self, platform: &Platform) -> bool {
        self.own.architecture() != "amd64" && matches!(platform.architecture(), "amd64" | "386")
    }

    /// Levels of x86-64 that the CPU itself has.
    fn levels(&mut self) {
        if self.own.architecture() != "amd64" {
            return;
        }
        let tested = self.tested();
        let told = tested.iter().any(|it| level(it).is_some_and(|it| it > 1));
        for number in LEVELS {
            let platform = Platform::new(self.own.os(), "amd64", &format!("v{number}"));
            let (how, because) = match self.facts.level {
                Some(reached) if number <= reached => (How::Native, "this machine's CPU has it"),
                Some(_) => (How::None, "this machine's CPU does not have it"),
                None if tested.contains(&platform) => {
                    (How::Native, "BuildKit says that the CPU has it")
                }
                None if told => (How::None, "BuildKit does not say that the CPU has it"),
                None => (How::Unknown, "nothing tells"),
            };
            self.add(platform, how, because);
        }
    }

    /// By the kernel's handlers, which are all there are.
    fn by_handlers(&mut self, handlers: &[Handler]) -> (How, &'static str) {
        let foreign = |it: &&Handler| it.platform.architecture() != self.own.architecture();
        let foreign: Vec<&Handler> = handlers.iter().filter(foreign).collect();
        for handler in foreign.iter().filter(|handler| handler.for_containers) {
            let because = format!(
                "this machine's kernel has the handler {} ({})",
                handler.name, handler.interpreter
            );
            self.add(handler.platform.clone(), handler.how, because);
            self.emulated_levels(&handler.platform, handler.how);
        }
        for handler in foreign.iter().filter(|handler| !handler.for_containers) {
            // The kernel asks it all the same, also for what the CPU itself would run.
            let because = format!(
                "the handler {} of this machine's kernel does not work in containers: it was registered \
                 without flag F",
                handler.name
            );
            self.add(handler.platform.clone(), How::None, because);
        }
        (How::None, "this machine's kernel has no handler for it")
    }

    /// By what BuildKit ran.
    fn by_tests(&mut self, tested: &[Platform]) -> (How, &'static str) {
        for platform in tested {
            let because = match &self.facts.translator {
                Some((_, file)) if is_amd64(platform) => {
                    format!("BuildKit has run a program of it; {} says by what", file.display())
                }
                _ => "BuildKit has run a program of it".to_owned(),
            };
            let how = self.kind(platform);
            self.add(platform.clone(), how, because);
        }
        for platform in tested.iter().filter(|it| is_amd64(it)) {
            self.emulated_levels(platform, self.kind(platform));
        }
        for architecture in SOMETIMES_TRIED {
            let platform = Platform::new("linux", architecture, "");
            self.add(
                platform,
                How::Unknown,
                "whether BuildKit has tried it depends on its release",
            );
        }
        (How::None, "BuildKit could not run a program of it")
    }

    /// By what Podman says of its kernel's handlers.
    fn by_podman(&mut self, handled: &[Platform]) -> (How, &'static str) {
        for platform in handled {
            let how = self.kind(platform);
            self.add(platform.clone(), how, "Podman says that there is a handler");
            self.emulated_levels(platform, how);
        }
        (How::None, "Podman says that there is no handler")
    }

    /// An emulator of amd64 is one of the first level; what else it has shows only when it is tried.
    fn emulated_levels(&mut self, platform: &Platform, how: How) {
        if !is_amd64(platform) || self.own.architecture() == "amd64" {
            return;
        }
        let tested = self.tested();
        for number in LEVELS {
            let level = Platform::new(platform.os(), "amd64", &format!("v{number}"));
            if tested.contains(&level) {
                self.add(level, how, "BuildKit has run a program of it");
            } else {
                self.add(level, How::Unknown, "nothing tells");
            }
        }
    }

    /// How programs run of which it is known that they do.
    fn kind(&self, platform: &Platform) -> How {
        match (self.own.architecture(), platform.architecture()) {
            (own, other) if own == other => How::Native,
            // QEMU is the only one that there is for it.
            ("arm64", "arm") if self.facts.is_apple => How::Qemu,
            ("amd64", "386") | ("arm64", "arm") => How::Native,
            (_, "amd64") => match &self.facts.translator {
                Some((how, _)) => *how,
                None => How::Emulated,
            },
            // Rosetta has none for 32 bits; on a Linux of the user's there may be others.
            (_, "386") if self.facts.product == Product::DockerEngine => How::Emulated,
            _ => How::Qemu,
        }
    }

    /// 32-bit programs of the own family, which the CPU may or may not run.
    fn of_32_bits(&mut self, rest: How) {
        let (architecture, variant) = match self.own.architecture() {
            "amd64" => ("386", ""),
            "arm64" => ("arm", "v7"),
            _ => return,
        };
        let platform = Platform::new(self.own.os(), architecture, variant);
        let tested = self.facts.tested.is_some();
        let probed = self.facts.probed.get(&platform.to_string());
        if architecture == "arm" && self.facts.is_apple {
            let how = if rest == How::None { How::None } else { How::Unknown };
            self.add(platform, how, "Apple's CPUs run no 32-bit programs");
        } else if tested && self.tested().contains(&platform) {
            self.add(platform, How::Native, "BuildKit has run a program of it");
        } else if let Some(Outcome::Ran(_)) = probed {
            self.add(platform, How::Native, RAN);
        } else if let Some(Outcome::Refused) = probed {
            self.add(platform, How::None, REFUSED);
        } else if self.facts.omits_32_bits {
            self.add(
                platform,
                How::Unknown,
                "BuildKit does not say whether it has run a program of it",
            );
        } else if tested {
            self.add(platform, How::None, "BuildKit could not run a program of it");
        } else {
            self.add(platform, How::Native, "CPUs of this family run it");
        }
    }

    /// What BuildKit ran, or says of the CPU.
    fn tested(&self) -> Vec<Platform> {
        self.facts.platforms(self.facts.tested.as_deref().unwrap_or_default())
    }
}

/// Whether programs of a platform are 64-bit ones for x86.
fn is_amd64(platform: &Platform) -> bool {
    platform.architecture() == "amd64"
}

/// The level of x86-64 that a platform is.
fn level(platform: &Platform) -> Option<u8> {
    let number = platform.variant().strip_prefix('v').unwrap_or("1");
    is_amd64(platform).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
