use super::{Emptied, Where, apply, insert, remove, set};
use crate::compose::yaml::layout;

/// The text without the entry whose key begins where `@` stands in it.
fn removed(text: &str, emptied: Emptied) -> Option<String> {
    let at = text.find('@').unwrap();
    let text = text.replacen('@', "", 1);
    apply(&text, remove(&text, &layout(&text).unwrap(), at, emptied)?)
}

fn braces(text: &str) -> String {
    removed(text, Emptied::Braces).unwrap_or_else(|| "nothing".to_owned())
}

#[test]
fn a_line_goes_with_its_own_comment_and_nothing_else() {
    for (before, after) in [
        ("a: 1 # one\n# two\n@b: 2 # two\n# three\nc: 3\n", "a: 1 # one\n# two\n# three\nc: 3\n"),
        ("a: 1\r\n@b: 2\t# x\r\nc: 3\r\n", "a: 1\r\nc: 3\r\n"),
        ("a: 1\n@b: \"2\"", "a: 1\n"),
        ("a: 1\n@b: 2", "a: 1\n"),
        ("\u{feff}@b: 2\na: 1\n", "\u{feff}a: 1\n"),
        ("a: |\n  text\n@b: 2\n", "a: |\n  text\n"),
        ("@b: >-\n  two\n  lines\n\na: 1\n", "\na: 1\n"),
        ("@b:\na: 1\n", "a: 1\n"),
        ("x: {a: 1}\n---\ny:\n  @b: !!str 2\n  c: 3\n", "x: {a: 1}\n---\ny:\n  c: 3\n"),
    ] {
        assert_eq!(braces(before), after, "{before}");
    }
}

#[test]
fn braces_lose_an_entry_with_one_comma() {
    for (before, after) in [
        ("s: {a: 1, @b: 2}\n", "s: {a: 1}\n"),
        ("s: {@b: 2, a: 1} # c\n", "s: {a: 1} # c\n"),
        ("s: {a: 1, @b: 2, c: 3}\n", "s: {a: 1, c: 3}\n"),
        ("s: { a: 1, @b: 2, }\n", "s: { a: 1, }\n"),
        ("s: {@b: 2}\n", "s: {}\n"),
        ("{\n  \"a\": 1,\n  @\"b\": 2\n}\n", "{\n  \"a\": 1\n}\n"),
        ("{\n  @\"b\": 2,\n  \"a\": 1\n}\n", "{\n  \"a\": 1\n}\n"),
        ("s: {\n  a: 1, # one\n  @b: 2, # two\n  c: 3\n}\n", "s: {\n  a: 1, # one\n  c: 3\n}\n"),
        ("s: {\n  a: 1, # one\n  @b: 2 # two\n}\n", "s: {\n  a: 1, # one\n}\n"),
        ("s: {\n  a: 1,\n  @b: 2 # two\n}\n", "s: {\n  a: 1\n}\n"),
        ("s: {a: 1, @b: 2,\n  c: 3}\n", "s: {a: 1,\n  c: 3}\n"),
        ("s: {@b: 2,\n  c: 3}\n", "s: {c: 3}\n"),
    ] {
        assert_eq!(braces(before), after, "{before}");
    }
}

#[test]
fn a_mapping_stays_a_mapping_or_goes_with_its_entry() {
    let block = "s:\n  db: # c\n    @b: 2 # x\n  web:\n    a: 1\n";
    assert_eq!(braces(block), "s:\n  db: {} # c\n  web:\n    a: 1\n");
    assert_eq!(removed(block, Emptied::Leaves), None, "a comment would be lost");
    assert_eq!(braces("s: &x !override\n  # why\n  @b: 2\n"), "s: &x !override {}\n  # why\n");
    let flow = "s:\n  db: {@b: 2}\n  web:\n    a: 1\n";
    assert_eq!(removed(flow, Emptied::Leaves).as_deref(), Some("s:\n  web:\n    a: 1\n"));
    let block = "s:\n  db:\n    @b: 2 # x\n  web:\n    a: 1\n";
    assert_eq!(removed(block, Emptied::Leaves).as_deref(), Some("s:\n  web:\n    a: 1\n"));
    assert_eq!(removed("s:\n  db:\n    @b: 2\n", Emptied::Leaves), None, "nothing else is left");
}

