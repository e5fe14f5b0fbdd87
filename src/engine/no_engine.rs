//! The error of "no engine": what was tried, why it failed, what else is there, what to do.

use std::fmt;

/// What lets a user in whom the socket does not.
const LET_IN: &str = "sudo usermod -aG docker $USER, then log in again";

/// Nobody answered at the endpoint in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoEngine {
    /// The endpoint, as a URL.
    pub endpoint: String,
    /// What decided on it, as a user would say it.
    pub origin: String,
    /// Why it failed.
    pub reason: String,
    /// Sockets of other engines on this machine; they are named, never used.
    pub others: Vec<Found>,
    /// What starts the engine, or installs one.
    pub start: Option<String>,
}

/// The socket of another engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Product.
    pub name: &'static str,
    /// The socket as a value for `DOCKER_HOST`.
    pub host: String,
    /// Whether it answered, and if not, why.
    pub answer: Result<(), String>,
}

impl NoEngine {
    /// What to do, in one line.
    pub fn remedy(&self) -> Option<String> {
        if self.is_permission() {
            return Some(LET_IN.to_owned());
        }
        let other = self.others.iter().find(|found| found.answer.is_ok());
        let other = other.map(|it| format!("export DOCKER_HOST={} ({})", it.host, it.name));
        match (&self.start, other) {
            (Some(start), Some(other)) => Some(format!("{start}, or {other}")),
            (Some(start), None) => Some(start.clone()),
            (None, other) => other,
        }
    }

    fn is_permission(&self) -> bool {
        self.reason.contains("permission denied") && self.endpoint.starts_with("unix://")
    }
}

impl fmt::Display for NoEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first sentence is the Docker CLI's: scripts look for it.
        if self.is_permission() {
            write!(
                f,
                "permission denied while trying to connect to the Docker daemon socket at {}",
                self.endpoint
            )?;
        } else {
            write!(
                f,
                "Cannot connect to the Docker daemon at {}. Is the docker daemon running?",
                self.endpoint
            )?;
        }
        f.write_str("\ntried, in this order:")?;
        write!(f, "\n  {} ({}): {}", self.endpoint, self.origin, self.reason)?;
        for found in &self.others {
            let answer = match &found.answer {
                Ok(()) => "an engine answers there, but it is not the one in use",
                Err(reason) => reason,
            };
            write!(f, "\n  {} ({}): {answer}", found.host, found.name)?;
        }
        if self.is_permission() {
            write!(f, "\nto be let in: {LET_IN}")?;
        } else if let Some(start) = &self.start {
            write!(f, "\nto start one: {start}")?;
        }
        if let Some(found) = self.others.iter().find(|found| found.answer.is_ok()) {
            write!(f, "\nto use {}: export DOCKER_HOST={}", found.name, found.host)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_tried_and_what_to_do() {
        let mut error = NoEngine {
            endpoint: "unix:///var/run/docker.sock".to_owned(),
            origin: "the default".to_owned(),
            reason: "no such file or directory".to_owned(),
            others: vec![
                Found {
                    name: "OrbStack",
                    host: "unix:///h/.orbstack/run/docker.sock".to_owned(),
                    answer: Err("connection refused".to_owned()),
                },
                Found {
                    name: "Colima",
                    host: "unix:///h/.colima/default/docker.sock".to_owned(),
                    answer: Ok(()),
                },
            ],
            start: Some("sudo systemctl start docker".to_owned()),
        };
        assert_eq!(
            error.to_string(),
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker \
             daemon running?\n\
             tried, in this order:\n  \
             unix:///var/run/docker.sock (the default): no such file or directory\n  \
             unix:///h/.orbstack/run/docker.sock (OrbStack): connection refused\n  \
             unix:///h/.colima/default/docker.sock (Colima): an engine answers there, but it is not \
             the one in use\n\
             to start one: sudo systemctl start docker\n\
             to use Colima: export DOCKER_HOST=unix:///h/.colima/default/docker.sock"
        );
        error.reason = "permission denied".to_owned();
        error.others.clear();
        assert!(error.to_string().contains("\nto be let in: sudo usermod -aG docker $USER"));
        assert!(!error.to_string().contains("to start one"));
    }
}
