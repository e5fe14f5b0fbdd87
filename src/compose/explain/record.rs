//! What a load told, kept for later: the trees between the stages, and the lines of env files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::compose::canonical;
use crate::compose::dotenv::Assignment;
use crate::compose::source::ProjectName;
use crate::compose::trace::{DocumentStage, Extension, ModelStage, Part, Purpose, Trace};
use crate::compose::yaml::{Entry, MERGE_KEY, Mapping, Node, Value, parse_unmerged};
use crate::diagnostic::{FileId, SourceMap, Span};

/// The record of a load. Trees in it are in long syntax, except where it says otherwise.
pub(super) struct Record {
    /// What each part of the load told; the first is the project itself.
    pub(super) parts: Vec<PartRecord>,
    /// The parts that are being loaded, innermost last.
    open: Vec<usize>,
    /// Variables of the process.
    pub(super) process: BTreeMap<String, String>,
    /// What gave the project its name.
    pub(super) named: Option<ProjectName>,
    /// Lines of the env files of services, by service, in order.
    pub(super) environments: HashMap<String, Vec<Line>>,
    /// Lines of the label files of services, by service, in order.
    pub(super) labels: HashMap<String, Vec<Line>>,
    /// Where lines go that are told next.
    lines_for: LinesFor,
    /// Texts with a `$` in them as they were before substitution, by their place.
    pub(super) templates: HashMap<Span, Template>,
    /// Documents that have merge keys, with these as they are written; by their place.
    pub(super) unmerged: HashMap<Span, Node>,
}

enum LinesFor {
    Layer(usize),
    Environment(String),
    Labels(String),
}

/// A text before its variables were substituted.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// The text.
    pub(super) text: String,
    /// The part of the load whose variables it sees.
    pub(super) part: usize,
    /// The way to it from the top of its document.
    pub(super) path: Vec<String>,
}

/// What one project, or one extended file, told.
pub(super) struct PartRecord {
    /// What it is.
    pub(super) kind: PartKind,
    /// The part that refers to it.
    pub(super) parent: Option<usize>,
    /// Env files, in the order in which they fill in what is missing.
    pub(super) layers: Vec<Layer>,
    /// What happened, in order.
    pub(super) events: Vec<Event>,
}

/// What a part of a load is.
#[derive(Debug, Clone)]
pub(super) enum PartKind {
    /// The project itself.
    Project,
    /// An included project, and the item of `include`.
    Included(Span),
    /// A file with an extended service.
    Extended(PathBuf),
}

/// Env files that were read together.
pub(super) struct Layer {
    /// Whether the user asked for them by name.
    pub(super) purpose: LayerPurpose,
    /// Their lines, in order.
    pub(super) lines: Vec<Line>,
}

/// Why the env files of a project were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerPurpose {
    Requested,
    Default,
    Include,
}

/// A line of an env file.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) value: String,
    /// The value before its variables were expanded, if it has any.
    pub(super) template: Option<String>,
    pub(super) span: Span,
}

/// Something that happened to a tree.
pub(super) enum Event {
    /// A document was read; as it was written, and in long syntax.
    Parsed { file: PathBuf, written: Node, tree: Node },
    /// A document went through a stage.
    Document { stage: DocumentStage, tree: Node },
    /// A service was laid on another; all three trees hold one service at its own place.
    Extended(Box<ExtendedRecord>),
    /// The part's tree went through a stage.
    Model { stage: ModelStage, tree: Node },
    /// Another part was loaded.
    Part(usize),
}

/// A service that was laid on the one that it extends.
pub(super) struct ExtendedRecord {
    pub(super) file: PathBuf,
    pub(super) service: String,
    pub(super) place: Span,
    pub(super) base_file: PathBuf,
    pub(super) base_name: String,
    pub(super) same_document: bool,
    /// The extended service, under the name of the extending one.
    pub(super) base: Node,
    /// The extended service after what the extending file resets.
    pub(super) reset: Node,
    /// Both as one.
    pub(super) merged: Node,
}

impl Record {
    pub(super) fn new() -> Self {
        let project = PartRecord {
            kind: PartKind::Project,
            parent: None,
            layers: Vec::new(),
            events: Vec::new(),
        };
        Self {
            parts: vec![project],
            open: vec![0],
            process: BTreeMap::new(),
            named: None,
            environments: HashMap::new(),
            labels: HashMap::new(),
            lines_for: LinesFor::Layer(0),
            templates: HashMap::new(),
            unmerged: HashMap::new(),
        }
    }

    /// Reads the files that have merge keys once more, without merging.
    pub(super) fn read_unmerged(&mut self, sources: &SourceMap) {
        let files: BTreeSet<FileId> = self
            .parts
            .iter()
            .flat_map(|part| &part.events)
            .filter_map(|event| match event {
                Event::Parsed { written, .. } => Some(written.span.file),
                _ => None,
            })
            .collect();
        for file in files {
            let text = sources.file(file).map_or("", |file| &*file.text);
            if text.contains(MERGE_KEY) {
                let documents = parse_unmerged(file, text).into_iter();
                self.unmerged.extend(documents.map(|document| (document.span, document)));
            }
        }
    }

