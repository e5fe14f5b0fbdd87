//! Variables: what gives them a value, and what their uses become.

use super::explanation::{Candidate, Outcome, Source, VariableUse};
use super::places::Places;
use super::record::{LayerPurpose, PartKind, Record, Template};
use crate::compose::interpolate::{Operator, Use, uses};
use crate::diagnostic::Span;

/// The name of the variable that holds the project's name.
const PROJECT_NAME: &str = "COMPOSE_PROJECT_NAME";

/// The variables of a load.
pub(super) struct Variables<'r> {
    pub(super) record: &'r Record,
    pub(super) places: Places<'r>,
    /// Whether the project's name is among them: it is not while it is being decided on.
    pub(super) with_name: bool,
}

impl Variables<'_> {
    /// What gives a variable a value in a part of the load, the strongest first.
    pub(super) fn candidates(&self, name: &str, part: usize) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let named = self.record.named.as_ref().filter(|_| self.with_name && name == PROJECT_NAME);
        if let Some(named) = named {
            candidates.push(Candidate {
                reason: "the variable always has the project's name".to_owned(),
                ..given(Source::ProjectName, name, &named.name)
            });
        }
        if let Some(value) = self.record.process.get(name) {
            candidates.push(Candidate {
                reason: "the shell's environment comes before all files".to_owned(),
                ..given(Source::Shell, name, value)
            });
        }
        for part in self.ancestry(part) {
            let part = &self.record.parts[part];
            for layer in &part.layers {
                let reason = match (layer.purpose, &part.kind) {
                    (LayerPurpose::Requested, _) => "a file of `--env-file`",
                    (LayerPurpose::Include, _) => "an env file of the included project",
                    (LayerPurpose::Default, _) => "the project's `.env`",
                };
                let lines = layer.lines.iter().rev().filter(|line| line.name == name);
                candidates.extend(lines.map(|line| Candidate {
                    place: self.places.of(line.span),
                    written: self.places.excerpt(line.span),
                    reason: reason.to_owned(),
                    ..given(Source::EnvFile, name, &line.value)
                }));
            }
        }
        if let [winner, losers @ ..] = candidates.as_mut_slice() {
            winner.outcome = Outcome::Wins;
            for loser in losers {
                loser.outcome = Outcome::Overridden;
                let reason = match (winner.source, loser.source) {
                    (Source::Shell, _) => "the shell's environment wins",
                    (Source::ProjectName, _) => "the project's name wins",
                    (Source::EnvFile, Source::EnvFile) if same_file(winner, loser) => {
                        "a later line wins"
                    }
                    _ => "another env file wins",
                };
                reason.clone_into(&mut loser.reason);
                loser.by.clone_from(&winner.place);
            }
        }
        candidates
    }

    /// The part and those that include it, outermost first: what is set outside stays set.
    fn ancestry(&self, part: usize) -> Vec<usize> {
        let mut parts = vec![part];
        while let Some(parent) = self.record.parts[parts[0]].parent {
            parts.insert(0, parent);
        }
        parts.retain(|part| !matches!(self.record.parts[*part].kind, PartKind::Extended(_)));
        parts
    }

    /// The value of a variable in a part of the load.
    pub(super) fn value(&self, name: &str, part: usize) -> Option<String> {
        self.candidates(name, part).into_iter().next().and_then(|it| it.value)
    }

    /// The uses of variables in the text that was at a place.
    pub(super) fn uses_at(&self, span: Span) -> Vec<VariableUse> {
        let Some(template) = self.record.templates.get(&span) else { return Vec::new() };
        self.uses_in(&template.text, template.part)
    }

    fn uses_in(&self, text: &str, part: usize) -> Vec<VariableUse> {
        let lookup = |name: &str| self.value(name, part);
        uses(text, &lookup).iter().map(|it| self.shown(it, text, part)).collect()
    }

    fn shown(&self, used: &Use, text: &str, part: usize) -> VariableUse {
        let counted = used.operation.as_ref().filter(|operation| operation.counted);
        let within = counted.map_or(&[][..], |operation| &operation.uses);
        VariableUse {
            name: used.name.clone(),
            written: text.get(used.range.clone()).unwrap_or_default().to_owned(),
            place: None,
            path: None,
            becomes: used.outcome.clone(),
            reason: reason(used),
            candidates: self.candidates(&used.name, part),
            within: within.iter().map(|it| self.shown(it, text, part)).collect(),
        }
    }

    /// Every use of one variable in the files.
    pub(super) fn uses_of(&self, name: &str) -> Vec<VariableUse> {
        let mut found: Vec<(Span, &Template)> =
            self.record.templates.iter().map(|(span, template)| (*span, template)).collect();
        found.sort_by_key(|(span, _)| *span);
        let mut all = Vec::new();
        for (span, template) in found {
            let mut waiting = self.uses_everywhere(&template.text, template.part);
            waiting.reverse();
            while let Some(used) = waiting.pop() {
                let operands = used.operation.iter().flat_map(|operation| &operation.uses);
                waiting.extend(operands.rev().cloned());
                if used.name == name {
                    all.push(VariableUse {
                        place: self.places.of(self.places.part_of(
                            span,
                            &template.text,
                            &used.range,
                        )),
                        path: Some(template.path.join(".").replace(".[", "[")),
                        candidates: Vec::new(),
                        within: Vec::new(),
                        ..self.shown(&used, &template.text, template.part)
                    });
                }
            }
        }
        all
    }

    fn uses_everywhere(&self, text: &str, part: usize) -> Vec<Use> {
        uses(text, &|name| self.value(name, part))
    }
}

/// A candidate that has not met others yet.
fn given(source: Source, name: &str, value: &str) -> Candidate {
    Candidate {
        source,
        place: None,
        written: format!("{name}={value}"),
        value: Some(value.to_owned()),
        outcome: Outcome::Wins,
        reason: String::new(),
        by: None,
        via: Vec::new(),
        made: Vec::new(),
        variables: Vec::new(),
    }
}

fn same_file(one: &Candidate, other: &Candidate) -> bool {
    let file = |candidate: &Candidate| candidate.place.as_ref().map(|place| place.file.clone());
    file(one) == file(other)
}

/// Why a use becomes what it becomes.
fn reason(used: &Use) -> String {
    let name = &used.name;
    let state = match used.value.as_deref() {
        None => format!("{name} is not set"),
        Some("") => format!("{name} is empty"),
        Some(_) => format!("{name} is set"),
    };
    let Some(operation) = &used.operation else {
        let rest = if used.value.is_none() { ": it becomes nothing" } else { "" };
        return format!("{state}{rest}");
    };
    let operand = &operation.operand;
    match (operation.operator, operation.counted) {
        (Operator::Default, true) => format!("{state}: the default \"{operand}\" stands in"),
        (Operator::Default, false) if used.value.as_deref() == Some("") => {
            format!("{state}, which counts without a `:`; the default \"{operand}\" is not used")
        }
        (Operator::Default, false) => format!("{state}: the default \"{operand}\" is not used"),
        (Operator::Alternate, true) => format!("{state}: \"{operand}\" takes its place"),
        (Operator::Alternate, false) => format!("{state}: \"{operand}\" is not used"),
        (Operator::Required, true) => format!("{state}, but it must be"),
        (Operator::Required, false) => format!("{state}, as it must be"),
    }
}
