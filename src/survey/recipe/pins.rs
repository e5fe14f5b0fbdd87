//! The platforms that the `FROM`s of a Dockerfile name, and the build arguments that they come from.

use std::collections::BTreeMap;

use crate::build::dockerfile::{self, Asked, Fixed, Given};
use crate::compose::interpolate;
use crate::compose::model::{Project, Service};
use crate::platform::Platform;
use crate::platform::subject::{self, Argument, Pin, Place, Source};
use crate::survey::place::{place, place_of_variable, written};

/// A Dockerfile, and what is built of it.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) project: &'a Project,
    /// The variables of the process.
    pub(super) process: &'a BTreeMap<String, String>,
    pub(super) service: &'a Service,
    pub(super) text: &'a str,
    pub(super) given: &'a Given<'a>,
    /// Whether lines of it can be edited.
    pub(super) is_editable: bool,
}

impl Origin<'_> {
    /// What the `--platform` of a stage says. `line` gives the place of a line of the Dockerfile.
    pub(super) fn pin(&self, asked: &Asked, line: &dyn Fn(u32) -> Place) -> Option<Pin> {
        match asked {
            Asked::Target { is_said: false } => None,
            Asked::Target { is_said: true } => Some(Pin::Target),
            Asked::Builder => Some(Pin::Builder),
            Asked::Fixed(fixed) => Some(Pin::Fixed(Box::new(subject::Fixed {
                platform: Platform::parse(&fixed.platform, self.given.platform).ok()?,
                place: line(fixed.line),
                argument: self.argument(fixed, line),
                is_editable: self.is_editable,
            }))),
        }
    }

    /// The argument that would have to be another, and what it would have to be.
    fn argument(&self, fixed: &Fixed, line: &dyn Fn(u32) -> Place) -> Option<Argument> {
        let first = fixed.arguments.first()?;
        let own = self.given.platform;
        let values = [own.to_string(), own.architecture().to_owned()];
        let is_native = |asked: &Asked| match asked {
            Asked::Target { .. } => true,
            Asked::Fixed(other) => {
                Platform::parse(&other.platform, own).is_ok_and(|other| other == *own)
            }
            Asked::Builder => false,
        };
        let found = dockerfile::retargeted(self.text, self.given, fixed, &values, is_native);
        let (argument, native) = found.map_or((first, None), |(it, value)| (it, Some(value)));
        let source = match argument.default {
            _ if argument.is_given => self.given_by(&argument.name),
            Some(default) => Source::Default(line(default)),
            None => Source::Nothing,
        };
        Some(Argument { name: argument.name.clone(), source, native })
    }

    /// Where a Compose file gives an argument its value.
    fn given_by(&self, name: &str) -> Source {
        let path = format!("services.{}.build.args.{name}", self.service.name);
        let Some(place) = place(self.project, &path) else { return Source::Nothing };
        match variable_in(written(self.project, &path).unwrap_or_default(), name) {
            Some((name, is_all)) => {
                let set_at = place_of_variable(&name, Some(&path), self.project, self.process);
                Source::Variable { name, place, is_all, set_at }
            }
            None => Source::File(place),
        }
    }
}

/// The variable that gives an argument its value where this is written, and whether that is all of the value.
/// `written` is the value, with the name before it in a list and where files are laid over each other.
fn variable_in(written: &str, name: &str) -> Option<(String, bool)> {
    const BLANKS: [char; 3] = ['"', '\'', ' '];
    let written = written.trim_matches(BLANKS);
    let named = written.strip_prefix(name).map(|rest| rest.trim_start_matches(BLANKS));
    let value = named.and_then(|rest| rest.strip_prefix(['=', ':'])).unwrap_or(written);
    let value = value.trim_matches(BLANKS);
    if value == name || matches!(value, "" | "~" | "null") {
        // Without a value there it is that of the variable of its name.
        return Some((name.to_owned(), true));
    }
    let variables = interpolate::uses(value, &|_| None);
    let used = variables.first()?;
    Some((used.name.clone(), used.range == (0..value.len())))
}

#[cfg(test)]
mod tests {
    use super::variable_in;

    #[test]
    fn values_come_from_variables_or_stand_there() {
        for (written, expected) in [
            ("amd64", None),
            ("\"ARCH=amd64\"", None),
            ("", Some(("ARCH", true))),
            ("ARCH", Some(("ARCH", true))),
            ("ARCH=${CPU:-${OTHER}}", Some(("CPU", true))),
            ("\"ARCH\": \"$CPU\"", Some(("CPU", true))),
            ("linux/$CPU", Some(("CPU", false))),
            ("${A}${B}", Some(("A", false))),
        ] {
            let expected = expected.map(|(name, is_all): (&str, bool)| (name.to_owned(), is_all));
            assert_eq!(variable_in(written, "ARCH"), expected, "{written}");
        }
    }
}
