//! Ruby's gems: which of a `Gemfile.lock` are built for some platforms, and whether the native one is among
//! them. Pure.

use crate::packages::image::Libc;
use crate::packages::report::State;
use crate::platform::Platform;

/// What was found out of a gem, or of the lock file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// Its name.
    pub(super) name: String,
    /// Its version; none for the lock file.
    pub(super) version: Option<String>,
    /// The line, from 1.
    pub(super) line: u32,
    /// What a native build gets.
    pub(super) state: State,
    /// Why.
    pub(super) reason: Option<String>,
}

/// A gem in one form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gem<'a> {
    name: &'a str,
    version: &'a str,
    /// Empty for the one that is built where it is installed.
    platform: &'a str,
    line: u32,
}

/// A platform in the words of RubyGems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Machine {
    cpus: &'static [&'static str],
    is_musl: bool,
}

impl Machine {
    /// `None` for platforms that are not Linux, and CPUs that have no gems.
    pub(super) fn new(platform: &Platform, libc: Libc) -> Option<Self> {
        let cpus: &[&str] = match (platform.os(), platform.architecture()) {
            ("linux", "amd64") => &["x86_64", "x64"],
            ("linux", "arm64") => &["aarch64", "arm64"],
            ("linux", "arm") => &["arm"],
            ("linux", "386") => &["x86", "i686"],
            _ => return None,
        };
        Some(Self { cpus, is_musl: matches!(libc, Libc::Musl(..)) })
    }

    /// Whether a gem for `x86_64-linux`, `aarch64-linux-musl` and the like runs here.
    fn runs(self, platform: &str) -> bool {
        let mut parts = platform.split('-');
        let cpu = parts.next().unwrap_or_default();
        let is_linux = parts.next().is_some_and(|os| os.starts_with("linux"));
        let libc = parts.next().unwrap_or_default();
        is_linux
            && self.cpus.contains(&cpu)
            && match libc {
                // Before gems told them apart, one was for both.
                "" => true,
                libc => libc.starts_with("musl") == self.is_musl,
            }
    }

    fn name(self) -> String {
        format!("{}-linux", self.cpus.first().unwrap_or(&""))
    }
}

/// All gems that are not the same on every platform, and the lock file itself where it is not for the
/// native one.
pub(super) fn judge(text: &str, native: Machine, pinned: Machine) -> Vec<Finding> {
    let (gems, platforms, line) = read(text);
    let supports = |machine: Machine| platforms.iter().any(|it| *it == "ruby" || machine.runs(it));
    let mut found = Vec::new();
    if supports(pinned) && !supports(native) {
        let name = native.name();
        found.push(Finding {
            name: "Gemfile.lock".to_owned(),
            version: None,
            line,
            state: State::NotLocked,
            reason: Some(format!("`bundle lock --add-platform {name}` mends that")),
        });
    }
    for gem in &gems {
        let same = || gems.iter().filter(|it| it.name == gem.name);
        let is_first = same().next().is_some_and(|first| first == gem);
        let has = |machine: Machine| {
            same().any(|it| !it.platform.is_empty() && machine.runs(it.platform))
        };
        if !is_first || !(has(native) || has(pinned)) {
            continue;
        }
        let state = if has(native) {
            State::NativeWheel
        } else if same().any(|it| it.platform.is_empty()) {
            State::NeedsCompiler
        } else if supports(native) {
            State::NoDistribution
        } else {
            // Said of the lock file as a whole.
            continue;
        };
        found.push(Finding {
            name: gem.name.to_owned(),
            version: Some(gem.version.to_owned()),
            line: gem.line,
            state,
            reason: None,
        });
    }
    found
}

/// The gems, the platforms, and the line where these begin.
fn read(text: &str) -> (Vec<Gem<'_>>, Vec<&str>, u32) {
    let (mut gems, mut platforms) = (Vec::new(), Vec::new());
    let (mut section, mut place) = ("", 1);
    for (line, content) in (1..).zip(text.lines()) {
        let depth = content.len() - content.trim_start().len();
        let content = content.trim();
        if depth == 0 && !content.is_empty() {
            section = content;
            if section == "PLATFORMS" {
                place = line;
            }
        } else if section == "PLATFORMS" && !content.is_empty() {
            platforms.push(content);
        } else if section == "GEM"
            && depth == 4
            && let Some((name, version)) = content.split_once(" (")
        {
            let version = version.trim_end_matches(')');
            let (version, platform) = version.split_once('-').unwrap_or((version, ""));
            let platform = if platform == "ruby" { "" } else { platform };
            gems.push(Gem { name, version, platform, line });
        }
    }
    (gems, platforms, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, libc: Libc) -> Vec<String> {
        let machine = |cpu| Machine::new(&Platform::new("linux", cpu, ""), libc).unwrap();
        judge(text, machine("arm64"), machine("amd64"))
            .into_iter()
            .map(|it| format!("{} {} {:?}", it.line, it.name, it.state))
            .collect()
    }

    const LOCK: &str = "\
GEM
  remote: https://h/
  specs:
    nokogiri (1.15.4-aarch64-linux)
      racc (~> 1.4)
    nokogiri (1.15.4-x86_64-linux)
    grpc (1.50.0)
    grpc (1.50.0-x86_64-linux)
    sass-embedded (1.69.5-x86_64-linux-gnu)
    rake (13.0.6)

PLATFORMS
  aarch64-linux
  x86_64-linux

DEPENDENCIES
  nokogiri
";

    #[test]
    fn gems_are_for_platforms() {
        let glibc = Libc::Glibc(2, 36);
        assert_eq!(
            shown(LOCK, glibc),
            ["4 nokogiri NativeWheel", "7 grpc NeedsCompiler", "9 sass-embedded NoDistribution"]
        );
        let pinned = LOCK.replace("  aarch64-linux\n", "");
        assert_eq!(
            shown(&pinned, glibc),
            ["12 Gemfile.lock NotLocked", "4 nokogiri NativeWheel", "7 grpc NeedsCompiler"]
        );
        assert_eq!(
            shown(LOCK, Libc::Musl(1, 2)),
            ["4 nokogiri NativeWheel", "7 grpc NeedsCompiler"]
        );
        assert_eq!(shown("", glibc), [""; 0]);
    }

    #[test]
    fn the_project_itself_is_no_package() {
        let own = "PATH\n  remote: .\n  specs:\n    shop (0.1.0-x86_64-linux)\n      rake\n\n";
        let lock = format!("{own}{LOCK}").replace("DEPENDENCIES\n", "DEPENDENCIES\n  shop!\n");
        let found = shown(&lock, Libc::Glibc(2, 36));
        assert!(found.len() == 3 && !found.iter().any(|it| it.contains("shop")), "{found:?}");
    }
}
