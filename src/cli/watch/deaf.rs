//! Services whose programs hear of no changes to files at all, because an emulator without inotify runs them.

use std::collections::{BTreeMap, BTreeSet};

use super::HotReload;
use crate::cli::platforms;
use crate::platform::verdict::Judgement;
use crate::platform::{How, Platform};
use crate::survey::file_events::POLL_OR_RESTART;
use crate::survey::guest::Finding;
use crate::survey::{Store, running};
use crate::watch::replay::can_listen;

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Deaf {
    /// Those that are.
    pub(super) services: BTreeSet<String>,
    /// Those that were looked at.
    seen: BTreeSet<String>,
    /// Whether programs of an architecture can listen.
    listening: BTreeMap<String, bool>,
}

impl Deaf {
    /// Whether all of these were looked at.
    pub(super) fn have_seen(&self, services: &BTreeSet<String>) -> bool {
        services.is_subset(&self.seen)
    }

    /// Looks at services that have containers, and says of those that are deaf what helps.
    pub(super) async fn look(
        &mut self,
        reload: &HotReload<'_>,
        services: &BTreeSet<String>,
        finding: &Finding,
    ) {
        let new: Vec<String> = services.difference(&self.seen).cloned().collect();
        if new.is_empty() {
            return;
        }
        let HotReload { engine, project, context, .. } = reload;
        let running = running(project, engine, &Store::new(engine)).await;
        let mut deaf = Vec::new();
        for service in new {
            for platform in running.get(&service).into_iter().flat_map(|it| &it.platforms) {
                let how = finding.guest.how(platform);
                if self.is_deaf(reload, platform, how).await {
                    deaf.push((service.clone(), platform.clone(), how));
                    break;
                }
            }
        }
        self.seen.extend(services.iter().cloned());
        if deaf.is_empty() {
            return;
        }
        let survey =
            platforms::judged(context, project, engine, &platforms::settings(context)).await;
        let judgements = survey.map(|survey| survey.judgements).unwrap_or_default();
        for (service, platform, how) in deaf {
            let judgement = judgements.iter().find(|judgement| judgement.service == service);
            reload.feedback.warn(&message(&service, &platform, how, judgement));
            self.services.insert(service);
        }
    }

    /// Whether programs of a platform cannot listen: a program of ours is asked, once for each.
    async fn is_deaf(&mut self, reload: &HotReload<'_>, platform: &Platform, how: How) -> bool {
        if !matches!(how, How::Qemu | How::Emulated) {
            return false;
        }
        let architecture = platform.architecture();
        if let Some(listens) = self.listening.get(architecture) {
            return !listens;
        }
        // Of what cannot be asked nothing is said: some releases of QEMU have it, others do not.
        let listens = can_listen(&reload.engine, architecture).await.unwrap_or(true);
        self.listening.insert(architecture.to_owned(), listens);
        !listens
    }
}

/// What is said of a service.
fn message(service: &str, platform: &Platform, how: How, judgement: Option<&Judgement>) -> String {
    let remedy = match judgement.and_then(|judgement| judgement.native.as_ref()) {
        Some(native) => format!(
            "its image can be had for {native}, which hears of them (`bireme platforms` tells how); or {POLL_OR_RESTART}"
        ),
        None => POLL_OR_RESTART.to_owned(),
    };
    format!(
        "{service}: its programs hear of no changes to files: {} runs {platform} here, and has no inotify; {remedy}",
        how.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_told() {
        let platform = Platform::new("linux", "amd64", "");
        let told = message("web", &platform, How::Qemu, None);
        assert!(told.starts_with(
            "web: its programs hear of no changes to files: QEMU runs linux/amd64 here, and has no inotify; let "
        ));
        assert!(told.contains("CHOKIDAR_USEPOLLING=true"), "{told}");
        assert!(told.ends_with("or let a rule of `develop.watch` restart them"), "{told}");
    }
}
