//! Which node builds which platform, by the rules of buildx. Pure.

use crate::platform::Platform;

/// The node for each platform by what the nodes were given, or `None` if there is one that none was
/// given: then it counts what they can build, too.
pub(super) fn by_platforms(wanted: &[Platform], given: &[&[Platform]]) -> Option<Vec<usize>> {
    let node = |platform: &Platform| given.iter().position(|known| known.contains(platform));
    wanted.iter().map(node).collect()
}

/// The node for each platform by all that the nodes can build: the one that comes closest; the first
/// node for a platform that none knows, whose refusal then tells why.
pub(super) fn by_abilities(wanted: &[Platform], able: &[Vec<Platform>]) -> Vec<usize> {
    let closeness = |known: &[Platform], platform: &Platform| {
        known.iter().filter_map(|one| one.preference(platform)).min()
    };
    let node = |platform: &Platform| {
        let rated = able.iter().enumerate();
        let rated = rated.filter_map(|(index, it)| Some((closeness(it, platform)?, index)));
        rated.min().map_or(0, |(_, index)| index)
    };
    wanted.iter().map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platforms(text: &str) -> Vec<Platform> {
        let host = Platform::new("linux", "amd64", "");
        text.split_whitespace().map(|one| Platform::parse(one, &host).unwrap()).collect()
    }

    #[test]
    fn a_platform_goes_to_the_node_that_was_given_it() {
        let (first, second) = (platforms("linux/amd64"), platforms("linux/arm64 linux/arm/v7"));
        let given = [first.as_slice(), second.as_slice()];
        for (wanted, expected) in [
            ("linux/arm64", Some(vec![1])),
            ("linux/arm64 linux/amd64", Some(vec![1, 0])),
            ("linux/riscv64", None),
            ("linux/amd64 linux/riscv64", None),
        ] {
            assert_eq!(by_platforms(&platforms(wanted), &given), expected, "{wanted}");
        }
    }

    #[test]
    fn else_to_the_node_that_comes_closest() {
        let able = [platforms("linux/amd64/v3 linux/386"), platforms("linux/arm64 linux/amd64")];
        for (wanted, expected) in [
            ("linux/amd64", vec![1]),
            ("linux/amd64/v2", vec![0]),
            ("linux/386", vec![0]),
            ("linux/arm/v7", vec![1]),
            ("linux/riscv64", vec![0]),
            ("linux/arm64 linux/386", vec![1, 0]),
        ] {
            assert_eq!(by_abilities(&platforms(wanted), &able), expected, "{wanted}");
        }
    }
}
