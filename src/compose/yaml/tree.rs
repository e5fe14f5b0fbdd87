//! Events to trees: aliases written out, merge keys merged, duplicate and non-text keys found.
//!
//! Works without recursion, so that no input can exhaust the stack, and counts the nodes that
//! aliases bring, so that a small file cannot fill the memory.

use std::collections::HashMap;
use std::ops::Range;

use super::events::{Complaint, Event, EventKind, SyntaxError, Tag, events};
use super::keys::Key;
use super::merge_key::{MERGE_KEY, merge};
use super::node::GAP;
use super::recovery::{Finding, GAP_ANCHOR, Recovery, Repairs};
use super::size::{Growth, Size};
use super::{Directive, Entry, Mapping, Node, Value, anchors, scalar};
use crate::compose::limits;
use crate::diagnostic::{Diagnostic, FileId, Span, codes};

/// What a text holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The documents, in order; none for a text without content. An empty document between
    /// markers is null. With errors: what could be read, with [`Value::Broken`] where they are
    /// and mappings marked incomplete.
    pub documents: Vec<Node>,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Keys and values, with aliases written out.
    pub nodes: usize,
}

/// Reads a YAML text.
///
/// Goes on after a mistake, in the syntax too where it can be told where the next part starts.
pub fn parse(file: FileId, text: &str) -> Parsed {
    read(file, text, true)
}

/// The documents of a text with merge keys left as they are: what a mapping merges is under `<<`.
pub(crate) fn parse_unmerged(file: FileId, text: &str) -> Vec<Node> {
    read(file, text, false).documents
}

fn read(file: FileId, text: &str, merges: bool) -> Parsed {
    let mut repairs = Repairs::default();
    let mut recovery = Recovery::default();
    let mut mistakes = Vec::new();
    loop {
        let copy = repairs.apply(text);
        let mut builder = Builder::new(file, text, merges);
        if let Err(error) = builder.read(events(&copy, text, &repairs)) {
            if let Some(flaw) = error.flaw
                && repairs.add_tacit(text, flaw, error.range.start)
            {
                continue;
            }
            if error.complaint == Complaint::TooDeep {
                mistakes.push(builder.too_deep(&error.range));
            } else if let Some(outcome) = recovery.mend(text, &error, &mut repairs) {
                mistakes.push(builder.syntax_error(&error, outcome.finding.as_ref()));
                if outcome.goes_on {
                    continue;
                }
            }
            builder.salvage();
        }
        mistakes.append(&mut builder.parsed.diagnostics);
        return Parsed { diagnostics: mistakes, ..builder.parsed };
    }
}

/// A collection that is not closed yet.
pub(super) struct Frame {
    /// What is in it so far.
    pub(super) content: Content,
    /// Its bytes so far.
    range: Range<usize>,
    directive: Option<Directive>,
    anchor: Option<usize>,
    /// What is before it.
    before: Size,
    /// Levels of collections below this one.
    depth: usize,
}

pub(super) enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Mapping, merged: Option<(Span, Node)>, key: Option<Key> },
    Broken,
}

/// A complete node with what is needed to copy it.
#[derive(Clone)]
struct Subtree {
    node: Node,
    size: Size,
    depth: usize,
}

/// What makes a scalar a merge key or not, beside its value.
pub(super) struct Origin {
    pub(super) merge_key: bool,
}

pub(super) struct Builder<'text> {
    file: FileId,
    pub(super) text: &'text str,
    /// Whether merge keys are merged.
    merges: bool,
    pub(super) frames: Vec<Frame>,
    /// Complete nodes with an anchor, by its number.
    anchors: HashMap<usize, Subtree>,
    growth: Growth,
    pub(super) parsed: Parsed,
}

impl<'text> Builder<'text> {
    fn new(file: FileId, text: &'text str, merges: bool) -> Self {
        Self {
            file,
            text,
            merges,
            frames: Vec::new(),
            anchors: HashMap::new(),
            growth: Growth::default(),
            parsed: Parsed { documents: Vec::new(), diagnostics: Vec::new(), nodes: 0 },
        }
    }

