//! What a container remembers of why it was made, in a label of its own. Pure.
//!
//! Labels cannot be changed, so a record is written once, by whoever makes the container, and takes
//! over the records of those that it replaces. Docker Compose keeps containers with such a label: its
//! hash is of the files alone. A container that Docker Compose made has none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::desired::InjectedFile;
use super::labels;
use super::plan::{Cause, Change};
use super::query::ProjectContainer;

/// The form of records that is written.
const FORM: u32 = 1;
/// Changes that are kept of one cause.
const MOST_CHANGES: usize = 24;
/// Predecessors that are kept.
const MOST_PREDECESSORS: usize = 5;
/// Characters of a value that are kept.
const LONGEST_VALUE: usize = 120;

/// Why a container was made, and what was before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The form.
    pub form: u32,
    /// What made it: `Bireme 0.1.0`.
    pub by: String,
    /// Why, in a phrase.
    pub reason: String,
    /// Where the files said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What was different from the container before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The containers before it, the last first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Predecessor>,
    /// Fields whose values came from outside of the Compose files, and are not to be shown.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub outside: BTreeSet<String>,
    /// Digests of secrets and configs that are written into the container, by their path in it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// Variables that providers gave.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub given: BTreeSet<String>,
}

/// A container that was replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Predecessor {
    /// Its id, the first twelve digits.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// What made it.
    pub by: String,
    /// Its state when it was replaced, in the engine's words for people.
    pub status: String,
    /// Why it was made; empty where it has no record.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What was different from the one before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

impl Record {
    /// The record of a container that is about to be made.
    pub fn new(
        cause: &Cause,
        old: Option<&ProjectContainer>,
        outside: BTreeSet<String>,
        given: BTreeSet<String>,
        files: &[InjectedFile],
    ) -> Self {
        let mut before: Vec<Predecessor> = Vec::new();
        if let Some(old) = old {
            let record = read(&old.summary.labels).unwrap_or_default();
            before.push(Predecessor {
                id: old.id.get(..12).unwrap_or(&old.id).to_owned(),
                created: old.summary.created,
                by: made_by(&old.summary.labels),
                status: old.summary.status.clone(),
                reason: record.reason,
                changes: record.changes,
            });
            before.extend(record.before);
            before.truncate(MOST_PREDECESSORS);
        }
        Self {
            form: FORM,
            by: concat!("Bireme ", env!("CARGO_PKG_VERSION")).to_owned(),
            reason: cause.reason.clone(),
            place: cause.place.clone(),
            changes: cause.changes.iter().take(MOST_CHANGES).map(kept).collect(),
            before,
            outside,
            given,
            files: files.iter().map(|file| (file.path.clone(), digest(file))).collect(),
        }
    }

    /// As the label has it.
    pub fn to_label(&self) -> String {
        // Texts and numbers only: there is nothing in it that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The record of a container, if it has one.
pub fn read(labels: &BTreeMap<String, String>) -> Option<Record> {
    let record: Record = serde_json::from_str(labels.get(labels::RECORD)?).ok()?;
    (record.form == FORM).then_some(record)
}

/// Fields of a container whose values are not to be shown, if it has a record.
pub fn outside(container: &ProjectContainer) -> Option<BTreeSet<String>> {
    read(&container.summary.labels).map(|record| record.outside)
}

/// What made a container.
pub fn made_by(labels: &BTreeMap<String, String>) -> String {
    match (read(labels), labels.get(labels::VERSION).map_or("", String::as_str)) {
        (Some(record), _) => record.by,
        (None, "") => "Docker Compose".to_owned(),
        (None, version) => format!("Docker Compose {version}"),
    }
}

/// What tells the content of a file from another one, and nothing else of it: so few digits are
/// those of a great many texts.
pub fn digest(file: &InjectedFile) -> String {
    let digest =
        Sha256::new().chain_update(&file.path).chain_update("\0").chain_update(&file.content);
    digest.finalize().iter().take(4).fold(String::with_capacity(8), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A change as it is kept: no value that is hidden, and no long one.
fn kept(change: &Change) -> Change {
    let value = |value: &Option<String>| {
        let value = value.as_ref()?;
        if change.hidden {
            return Some(String::new());
        }
        Some(match value.char_indices().nth(LONGEST_VALUE) {
            Some((end, _)) => format!("{}…", &value[..end]),
            None => value.clone(),
        })
    };
    Change { old: value(&change.old), new: value(&change.new), ..change.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::ContainerSummary;

    fn container(labels: &[(&str, &str)]) -> ProjectContainer {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        ProjectContainer::new(ContainerSummary {
            id: "0123456789abcdef".into(),
            created: 1_700_000_000,
            status: "Up 3 minutes".into(),
            labels: labels.collect(),
            ..ContainerSummary::default()
        })
    }

    #[test]
    fn records_pass_from_one_container_to_the_next() {
        let first = container(&[(labels::VERSION, "2.40.3")]);
        let cause = Cause::new("service \"web\" changed").with_changes(vec![Change {
            field: "environment.KEY".into(),
            old: Some("s3cret".into()),
            new: Some("other".into()),
            place: None,
            hidden: true,
        }]);
        let second = Record::new(&cause, Some(&first), BTreeSet::new(), BTreeSet::new(), &[]);
        assert!(!second.to_label().contains("s3cret"), "{}", second.to_label());
        assert_eq!(second.before[0].by, "Docker Compose 2.40.3");
        assert_eq!(second.before[0].id, "0123456789ab");

        let second = container(&[(labels::RECORD, &second.to_label())]);
        let forced = Cause::new("--force-recreate");
        let third = Record::new(&forced, Some(&second), BTreeSet::new(), BTreeSet::new(), &[]);
        let reasons: Vec<&str> = third.before.iter().map(|one| one.reason.as_str()).collect();
        assert_eq!(reasons, ["service \"web\" changed", ""]);
        assert_eq!(third.before[0].changes.len(), 1);
    }

    #[test]
    fn what_is_no_record_is_none() {
        for label in ["", "{", "[]", "\u{1b}"] {
            assert_eq!(
                read(&container(&[(labels::RECORD, label)]).summary.labels),
                None,
                "{label}"
            );
        }
    }
}
