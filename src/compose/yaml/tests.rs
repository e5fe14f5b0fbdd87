//! What a text becomes, in a one-line notation of the tree.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{Directive, Node, Parsed, Value, parse};
use crate::diagnostic::FileId;

/// The tree in flow style; text in quotes, directives in front.
fn shown(node: &Node) -> String {
    let directive = match node.directive {
        Some(Directive::Reset) => "!reset ",
        Some(Directive::Override) => "!override ",
        None => "",
    };
    let list = |items: Vec<String>| items.join(", ");
    let value = match &node.value {
        Value::Broken => "broken".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::String(text) => format!("{text:?}"),
        Value::Timestamp(text) => text.clone(),
        Value::Sequence(items) => format!("[{}]", list(items.iter().map(shown).collect())),
        Value::Mapping(entries) => format!(
            "{{{}}}",
            list(entries.iter().map(|(key, it)| format!("{key}: {}", shown(&it.node))).collect())
        ),
    };
    format!("{directive}{value}")
}

fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

fn documents(text: &str) -> Vec<String> {
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.documents.iter().map(shown).collect()
}

fn messages(text: &str) -> Vec<String> {
    read(text).diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect()
}

/// The bytes under the label number `label` of the first diagnostic.
fn underlined(text: &str, label: usize) -> &str {
    &text[read(text).diagnostics[0].labels[label].span.range()]
}