    /// Takes events in until they end or go beyond a limit, which is reported.
    fn read<'copy>(
        &mut self,
        events: impl Iterator<Item = Result<Event<'copy>, SyntaxError>>,
    ) -> Result<(), SyntaxError> {
        for event in events {
            let outcome = self.event(event?).and_then(|()| self.check_mistakes());
            if let Err(refused) = outcome {
                self.parsed.diagnostics.push(refused);
                self.parsed.documents.clear();
                break;
            }
            self.parsed.nodes = self.growth.total.nodes;
        }
        Ok(())
    }

    /// Takes one event in; an error ends the reading.
    fn event(&mut self, event: Event<'_>) -> Result<(), Diagnostic> {
        let Event { kind, range, tag, anchor } = event;
        match kind {
            EventKind::DocumentStart => Ok(()),
            EventKind::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            EventKind::SequenceStart => {
                self.open(Content::Sequence(Vec::new()), range, tag, anchor)
            }
            EventKind::MappingStart => {
                let content = Content::Mapping { entries: Mapping::new(), merged: None, key: None };
                self.open(content, range, tag, anchor)
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.close(&range),
            EventKind::Scalar { text, plain } => {
                let origin = Origin {
                    merge_key: text == MERGE_KEY
                        && (plain && tag.is_none() || tag == Some(Tag::Merge)),
                };
                let value = scalar::resolve(&text, plain, tag).unwrap_or_else(|message| {
                    self.report(codes::YAML_TAG_MISMATCH, format!("yaml: {message}"), &range);
                    Value::Broken
                });
                let span = self.span(&range);
                let bytes = if let Value::String(text) = &value { text.len() } else { 0 };
                self.growth.add(bytes).map_err(|message| too_large(message, span))?;
                let node = Node { value, span, directive: directive(tag) };
                let size = Size { nodes: 1, bytes };
                self.complete(Subtree { node, size, depth: 0 }, anchor, &origin)
            }
            EventKind::Alias(target) => self.alias(target, &range),
            EventKind::UnknownAlias(name) if name == GAP_ANCHOR => self.placeholder(&range),
            EventKind::UnknownAlias(name) => {
                let diagnostic = anchors::unknown(self.text, &name, self.span(&range));
                self.parsed.diagnostics.push(diagnostic);
                self.placeholder(&range)
            }
        }
    }

    fn open(
        &mut self,
        content: Content,
        range: Range<usize>,
        tag: Option<Tag>,
        anchor: Option<usize>,
    ) -> Result<(), Diagnostic> {
        self.check_depth(1, &range)?;
        let before = self.growth.total;
        self.growth.add(0).map_err(|message| too_large(message, self.span(&range)))?;
        let directive = directive(tag);
        self.frames.push(Frame { content, range, directive, anchor, before, depth: 0 });
        Ok(())
    }

    fn close(&mut self, range: &Range<usize>) -> Result<(), Diagnostic> {
        let Some(mut frame) = self.frames.pop() else { return Ok(()) };
        // The end of a block collection is where the next token starts; its children know better.
        if !range.is_empty() {
            frame.range.end = frame.range.end.max(range.end);
        }
        let value = match frame.content {
            Content::Broken => Value::Broken,
            Content::Sequence(mut items) => {
                items.shrink_to_fit();
                Value::Sequence(items)
            }
            Content::Mapping { mut entries, merged, .. } => {
                if let Some((key, value)) = merged {
                    self.merge(&mut entries, key, value);
                }
                Value::Mapping(entries)
            }
        };
        let span = self.span(&frame.range);
        let subtree = Subtree {
            node: Node { value, span, directive: frame.directive },
            size: self.growth.total - frame.before,
            depth: frame.depth + 1,
        };
        self.complete(subtree, frame.anchor, &Origin { merge_key: false })
    }

    /// Merges the value of a merge key into its mapping. One that is broken or unfit leaves the
    /// mapping incomplete.
    fn merge(&mut self, entries: &mut Mapping, key: Span, value: Node) {
        if !self.merges {
            entries.insert(MERGE_KEY.to_owned(), Entry { key_span: key, node: value });
            return;
        }
        let (span, broken) = (value.span, value.is_broken());
        let Err(super::merge_key::NotMergeable) = merge(entries, value) else { return };
        if !broken {
            let diagnostic = Diagnostic::error(
                codes::YAML_MERGE_VALUE,
                "yaml: map merge requires map or sequence of maps as the value",
            );
            let written = &self.text[span.range()];
            let diagnostic = if span.start == span.end {
                diagnostic.at(key, "merges nothing")
            } else if self.line(key.range().start) == self.line(span.range().start) {
                diagnostic.at(span, "not a mapping")
            } else {
                diagnostic.at(key, "what this merges is no mapping").with_context(span, "this")
            };
            self.parsed.diagnostics.push(if anchors::defined(self.text, written) {
                diagnostic
                    .help(format!("write `*{written}` for what has the anchor `&{written}`"))
                    .edit(Span { end: span.start, ..span }, "*")
            } else {
                diagnostic.help("write `<<: *anchor` or `<<: [*one, *other]`")
            });
        }
        let node = Node::new(Value::Broken, span);
        entries.insert(GAP.to_owned(), Entry { key_span: key, node });
    }

    fn alias(&mut self, target: usize, range: &Range<usize>) -> Result<(), Diagnostic> {
        if let Some(open) = self.frames.iter().find(|frame| frame.anchor == Some(target)) {
            let anchored = self.span(&open.range);
            let alias = self.span(range);
            let path = self.path();
            self.parsed.diagnostics.push(
                Diagnostic::error(
                    codes::YAML_ALIAS_CYCLE,
                    format!("cycle detected: the alias at {path} stands within the node it names"),
                )
                .at(alias, "")
                .with_context(anchored, "the node it names"),
            );
            return self.placeholder(range);
        }
        // An anchor that is neither open nor complete belongs to a node that was refused.
        let Some(subtree) = self.anchors.get(&target) else { return self.placeholder(range) };
        let (size, depth) = (subtree.size, subtree.depth);
        let place = self.span(range);
        self.growth.add_alias(size).map_err(|message| too_large(message, place))?;
        self.check_depth(depth, range)?;
        match self.anchors.get(&target).cloned() {
            Some(mut subtree) => {
                drop_resets(&mut subtree.node);
                let end = range.end;
                self.complete_at(subtree, None, &Origin { merge_key: false }, end)
            }
            None => Ok(()),
        }
    }

    /// Stands in for a value that was refused, so that keys and values stay in step.
    fn placeholder(&mut self, range: &Range<usize>) -> Result<(), Diagnostic> {
        let node = Node::new(Value::Broken, self.span(range));
        self.growth.total += Size { nodes: 1, bytes: 0 };
        let origin = Origin { merge_key: false };
        // A refused key must not be reported a second time as a non-text key.
        if let Some(Frame { content: Content::Mapping { key: key @ None, .. }, .. }) =
            self.frames.last_mut()
        {
            *key = Some(Key::Refused);
            return Ok(());
        }
        self.complete(Subtree { node, size: Size { nodes: 1, bytes: 0 }, depth: 0 }, None, &origin)
    }

    fn complete(
        &mut self,
        subtree: Subtree,
        anchor: Option<usize>,
        origin: &Origin,
    ) -> Result<(), Diagnostic> {
        let end = subtree.node.span.range().end;
        self.complete_at(subtree, anchor, origin, end)
    }

    /// Puts a node where it belongs; `end` is where its text ends at this place.
    fn complete_at(
        &mut self,
        subtree: Subtree,
        anchor: Option<usize>,
        origin: &Origin,
        end: usize,
    ) -> Result<(), Diagnostic> {
        if let Some(anchor) = anchor {
            let place = subtree.node.span;
            self.growth.set_aside(subtree.size).map_err(|message| too_large(message, place))?;
            self.anchors.insert(anchor, subtree.clone());
        }
        let Some(mut frame) = self.frames.pop() else {
            let place = subtree.node.span;
            self.parsed.documents.push(subtree.node);
            if self.parsed.documents.len() > limits::DOCUMENTS {
                let limit = limits::DOCUMENTS;
                let message = format!("yaml: text is too large: more than {limit} documents");
                return Err(too_large(message, place));
            }
            return Ok(());
        };
        frame.range.end = frame.range.end.max(end);
        frame.depth = frame.depth.max(subtree.depth);
        match &mut frame.content {
            Content::Broken => {}
            Content::Sequence(items) => items.push(subtree.node),
            Content::Mapping { entries, merged, key } => match key.take() {
                None => *key = Some(self.key(subtree.node, origin, entries, merged.as_ref())),
                Some(Key::Text(text, key_span)) => {
                    entries.insert(text, Entry { key_span, node: subtree.node });
                }
                Some(Key::Merge(key_span)) => *merged = Some((key_span, subtree.node)),
                Some(Key::Refused) => {}
                Some(Key::Collection) => frame.content = Content::Broken,
            },
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Nobody mends hundreds of mistakes before looking again.
    fn check_mistakes(&self) -> Result<(), Diagnostic> {
        let count = self.parsed.diagnostics.len();
        if count < limits::MISTAKES {
            return Ok(());
        }
        let message =
            format!("yaml: more than {count} mistakes: the rest of the text was not read");
        let last = self.parsed.diagnostics.last().and_then(|it| it.labels.first());
        Err(Diagnostic::error(codes::YAML_TOO_LARGE, message)
            .at(last.map(|label| label.span), "read up to here"))
    }

    fn check_depth(&self, levels: usize, range: &Range<usize>) -> Result<(), Diagnostic> {
        if self.frames.len() + levels <= limits::DEPTH {
            return Ok(());
        }
        Err(self.too_deep(range))
    }

    fn too_deep(&self, range: &Range<usize>) -> Diagnostic {
        let message = format!("yaml: exceeded max depth of {}", limits::DEPTH);
        Diagnostic::error(codes::YAML_TOO_DEEP, message).at(self.span(range), "")
    }

    /// Closes what is open where the reading ended; keys may be missing from all of it.
    fn salvage(&mut self) {
        let mut innermost = true;
        while let Some(frame) = self.frames.last_mut() {
            let place = Span::new(self.file, frame.range.start, frame.range.start);
            let gap = |key_span| Entry { key_span, node: Node::new(Value::Broken, key_span) };
            if let Content::Mapping { entries, key, .. } = &mut frame.content {
                if let Some(Key::Text(text, span)) = key.take() {
                    entries.insert(text, gap(span));
                }
                entries.insert(GAP.to_owned(), gap(place));
            }
            // A list that stops short says nothing for sure, not even that it is a list.
            let uncertain = matches!(frame.content, Content::Sequence(_)) && innermost;
            innermost = false;
            if uncertain {
                frame.content = Content::Broken;
            }
            if self.close(&(0..0)).is_err() {
                return;
            }
        }
    }

    fn syntax_error(&self, error: &SyntaxError, finding: Option<&Finding>) -> Diagnostic {
        let line = self.line(error.range.start);
        let message = format!("yaml: line {line}: {}", error.message);
        let diagnostic = Diagnostic::error(codes::YAML_SYNTAX, message);
        let Some(finding) = finding else {
            let diagnostic = diagnostic.at(self.span(&error.range), "reading stopped here");
            return match error.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            };
        };
        let mut diagnostic = diagnostic
            .at(self.span(&finding.place), finding.label.clone())
            .help(finding.help.clone());
        if let Some((range, label)) = &finding.context {
            diagnostic = diagnostic.with_context(self.span(range), label.clone());
        }
        for (range, replacement) in finding.changes.iter().filter(|_| finding.offered) {
            diagnostic = diagnostic.edit(self.span(range), replacement.clone());
        }
        diagnostic
    }

    fn report(&mut self, code: crate::diagnostic::Code, message: String, range: &Range<usize>) {
        self.parsed.diagnostics.push(Diagnostic::error(code, message).at(self.span(range), ""));
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    /// The line of an offset, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }
}

fn too_large(message: String, place: Span) -> Diagnostic {
    Diagnostic::error(codes::YAML_TOO_LARGE, message).at(place, "the limit is passed here")
}

fn directive(tag: Option<Tag>) -> Option<Directive> {
    match tag {
        Some(Tag::Reset) => Some(Directive::Reset),
        Some(Tag::Override) => Some(Directive::Override),
        _ => None,
    }
}

/// Takes what is to be reset out of a node that an alias stands for: Docker Compose resets it only
/// where it is written. The node itself may be such; then it is reset in the alias's place.
fn drop_resets(node: &mut Node) {
    let kept = |node: &mut Node| {
        drop_resets(node);
        node.directive != Some(Directive::Reset)
    };
    match &mut node.value {
        Value::Sequence(items) => items.retain_mut(kept),
        Value::Mapping(mapping) => mapping.retain(|_, entry| kept(&mut entry.node)),
        _ => {}
    }
}
