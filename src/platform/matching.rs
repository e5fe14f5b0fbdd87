//! Which image an engine takes from an index, and of what it makes a container. What counts as the platform that is
//! asked for depends on the engine's release and on its image store.
//!
//! The rules were seen on Docker 20.10, on 28 with the classic store and on 28 with containerd's; the table of the tests
//! holds what was seen. That the classic store of all releases from 23.0 on does as 28's, its sources say
//! (`distribution/pull_v2_unix.go` of moby).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Guest, How, Platform};

/// The rules by which an engine matches images with platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Matching {
    /// Of Docker before 23.0: from an index comes the platform that is asked for and no other, but for 32-bit ARM, where
    /// any variant will do that covers for it.
    Exact,
    /// Of Docker from 23.0 on with its classic store: what covers for the platform will do, and where none is asked for,
    /// the CPU's own level of x86-64 counts. Also the presumption for engines that are not known.
    #[default]
    Covering,
    /// Of Docker with containerd's store: where none is asked for, what covers for the guest's platform will do, without
    /// its CPU's level; a container is made for the platform that is asked for and no other.
    Strict,
}

impl Matching {
    /// Whether an image which the engine has, whatever it stands in for, makes a container of the platform `asked`.
    pub fn makes(self, asked: &Platform, image: &Platform) -> bool {
        match self {
            Self::Exact | Self::Covering => asked.preference(image).is_some(),
            Self::Strict => asked == image,
        }
    }
}

/// What the rule is called where an image is refused for it.
impl fmt::Display for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "Docker before 23.0",
            Self::Covering => "the engine",
            Self::Strict => "an engine with containerd's image store",
        })
    }
}

