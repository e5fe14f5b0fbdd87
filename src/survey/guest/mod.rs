//! What an engine's guest, the Linux in which its containers run, can run: its own platform, and for every
//! other one by what, if at all.
//!
//! Sources, the cheapest first: what is remembered since the engine started ([`memory`]); the kernel's
//! handlers where the guest is this machine ([`binfmt`]), read every time; what the engine says of itself, what
//! BuildKit or Podman found to run, the settings of products ([`ask`]); a program of our own in a container
//! ([`probe`]). What they come to is [`conclude`]'s.

mod ask;
mod binfmt;
mod conclude;
mod cpu;
mod facts;
mod memory;
mod probe;
mod product;
mod settings;

use crate::engine::endpoint::Surroundings;
use crate::engine::{DockerEngine, Engine, Result};
use crate::platform::{Guest, How, Platform};
use conclude::conclude;
use facts::Facts;
use memory::Memory;

/// What was found out of a guest, with the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The guest.
    pub guest: Guest,
    /// Platforms of which something is known, its own first.
    pub reasons: Vec<Reason>,
    /// Why all others run as `guest.rest` says, one sentence.
    pub rest_because: String,
    /// Whether the guest is this machine.
    pub is_here: bool,
}

impl Finding {
    /// How a platform runs, and how that is known.
    pub fn reason(&self, platform: &Platform) -> Reason {
        let covers = |reason: &&Reason| {
            let known = &reason.platform;
            known.architecture() == platform.architecture() && known.preference(platform).is_some()
        };
        let exact = self.reasons.iter().find(|reason| reason.platform == *platform);
        let known = exact.or_else(|| self.reasons.iter().find(covers));
        let because = match known {
            Some(reason) => reason.because.as_str(),
            None if self.guest.own.preference(platform).is_some() => "CPUs of this family run it",
            None => &self.rest_because,
        };
        let how = self.guest.how(platform);
        Reason { platform: platform.clone(), how, because: because.to_owned() }
    }
}

/// How a platform runs, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The platform.
    pub platform: Platform,
    /// How its programs run.
    pub how: How,
    /// How that is known: one sentence, no trailing period.
    pub because: String,
}

/// Finds out what the guest of `engine` can run. `platforms` are those that the caller is going to judge:
/// what is remembered of them as "not at all" is asked again before it is said, and of what nothing tells a
/// program is run.
///
/// Warm, this is one call of a millisecond; cold, a few at once, bounded in time.
///
/// # Errors
/// An engine that does not say what it is.
pub async fn find(
    engine: &DockerEngine,
    surroundings: &dyn Surroundings,
    platforms: &[Platform],
) -> Result<Finding> {
    let (memory, remembered) = recall(engine, surroundings).await;
    let believed = remembered.filter(|facts| !denies(facts, surroundings, platforms));
    let mut is_new = believed.is_none();
    let mut facts = match believed {
        Some(facts) => facts,
        None => ask::facts(engine, surroundings).await?,
    };
    let (mut finding, _) = judge(&facts, surroundings);
    let untold: Vec<Platform> =
        platforms.iter().filter(|it| is_untold(it, &finding, &facts)).cloned().collect();
    if !untold.is_empty() {
        let outcomes = probe::probe(engine, &untold).await;
        is_new |= !outcomes.is_empty();
        facts.probed.extend(outcomes.iter().map(|(it, outcome)| (it.to_string(), *outcome)));
        finding = judge(&facts, surroundings).0;
    }
    if let Some(memory) = memory.filter(|_| is_new) {
        // Without it the next run asks again.
        let _ = memory.write(&facts);
    }
    Ok(finding)
}

/// The guest's own platform: what is remembered since the engine was started, else the engine's word, for which it looks
/// at programs of its own.
///
/// # Errors
/// An engine that does not say what it is.
pub async fn own(engine: &DockerEngine, surroundings: &dyn Surroundings) -> Result<Platform> {
    if let (_, Some(facts)) = recall(engine, surroundings).await {
        return Ok(facts.own());
    }
    let version = engine.server_version().await?;
    Ok(Platform::new(&version.os, &version.arch, ""))
}

/// What is remembered of an engine, and where: one call.
async fn recall(
    engine: &DockerEngine,
    surroundings: &dyn Surroundings,
) -> (Option<Memory>, Option<Facts>) {
    let sign = ask::sign(engine).await;
    let memory = Memory::of(&engine.describe().endpoint, sign, surroundings);
    let facts = memory.as_ref().and_then(Memory::read);
    (memory, facts)
}

/// Whether what is remembered, not what is seen now, keeps one of these platforms from running.
fn denies(facts: &Facts, surroundings: &dyn Surroundings, platforms: &[Platform]) -> bool {
    let (finding, is_seen) = judge(facts, surroundings);
    !is_seen && platforms.iter().any(|it| finding.guest.how(it) == How::None)
}

/// Whether only a program that is run can tell more of a platform, and none has been.
fn is_untold(platform: &Platform, finding: &Finding, facts: &Facts) -> bool {
    matches!(finding.guest.how(platform), How::Unknown | How::Emulated)
        && !facts.probed.contains_key(&platform.to_string())
        && probe::is_testable(platform)
}

/// What follows from facts, and whether the handlers were seen just now.
fn judge(facts: &Facts, surroundings: &dyn Surroundings) -> (Finding, bool) {
    let handlers = facts.is_here.then(|| binfmt::handlers(surroundings)).flatten();
    (conclude(facts, handlers.as_deref()), handlers.is_some())
}
