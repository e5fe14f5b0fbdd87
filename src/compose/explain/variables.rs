//! Variables: what gives them a value, and what their uses become.

use std::collections::HashSet;

use super::builder::text;
use super::explanation::{Candidate, Outcome, Source, VariableUse};
use super::find::Target;
use super::history::History;
use super::path::Step;
use super::places::Places;
use super::record::{LayerPurpose, Line, PartKind, Record};
use crate::compose::interpolate::{Operator, Use, uses};
use crate::compose::yaml::Value;
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

/// From where variables are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sight<'s> {
    /// A Compose file of a part of the load; or, in an env file of the part, the line of that number
    /// of the layer of that number.
    Part { part: usize, line: Option<(usize, usize)> },
    /// The line of that number of the env files or label files of a service.
    Service { service: &'s str, source: Source, number: usize },
}

impl Sight<'_> {
    /// A Compose file of a part of the load.
    pub(super) fn of_part(part: usize) -> Self {
        Self::Part { part, line: None }
    }
}

/// What gives a variable a value, and if that is a line, from where it looks at others.
type Given<'s> = (Candidate, Option<(&'s Line, Sight<'s>)>);

impl<'r> Variables<'r> {
    /// What gives a variable a value where it is looked at, the strongest first.
    pub(super) fn candidates(&self, name: &str, sight: Sight<'_>) -> Vec<Candidate> {
        self.candidates_once(name, sight, &mut HashSet::new())
    }

    /// The same, with what lines are made of; of those that are `told` already, without.
    fn candidates_once(
        &self,
        name: &str,
        sight: Sight<'_>,
        told: &mut HashSet<Span>,
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for (mut candidate, line) in self.given(name, sight) {
            if let Some((line, sight)) = line
                && let Some(template) = &line.template
                && told.insert(line.span)
            {
                candidate.variables = self.uses_in(template, sight, told);
            }
            candidates.push(candidate);
        }
        compare(&mut candidates);
        candidates
    }

    /// What gives a variable a value, before one is compared with another.
    fn given<'s>(&'s self, name: &str, sight: Sight<'s>) -> Vec<Given<'s>> {
        match sight {
            Sight::Part { part, line } => self.given_to_part(name, part, line),
            Sight::Service { service, source, number } => {
                self.given_to_service(name, service, source, number)
            }
        }
    }

