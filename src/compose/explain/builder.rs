//! From the history of a target to its explanation.

use std::cmp::Reverse;

use super::explanation::{Candidate, Outcome, Source, Step};
use super::history::History;
use super::places::Places;
use super::reasons::{self, By};
use super::statement::{Cause, LeafState, Origin, Stage, Statement, Via};
use super::unmerged::MergeRule;
use super::variables::Variables;
use crate::compose::scalar_text::scalar_text;
use crate::compose::trace::{DocumentStage, ModelStage};
use crate::compose::yaml::{Directive, Value};
use crate::diagnostic::Span;

/// Entries that are named of a collection.
const LABELS: usize = 4;

/// Makes candidates of statements.
pub(super) struct Builder<'b> {
    pub(super) places: Places<'b>,
    pub(super) variables: &'b Variables<'b>,
    pub(super) history: &'b History<'b>,
    /// Whether the target is one value.
    pub(super) scalar: bool,
}

impl Builder<'_> {
    /// What every statement became: of one value, the winner first and the others from the
    /// strongest to the weakest; of more, in the order of the load.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let statements = self.history.statements.iter();
        let mut candidates: Vec<Candidate> =
            statements.map(|statement| self.candidate(statement)).collect();
        if self.scalar {
            let strength = |index: usize| {
                let statement: &Statement = &self.history.statements[index];
                (Reverse(statement.document), statement.distance, Reverse(index))
            };
            let mut order: Vec<usize> = (0..candidates.len()).collect();
            order.sort_by_key(|index| (!wins(&candidates[*index]), strength(*index)));
            candidates = order.into_iter().map(|index| candidates[index].clone()).collect();
            if let [only] = candidates.as_mut_slice()
                && wins(only)
                && only.reason.is_empty()
            {
                "nothing else says it".clone_into(&mut only.reason);
            }
            let reason = self.merge_rule().map_or("the last file that says it", reasons::won);
            for candidate in candidates.iter_mut().filter(|it| it.reason.is_empty()) {
                reason.clone_into(&mut candidate.reason);
            }
        }
        candidates
    }

    /// The rule of merge keys that decided, if nothing else had to be decided. Of several, the one
    /// that the strongest loser has.
    fn merge_rule(&self) -> Option<MergeRule> {
        let leaves = self.history.statements.iter().flat_map(|it| &it.leaves);
        let causes: Option<Vec<MergeRule>> = leaves
            .filter_map(|leaf| leaf.fate.as_ref())
            .map(|fate| match fate.cause {
                Cause::MergeKey(rule) => Some(rule),
                _ => None,
            })
            .collect();
        causes?.last().copied()
    }

    fn candidate(&self, statement: &Statement) -> Candidate {
        let keys = self.history.target().keys();
        let (outcome, reason, by) = self.outcome(statement, &keys);
        let leaf = match statement.leaves.as_slice() {
            [leaf] => Some(leaf),
            _ => None,
        };
        let label = statement.leaves.first().map_or("", |leaf| leaf.leaf.label.as_str());
        let added = reasons::added(statement.origin, &keys, label);
        let synthetic = matches!(statement.origin, Origin::Added(_));
        let made = leaf.map_or_else(Vec::new, |leaf| self.made(leaf));
        let spans = [Some(statement.span), leaf.map(|leaf| leaf.written)];
        let variables = spans
            .into_iter()
            .flatten()
            .map(|span| self.variables.uses_at(span))
            .find(|uses| !uses.is_empty());
        let reason = match (added, reason.is_empty()) {
            (Some(added), true) => added,
            (Some(added), false) if synthetic => format!("{reason} ({added})"),
            _ => reason,
        };
        Candidate {
            source: if synthetic { Source::Compose } else { Source::File },
            place: self.places.of(statement.id),
            written: if synthetic {
                added_text(statement)
            } else {
                self.places.excerpt(statement.id)
            },
            value: leaf.map(|leaf| text(&leaf.leaf.value)),
            outcome,
            reason,
            by: by.and_then(|by| self.places.of(by)),
            via: self.via(statement),
            made,
            variables: variables.unwrap_or_default(),
        }
    }

    fn outcome(&self, statement: &Statement, keys: &[&str]) -> (Outcome, String, Option<Span>) {
        if statement.directive == Some(Directive::Reset) && statement.leaves.is_empty() {
            let reason = "`!reset` removes what was said before";
            return (Outcome::Removes, reason.to_owned(), None);
        }
        let lost: Vec<&LeafState> =
            statement.leaves.iter().filter(|leaf| leaf.fate.is_some()).collect();
        // A resource that is only named gets a name, and so is a mapping in the end.
        let filled = |it: &LeafState| {
            it.leaf.value == Value::Null
                && it.fate.as_ref().is_some_and(|fate| {
                    fate.cause == Cause::Dropped(Stage::Model(ModelStage::Normalized))
                        && fate.by.is_some()
                })
        };
        let lost: Vec<&LeafState> = lost.into_iter().filter(|it| !filled(it)).collect();
        let (all, gone) = (statement.leaves.len(), lost.len());
        let Some(first) = lost.first() else {
            let replaces = statement.directive == Some(Directive::Override);
            let reason = if replaces { "`!override` replaces what was said before" } else { "" };
            let outcome = if self.scalar { Outcome::Wins } else { Outcome::Kept };
            return (outcome, reason.to_owned(), None);
        };
        let Some(fate) = &first.fate else { return (Outcome::Undecided, String::new(), None) };
        if gone < all {
            let heads = |leaves: &mut dyn Iterator<Item = &LeafState>| {
                let mut heads: Vec<String> = leaves.map(|it| head(&it.leaf.label)).collect();
                heads.dedup();
                heads
            };
            let lost = heads(&mut lost.iter().copied());
            let all = heads(&mut statement.leaves.iter()).len();
            let more = if lost.len() > LABELS { ", …" } else { "" };
            let shown: Vec<&str> = lost.iter().map(String::as_str).take(LABELS).collect();
            let reason = match lost.len() {
                some if some < all => format!("without {}{more}", shown.join(", ")),
                _ => format!("not all of {}{more}", shown.join(", ")),
            };
            return (Outcome::Partly, reason, fate.by);
        }
        if first.leaf.value == Value::Null
            && fate.cause == Cause::LaterDocument
            && self.is_earlier(fate.by, statement)
        {
            let reason = "null changes nothing that an earlier file says";
            return (Outcome::Ignored, reason.to_owned(), None);
        }
        let outcome = match fate.cause {
            Cause::Tag(_) => Outcome::Removed,
            Cause::Include | Cause::Dropped(_) => Outcome::Ignored,
            _ => Outcome::Overridden,
        };
        let reason = reasons::lost(fate, keys, &first.leaf.label, self.by(fate.by, statement));
        (outcome, reason, fate.by)
    }

    /// What is there instead of what a statement says.
    fn by(&self, place: Option<Span>, statement: &Statement) -> By {
        let says = |it: &&Statement| it.leaves.iter().any(|leaf| Some(leaf.leaf.id) == place);
        let Some(other) = self.history.statements.iter().rfind(says) else {
            return By::SameDocument;
        };
        let same_document = other.document == statement.document;
        match (same_document, other.id.file == statement.id.file) {
            (true, _) if other.distance < statement.distance => By::Extending,
            (true, true) => By::SameDocument,
            (false, true) => By::SameFile,
            (_, false) => By::OtherFile,
        }
    }

    /// Whether what is at a place was said before a statement.
    fn is_earlier(&self, place: Option<Span>, statement: &Statement) -> bool {
        let position =
            |wanted: &dyn Fn(&Statement) -> bool| self.history.statements.iter().position(wanted);
        let says = |it: &Statement| it.leaves.iter().any(|leaf| Some(leaf.leaf.id) == place);
        let other = position(&says);
        let own = position(&|it| std::ptr::eq(it, statement));
        other < own
    }

    fn via(&self, statement: &Statement) -> Vec<Step> {
        let anchor = (statement.origin == Origin::Anchor).then(|| Step {
            text: "written at an anchor, and merged (`<<`) or repeated (`*`) here".to_owned(),
            place: None,
        });
        let steps = statement.via.iter().map(|via| match via {
            Via::Extends { service, base, place } => Step {
                text: format!("service `{service}` extends `{base}`"),
                place: self.places.of(*place),
            },
            Via::Include { item } => {
                Step { text: "included".to_owned(), place: self.places.of(*item) }
            }
        });
        anchor.into_iter().chain(steps).collect()
    }

    /// What was made of a value, a step each.
    fn made(&self, leaf: &LeafState) -> Vec<String> {
        let mut steps = Vec::new();
        let variables = !self.variables.uses_at(leaf.written).is_empty();
        for (index, change) in leaf.changes.iter().enumerate() {
            let after = leaf.changes.get(index + 1).map_or(&leaf.leaf.value, |next| &next.before);
            if change.before != Value::Null && text(&change.before) == text(after) {
                continue;
            }
            let what = match change.stage {
                Stage::Document(DocumentStage::Interpolated)
                    if text(&change.before).replace("$$", "$") == text(after) =>
                {
                    "`$$` stands for a dollar"
                }
                // It shows in the uses of the variables.
                Stage::Document(DocumentStage::Interpolated) if variables => continue,
                Stage::Model(ModelStage::Normalized | ModelStage::Captured)
                    if change.before == Value::Null =>
                {
                    "taken from the environment"
                }
                stage => reasons::made(stage, variables),
            };
            steps.push(format!("{what}: {} → {}", quoted(&change.before), quoted(after)));
        }
        steps
    }
}

/// The part of a label that names an entry or item of the target itself.
fn head(label: &str) -> String {
    let end = match label.strip_prefix('[') {
        Some(_) => label.find(']'),
        None => label.find(['.', '[']),
    };
    label[..end.unwrap_or(label.len())].trim_start_matches('[').to_owned()
}

/// What a stage added.
fn added_text(statement: &Statement) -> String {
    match statement.leaves.as_slice() {
        [only] if only.leaf.label.is_empty() => quoted(&only.leaf.value),
        leaves => {
            let labels: Vec<&str> =
                leaves.iter().map(|it| it.leaf.label.as_str()).take(LABELS).collect();
            labels.join(", ")
        }
    }
}

fn wins(candidate: &Candidate) -> bool {
    matches!(candidate.outcome, Outcome::Wins | Outcome::Kept)
}

/// A scalar as text; null and collections have none.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        value => scalar_text(value).into_owned(),
    }
}

/// A scalar as it would be written, to tell `"1"` from `1`.
fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Null => "no value".to_owned(),
        value => text(value),
    }
}
