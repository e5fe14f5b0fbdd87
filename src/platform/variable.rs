//! Platforms that are made of variables: which of these to change, and to what, for the native one to come out.

use super::Platform;
use crate::compose::interpolate::{names, substitute};

/// A text that uses variables, with their values.
struct Template<'a> {
    written: &'a str,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    native: &'a Platform,
}

/// What makes a text say the native platform, or none at all: `set ARCH=amd64`. `None` where it uses no variables.
pub fn remedy(
    written: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    native: &Platform,
) -> Option<String> {
    let mut names: Vec<String> = names(written).collect();
    if names.is_empty() {
        return None;
    }
    // What has a value decides before what only has a default.
    names.sort_by_key(|name| lookup(name).is_none());
    let template = Template { written, lookup, native };
    let found = names.iter().find_map(|name| template.remedy_by(name));
    Some(found.unwrap_or_else(|| format!("change {}, of which it is made", names.join(", "))))
}

impl Template<'_> {
    /// What does it by one variable alone.
    fn remedy_by(&self, name: &str) -> Option<String> {
        let can_go = (self.lookup)(name).is_some() && self.is_native_with(name, None);
        let values = [self.native.to_string(), self.native.architecture().to_owned()];
        let value = values.iter().find(|value| self.is_native_with(name, Some(value)));
        match (can_go, value) {
            (true, Some(value)) => Some(format!("unset {name}, or set it to {value}")),
            (true, None) => Some(format!("unset {name}")),
            (false, Some(value)) => Some(format!("set {name}={value}")),
            (false, None) => None,
        }
    }

    /// Whether it says the native platform, or none, where a variable has another value, or none.
    fn is_native_with(&self, name: &str, value: Option<&str>) -> bool {
        let lookup = |other: &str| {
            if other == name { value.map(str::to_owned) } else { (self.lookup)(other) }
        };
        substitute(self.written, &lookup, &mut 0).is_ok_and(|said| {
            said.text.is_empty()
                || Platform::parse(&said.text, self.native).as_ref() == Ok(self.native)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_makes_the_platform_native() {
        for (written, set, expected) in [
            ("linux/amd64", "", None),
            ("$P", "P=linux/arm64", Some("unset P, or set it to linux/amd64")),
            ("${P:-linux/arm64}", "", Some("set P=linux/amd64")),
            ("${P:-linux/arm64}", "P=linux/386", Some("set P=linux/amd64")),
            ("linux/${ARCH-arm64}", "", Some("set ARCH=amd64")),
            ("linux/$ARCH", "ARCH=arm64", Some("set ARCH=amd64")),
            ("${OS:-linux}/${ARCH:-arm64}", "", Some("set ARCH=amd64")),
            ("${OS:-linux}/${ARCH:-arm64}", "OS=linux", Some("set ARCH=amd64")),
            ("${CI:+linux/arm64}", "CI=1", Some("unset CI")),
            ("${P:?need}", "P=linux/arm64", Some("set P=linux/amd64")),
            ("${A:-${B:-linux/arm64}}", "B=linux/arm64", Some("set B=linux/amd64")),
            ("windows/${A}${B}", "", Some("change A, B, of which it is made")),
        ] {
            let lookup = |name: &str| {
                let (known, value) = set.split_once('=')?;
                (known == name).then(|| value.to_owned())
            };
            let native = Platform::new("linux", "amd64", "");
            assert_eq!(remedy(written, &lookup, &native).as_deref(), expected, "{written} {set}");
        }
    }
}
