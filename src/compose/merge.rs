//! Lays one tree over another (Compose Specification, Merge): mappings unite, lists append,
//! scalars are replaced, null changes nothing; some attributes have rules of their own.
//!
//! Every node of the result is one of the two trees' own, so its span says which file it is from.
//! Items that are the same thing twice are left for [`super::unicity`].

use std::collections::{HashMap, HashSet, VecDeque};

use super::place::Place;
use super::scalar_text::scalar_text;
use super::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Span, codes};

/// How two values of one attribute become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// By their kinds.
    Default,
    /// The later value takes the place of the earlier one, even when it is null.
    Replace,
    /// Both become lists, of `KEY=value` if they were mappings, and the lists append.
    Lists,
    /// Like lists, without what is there already.
    Hosts,
    /// Both become mappings; a text is the `context`.
    Build,
    /// Both become mappings; a list is of services to be started.
    Dependencies,
    /// Both become mappings; a list is of names.
    Names,
    /// Mappings unite, unless they name different drivers.
    Logging,
    /// Address pools are the same when their subnet is.
    Pools,
}

/// Lays `over` on `base`.
pub fn merge(base: &mut Node, over: Node, diagnostics: &mut Vec<Diagnostic>) {
    Merge { path: Vec::new(), diagnostics }.default(base, over, Place::Root);
}

/// Lays a service on the one that it extends.
pub fn merge_service(name: &str, base: &mut Node, over: Node, diagnostics: &mut Vec<Diagnostic>) {
    let path = vec!["services".to_owned(), name.to_owned()];
    Merge { path, diagnostics }.default(base, over, Place::Service);
}

struct Merge<'d> {
    path: Vec<String>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Merge<'_> {
    fn default(&mut self, base: &mut Node, over: Node, place: Place) {
        match (&mut base.value, over.value) {
            (_, Value::Broken) => base.mark_broken(),
            (Value::Broken, _) | (Value::Mapping(_) | Value::Sequence(_), Value::Null) => {}
            (Value::Mapping(mapping), Value::Mapping(other)) => {
                self.mappings(mapping, other, place);
            }
            (Value::Sequence(list), Value::Sequence(other)) => list.extend(other),
            (Value::Mapping(_) | Value::Sequence(_), _) => self.refuse(base, over.span),
            (_, Value::Null) => {}
            (_, value) => *base = Node { value, ..over },
        }
    }

    fn mappings(&mut self, base: &mut Mapping, over: Mapping, place: Place) {
        for (key, entry) in over {
            let Some(existing) = base.get_mut(&key) else {
                base.insert(key, entry);
                continue;
            };
            let rule = rule(place, &key);
            let before = existing.node.span;
            let inside = place.inside(&key);
            self.path.push(key);
            self.apply(rule, &mut existing.node, entry.node, inside);
            self.path.pop();
            if existing.node.span != before {
                existing.key_span = entry.key_span;
            }
        }
    }

    fn apply(&mut self, rule: Rule, base: &mut Node, mut over: Node, place: Place) {
        if over.is_null() && !matches!(rule, Rule::Replace) {
            return;
        }
        if base.is_broken() || over.is_broken() {
            return base.mark_broken();
        }
        match rule {
            Rule::Default => self.default(base, over, place),
            Rule::Replace => *base = over,
            Rule::Lists | Rule::Hosts => {
                let mut list = self.as_list(base);
                let other = self.as_list(&mut over);
                if rule == Rule::Hosts {
                    list.extend(without_known(&list, other));
                } else {
                    list.extend(other);
                }
                base.value = Value::Sequence(list);
            }
            Rule::Build => {
                text_to_context(base);
                text_to_context(&mut over);
                self.as_mappings(base, over, place);
            }
            Rule::Dependencies => {
                list_to_mapping(base, started);
                list_to_mapping(&mut over, started);
                self.as_mappings(base, over, place);
            }
            Rule::Names => {
                list_to_mapping(base, |_| Value::Null);
                list_to_mapping(&mut over, |_| Value::Null);
                self.as_mappings(base, over, place);
            }
            Rule::Logging => {
                let driver = |node: &Node| node.get("driver").cloned();
                match (driver(base), driver(&over)) {
                    (Some(one), Some(other)) if !one.same_value(&other) => *base = over,
                    _ => self.default(base, over, place),
                }
            }
            Rule::Pools => self.pools(base, over, place),
        }
    }

    /// The items of a value that may be a list; of one that is nothing like it, none.
    fn as_list(&mut self, node: &mut Node) -> Vec<Node> {
        into_list(node).unwrap_or_else(|| {
            self.leave_out(node);
            Vec::new()
        })
    }

    /// Unites two values that may be mappings. One that is none says nothing.
    fn as_mappings(&mut self, base: &mut Node, over: Node, place: Place) {
        let is_mapping = |node: &Node| matches!(node.value, Value::Mapping(_));
        match (is_mapping(base), is_mapping(&over)) {
            (true, true) => self.default(base, over, place),
            (_, false) => self.leave_out(&over),
            (false, true) => {
                self.leave_out(base);
                *base = over;
            }
        }
    }

    fn leave_out(&mut self, node: &Node) {
        if node.is_null() {
            return;
        }
        let path = self.path.join(".");
        self.diagnostics.push(
            Diagnostic::warning(codes::MERGE_LEFT_OUT, format!("a value of {path} says nothing"))
                .at(node.span, "this is of a wrong kind")
                .help("write it in the same form as in the other file, or remove it"),
        );
    }

    /// The later file says which pools there are; one with a known subnet starts from the earlier
    /// definition. That earlier pools go when the later file lists others is Docker Compose's way.
    fn pools(&mut self, base: &mut Node, over: Node, place: Place) {
        let (Value::Sequence(earlier), Value::Sequence(later)) = (&mut base.value, over.value)
        else {
            return self.refuse(base, over.span);
        };
        let subnet = |pool: &Node| pool.get("subnet").and_then(Node::as_str).map(str::to_owned);
        // Of pools with the same subnet each is started from once, the first first.
        let mut known: HashMap<Option<String>, VecDeque<Node>> = HashMap::new();
        for pool in std::mem::take(earlier) {
            known.entry(subnet(&pool)).or_default().push_back(pool);
        }
        let mut pools = Vec::with_capacity(later.len());
        for pool in later {
            match known.get_mut(&subnet(&pool)).and_then(VecDeque::pop_front) {
                Some(mut merged) => {
                    self.default(&mut merged, pool, place);
                    pools.push(merged);
                }
                None => pools.push(pool),
            }
        }
        *earlier = pools;
    }

    fn refuse(&mut self, base: &mut Node, over: Span) {
        let path = self.path.join(".");
        self.diagnostics.push(
            Diagnostic::error(codes::MERGE_CANNOT_OVERRIDE, format!("cannot override {path}"))
                .at(over, "this is of another kind")
                .with_context(base.span, "than what it would be merged with")
                .help("write both in the same form, or put `!override` before the later one"),
        );
        base.mark_broken();
    }
}

