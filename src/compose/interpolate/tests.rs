//! Single texts, and documents with places and casts.

use proptest::prelude::*;

use super::*;
use crate::compose::yaml::parse;
use crate::diagnostic::FileId;

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "A" => "va",
        "E" => "",
        "Q" => "it's $A",
        "n1" => "low",
        _ => return None,
    };
    Some(value.to_owned())
}

#[derive(Debug, PartialEq)]
enum Outcome {
    /// The text, nothing unset.
    Text(&'static str),
    /// The text, and the one variable that is not set.
    Unset(&'static str, &'static str),
    /// A required variable is missing: the error, and the part of the text it is about.
    Required(&'static str, &'static str),
    /// A format error: the part of the text it is about.
    Invalid(&'static str),
}

#[test]
fn texts_are_substituted_as_in_compose() {
    use Outcome::{Invalid, Required, Text, Unset};
    for (text, expected) in [
        ("", Text("")),
        ("plain", Text("plain")),
        ("$A", Text("va")),
        ("${A}", Text("va")),
        ("$$A", Text("$A")),
        ("$${A}", Text("${A}")),
        ("$${A", Text("${A")),
        ("${A}x", Text("vax")),
        ("$Ax", Unset("", "Ax")),
        ("${U}", Unset("", "U")),
        ("${U-d}", Text("d")),
        ("${U:-d}", Text("d")),
        ("${E-d}", Text("")),
        ("${E:-d}", Text("d")),
        ("${A:-d}", Text("va")),
        ("${A+r}", Text("r")),
        ("${A:+r}", Text("r")),
        ("${E+r}", Text("r")),
        ("${E:+r}", Text("")),
        ("${U+r}", Text("")),
        ("${U:+r}", Text("")),
        ("${U?m}", Required("required variable U is missing a value: m", "${U?m}")),
        ("x${U:?m}y", Required("required variable U is missing a value: m", "${U:?m}")),
        ("${E?m}", Text("")),
        ("${E:?m}", Required("required variable E is missing a value: m", "${E:?m}")),
        ("${E:?}", Required("required variable E is missing a value", "${E:?}")),
        ("${E:?x}y}", Required("required variable E is missing a value: x", "${E:?x}")),
        ("${U:-${A}}", Text("va")),
        ("${U:-${U2:-z}}", Text("z")),
        ("x${V:-d${W:-e}}z", Text("xdez")),
        ("${U:-a:b}", Text("a:b")),
        ("${U:-a-b}", Text("a-b")),
        ("${U-a:-b}", Text("a:-b")),
        ("${U:-$$x}", Text("$x")),
        ("${U:-a}b}", Text("ab}")),
        ("${U:-}}", Text("}")),
        ("${U:-{\"k\":1}}", Text("{\"k\":1}")),
        ("${U:-{\"a\":{\"b\":1}}} t", Text("{\"a\":{\"b\":1}} t")),
        ("${U:-{}}", Text("{}")),
        ("${U:-{}} b}", Text("{}} b")),
        ("${U:-{}}${A:-}}", Text("{}}va")),
        ("${A:-{}}x", Text("vax")),
        ("${U:-a{b}", Text("a{b")),
        ("${A:-}", Text("va")),
        ("${A-}", Text("va")),
        ("${U:-}", Text("")),
        ("${U:-$U2}", Unset("", "U2")),
        ("${A:-$U2}", Text("va")),
        (
            "${U:?a ${A} b}",
            Required("required variable U is missing a value: a va b", "${U:?a ${A} b}"),
        ),
        ("$1", Text("$1")),
        ("${1}", Invalid("${1}")),
        ("$", Text("$")),
        ("a$", Text("a$")),
        ("$ A", Text("$ A")),
        ("x${A", Invalid("${A")),
        ("${A:-x", Invalid("${A:-x")),
        ("${A B}", Invalid("${A B}")),
        ("${A!x}", Invalid("${A!x}")),
        ("${}", Invalid("${}")),
        ("$A$A", Text("vava")),
        ("$A}", Text("va}")),
        ("${A}}", Text("va}")),
        ("${n1}", Text("low")),
        ("$n1", Text("low")),
        ("${A:+${E:-w}}", Text("w")),
        ("${U:+${X:?no}}", Required("required variable X is missing a value: no", "${X:?no}")),
        ("${A:-${X:?no}}", Required("required variable X is missing a value: no", "${X:?no}")),
        ("$_", Unset("", "_")),
        ("${_X:-u}", Text("u")),
        ("${U:-it's}", Text("it's")),
        ("$Q", Text("it's $A")),
        ("${A/x/y}", Invalid("${A/x/y}")),
        ("${A:1}", Invalid("${A:1}")),
        ("${A:x}", Invalid("${A:x}")),
        ("${A::-x}", Invalid("${A::-x}")),
        ("${A:}", Invalid("${A:}")),
        ("${#A}", Invalid("${#A}")),
        ("$$$A", Text("$va")),
        ("$$$$A", Text("$$A")),
        ("$$$", Text("$$")),
        ("${É}", Invalid("${É}")),
        ("$É", Text("$É")),
        ("${U:-\n}", Invalid("${U:-")),
        ("${U:-a}\n${A:-b}", Text("a\nva")),
        ("${U:-a} ${1} x", Invalid("${1}")),
        ("${U:-é${U:-${1}}}", Invalid("${1}")),
    ] {
        let outcome = match substitute(text, &environment, &mut 0) {
            Ok(Substituted { text, unset }) => match unset.as_slice() {
                [] => format!("{:?}", (text, "")),
                [unset] => format!("{:?}", (text, unset.name.as_str())),
                more => panic!("{more:?}"),
            },
            Err(error @ TemplateError::Required { .. }) => {
                format!("{:?}", (error.to_string(), &text[error.range().clone()]))
            }
            Err(error) => {
                assert_eq!(error.to_string(), format!("Invalid template: {text:?}"));
                format!("{:?}", &text[error.range().clone()])
            }
        };
        let expected = match expected {
            Text(text) => format!("{:?}", (text, "")),
            Unset(text, name) => format!("{:?}", (text, name)),
            Required(message, part) => format!("{:?}", (message, part)),
            Invalid(part) => format!("{part:?}"),
        };
        assert_eq!(outcome, expected, "{text}");
    }
}

#[test]
fn nesting_is_limited() {
    let text = "${U:-".repeat(100_000) + &"}".repeat(100_000);
    assert!(matches!(substitute(&text, &environment, &mut 0), Err(TemplateError::TooDeep { .. })));
}

/// The document after substitution, with the messages and the underlined texts.
fn interpolated(text: &str) -> (Node, Vec<(String, String)>) {
    let mut parsed = parse(FileId(0), text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let mut root = parsed.documents.remove(0);
    let mut diagnostics = Vec::new();
    tree(&mut root, &environment, &mut Tally::default(), &mut diagnostics);
    let shown = diagnostics
        .into_iter()
        .map(|it| (it.message, text[it.labels[0].span.range()].to_owned()))
        .collect();
    (root, shown)
}

#[test]
fn values_are_replaced_and_keys_are_not() {
    let (root, diagnostics) =
        interpolated("$A: $A\nl: ['${A}', {k: \"<$A>\"}]\nn: 5\nr: !reset ${X:?}\n");
    assert_eq!(diagnostics, []);
    for (path, expected) in [("$A", "va"), ("l[0]", "va"), ("l[1].k", "<va>"), ("r", "${X:?}")] {
        assert_eq!(root.at_path(path).and_then(Node::as_str), Some(expected), "{path}");
    }
}

#[test]
fn mistakes_name_the_attribute_and_the_place() {
    for (text, message, place) in [
        (
            "services:\n  a:\n    image: 'x${V:?need it}'\n",
            "error while interpolating services.a.image: required variable V is missing a value: need it",
            "${V:?need it}",
        ),
        (
            "services: {a: {image: 'x${V'}}",
            "invalid interpolation format for services.a.image.\nYou may need to escape any $ with another $.\nx${V",
            "${V",
        ),
        (
            "services: {a: {command: [é, \"${V?}\"]}}",
            "error while interpolating services.a.command.[]: required variable V is missing a value",
            "${V?}",
        ),
        (
            "a: \"\\t${V?}\"\n",
            "error while interpolating a: required variable V is missing a value",
            "\"\\t${V?}\"",
        ),
        ("a: b $V c", "The \"V\" variable is not set. Defaulting to a blank string.", "$V"),
    ] {
        let (_, diagnostics) = interpolated(text);
        assert_eq!(diagnostics, [(message.to_owned(), place.to_owned())], "{text}");
    }
}

#[test]
fn an_unset_variable_is_reported_once() {
    let (_, diagnostics) = interpolated("a: $U ${U}\nb: $U $W\n");
    let places: Vec<&str> = diagnostics.iter().map(|(_, place)| place.as_str()).collect();
    assert_eq!(places, ["$U", "$W"]);
}

#[test]
fn texts_are_cast_where_the_attribute_wants_it() {
    for (attribute, expected) in [
        ("scale: '+2'", Value::Int(2)),
        ("scale: 2", Value::Int(2)),
        ("scale: !override 2", Value::Int(2)),
        ("cpus: '1.5'", Value::Float(1.5)),
        ("cpus: '1_0'", Value::Float(10.0)),
        ("tty: 'TRUE'", Value::Bool(true)),
        ("init: '${E:-false}'", Value::Bool(false)),
        ("container_name: '5'", Value::String("5".to_owned())),
    ] {
        let (root, diagnostics) = interpolated(&format!("services: {{a: {{{attribute}}}}}"));
        assert_eq!(diagnostics, [], "{attribute}");
        let service = root.at_path("services.a").and_then(Node::as_mapping).unwrap();
        assert_eq!(service.values().next().unwrap().node.value, expected, "{attribute}");
    }
    for (document, path) in [
        (
            "services: {a: {depends_on: {b: {required: 'true'}}}}",
            "services.a.depends_on.b.required",
        ),
        ("services: {a: {volumes: [{read_only: 'true'}]}}", "services.a.volumes[0].read_only"),
        ("networks: {n: {internal: 'true'}}", "networks.n.internal"),
        ("secrets: {s: {external: 'true'}}", "secrets.s.external"),
    ] {
        let (root, _) = interpolated(document);
        assert_eq!(root.at_path(path).unwrap().value, Value::Bool(true), "{document}");
    }
}

#[test]
fn failed_casts_have_the_words_of_compose() {
    for (attribute, path, reason) in [
        ("privileged: maybe", "privileged", "invalid boolean: maybe"),
        ("privileged: ''", "privileged", "invalid boolean: "),
        ("privileged: '1'", "privileged", "invalid boolean: 1"),
        ("cpus: ''", "cpus", r#"strconv.ParseFloat: parsing "": invalid syntax"#),
        ("cpus: 1e400", "cpus", r#"strconv.ParseFloat: parsing "1e400": value out of range"#),
        ("scale: a", "scale", r#"strconv.Atoi: parsing "a": invalid syntax"#),
        ("scale: '1_0'", "scale", r#"strconv.Atoi: parsing "1_0": invalid syntax"#),
        ("cpu_count: x", "cpu_count", r#"strconv.ParseInt: parsing "x": invalid syntax"#),
        (
            "cpu_count: '99999999999999999999'",
            "cpu_count",
            r#"strconv.ParseInt: parsing "99999999999999999999": value out of range"#,
        ),
        (
            "ports: [{target: 80x}]",
            "ports.[].target",
            r#"strconv.Atoi: parsing "80x": invalid syntax"#,
        ),
    ] {
        let (_, diagnostics) = interpolated(&format!("services: {{a: {{{attribute}}}}}"));
        let message = format!(
            "error while interpolating services.a.{path}: failed to cast to expected type: {reason}"
        );
        assert_eq!(diagnostics.len(), 1, "{attribute}");
        assert_eq!(diagnostics[0].0, message);
    }
    let (root, diagnostics) = interpolated("services: {a: {tty: \"Yes\"}}");
    assert_eq!(root.at_path("services.a.tty").unwrap().value, Value::Bool(true));
    assert_eq!(
        diagnostics[0].0,
        "\"Yes\" for boolean is not supported by YAML 1.2, please use `true`"
    );
}

#[test]
fn variables_are_listed_with_their_uses() {
    let text = "a: ${T:-latest} ${B?need}\nb: ['${C:+alt}', $D, '${E-${F:-x}}', $$G, '${T:?}']\n";
    let found = variables(&parse(FileId(0), text).documents[0]);
    let shown: Vec<_> = found
        .iter()
        .map(|it| (it.name.as_str(), it.required, it.default.as_deref(), it.alternate.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("T", true, Some("latest"), None),
            ("B", true, None, None),
            ("C", false, None, Some("alt")),
            ("D", false, None, None),
            ("E", false, Some("${F:-x}"), None),
            ("F", false, Some("x"), None),
        ]
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in r"(?s)(\$|\{|\}|\$\{|:-|:\?|:\+|[A-C]|é|\n|.){0,30}") {
        if let Err(error) = substitute(&text, &environment, &mut 0) {
            prop_assert!(text.get(error.range().clone()).is_some());
        }
    }

    #[test]
    fn a_text_without_dollars_stays(text in "[^$]{0,30}") {
        let substituted = substitute(&text, &environment, &mut 0).unwrap();
        prop_assert!(matches!(substituted.text, std::borrow::Cow::Borrowed(it) if it == text));
    }
}
