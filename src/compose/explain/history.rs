//! What every file said at a target, and at which stage of the load each value was lost.
//!
//! Nothing is decided here: values are followed by their places from tree to tree, and a value that
//! is not in the next one any more lost at the stage between them.

use std::path::Path;

use super::find::{Leaf, Tag, Target};
use super::record::{Event, ExtendedRecord, PartKind, Record, long};
use super::statement::{Cause, Change, Fate, LeafState, Origin, Stage, Statement, Via};
use super::unmerged::{Overruled, overruled};
use crate::compose::trace::{DocumentStage, ModelStage};
use crate::compose::yaml::{Directive, Node, Value};
use crate::diagnostic::Span;

/// Follows values through a record.
pub(super) struct History<'r> {
    record: &'r Record,
    target: Target,
    /// Documents so far.
    documents: usize,
    /// How many services away the one is that is being looked at.
    distance: usize,
    pub(super) statements: Vec<Statement>,
}

/// A value that is there: its statement, and which of its values.
type Live = Vec<(usize, usize)>;

impl<'r> History<'r> {
    /// The statements at a target, and which of their values are there in the end.
    pub(super) fn of(record: &'r Record, target: &Target) -> Self {
        let mut history = Self {
            record,
            target: target.clone(),
            documents: 0,
            distance: 0,
            statements: Vec::new(),
        };
        history.part(0, target);
        history
    }

    /// Follows the documents of one part; gives what is there at its end.
    fn part(&mut self, part: usize, target: &Target) -> Live {
        let record = self.record;
        let mut model: Live = Vec::new();
        let mut document: Live = Vec::new();
        let mut included: Live = Vec::new();
        let mut tags: Vec<Tag> = Vec::new();
        let mut file: &Path = Path::new("");
        let mut written: Option<&Node> = None;
        for (index, event) in record.parts[part].events.iter().enumerate() {
            match event {
                Event::Parsed { file: name, written: as_written, tree } => {
                    // An earlier document that was not merged has mistakes; what it says stays.
                    model.append(&mut document);
                    (file, written) = (name, Some(as_written));
                    if !matches!(record.parts[part].kind, PartKind::Extended(_)) {
                        self.documents += 1;
                    }
                    tags = target.tags(as_written);
                    document = self.introduce(part, target, as_written, tree, &tags);
                }
                Event::Document { stage, tree } => {
                    match stage {
                        DocumentStage::Extended => {
                            if let Some(name) = target.service() {
                                let own = std::mem::take(&mut document);
                                document = self.extended(part, index, file, name, target, own, 0);
                            }
                        }
                        DocumentStage::Included => document.append(&mut included),
                        _ => {}
                    }
                    let cause = match stage {
                        DocumentStage::Included => Cause::Include,
                        stage => Cause::Dropped(Stage::Document(*stage)),
                    };
                    let stage = Stage::Document(*stage);
                    document = self.survive(document, part, target, tree, stage, &cause, written);
                }
                Event::Model { stage, tree } => {
                    let cause = match stage {
                        ModelStage::Reset => Cause::Tag(Directive::Reset),
                        ModelStage::Merged => {
                            model.append(&mut document);
                            Cause::LaterDocument
                        }
                        ModelStage::Unique => Cause::SameName,
                        stage => Cause::Dropped(Stage::Model(*stage)),
                    };
                    let stage = Stage::Model(*stage);
                    let before = model.clone();
                    model = self.survive(model, part, target, tree, stage, &cause, written);
                    if let Cause::Tag(_) = cause {
                        self.blame_tags(&before, &model, &tags);
                    }
                }
                Event::Part(child) => {
                    if let PartKind::Included(item) = record.parts[*child].kind {
                        let live = self.part(*child, target);
                        self.came(&live, &Via::Include { item });
                        included.extend(live);
                    }
                }
                Event::Extended(_) => {}
            }
        }
        model.append(&mut document);
        model
    }

