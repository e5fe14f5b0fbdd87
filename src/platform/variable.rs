//! Platforms that are made of variables: which of these to change, and to what, for the native one to come out.

use super::Platform;
use super::subject::Place;
use crate::compose::interpolate::{names, substitute};

/// The variables of a project.
#[derive(Clone, Copy)]
pub struct Variables<'a> {
    /// The value of one.
    pub value: &'a dyn Fn(&str) -> Option<String>,
    /// The line of an environment file that sets it, where one does.
    pub place: &'a dyn Fn(&str) -> Option<Place>,
}

/// A text that uses variables, with their values.
struct Template<'a> {
    written: &'a str,
    variables: Variables<'a>,
    native: &'a Platform,
}

/// What makes a text say the native platform, or none at all: `set ARCH=amd64`. `None` where it uses no variables.
pub fn remedy(written: &str, variables: Variables<'_>, native: &Platform) -> Option<String> {
    let mut names: Vec<String> = names(written).collect();
    if names.is_empty() {
        return None;
    }
    // What has a value decides before what only has a default.
    names.sort_by_key(|name| (variables.value)(name).is_none());
    let template = Template { written, variables, native };
    let found = names.iter().find_map(|name| template.remedy_by(name));
    Some(found.unwrap_or_else(|| format!("change {}, of which it is made", names.join(", "))))
}

impl Template<'_> {
    /// What does it by one variable alone.
    fn remedy_by(&self, name: &str) -> Option<String> {
        let can_go = (self.variables.value)(name).is_some() && self.is_native_with(name, None);
        let values = [self.native.to_string(), self.native.architecture().to_owned()];
        let value = values.iter().find(|value| self.is_native_with(name, Some(value)));
        let place = (self.variables.place)(name);
        let without = match &place {
            Some(place) => format!("take {name} out of {place}"),
            None => format!("unset {name}"),
        };
        let there = place.map(|place| format!(" at {place}")).unwrap_or_default();
        match (can_go, value) {
            (true, Some(value)) => Some(format!("{without}, or set it to {value}")),
            (true, None) => Some(without),
            (false, Some(value)) => Some(format!("set {name}={value}{there}")),
            (false, None) => None,
        }
    }

    /// Whether it says the native platform, or none, where a variable has another value, or none.
    fn is_native_with(&self, name: &str, value: Option<&str>) -> bool {
        let lookup = |other: &str| {
            if other == name { value.map(str::to_owned) } else { (self.variables.value)(other) }
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

    fn told(written: &str, set: &str, place: &dyn Fn(&str) -> Option<Place>) -> Option<String> {
        let value = |name: &str| {
            let (known, value) = set.split_once('=')?;
            (known == name).then(|| value.to_owned())
        };
        let native = Platform::new("linux", "amd64", "");
        remedy(written, Variables { value: &value, place }, &native)
    }

    #[test]
    fn the_line_of_an_environment_file_is_named() {
        let place = |name: &str| {
            let place = Place { file: ".env".to_owned(), line: 3 };
            (name != "OS").then_some(place)
        };
        for (written, set, expected) in [
            ("$P", "P=linux/arm64", "take P out of .env:3, or set it to linux/amd64"),
            ("${CI:+linux/arm64}", "CI=1", "take CI out of .env:3"),
            ("${OS:-linux}/$ARCH", "ARCH=arm64", "set ARCH=amd64 at .env:3"),
        ] {
            assert_eq!(told(written, set, &place).as_deref(), Some(expected), "{written} {set}");
        }
    }

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
            assert_eq!(told(written, set, &|_| None).as_deref(), expected, "{written} {set}");
        }
    }
}