    fn current(&self) -> usize {
        self.open.last().copied().unwrap_or(0)
    }

    fn event(&mut self, event: Event) {
        let part = self.current();
        self.parts[part].events.push(event);
    }

    fn keep_templates(&mut self, node: &Node, path: &mut Vec<String>) {
        match &node.value {
            Value::String(text) if text.contains('$') => {
                let part = self.variables_part();
                let template = Template { text: text.clone(), part, path: path.clone() };
                self.templates.insert(node.span, template);
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(format!("[{index}]"));
                    self.keep_templates(item, path);
                    path.pop();
                }
            }
            Value::Mapping(entries) => {
                for (key, entry) in entries {
                    path.push(key.clone());
                    self.keep_templates(&entry.node, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// The part whose variables the current one sees: an extended file has none of its own.
    fn variables_part(&self) -> usize {
        let mut part = self.current();
        while let (PartKind::Extended(_), Some(parent)) =
            (&self.parts[part].kind, self.parts[part].parent)
        {
            part = parent;
        }
        part
    }
}

impl Trace for Record {
    fn process(&mut self, variables: &BTreeMap<String, String>) {
        self.process.clone_from(variables);
    }

    fn env_files(&mut self, purpose: Purpose<'_>) {
        let purpose = match purpose {
            Purpose::Requested => LayerPurpose::Requested,
            Purpose::Default => LayerPurpose::Default,
            Purpose::Include => LayerPurpose::Include,
            Purpose::Environment(service) => {
                self.lines_for = LinesFor::Environment(service.to_owned());
                return;
            }
            Purpose::Labels(service) => {
                self.lines_for = LinesFor::Labels(service.to_owned());
                return;
            }
        };
        let part = self.current();
        self.parts[part].layers.push(Layer { purpose, lines: Vec::new() });
        self.lines_for = LinesFor::Layer(part);
    }

    fn assigned(&mut self, file: FileId, assignment: &Assignment<'_>) {
        let (start, end) = assignment.range;
        let line = Line {
            name: assignment.name.to_owned(),
            value: assignment.value.to_owned(),
            template: assignment.template.map(str::to_owned),
            span: Span::new(file, start, end),
        };
        match &self.lines_for {
            LinesFor::Layer(part) => {
                if let Some(layer) = self.parts[*part].layers.last_mut() {
                    layer.lines.push(line);
                }
            }
            LinesFor::Environment(service) => {
                self.environments.entry(service.clone()).or_default().push(line);
            }
            LinesFor::Labels(service) => {
                self.labels.entry(service.clone()).or_default().push(line);
            }
        }
    }

    fn named(&mut self, name: &ProjectName) {
        self.named = Some(name.clone());
    }

    fn enter(&mut self, part: Part<'_>) {
        let kind = match part {
            Part::Included { item } => PartKind::Included(item),
            Part::Extended { file } => PartKind::Extended(file.to_owned()),
        };
        let number = self.parts.len();
        let parent = Some(self.current());
        self.event(Event::Part(number));
        self.parts.push(PartRecord { kind, parent, layers: Vec::new(), events: Vec::new() });
        self.open.push(number);
    }

    fn leave(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
    }

    fn document(&mut self, stage: DocumentStage, file: &Path, tree: &Node) {
        if stage == DocumentStage::Parsed {
            self.keep_templates(tree, &mut Vec::new());
            let (file, written) = (file.to_owned(), tree.clone());
            self.event(Event::Parsed { file, written, tree: long(tree.clone()) });
        } else {
            self.event(Event::Document { stage, tree: long(tree.clone()) });
        }
    }

    fn extends(&mut self, extension: &Extension<'_>) {
        let base = long(alone(extension.service, extension.base));
        self.event(Event::Extended(Box::new(ExtendedRecord {
            file: extension.file.to_owned(),
            service: extension.service.to_owned(),
            place: extension.place,
            base_file: extension.base_file.to_owned(),
            base_name: extension.base_name.to_owned(),
            same_document: extension.same_document,
            reset: base.clone(),
            merged: base.clone(),
            base,
        })));
    }

    fn extended(&mut self, stage: ModelStage, service: &Node) {
        let part = self.current();
        if let Some(Event::Extended(record)) = self.parts[part].events.last_mut() {
            let tree = long(alone(&record.service, service));
            if stage == ModelStage::Reset {
                record.reset = tree.clone();
            }
            record.merged = tree;
        }
    }

    fn model(&mut self, stage: ModelStage, tree: &Node) {
        self.event(Event::Model { stage, tree: long(tree.clone()) });
    }
}

/// The tree in long syntax, by the loader's own rules. What cannot be taken apart stays: it is
/// reported when the loader comes to it.
pub(super) fn long(mut tree: Node) -> Node {
    canonical::transform(&mut tree, true, &mut Vec::new());
    tree
}

/// A tree of one service.
fn alone(name: &str, service: &Node) -> Node {
    let span = service.span;
    let within = |key: &str, node: Node| {
        let entries = [(key.to_owned(), Entry { key_span: span, node })];
        Node::new(Value::Mapping(Mapping::from_iter(entries)), span)
    };
    within("services", within(name, service.clone()))
}
