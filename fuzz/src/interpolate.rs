//! Variables in texts.

use bireme::compose::interpolate::{Tally, substitute, tree, variables};
use bireme::compose::yaml::{Node, Value};
use bireme::diagnostic::Span;

use super::diagnostics;

/// The variables that are set: ordinary, empty, and one that looks like a variable itself.
fn lookup(name: &str) -> Option<String> {
    match name {
        "A" => Some("va".to_owned()),
        "E" => Some(String::new()),
        "D" => Some("$A ${A:-}".to_owned()),
        _ => None,
    }
}

/// A text without `$` stays as it is, every text comes back from its escaped form, places lie
/// within the text, and what is put in is not looked at again.
pub fn check(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let escaped = text.replace('$', "$$");
    let back = substitute(&escaped, &lookup, &mut 0).expect("an escaped text has no mistake");
    assert_eq!(back.text, text, "escaped as {escaped:?}");
    match substitute(text, &lookup, &mut 0) {
        Ok(substituted) => {
            if !text.contains('$') {
                assert_eq!(substituted.text, text);
            }
            for unset in &substituted.unset {
                let place = text.get(unset.range.clone()).expect("a place within the text");
                assert!(place.contains(&unset.name), "{place:?} holds {:?}", unset.name);
            }
            // No value here is longer than nine bytes, and no use of one shorter than two.
            assert!(substituted.text.len() <= text.len() * 5, "{}", substituted.text.len());
        }
        Err(error) => {
            assert!(text.get(error.range().clone()).is_some(), "{error:?} in {text:?}");
            assert!(!error.to_string().is_empty());
        }
    }
    in_tree(text);
}

fn in_tree(text: &str) {
    let (sources, file) = diagnostics::source(text);
    let mut node = Node::new(Value::String(text.to_owned()), Span::new(file, 0, text.len()));
    for variable in variables(&node) {
        assert!(text.contains(&variable.name), "{variable:?}");
    }
    let mut problems = Vec::new();
    tree(&mut node, &lookup, &mut Tally::default(), &mut problems);
    diagnostics::check(&problems, &sources);
}
