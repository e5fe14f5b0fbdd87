//! What containers hear of changes to files that are mounted: found out, where that can be, for the directories that the
//! project has mounted.

use std::path::{Path, PathBuf};

use crate::engine::DockerEngine;
use crate::engine::endpoint::{Address, Surroundings};
use crate::platform::Guest;
use crate::survey::file_events::{Arrival, FileEvents, POLL, Side, file_events};
use crate::watch::replay::{self, Hearing};

/// Looks at the directories that are `mounted`. Where there is none, the one of the project stands for what might be; on an
/// engine of this machine, what is known of that is told without a look.
pub(super) async fn look(
    engine: &DockerEngine,
    side: Side<'_>,
    guest: &Guest,
    directory: &Path,
    mounted: Vec<PathBuf>,
    surroundings: &dyn Surroundings,
) -> FileEvents {
    let is_assumed = mounted.is_empty();
    let directories = if is_assumed { vec![directory.to_owned()] } else { mounted };
    let known = || {
        let all = directories.iter().map(|it| file_events(side, it, surroundings));
        let least = all.min_by_key(|events| events.arrival == Arrival::All);
        least.unwrap_or_else(|| file_events(side, directory, surroundings))
    };
    let is_far = !matches!(side.address, Address::Unix(_));
    if is_far || (side.is_here && is_assumed) {
        return known();
    }
    let answers = replay::hearing(engine, guest.own.architecture(), &directories).await;
    let Ok(answers) = answers else { return known() };
    let having = |hearing: Hearing| -> Vec<&Path> {
        let all = directories.iter().zip(&answers);
        all.filter(|(_, it)| **it == hearing).map(|(path, _)| path.as_path()).collect()
    };
    match concluded(directory, &having) {
        // More is known of this machine's own mounts: what others change behind a share is not asked for.
        Some(events) if !(side.is_here && events.arrival == Arrival::All) => events,
        _ => known(),
    }
}

/// What the answers for directories come to; `None` where they say no more than is known without them.
fn concluded<'a>(project: &Path, having: &dyn Fn(Hearing) -> Vec<&'a Path>) -> Option<FileEvents> {
    let names = |paths: &[&Path]| {
        let beside = |path: &&Path| match path.strip_prefix(project) {
            Ok(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
            Ok(inside) => inside.display().to_string(),
            Err(_) => path.display().to_string(),
        };
        paths.iter().map(beside).collect::<Vec<_>>().join(", ")
    };
    let (deaf, elsewhere) = (having(Hearing::Deaf), having(Hearing::Elsewhere));
    if !deaf.is_empty() {
        return Some(FileEvents {
            arrival: Arrival::Nothing,
            because: format!(
                "a file that was made here in {} was there in a container, but was not heard of",
                names(&deaf)
            ),
            remedy: Some(format!(
                "`bireme watch` replays changes there, and so do `dev` and `up --watch`; or {POLL}"
            )),
        });
    }
    if !elsewhere.is_empty() {
        return Some(FileEvents {
            arrival: Arrival::Elsewhere,
            because: format!(
                "a file that was made here in {} was not there in a container",
                names(&elsewhere)
            ),
            remedy: Some("bring files there with `develop.watch`".to_owned()),
        });
    }
    let heard = having(Hearing::Hears);
    (!heard.is_empty()).then(|| FileEvents {
        arrival: Arrival::All,
        because: format!(
            "a file that was made here in {} was heard of in a container",
            names(&heard)
        ),
        remedy: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(answers: &[Hearing]) -> Option<(Arrival, String)> {
        let directories = ["/p/src", "/p", "/other"].map(Path::new);
        let having = |hearing: Hearing| -> Vec<&Path> {
            let all = directories.iter().zip(answers);
            all.filter(|(_, it)| **it == hearing).map(|(path, _)| *path).collect()
        };
        concluded(Path::new("/p"), &having).map(|events| (events.arrival, events.because))
    }

    #[test]
    fn the_worst_answer_counts() {
        let (told, because) = arrival(&[Hearing::Hears, Hearing::Deaf, Hearing::Deaf]).unwrap();
        assert_eq!(told, Arrival::Nothing);
        assert!(because.contains(" in ., /other was there"), "{because}");
        let (told, because) = arrival(&[Hearing::Elsewhere, Hearing::Hears]).unwrap();
        assert_eq!(told, Arrival::Elsewhere);
        assert!(because.contains(" in src was not"), "{because}");
        let (told, _) = arrival(&[Hearing::Unknown, Hearing::Hears]).unwrap();
        assert_eq!(told, Arrival::All);
        assert_eq!(arrival(&[Hearing::Unknown]), None);
    }
}
