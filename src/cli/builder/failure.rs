//! A failed build, told: the builder's words first, then which step it was, where it stands in the
//! Dockerfile, and what it wrote at the end. Pure.

use std::fmt::Write as _;

use crate::build::{BuildError, BuildFailure};

/// Lines of the Dockerfile that are shown around those meant.
const AROUND: u32 = 1;

/// The text for the user.
pub(super) fn told(error: &BuildError) -> String {
    match error {
        BuildError::Failed(failure) => described(failure),
        error => error.to_string(),
    }
}

fn described(failure: &BuildFailure) -> String {
    let mut text = failure.message.trim_end().to_owned();
    // Writing to a string cannot fail.
    let mut line = |line: std::fmt::Arguments<'_>| {
        let _ = write!(text, "\n{line}");
    };
    let service = &failure.service;
    if failure.step.is_empty() {
        line(format_args!("  service {service}"));
    } else {
        line(format_args!("  service {service}: {}", failure.step));
    }
    if let Some(place) = &failure.place {
        line(format_args!("  {}:{}", place.file, place.first));
        for (number, content, meant) in place.excerpt(AROUND) {
            let mark = if meant { '>' } else { ' ' };
            line(format_args!("  {mark} {number:>4} | {content}"));
        }
    }
    if !failure.log.is_empty() {
        line(format_args!("  last lines of the step:"));
        for content in &failure.log {
            line(format_args!("    {content}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::DockerfilePlace;

    #[test]
    fn a_failed_step_is_shown_with_its_place_and_its_output() {
        let failure = BuildFailure {
            service: "web".to_owned(),
            message: "process \"/bin/sh -c make\" did not complete successfully: exit code: 2"
                .to_owned(),
            step: "[2/2] RUN make".to_owned(),
            log: vec!["make: *** No targets.  Stop.".to_owned()],
            place: Some(DockerfilePlace {
                file: "Dockerfile".to_owned(),
                text: "FROM busybox\nRUN make\n".to_owned(),
                first: 2,
                last: 2,
            }),
            exit_code: Some(2),
        };
        assert_eq!(
            told(&BuildError::Failed(Box::new(failure))),
            "process \"/bin/sh -c make\" did not complete successfully: exit code: 2\n  \
             service web: [2/2] RUN make\n  \
             Dockerfile:2\n       \
             1 | FROM busybox\n  \
             >    2 | RUN make\n  \
             last lines of the step:\n    \
             make: *** No targets.  Stop."
        );
    }
}