#[test]
fn an_anchor_moves_to_its_first_use() {
    assert_eq!(
        braces("a:\n  @b: &p x/y # c\n  k: 1\nd:\n  b: *p\ne:\n  b: *p\n"),
        "a:\n  k: 1\nd:\n  b: &p x/y\ne:\n  b: *p\n"
    );
    assert_eq!(braces("a:\n  @b: &p x\n  k: 1\n"), "a:\n  k: 1\n");
    assert_eq!(braces("a:\n  @b: &p {x: y}\n  k: *p\n"), "nothing");
    assert_eq!(braces("d: &p x\na:\n  @b: *p\n  k: *p\n"), "d: &p x\na:\n  k: *p\n");
}

#[test]
fn entries_are_put_in_where_they_belong() {
    let put = |text: &str, path: &[&str]| {
        let place = Where::Behind(&["<<", "extends"]);
        insert(text, &layout(text).unwrap(), path, ("b", "2"), place)
            .and_then(|replacement| apply(text, vec![replacement]))
            .unwrap_or_else(|| "nothing".to_owned())
    };
    for (before, after) in [
        (
            "s:\n  d:\n    a: 1\n    extends: e # c\n",
            "s:\n  d:\n    a: 1\n    extends: e # c\n    b: 2\n",
        ),
        ("s:\r\n  d:\r\n    a: 1\r\n    c: 3", "s:\r\n  d:\r\n    a: 1\r\n    b: 2\r\n    c: 3"),
        ("s:\n  d:\n    a: 1", "s:\n  d:\n    a: 1\n    b: 2"),
        ("s: {d: {a: 1}}\n", "s: {d: {a: 1, b: 2}}\n"),
        ("s: {d: {}}\n", "s: {d: {b: 2}}\n"),
        ("x: &x {a: 1}\ns:\n  d: *x\n", "x: &x {a: 1}\ns:\n  d: {<<: *x, b: 2}\n"),
        ("s:\n  d:\n  e: 1\n", "s:\n  d: {b: 2}\n  e: 1\n"),
        ("s:\n  d: text\n", "nothing"),
    ] {
        assert_eq!(put(before, &["s", "d"]), after, "{before}");
    }
}

#[test]
fn values_are_set_with_the_keys_that_are_missing() {
    let put = |text: &str| {
        set(text, &layout(text).unwrap(), &["s", "d", "b"], "2")
            .and_then(|replacement| apply(text, vec![replacement]))
            .unwrap_or_else(|| "nothing".to_owned())
    };
    for (before, after) in [
        ("", "s:\n  d:\n    b: 2\n"),
        ("# c", "# c\ns:\n  d:\n    b: 2\n"),
        ("x: 1\n", "x: 1\ns:\n  d:\n    b: 2\n"),
        (
            "s:\n    e:\n        a: 1\nx: 1\n",
            "s:\n    e:\n        a: 1\n    d:\n        b: 2\nx: 1\n",
        ),
        ("s: {}\n", "s: {d: {b: 2}}\n"),
        ("s:\n", "s: {d: {b: 2}}\n"),
        ("s:\n  d:\n    a: 1\n", "s:\n  d:\n    a: 1\n    b: 2\n"),
        ("s:\n  d:\n    b: 1\n", "nothing"),
        ("{\"s\": {\"e\": 1}}", "{\"s\": {\"e\": 1, \"d\": {\"b\": 2}}}"),
    ] {
        assert_eq!(put(before), after, "{before}");
    }
}