impl Guest {
    /// The platform whose image a service gets from an index: for the platform that is asked for, or where none is.
    /// `None` where the engine refuses to pull it, or to make a container of what it has pulled.
    pub fn served<'p>(
        &self,
        asked: Option<&Platform>,
        offered: &'p [Platform],
    ) -> Option<&'p Platform> {
        let best = |wanted: &Platform| {
            let ranked = offered.iter().filter_map(|it| Some((wanted.preference(it)?, it)));
            ranked.min_by_key(|(rank, _)| *rank).map(|(_, platform)| platform)
        };
        let same = |wanted: &Platform| offered.iter().find(|it| *it == wanted);
        match (self.matching, asked) {
            (Matching::Exact, asked) => {
                let wanted = asked.unwrap_or(&self.own);
                let of_arm = || Some(wanted).filter(|it| it.architecture() == "arm").and_then(best);
                same(wanted).or_else(of_arm)
            }
            (Matching::Covering, Some(asked)) => best(asked),
            // Of which levels the CPU is may not be known: the engine knows.
            (Matching::Covering, None) => best(&self.at_level(|how| how == How::Native))
                .or_else(|| best(&self.at_level(|how| how != How::None))),
            (Matching::Strict, Some(asked)) => same(asked),
            (Matching::Strict, None) => best(&self.own),
        }
    }

    /// The guest's platform at the highest level of x86-64 of which `has` is true.
    fn at_level(&self, has: impl Fn(How) -> bool) -> Platform {
        let levels = ["v4", "v3", "v2"].into_iter().map(|level| self.own.with_variant(level));
        let mut levels = levels.filter(|_| self.own.architecture() == "amd64");
        levels.find(|platform| has(self.how(platform))).unwrap_or_else(|| self.own.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ability, Product};
    use super::*;

    fn platform(text: &str) -> Platform {
        Platform::parse(&format!("linux/{text}"), &Platform::new("linux", "amd64", "")).unwrap()
    }

    /// An amd64 guest whose CPU has the third level.
    fn guest(matching: Matching) -> Guest {
        let ability = |text: &str, how| Ability { platform: platform(text), how };
        let levels =
            [("amd64/v2", How::Native), ("amd64/v3", How::Native), ("amd64/v4", How::None)];
        Guest {
            own: platform("amd64"),
            others: levels.map(|(text, how)| ability(text, how)).to_vec(),
            rest: How::None,
            product: Product::DockerEngine,
            matching,
        }
    }

    /// What engines did with real indexes, on a CPU of the third level: the index, what was asked for, and what was
    /// run on Docker 20.10, on 28 with the classic store and on 28 with containerd's. `-` is a refusal.
    const SEEN: &str = "
        amd64/v2           |          | -        | amd64/v2 | -
        amd64/v2           | amd64    | -        | -        | -
        amd64/v2           | amd64/v2 | amd64/v2 | amd64/v2 | amd64/v2
        amd64/v2           | amd64/v3 | -        | amd64/v2 | -
        amd64/v2           | 386      | -        | -        | -
        amd64/v3           |          | -        | amd64/v3 | -
        amd64/v3           | amd64/v2 | -        | -        | -
        amd64/v3           | amd64/v3 | amd64/v3 | amd64/v3 | amd64/v3
        amd64/v4           |          | -        | -        | -
        amd64 amd64/v2     |          | amd64    | amd64/v2 | amd64
        amd64 amd64/v2     | amd64    | amd64    | amd64    | amd64
        amd64 amd64/v2     | amd64/v2 | amd64/v2 | amd64/v2 | amd64/v2
        amd64 amd64/v2     | amd64/v3 | -        | amd64/v2 | -
        amd64 amd64/v2     | 386      | -        | -        | -
        amd64/v2 amd64/v3  |          | -        | amd64/v3 | -
        amd64/v1           |          | amd64    | amd64    | amd64
        amd64/v1           | amd64/v2 | -        | amd64    | -
        386                |          | -        | 386      | 386
        386                | amd64    | -        | 386      | -
        386                | amd64/v2 | -        | 386      | -
        386                | 386      | 386      | 386      | 386
        386 amd64          |          | amd64    | amd64    | amd64
        386 amd64          | amd64/v2 | -        | amd64    | -
        386 amd64          | 386      | 386      | 386      | 386
        amd64/v2 386       |          | -        | amd64/v2 | 386
        amd64/v2 386       | amd64    | -        | 386      | -
        arm/v7             |          | -        | -        | -
        arm/v7             | arm64    | -        | arm/v7   | -
        arm/v7             | arm/v7   | arm/v7   | arm/v7   | arm/v7
        arm/v7             | arm/v6   | -        | -        | -
        arm/v6             | arm64    | -        | arm/v6   | -
        arm/v6             | arm/v7   | arm/v6   | arm/v6   | -
        arm/v6             | arm/v6   | arm/v6   | arm/v6   | arm/v6
        arm/v5             | arm/v7   | arm/v5   | arm/v5   | -
        arm/v6 arm/v7      | arm/v7   | arm/v7   | arm/v7   | arm/v7
        arm                | arm/v7   | arm/v7   | arm/v7   | arm/v7
        arm64/v8           | arm64    | arm64    | arm64    | arm64
        arm64              | arm64/v8 | arm64    | arm64    | arm64
        arm64/v9           | arm64    | -        | -        | -";

    #[test]
    fn takes_what_engines_were_seen_to_take() {
        for line in SEEN.lines().skip(1) {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let offered: Vec<Platform> = columns[0].split(' ').map(platform).collect();
            let asked = Some(columns[1]).filter(|it| !it.is_empty()).map(platform);
            let rules = [Matching::Exact, Matching::Covering, Matching::Strict];
            for (matching, seen) in rules.into_iter().zip(&columns[2..]) {
                let seen = Some(*seen).filter(|it| *it != "-").map(platform);
                let served = guest(matching).served(asked.as_ref(), &offered).cloned();
                assert_eq!(served, seen, "{matching:?}: {line}");
            }
        }
    }

    /// What was made of an image that the engine had: the image, what was asked for, and whether 20.10, 28 and 28 with
    /// containerd's store made a container.
    #[test]
    fn makes_containers_of_what_engines_were_seen_to_make_them_of() {
        for (image, asked, seen) in [
            ("amd64/v2", "amd64", [false, false, false]),
            ("amd64/v2", "amd64/v2", [true, true, true]),
            ("amd64/v2", "amd64/v3", [true, true, false]),
            ("amd64/v3", "amd64/v2", [false, false, false]),
            ("386", "amd64", [true, true, false]),
            ("386", "amd64/v3", [true, true, false]),
            ("386", "386", [true, true, true]),
            ("arm/v7", "arm64", [true, true, false]),
            ("arm/v7", "arm/v6", [false, false, false]),
            ("arm64", "amd64", [false, false, false]),
        ] {
            let rules = [Matching::Exact, Matching::Covering, Matching::Strict];
            let made = rules.map(|rule| rule.makes(&platform(asked), &platform(image)));
            assert_eq!(made, seen, "{image} for {asked}");
        }
    }

    #[test]
    fn a_level_that_is_not_known_is_left_to_the_engine() {
        let guest = Guest::new(platform("amd64"));
        let served = |offered: &[&str]| {
            let offered: Vec<Platform> = offered.iter().map(|it| platform(it)).collect();
            guest.served(None, &offered).map(ToString::to_string)
        };
        assert_eq!(served(&["amd64/v3"]).as_deref(), Some("linux/amd64/v3"));
        assert_eq!(served(&["amd64", "amd64/v3"]).as_deref(), Some("linux/amd64"));
    }
}
