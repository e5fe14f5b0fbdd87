//! What a watch says. Pure. Where Docker Compose says something, its words come first, so that whoever looks
//! for them finds them.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::ui::format::{decimal_size, quoted};
use crate::watch::Landed;

/// How many names of files a line has.
const NAMED: usize = 3;

/// `3 files, 4.2kB in 12 ms`: what came of a batch.
pub(super) fn figures(landed: &Landed) -> String {
    let mut parts = Vec::new();
    let is_nothing = landed.written == 0 && landed.removed == 0 && landed.failures.is_empty();
    if is_nothing {
        // It was so there already.
        parts.push("nothing to do".to_owned());
    } else if landed.written > 0 || landed.removed == 0 {
        parts.push(counted(landed.written, "file", "files"));
        parts.push(decimal_size(landed.bytes, 3));
    }
    if landed.removed > 0 {
        parts.push(format!("{} removed", landed.removed));
    }
    let containers = match landed.containers {
        0 | 1 => String::new(),
        several => format!(" to {several} containers"),
    };
    format!("{}{containers} in {}", parts.join(", "), time(landed.took))
}

/// `Syncing service "web" after 3 changes were detected: …`; nothing while all of it is still under way.
pub(super) fn synced(landed: &Landed, changes: usize) -> Option<String> {
    let begin =
        format!("Syncing service {:?} after {changes} changes were detected", landed.service);
    match landed.containers {
        0 if !landed.failures.is_empty() => Some(begin),
        0 if landed.is_nowhere => Some(format!("{begin}: it has no container")),
        0 => None,
        _ => Some(format!("{begin}: {}", figures(landed))),
    }
}

/// `a; b; c; and 2 more`.
pub(super) fn failures(failures: &[&str]) -> String {
    let told: Vec<&str> = failures.iter().copied().take(NAMED).collect();
    match failures.len().saturating_sub(NAMED) {
        0 => told.join("; "),
        more => format!("{}; and {more} more", told.join("; ")),
    }
}

/// `service(s) ["a" "b"]`, as Go prints a list.
pub(super) fn services(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("service(s) [{}]", names.join(" "))
}

/// ` because of a, b and 2 more`; paths are told from the project's directory.
pub(super) fn because(paths: &[&Path], directory: &Path) -> String {
    let mut names: Vec<String> = paths
        .iter()
        .map(|path| path.strip_prefix(directory).unwrap_or(path).display().to_string())
        .collect();
    let mut known = BTreeSet::new();
    names.retain(|name| known.insert(name.clone()));
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        return format!(" because of {} and {more} more", names.join(", "));
    }
    match names.as_slice() {
        [] => String::new(),
        [one] => format!(" because of {one}"),
        [first @ .., last] => format!(" because of {} and {last}", first.join(", ")),
    }
}

/// What is said when a service seems to write what would start it anew.
pub(super) fn written_by_itself(service: &str, path: &Path, directory: &Path) -> String {
    let path = path.strip_prefix(directory).unwrap_or(path).display();
    format!(
        "{service}: {path} changes right after each start, so the service seems to write it: changes of it alone wait now \
         until it has been left alone for some seconds, longer each time (`ignore` in a develop section leaves it out)"
    )
}

/// What is said when a directory around a project was moved.
pub(super) fn moved(directory: &Path) -> String {
    format!(
        "{} is not there any more, since it or a directory around it was moved: saves do not land until the watch is begun \
         anew where it is now",
        directory.display()
    )
}

/// `12 saves landed, median 9 ms, p99 31 ms`; nothing of nothing.
pub(super) fn summary(mut times: Vec<Duration>) -> Option<String> {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
        times.get(place).copied().unwrap_or_default()
    };
    let saves = counted(times.len(), "save", "saves");
    match times.len() {
        0 => None,
        1 => Some(format!("{saves} landed in {}", time(at(50)))),
        _ => Some(format!("{saves} landed, median {}, p99 {}", time(at(50)), time(at(99)))),
    }
}

/// `9 ms`, `1.2 s`.
pub(super) fn time(time: Duration) -> String {
    match time.as_millis() {
        0 => "less than 1 ms".to_owned(),
        milliseconds @ 1..1000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

fn counted(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn landed() -> Landed {
        Landed {
            service: "web".to_owned(),
            containers: 1,
            written: 3,
            bytes: 4200,
            took: Duration::from_millis(12),
            ..Landed::default()
        }
    }

    #[test]
    fn a_line_begins_as_docker_composes() {
        let begin = "Syncing service \"web\" after 3 changes were detected";
        let synced = |landed: &Landed, changes| synced(landed, changes).unwrap();
        assert_eq!(synced(&landed(), 3), format!("{begin}: 3 files, 4.2kB in 12 ms"));
        let removed = Landed { written: 0, removed: 3, containers: 2, ..landed() };
        assert_eq!(synced(&removed, 3), format!("{begin}: 3 removed to 2 containers in 12 ms"));
        let there = Landed { written: 0, bytes: 0, ..landed() };
        assert_eq!(synced(&there, 3), format!("{begin}: nothing to do in 12 ms"));
        let none = Landed { containers: 0, is_nowhere: true, ..landed() };
        assert_eq!(synced(&none, 3), format!("{begin}: it has no container"));
        let failed = Landed { failures: vec!["no".to_owned()], ..none };
        assert_eq!(synced(&failed, 3), begin);
        assert_eq!(services(&["a".to_owned(), "b".to_owned()]), "service(s) [\"a\" \"b\"]");
    }

    #[test]
    fn nothing_is_told_of_what_is_still_owed_to_a_container_that_is_there() {
        let owed = Landed { containers: 0, written: 0, bytes: 0, ..landed() };
        assert_eq!(synced(&owed, 1), None);
    }

    #[test]
    fn a_few_failures_are_told() {
        assert_eq!(failures(&["a", "b", "c"]), "a; b; c");
        assert_eq!(failures(&["a", "b", "c", "d", "e"]), "a; b; c; and 2 more");
    }

    #[test]
    fn causes_are_files_of_the_project() {
        let paths = ["/p/a", "/p/b/c", "/q", "/p/d", "/p/e"].map(Path::new);
        let told = |count| because(&paths[..count], Path::new("/p"));
        assert_eq!(told(0), "");
        assert_eq!(told(1), " because of a");
        assert_eq!(told(3), " because of a, b/c and /q");
        assert_eq!(told(5), " because of a, b/c, /q and 2 more");
        let twice = ["/p/a", "/p/b", "/p/a"].map(Path::new);
        assert_eq!(because(&twice, Path::new("/p")), " because of a and b");
    }

    #[test]
    fn latencies_are_summed_up() {
        let times = |count: u64| (1..=count).rev().map(Duration::from_millis).collect();
        assert_eq!(summary(times(0)), None);
        assert_eq!(summary(times(1)).unwrap(), "1 save landed in 1 ms");
        assert_eq!(summary(times(200)).unwrap(), "200 saves landed, median 100 ms, p99 198 ms");
        assert_eq!(time(Duration::from_micros(20)), "less than 1 ms");
        assert_eq!(time(Duration::from_millis(1250)), "1.2 s");
    }
}