    /// What a document says at a target.
    fn introduce(
        &mut self,
        part: usize,
        target: &Target,
        written: &Node,
        tree: &Node,
        tags: &[Tag],
    ) -> Live {
        for tag in tags.iter().filter(|tag| tag.directive == Directive::Reset) {
            self.statements.push(Statement {
                origin: Origin::Written,
                id: tag.id,
                span: tag.id,
                via: Vec::new(),
                part,
                document: self.documents,
                distance: self.distance,
                directive: Some(Directive::Reset),
                leaves: Vec::new(),
            });
        }
        if tags.iter().any(|tag| tag.covers && tag.directive == Directive::Reset) {
            return Vec::new();
        }
        self.overruled(part, target, written);
        let directive = tags.iter().find(|tag| tag.covers).map(|tag| tag.directive);
        let leaves = target.leaves(tree);
        let mut live =
            self.state(part, target, tree, leaves, &|span, target| origin(span, target, written));
        for (statement, leaf) in &live {
            self.statements[*statement].directive = directive;
            // What is reset below the target has a statement of its own, and is no value.
            let label = &self.statements[*statement].leaves[*leaf].leaf.label;
            let reset = |tag: &Tag| {
                tag.directive == Directive::Reset
                    && label
                        .strip_prefix(tag.label.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            if tags.iter().any(reset) {
                self.statements[*statement].leaves[*leaf].fate =
                    Some(Fate { cause: Cause::Tag(Directive::Reset), by: None });
            }
        }
        live.retain(|(statement, leaf)| self.statements[*statement].leaves[*leaf].fate.is_none());
        live
    }

    /// What the merge keys of a document would have brought to a target.
    fn overruled(&mut self, part: usize, target: &Target, written: &Node) {
        let Some(document) = self.record.unmerged.get(&written.span) else { return };
        // The later of two statements of a document is the stronger.
        for Overruled { document, rule, by } in overruled(document, target).into_iter().rev() {
            let tree = long(document);
            let leaves = target.leaves(&tree);
            let lost = self.state(part, target, &tree, leaves, &|_, _| Origin::Written);
            for (statement, leaf) in lost {
                let fate = Fate { cause: Cause::MergeKey(rule), by: Some(by) };
                self.statements[statement].leaves[leaf].fate = Some(fate);
            }
        }
    }

    /// Makes statements of values that are new; those of one container are one.
    fn state(
        &mut self,
        part: usize,
        target: &Target,
        tree: &Node,
        leaves: Vec<Leaf>,
        origin: &dyn Fn(Span, &Target) -> Origin,
    ) -> Live {
        let mut live = Vec::with_capacity(leaves.len());
        let found = target.find(tree);
        let containers: Vec<(Span, Span)> = found
            .iter()
            .map(|found| (super::find::identity(found.key_span, found.node), found.node.span))
            .collect();
        let mut statements: Vec<(Span, usize)> = Vec::new();
        for leaf in leaves {
            let container = containers
                .iter()
                .find(|(id, span)| leaf.id == *id || leaf.span == *span || within(leaf.id, *span));
            let (id, span) =
                container.or(containers.first()).copied().unwrap_or((leaf.id, leaf.span));
            let known = statements.iter().find(|(other, _)| *other == id).map(|(_, index)| *index);
            let statement = known.unwrap_or_else(|| {
                self.statements.push(Statement {
                    origin: origin(span, target),
                    id,
                    span,
                    via: Vec::new(),
                    part,
                    document: self.documents,
                    distance: self.distance,
                    directive: None,
                    leaves: Vec::new(),
                });
                statements.push((id, self.statements.len() - 1));
                self.statements.len() - 1
            });
            let states = &mut self.statements[statement].leaves;
            states.push(LeafState::new(leaf));
            live.push((statement, states.len() - 1));
        }
        live
    }

    /// Which of the values are in a tree; notes the fate of the others, and what is new.
    #[allow(clippy::too_many_arguments, reason = "a stage is told by all of these")]
    fn survive(
        &mut self,
        live: Live,
        part: usize,
        target: &Target,
        tree: &Node,
        stage: Stage,
        cause: &Cause,
        written: Option<&Node>,
    ) -> Live {
        let mut leaves: Vec<Option<Leaf>> = target.leaves(tree).into_iter().map(Some).collect();
        let all: Vec<Leaf> = leaves.iter().flatten().cloned().collect();
        let mut survivors = Vec::with_capacity(live.len());
        let mut lost = Vec::new();
        // The later of two that look alike (one file given twice) is the one that is there.
        for (statement, index) in live.into_iter().rev() {
            let known = &mut self.statements[statement].leaves[index];
            let slot = leaves
                .iter_mut()
                .find(|slot| slot.as_ref().is_some_and(|leaf| known.leaf.is(leaf)));
            match slot.and_then(Option::take) {
                Some(leaf) => {
                    if leaf.value != known.leaf.value {
                        let before = known.leaf.value.clone();
                        known.changes.push(Change { stage, part, before });
                    }
                    let label = std::mem::take(&mut known.leaf.label);
                    known.leaf = Leaf { label, ..leaf };
                    survivors.push((statement, index));
                }
                None => lost.push((statement, index)),
            }
        }
        for (statement, index) in lost {
            let known = &mut self.statements[statement].leaves[index];
            let instead = all.iter().find(|leaf| leaf.label == known.leaf.label);
            // A value that is replaced whole has others in its place.
            let instead = instead.or(all.first());
            let by = instead.map(|leaf| leaf.id);
            known.fate = Some(Fate { cause: cause.clone(), by });
        }
        survivors.reverse();
        let new: Vec<Leaf> = leaves.into_iter().flatten().collect();
        // Values of a short notation appear beside those that are known to be from it.
        let mut rest = Vec::new();
        for leaf in new {
            let beside = survivors
                .iter()
                .map(|(statement, _)| *statement)
                .find(|it| self.statements[*it].leaves.iter().any(|it| it.leaf.id == leaf.id));
            match beside {
                Some(statement) if matches!(stage, Stage::Document(_)) => {
                    let states = &mut self.statements[statement].leaves;
                    states.push(LeafState::new(leaf));
                    survivors.push((statement, states.len() - 1));
                }
                _ => rest.push(leaf),
            }
        }
        survivors.extend(self.state(
            part,
            target,
            tree,
            rest,
            &|span, target| match (stage, written) {
                // A merge only puts what is written into another form.
                (Stage::Model(ModelStage::Reset | ModelStage::Merged | ModelStage::Unique), _) => {
                    Origin::Written
                }
                (Stage::Model(stage), _) => Origin::Added(stage),
                (Stage::Document(DocumentStage::Extended), _) => Origin::Inherited,
                (Stage::Document(_), None) => Origin::Written,
                (Stage::Document(_), Some(written)) => origin(span, target, written),
            },
        ));
        survivors
    }

    /// Tells values that a document's tags took away which tag it was.
    fn blame_tags(&mut self, before: &Live, after: &Live, tags: &[Tag]) {
        for (statement, index) in before.iter().filter(|it| !after.contains(it)) {
            let state = &mut self.statements[*statement].leaves[*index];
            let tag = tags
                .iter()
                .find(|tag| tag.covers || state.leaf.label.starts_with(tag.label.as_str()));
            let Some(tag) = tag.or(tags.first()) else { continue };
            let cause = Cause::Tag(tag.directive);
            state.fate = Some(Fate { cause, by: Some(tag.id) });
        }
    }

    /// Notes how values came to where they are.
    fn came(&mut self, live: &Live, via: &Via) {
        let mut statements: Vec<usize> = live.iter().map(|(statement, _)| *statement).collect();
        statements.dedup();
        for statement in statements {
            let statement = &mut self.statements[statement];
            if statement.via.last() != Some(via) {
                statement.via.push(via.clone());
            }
        }
    }

    /// What a service says at the target once it has what it extends. `own` is what it says itself.
    #[allow(clippy::too_many_arguments, reason = "a service is told by all of these")]
    fn extended(
        &mut self,
        part: usize,
        until: usize,
        file: &Path,
        name: &str,
        target: &Target,
        own: Live,
        depth: usize,
    ) -> Live {
        let record = self.record;
        let events = &record.parts[part].events[..until];
        let extension = events.iter().enumerate().rev().find_map(|(index, event)| match event {
            Event::Extended(it) if it.file == file && it.service == name => Some((index, it)),
            _ => None,
        });
        // Extensions that lead in a circle were refused, so the depth is that of a chain.
        let Some((index, extension)) = extension.filter(|_| depth < events.len()) else {
            return own;
        };
        let target = target.of_service(name);
        let base = self.base(part, index, extension, &target, depth);
        let via = Via::Extends {
            service: name.to_owned(),
            base: extension.base_name.clone(),
            place: extension.place,
        };
        self.came(&base, &via);
        let stage = Stage::Document(DocumentStage::Extended);
        let dropped = Cause::Dropped(stage);
        let base = self.survive(base, part, &target, &extension.base, stage, &dropped, None);
        self.came(&base, &via);
        let tag = Cause::Tag(Directive::Reset);
        let left = self.survive(base.clone(), part, &target, &extension.reset, stage, &tag, None);
        let tags = self.tags_before(part, index, &target);
        self.blame_tags(&base, &left, &tags);
        let both = left.into_iter().chain(own).collect();
        let cause = Cause::Extending(name.to_owned());
        self.survive(both, part, &target, &extension.merged, stage, &cause, None)
    }

    /// What the extended service says at the target, under the name of the extending one.
    fn base(
        &mut self,
        part: usize,
        index: usize,
        extension: &ExtendedRecord,
        target: &Target,
        depth: usize,
    ) -> Live {
        let record = self.record;
        let events = &record.parts[part].events[..index];
        let target = target.of_service(&extension.base_name);
        self.distance += 1;
        let document = events.iter().rev().find_map(|event| match event {
            Event::Parsed { file, written, tree } => Some((file, written, tree)),
            _ => None,
        });
        // Services of an extended file extend each other within that file.
        let document =
            document.filter(|(file, ..)| extension.same_document && **file == extension.base_file);
        let own = if let Some((_, written, tree)) = document {
            let tags = target.tags(written);
            self.introduce(part, &target, written, tree, &tags)
        } else {
            let file = events.iter().rev().find_map(|event| match event {
                Event::Part(child) => match &record.parts[*child].kind {
                    PartKind::Extended(file) if *file == extension.base_file => Some(*child),
                    _ => None,
                },
                _ => None,
            });
            file.map_or_else(Vec::new, |child| self.part(child, &target))
        };
        let (file, name) = (&extension.base_file, &extension.base_name);
        let live = self.extended(part, index, file, name, &target, own, depth + 1);
        self.distance -= 1;
        live
    }

    /// The tags of the document that was read last before an event.
    fn tags_before(&self, part: usize, index: usize, target: &Target) -> Vec<Tag> {
        let events = &self.record.parts[part].events[..index];
        let document = events.iter().rev().find_map(|event| match event {
            Event::Parsed { written, .. } => Some(written),
            _ => None,
        });
        document.map_or_else(Vec::new, |document| target.tags(document))
    }

    /// The target.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
}

/// Where in a document as it was written the value at a place is from.
fn origin(span: Span, target: &Target, written: &Node) -> Origin {
    let mut node = written;
    for (depth, step) in target.steps.iter().enumerate() {
        let super::path::Step::Key(key) = step else { break };
        let Some(entry) = node.as_mapping().and_then(|mapping| mapping.get(key)) else { break };
        let merged = !within(entry.key_span, node.span);
        let repeated = entry.node.span.start < entry.key_span.start;
        if (merged || repeated) && depth > 0 {
            return Origin::Anchor;
        }
        node = &entry.node;
    }
    if node.span == span || target.find(written).iter().any(|found| found.node.span == span) {
        return Origin::Written;
    }
    let mut texts = Vec::new();
    scalars(node, &mut texts);
    if texts.contains(&span) { Origin::Short } else { Origin::LongDefault }
}

fn scalars(node: &Node, spans: &mut Vec<Span>) {
    match &node.value {
        Value::Mapping(mapping) => mapping.values().for_each(|it| scalars(&it.node, spans)),
        Value::Sequence(items) => items.iter().for_each(|item| scalars(item, spans)),
        _ => spans.push(node.span),
    }
}