    fn given_to_part<'s>(
        &'s self,
        name: &str,
        part: usize,
        until: Option<(usize, usize)>,
    ) -> Vec<Given<'s>> {
        let mut given_here: Vec<Given<'s>> = Vec::new();
        // The project's own env files are read before it has a name.
        let has_name =
            self.with_name && name == PROJECT_NAME && (part, until.is_some()) != (0, true);
        if let Some(named) = self.record.named.as_ref().filter(|_| has_name) {
            let reason = "the variable always has the project's name".to_owned();
            let named = given(Source::ProjectName, name, &named.name);
            given_here.push((Candidate { reason, ..named }, None));
        }
        if let Some(value) = self.record.process.get(name) {
            let reason = "the shell's environment comes before all files".to_owned();
            let shell = given(Source::Shell, name, value);
            given_here.push((Candidate { reason, ..shell }, None));
        }
        for number in self.ancestry(part) {
            let record = &self.record.parts[number];
            let (layers, lines) = until.filter(|_| number == part).unwrap_or((usize::MAX, 0));
            for (index, layer) in record.layers.iter().enumerate().filter(|it| it.0 <= layers) {
                let reason = match (layer.purpose, &record.kind) {
                    (LayerPurpose::Requested, _) => "a file of `--env-file`",
                    (LayerPurpose::Include, _) => "an env file of the included project",
                    (LayerPurpose::Default, _) => "the project's `.env`",
                };
                let seen = if index == layers { lines } else { layer.lines.len() };
                let lines = layer.lines.iter().enumerate().take(seen);
                let lines: Vec<_> = lines.filter(|(_, line)| line.name == name).collect();
                given_here.extend(lines.into_iter().rev().map(|(place, line)| {
                    let sight = Sight::Part { part: number, line: Some((index, place)) };
                    (self.line(line, Source::EnvFile, reason), Some((line, sight)))
                }));
            }
        }
        given_here
    }

    fn given_to_service<'s>(
        &'s self,
        name: &str,
        service: &'s str,
        source: Source,
        number: usize,
    ) -> Vec<Given<'s>> {
        let is_environment = source == Source::EnvFile;
        let all = if is_environment { &self.record.environments } else { &self.record.labels };
        let lines = all.get(service).map_or(&[][..], Vec::as_slice);
        let mut given_here = Vec::new();
        if is_environment {
            given_here = self.given_to_part(name, 0, None);
            given_here.extend(self.own(name, service).map(|own| (own, None)));
        }
        let before = lines.iter().enumerate().take(number);
        let mut before: Vec<_> = before.filter(|(_, line)| line.name == name).rev().collect();
        if !is_environment {
            // What earlier label files say comes before a file's own lines.
            let file = lines.get(number).map(|line| line.span.file);
            before.sort_by_key(|(_, line)| Some(line.span.file) == file);
        }
        given_here.extend(before.into_iter().map(|(number, line)| {
            let sight = Sight::Service { service, source, number };
            (self.line(line, source, "an earlier line"), Some((line, sight)))
        }));
        given_here
    }

    /// What `environment` of a service says.
    fn own(&self, name: &str, service: &str) -> Option<Candidate> {
        let steps = ["services", service, "environment", name];
        let steps = steps.map(|key| Step::Key(key.to_owned()));
        let history = History::of(self.record, &Target::new(&steps, None));
        let statements = history.statements.iter().rev();
        let mut leaves = statements.flat_map(|it| it.leaves.iter().map(move |leaf| (it, leaf)));
        let (statement, leaf) = leaves.find(|(_, leaf)| leaf.fate.is_none())?;
        let value = Some(&leaf.leaf.value).filter(|value| **value != Value::Null)?;
        Some(Candidate {
            place: self.places.of(statement.id),
            written: self.places.excerpt(statement.id),
            reason: "`environment` of the service".to_owned(),
            ..given(Source::File, name, &text(value))
        })
    }

    fn line(&self, line: &Line, source: Source, reason: &str) -> Candidate {
        Candidate {
            place: self.places.of(line.span),
            written: self.places.excerpt(line.span),
            reason: reason.to_owned(),
            ..given(source, &line.name, &line.value)
        }
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

    fn value(&self, name: &str, sight: Sight<'_>) -> Option<String> {
        self.given(name, sight).into_iter().next().and_then(|(it, _)| it.value)
    }

    /// The uses of variables in the text that was at a place.
    pub(super) fn uses_at(&self, span: Span) -> Vec<VariableUse> {
        let Some(template) = self.record.templates.get(&span) else { return Vec::new() };
        self.uses_in(&template.text, Sight::of_part(template.part), &mut HashSet::new())
    }

    /// The uses of variables in a line.
    pub(super) fn uses_in_line(&self, line: &Line, sight: Sight<'_>) -> Vec<VariableUse> {
        let Some(template) = &line.template else { return Vec::new() };
        self.uses_in(template, sight, &mut HashSet::from([line.span]))
    }

    fn uses_in(&self, text: &str, sight: Sight<'_>, told: &mut HashSet<Span>) -> Vec<VariableUse> {
        let lookup = |name: &str| self.value(name, sight);
        uses(text, &lookup).iter().map(|it| self.shown(it, text, sight, told)).collect()
    }

    fn shown(
        &self,
        used: &Use,
        text: &str,
        sight: Sight<'_>,
        told: &mut HashSet<Span>,
    ) -> VariableUse {
        let counted = used.operation.as_ref().filter(|operation| operation.counted);
        let within = counted.map_or(&[][..], |operation| &operation.uses);
        VariableUse {
            name: used.name.clone(),
            written: text.get(used.range.clone()).unwrap_or_default().to_owned(),
            place: None,
            path: None,
            becomes: used.outcome.clone(),
            reason: reason(used),
            candidates: self.candidates_once(&used.name, sight, told),
            within: within.iter().map(|it| self.shown(it, text, sight, told)).collect(),
        }
    }

    /// Every use of one variable in the files.
    pub(super) fn uses_of(&self, name: &str) -> Vec<VariableUse> {
        let mut all = Vec::new();
        for (span, path, text, sight) in self.texts() {
            let mut waiting = uses(text, &|name| self.value(name, sight));
            waiting.reverse();
            while let Some(used) = waiting.pop() {
                let operands = used.operation.iter().flat_map(|operation| &operation.uses);
                waiting.extend(operands.rev().cloned());
                if used.name == name {
                    let place = self.places.part_of(span, text, &used.range);
                    all.push(VariableUse {
                        place: self.places.of(place),
                        path: Some(path.clone()),
                        candidates: Vec::new(),
                        within: Vec::new(),
                        ..self.shown(&used, text, sight, &mut HashSet::new())
                    });
                }
            }
        }
        all
    }

    /// The texts with variables: where each is, what it is the value of, and what it sees.
    fn texts(&self) -> Vec<(Span, String, &'r str, Sight<'r>)> {
        let mut texts = Vec::new();
        for (span, template) in &self.record.templates {
            let path = template.path.join(".").replace(".[", "[");
            let sight = Sight::of_part(template.part);
            texts.push((*span, path, template.text.as_str(), sight));
        }
        let mut add = |line: &'r Line, path: String, sight| {
            if let Some(template) = &line.template {
                texts.push((line.span, path, template.as_str(), sight));
            }
        };
        for (part, record) in self.record.parts.iter().enumerate() {
            for (layer, lines) in record.layers.iter().map(|layer| &layer.lines).enumerate() {
                for (number, line) in lines.iter().enumerate() {
                    add(line, line.name.clone(), Sight::Part { part, line: Some((layer, number)) });
                }
            }
        }
        let files = [
            (&self.record.environments, "environment", Source::EnvFile),
            (&self.record.labels, "labels", Source::LabelFile),
        ];
        for (services, attribute, source) in files {
            for (service, lines) in services {
                for (number, line) in lines.iter().enumerate() {
                    let path = format!("services.{service}.{attribute}.{}", line.name);
                    add(line, path, Sight::Service { service, source, number });
                }
            }
        }
        texts.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        texts
    }
}

/// Says which of the candidates wins, and why the others do not.
fn compare(candidates: &mut [Candidate]) {
    if let [winner, losers @ ..] = candidates {
        winner.outcome = Outcome::Wins;
        for loser in losers {
            loser.outcome = Outcome::Overridden;
            let reason = match (winner.source, loser.source) {
                (Source::Shell, _) => "the shell's environment wins",
                (Source::ProjectName, _) => "the project's name wins",
                (Source::File, _) => "`environment` of the service wins",
                (Source::EnvFile, Source::EnvFile) if same_file(winner, loser) => {
                    "a later line wins"
                }
                (Source::EnvFile, Source::File) => "an env file of the project wins",
                _ => "another env file wins",
            };
            reason.clone_into(&mut loser.reason);
            loser.by.clone_from(&winner.place);
        }
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