#[test]
fn documents_become_trees() {
    for (text, expected) in [
        ("", vec![]),
        ("# only a comment\n", vec![]),
        ("---\n---\na: 1\n", vec!["null", "{a: 1}"]),
        ("a: 1\n---\na: 2\n...\n", vec!["{a: 1}", "{a: 2}"]),
        ("\u{feff}a: b\n", vec![r#"{a: "b"}"#]),
        ("a: b\r\nc: d\r\n", vec![r#"{a: "b", c: "d"}"#]),
        ("a:\nb: []\nc: {}\n", vec!["{a: null, b: [], c: {}}"]),
        ("b: 1\na: 2\n", vec!["{b: 1, a: 2}"]),
        ("mode: 0440\nnot: \"0440\"\n", vec![r#"{mode: 288, not: "0440"}"#]),
        ("a: |\n  x\n   y\nb: >-\n  p\n  q\n", vec![r#"{a: "x\n y\n", b: "p q"}"#]),
        ("a: |\n  x\n  y", vec![r#"{a: "x\ny"}"#]),
        ("a: >\n  x\n  y", vec![r#"{a: "x y"}"#]),
        ("a: |\n  x\n    ", vec![r#"{a: "x\n  "}"#]),
        ("a: |\n  x\n  ", vec![r#"{a: "x\n"}"#]),
        ("a: |\n  x\n# c", vec![r#"{a: "x\n"}"#]),
        ("a: |-\n  x", vec![r#"{a: "x"}"#]),
        ("a: ! 5\nb: !!str 5\nc: !!int \"5\"\nd: !x 5\n", vec![r#"{a: 5, b: "5", c: 5, d: "5"}"#]),
        ("!!str 5: a\n\"6\": b\n", vec![r#"{5: "a", 6: "b"}"#]),
        ("a: !x {b: !!map [1]}\n", vec!["{a: {b: [1]}}"]),
    ] {
        assert_eq!(documents(text), expected, "{text}");
    }
}

#[test]
fn what_go_yaml_forgives_is_forgiven() {
    for (text, expected) in [
        ("a: \"x\n\ty\"\n", r#"{a: "x y"}"#),
        ("a: 'x\n\n\ty'\n", r#"{a: "x\ny"}"#),
        ("a:\n  b: \"{\n\\\"k\\\": 1\n}\"\n  c: d\n", r#"{a: {b: "{ \"k\": 1 }", c: "d"}}"#),
        ("a:\n b: \"p\n\n\nq\\\nr\"\n c: d\n", r#"{a: {b: "p\n\nqr", c: "d"}}"#),
        ("a:\r\n  - \"x\r\n- y\"\r\n  - z\r\n", r#"{a: ["x - y", "z"]}"#),
        ("a: \"b\"# c\nd: [e]#f\ng: |# h\n  i\n", r#"{a: "b", d: ["e"], g: "i\n"}"#),
    ] {
        assert_eq!(documents(text), [expected], "{text}");
    }
    let text = "a:\n  b: \"x\ny\nz\"# c\n  b: d\n";
    assert_eq!(messages(text), [r#"line 5: mapping key "b" already defined at line 2"#]);
    assert_eq!((underlined(text, 0), underlined(text, 1)), ("b", "b"));
    let text = "a:\n  b: \"x\ny\nz\"# c\n  d: [\n";
    assert_eq!(
        (messages(text).as_slice(), underlined(text, 0)),
        (&["yaml: line 5: did not find expected ',' or ']'".to_owned()][..], "[")
    );
    let text = "é: \"x\n--- \"\n";
    assert_eq!(messages(text), ["yaml: line 2: invalid indentation in multiline quoted scalar"]);
}

#[test]
fn directives_stay_on_their_nodes() {
    for (text, expected) in [
        ("a: !reset\nb: !reset null\n", r#"{a: !reset "", b: !reset "null"}"#),
        ("a: !reset {b: 1}\n", "{a: !reset {b: 1}}"),
        ("a: !override [1]\n", "{a: !override [1]}"),
        ("a: !override 2\n", r#"{a: !override "2"}"#),
        ("a: &x !override [1]\nb: *x\n", "{a: !override [1], b: !override [1]}"),
        ("a: !override &x\n  c: 1\nb: *x\n", "{a: !override {c: 1}, b: !override {c: 1}}"),
        ("a: [1, !reset 2]\n", r#"{a: [1, !reset "2"]}"#),
        // Docker Compose resets only where the tag is written, unless the alias is all of the value.
        ("x: &x {e: !reset }\na:\n  <<: *x\n", r#"{x: {e: !reset ""}, a: {}}"#),
        ("x: &x !reset 1\na: *x\n", r#"{x: !reset "1", a: !reset "1"}"#),
        ("a:\n  <<: [{e: 1}, {e: 2}]\n  e: !reset\n", "{a: {e: !override 1}}"),
    ] {
        assert_eq!(documents(text), [expected], "{text}");
    }
}

#[test]
fn merge_keys_fill_in_what_is_missing() {
    for (text, expected) in [
        ("a:\n  <<: {b: 1, c: 2}\n  b: 3\n", "{a: {b: 3, c: 2}}"),
        ("a:\n  b: 3\n  <<: [{b: 2, c: 1}, {c: 3, d: 4}]\n", "{a: {b: 3, c: 1, d: 4}}"),
        ("a:\n  b: 1\n  <<: []\n", "{a: {b: 1}}"),
        ("a:\n  \"<<\": {b: 1}\n", "{a: {<<: {b: 1}}}"),
        ("a:\n  !!merge <<: {b: 1}\n", "{a: {b: 1}}"),
        ("a: <<\n", r#"{a: "<<"}"#),
        (
            "x: &x {p: {q: 1}}\ny: &y\n  <<: *x\n  r: 2\nz:\n  <<: *y\n",
            "{x: {p: {q: 1}}, y: {r: 2, p: {q: 1}}, z: {r: 2, p: {q: 1}}}",
        ),
    ] {
        assert_eq!(documents(text), [expected], "{text}");
    }
}

#[test]
fn many_uses_of_one_anchor_are_ordinary() {
    let mut text = "x: &x {restart: always}\n".to_owned();
    for service in 0..5_000 {
        let _ = writeln!(text, "s{service}: *x");
    }
    let parsed = read(&text);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.documents[0].as_mapping().unwrap().len(), 5_001);
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, message, place) in [
        ("a:\n  b: 1\n  b: 2\n", r#"line 3: mapping key "b" already defined at line 2"#, "b"),
        (
            "a:\n  <<: {b: 1}\n  <<: {c: 1}\n",
            r#"line 3: mapping key "<<" already defined at line 2"#,
            "<<",
        ),
        ("services:\n  x:\n    1: a\n", "non-string key in services.x: 1", "1"),
        ("a: {True: b}\n", "non-string key in a: true", "True"),
        ("a: {2.5: b}\n", "non-string key in a: 2.5", "2.5"),
        ("a: {~: b}\n", "non-string key in a: <nil>", "~"),
        ("a: {b: [c, {0x10: d}]}\n", "non-string key in a.b[1]: 16", "0x10"),
        ("1: a\n", "non-string key at top level: 1", "1"),
        ("? [a]\n: b\n", "yaml: invalid map key: a key must be text", "[a]"),
        ("a: *b\n", "yaml: unknown anchor 'b' referenced", "*b"),
        ("*b : 1\n", "yaml: unknown anchor 'b' referenced", "*b"),
        ("<<: *b\n", "yaml: unknown anchor 'b' referenced", "*b"),
        (
            "a: &x {b: *x}\n",
            "cycle detected: the alias at a.b stands within the node it names",
            "*x",
        ),
        ("a:\n  <<: 5\n", "yaml: map merge requires map or sequence of maps as the value", "5"),
        ("a:\n  <<: [5]\n", "yaml: map merge requires map or sequence of maps as the value", "[5]"),
        ("a:\n  <<:\n", "yaml: map merge requires map or sequence of maps as the value", "<<"),
        ("a: !!int x\n", "yaml: cannot decode !!str `x` as a !!int", "x"),
        ("a: !!int\n", "yaml: cannot decode !!null `` as a !!int", "!!int"),
        ("a: b: c\n", "yaml: line 1: mapping values are not allowed in this context", "b: c"),
        ("a:\n  - [b\n", "yaml: line 2: did not find expected ',' or ']'", "["),
        ("a:\n  é: b\n c: d\n", "yaml: line 3: did not find expected key", "c"),
        ("a: @b\n", "yaml: line 1: found character that cannot start any token", "@b"),
    ] {
        assert_eq!(messages(text), [message], "{text}");
        assert_eq!(underlined(text, 0), place, "{text}");
    }
}

#[test]
fn several_mistakes_are_found_at_once() {
    assert_eq!(
        messages("a: 1\na: 2\n1: x\nb: *y\n"),
        [
            r#"line 2: mapping key "a" already defined at line 1"#,
            "non-string key at top level: 1",
            "yaml: unknown anchor 'y' referenced",
        ]
    );
}

#[test]
fn a_duplicate_key_shows_both_places() {
    let text = "a: 1\n\"a\": 2\n";
    assert_eq!((underlined(text, 0), underlined(text, 1)), ("\"a\"", "a"));
}

#[test]
fn spans_cover_what_is_written() {
    let text = "a: \"b\"\nc:\n  - d\n  - {e: f }\nt: |\n  x\n\n# comment\nn:\nr: !reset\nz: &z !override\n  k: v\ny: *z\n";
    let root = &read(text).documents[0];
    for (path, expected) in [
        ("a", "\"b\""),
        ("c", "- d\n  - {e: f }"),
        ("c[0]", "d"),
        ("c[1]", "{e: f }"),
        ("t", "x"),
        ("n", ""),
        ("r", "!reset"),
        ("z", "k: v"),
        ("y", "k: v"),
    ] {
        let node = root.at_path(path).unwrap();
        assert_eq!(&text[node.span.range()], expected, "{path}");
    }
    assert_eq!(&text[root.span.range()], &text[..text.len() - 1]);
    let entries = root.as_mapping().unwrap();
    assert_eq!(&text[entries["t"].key_span.range()], "t");
}

#[test]
fn depth_and_size_are_limited() {
    let nested = "[".repeat(20_000);
    assert_eq!(messages(&nested), ["yaml: exceeded max depth of 256"]);
    let mut chained = "a0: &a0 []\n".to_owned();
    for link in 1..300 {
        let _ = writeln!(chained, "a{link}: &a{link} [*a{}]", link - 1);
    }
    assert_eq!(messages(&chained), ["yaml: exceeded max depth of 256"]);
    let mut doubling = "a0: &a0 [1, 1]\n".to_owned();
    for link in 1..30 {
        let _ = writeln!(doubling, "a{link}: &a{link} [*a{0}, *a{0}]", link - 1);
    }
    assert_eq!(
        messages(&doubling),
        [
            "yaml: document contains excessive aliasing: more than 1000000 values once aliases are written out"
        ]
    );
}

#[test]
fn places_within_replaced_characters_are_whole_characters() {
    let parsed = read("¡:\t%\r¡");
    assert!(!parsed.diagnostics.is_empty());
}

proptest! {
    #[test]
    fn no_text_panics(text in r"(?s).{0,60}") {
        read(&text);
    }

    #[test]
    fn nothing_like_yaml_panics(
        text in r#"([a-c]|: ?|- |\n|  |&a |\*a|<<: ?|[\[\]{},|>'"~?é!#]|!reset |!!int |---\n|\r\n|\t){0,40}"#
    ) {
        let parsed = read(&text);
        let within = |span: crate::diagnostic::Span| text.get(span.range()).is_some();
        for diagnostic in &parsed.diagnostics {
            prop_assert!(diagnostic.labels.iter().all(|label| within(label.span)));
        }
        for document in &parsed.documents {
            prop_assert!(within(document.span));
        }
    }
}