/// The first rule of its own on the way along a path of keys, and how many keys lead to it.
pub(super) fn rule_at(path: &[&str]) -> (Rule, usize) {
    let mut place = Place::Root;
    for (index, key) in path.iter().enumerate() {
        let rule = rule(place, key);
        if rule != Rule::Default {
            return (rule, index + 1);
        }
        place = place.inside(key);
    }
    (Rule::Default, path.len())
}

/// The rule for `key` at `place`.
fn rule(place: Place, key: &str) -> Rule {
    match (place, key) {
        (Place::Service, "command" | "entrypoint")
        | (Place::Healthcheck, "test")
        | (Place::Ulimits, _) => Rule::Replace,
        (
            Place::Service,
            "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "environment"
            | "label_file" | "labels" | "sysctls" | "tmpfs",
        )
        | (Place::Build, "additional_contexts" | "args" | "labels")
        | (Place::Deploy | Place::Network | Place::Volume, "labels") => Rule::Lists,
        (Place::Service | Place::Build, "extra_hosts") => Rule::Hosts,
        (Place::Service, "build") => Rule::Build,
        (Place::Service, "depends_on") => Rule::Dependencies,
        (Place::Service, "networks" | "models") => Rule::Names,
        (Place::Service, "logging") => Rule::Logging,
        (Place::Ipam, "config") => Rule::Pools,
        _ => Rule::Default,
    }
}

/// The items of a list, the `KEY=value` pairs of a mapping sorted by their text, or a lone text.
fn into_list(node: &mut Node) -> Option<Vec<Node>> {
    match std::mem::replace(&mut node.value, Value::Null) {
        Value::Sequence(items) => Some(items),
        Value::Mapping(mapping) => {
            let mut pairs: Vec<Node> =
                mapping.iter().flat_map(|(key, entry)| pair(key, entry)).collect();
            pairs.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
            Some(pairs)
        }
        value @ Value::String(_) => Some(vec![Node::new(value, node.span)]),
        value => {
            node.value = value;
            None
        }
    }
}

/// The items of a list that an earlier one does not have.
fn without_known(earlier: &[Node], items: Vec<Node>) -> Vec<Node> {
    let texts: HashSet<&str> = earlier.iter().filter_map(Node::as_str).collect();
    let mut items = items;
    items.retain(|item| match item.as_str() {
        Some(text) => !texts.contains(text),
        None => !earlier.iter().any(|earlier| earlier.same_value(item)),
    });
    items
}

fn pair(key: &str, entry: &Entry) -> Vec<Node> {
    let (key_span, value_span) = (entry.key_span, entry.node.span);
    let span = if key_span.file == value_span.file && key_span.start <= value_span.start {
        Span { end: value_span.end, ..key_span }
    } else {
        value_span
    };
    let text = |value: &Value| {
        let text = match value {
            Value::Null => key.to_owned(),
            value => format!("{key}={}", scalar_text(value)),
        };
        Node::new(Value::String(text), span)
    };
    match &entry.node.value {
        Value::Sequence(items) => items.iter().map(|item| text(&item.value)).collect(),
        value => vec![text(value)],
    }
}

fn text_to_context(node: &mut Node) {
    if matches!(node.value, Value::String(_)) {
        let context = Node::new(std::mem::replace(&mut node.value, Value::Null), node.span);
        let entry = Entry { key_span: node.span, node: context };
        node.value = Value::Mapping(Mapping::from_iter([("context".to_owned(), entry)]));
    }
}

fn started(span: Span) -> Value {
    let entry = |value| Entry { key_span: span, node: Node::new(value, span) };
    Value::Mapping(Mapping::from_iter([
        ("condition".to_owned(), entry(Value::String("service_started".to_owned()))),
        ("required".to_owned(), entry(Value::Bool(true))),
    ]))
}

fn list_to_mapping(node: &mut Node, value: fn(Span) -> Value) {
    let Value::Sequence(items) = &mut node.value else { return };
    let mapping = std::mem::take(items)
        .into_iter()
        .filter_map(|item| match item.value {
            Value::String(name) => {
                let node = Node::new(value(item.span), item.span);
                Some((name, Entry { key_span: item.span, node }))
            }
            _ => None,
        })
        .collect();
    node.value = Value::Mapping(mapping);
}
