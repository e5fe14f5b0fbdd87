//! Both grammars, row by row.

use std::path::Path;

use proptest::prelude::*;

use super::*;

fn environment(name: &str) -> Option<String> {
    (name == "OSV").then(|| "os".to_owned())
}

#[test]
fn files_set_what_compose_reads() {
    for (text, expected) in [
        ("", &[][..]),
        ("K=v", &[("K", "v")]),
        ("K = v", &[("K", "v")]),
        (" K= v  ", &[("K", "v")]),
        ("   K=v ", &[("K", "v")]),
        (" K=a  b   ", &[("K", "a  b")]),
        ("K\t=v", &[("K", "v")]),
        ("K=\tv", &[("K", "v")]),
        ("K\u{a0}=\u{a0}v\u{a0}", &[("K", "v")]),
        ("K=v\r", &[("K", "v")]),
        ("A=1\r\nB=2\r\n", &[("A", "1"), ("B", "2")]),
        ("\u{feff}K=v", &[("K", "v")]),
        // Comments.
        ("#K=v", &[]),
        ("# c", &[]),
        ("  # c\nK=v\n#", &[("K", "v")]),
        ("K=v # c", &[("K", "v")]),
        ("K=v#c", &[("K", "v#c")]),
        ("K=v\t# c", &[("K", "v\t# c")]),
        ("K= # c", &[("K", "# c")]),
        ("K='v # c'", &[("K", "v # c")]),
        ("K=\"v # c\"", &[("K", "v # c")]),
        ("K='a'   # c", &[("K", "a")]),
        ("K=\"a\"# c\nL=1", &[("K", "a"), ("L", "1")]),
        ("K=a\n\n# x\nL=b", &[("K", "a"), ("L", "b")]),
        // Quotes and escapes.
        ("K='a\\nb'", &[("K", "a\\nb")]),
        ("K=\"a\\nb\"", &[("K", "a\nb")]),
        ("K=a\\nb", &[("K", "a\\nb")]),
        ("K=\"a\\tb\\\\c\"", &[("K", "a\tb\\c")]),
        ("K=\"\\a\\v\\b\\f\\r\\e\\c\"", &[("K", "\u{7}\u{b}\u{8}\u{c}\r\\e\\c")]),
        ("K=\"\\x41\"", &[("K", "\\x41")]),
        ("K=\"\\101\"", &[("K", "\\101")]),
        ("K=\"\\0101\"", &[("K", "A")]),
        ("K=\"\\0377\"", &[("K", "ÿ")]),
        ("K=\"\\0777\"", &[("K", "\\777")]),
        ("K=\"\\08\"", &[("K", "\\8")]),
        ("K=\"\\0\"", &[("K", "\\")]),
        ("K=\"\\000\"", &[("K", "\\00")]),
        ("K='it\\'s'", &[("K", "it's")]),
        ("K=\"q\\\"q\"", &[("K", "q\"q")]),
        ("K=\"\\\\\\\"x\"", &[("K", "\\\"x")]),
        ("K=\"a\\\nb\"", &[("K", "a\\\nb")]),
        ("K=\\\"v\\\"", &[("K", "\\\"v\\\"")]),
        ("K=\"\"", &[("K", "")]),
        ("K=''", &[("K", "")]),
        ("K=\"a\nb\"", &[("K", "a\nb")]),
        ("K='a\nb'", &[("K", "a\nb")]),
        ("K=a\"b\"", &[("K", "a\"b\"")]),
        ("K=a'b'", &[("K", "a'b'")]),
        ("K=`x`", &[("K", "`x`")]),
        ("K=$(x)", &[("K", "$(x)")]),
        ("K={\"a\": \"b\"} # c", &[("K", "{\"a\": \"b\"}")]),
        ("K=a\\", &[("K", "a\\")]),
        ("FOO=bar\\\nL=z", &[("FOO", "bar\\"), ("L", "z")]),
        // Variables.
        ("K=\"$OSV\"", &[("K", "os")]),
        ("K='$OSV'", &[("K", "$OSV")]),
        ("K=$OSV", &[("K", "os")]),
        ("K=${OSV}", &[("K", "os")]),
        ("K=\"${OSV}\"", &[("K", "os")]),
        ("K='${OSV}'", &[("K", "${OSV}")]),
        ("K=${OSV:+y}", &[("K", "y")]),
        ("K=${U:-d}", &[("K", "d")]),
        ("K=\"${OSV:-a b}\" # c", &[("K", "os")]),
        ("K=\"\\$OSV\"", &[("K", "$OSV")]),
        ("K=\"a\\$b\"", &[("K", "a$b")]),
        ("K=\"a\\\\$OSV\"", &[("K", "a\\os")]),
        ("K=\"a\\\\\\$OSV\"", &[("K", "a\\$OSV")]),
        ("K=\\$OSV", &[("K", "\\os")]),
        ("K=$$OSV", &[("K", "$OSV")]),
        ("K=a$", &[("K", "a$")]),
        ("J=1\nK=${J}2", &[("J", "1"), ("K", "12")]),
        ("J=1\nK=$J", &[("J", "1"), ("K", "1")]),
        ("OSV=x\nK=$OSV", &[("OSV", "x"), ("K", "os")]),
        ("K=v\nK=w", &[("K", "w")]),
        // Keys and separators.
        ("export K=v", &[("K", "v")]),
        ("export\tK=v", &[("K", "v")]),
        ("exportK=v", &[("exportK", "v")]),
        ("export\nK=v", &[("K", "v")]),
        ("K: v", &[("K", "v")]),
        ("K:v", &[("K", "v")]),
        ("K:=v", &[("K", "=v")]),
        ("K==v", &[("K", "=v")]),
        ("K=a=b", &[("K", "a=b")]),
        ("K=", &[("K", "")]),
        ("K=\n\nL=", &[("K", ""), ("L", "")]),
        ("1K=v", &[("1K", "v")]),
        ("K.x=v", &[("K.x", "v")]),
        ("K-x=v", &[("K-x", "v")]),
        ("K[0]=v", &[("K[0]", "v")]),
        ("K\tx=v", &[("K\tx", "v")]),
        ("É=é", &[("É", "é")]),
        ("=v", &[("", "v")]),
        ("K=on", &[("K", "on")]),
        ("K=x;y", &[("K", "x;y")]),
        ("K=a b", &[("K", "a b")]),
        // Keys without a value.
        ("K\nL=1", &[("L", "1")]),
        ("OSV\nL=1", &[("OSV", "os"), ("L", "1")]),
        ("K\n=v", &[("", "v")]),
        // A last line that is not finished.
        ("K", &[("", "K")]),
        ("OSV", &[("", "OSV")]),
        ("K x", &[("", "K x")]),
        ("export K", &[("", "K")]),
        // Behind a closing quote, the next statement.
        ("K=\"a\" junk", &[("K", "a"), ("", "junk")]),
        ("K=\"a\"b", &[("K", "a"), ("", "b")]),
        ("K='a'L=b", &[("K", "a"), ("L", "b")]),
        ("K='a'b\n", &[("K", "a")]),
    ] {
        let parsed = parse(text, &environment).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let variables: Vec<_> =
            parsed.variables.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(variables, expected, "{text:?}");
        assert_eq!(parsed.unset, [], "{text:?}");
    }
}

#[test]
fn unset_variables_are_told_with_their_place() {
    for (text, value, place) in
        [("K=\"$U\"", "", "$U"), ("K=$K\n", "", "$K"), ("K=\"\\t<${U}>\"", "\t<>", "\"\\t<${U}>\"")]
    {
        let parsed = parse(text, &environment).unwrap();
        assert_eq!(parsed.variables["K"], value, "{text}");
        let places: Vec<&str> =
            parsed.unset.iter().map(|(_, range)| &text[range.clone()]).collect();
        assert_eq!(places, [place], "{text}");
    }
}

#[test]
fn mistakes_have_the_words_of_compose() {
    for (text, message, line, place) in [
        ("K x=v", "line 1: key cannot contain a space", 1, "K x"),
        ("A=1\nB=\"2\n3\"\nK x\n", "line 4: key cannot contain a space", 4, "K x"),
        ("K!=v", r#"line 1: unexpected character "!" in variable name "K!=v""#, 1, "K!"),
        (
            "A=1\nK # c\n",
            r##"line 2: unexpected character "#" in variable name "K # c""##,
            2,
            "K #",
        ),
        ("'K'=v", r#"line 1: unexpected character "'" in variable name "'K'=v""#, 1, "'"),
        ("K=\"\"''\n", r#"line 1: unexpected character "'" in variable name "''""#, 1, "'"),
        ("K=\"a", "line 1: unterminated quoted value \"a", 1, "\"a"),
        ("K='a", "line 1: unterminated quoted value 'a", 1, "'a"),
        ("A=1\nK='a\nb\n", "line 2: unterminated quoted value 'a", 2, "'a"),
        ("A=1\nexport ", "zero length string", 2, "export"),
        ("K=${U?m}", "required variable U is missing a value: m", 1, "${U?m}"),
        ("A=1\nK=${U", "Invalid template: \"${U\"", 2, "${U"),
        ("K=\"${U\"\n", "Invalid template: \"${U\"", 1, "${U"),
    ] {
        let error = &parse(text, &environment).unwrap_err().mistakes[0];
        assert_eq!(error.to_string(), message, "{text}");
        assert_eq!((error.line, &text[error.range.clone()]), (line, place), "{text}");
        let diagnostic = error.diagnostic(FileId(0), Path::new("/p/t.env"));
        assert_eq!(diagnostic.message, format!("failed to read /p/t.env: {message}"));
    }
}

#[test]
fn raw_files_are_taken_literally() {
    for (text, expected) in [
        ("", &[][..]),
        ("K=v\n", &[("K", "v")]),
        ("K=\"v\"\n", &[("K", "\"v\"")]),
        ("K=$OSV\n", &[("K", "$OSV")]),
        (" K=v \n", &[("K", "v ")]),
        ("K=v # c\n", &[("K", "v # c")]),
        ("K=\n", &[("K", "")]),
        ("K=a=b\n", &[("K", "a=b")]),
        ("\u{feff}K=v", &[("K", "v")]),
        ("A=1\r\nB=2\r\n", &[("A", "1"), ("B", "2")]),
        ("A=1\nA=2\n", &[("A", "2")]),
        (" #c\n\nK=1", &[("K", "1")]),
        ("OSV\nU\n", &[("OSV", "os")]),
    ] {
        let variables = parse_raw(text, &environment).unwrap();
        let variables: Vec<_> =
            variables.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(variables, expected, "{text:?}");
    }
}

#[test]
fn raw_mistakes_have_the_words_of_docker() {
    for (text, message, place) in [
        ("K x=v\n", "variable 'K x' contains whitespaces", "K x=v"),
        ("A=1\nK = v\n", "variable 'K ' contains whitespaces", "K = v"),
        ("export K=v", "variable 'export K' contains whitespaces", "export K=v"),
        ("K\t=v", "variable 'K\t' contains whitespaces", "K\t=v"),
        ("=v\n", "no variable name on line '=v'", "=v"),
    ] {
        let error = &parse_raw(text, &environment).unwrap_err().mistakes[0];
        assert_eq!(error.to_string(), message);
        assert_eq!(&text[error.range().clone()], place);
    }
}

#[test]
fn every_mistake_is_told_and_nothing_that_only_follows_from_one() {
    for (text, expected, kept) in [
        ("K x=1\nA=1\nL!=2\nB=$A\n", &["1:K x", "3:L!"][..], "A=1 B=1"),
        ("A=${B\nC=${D?m}\nE=${F?n}\n", &["1:${B", "2:${D?m}", "3:${F?n}"], ""),
        // What a line with a mistake may have set is missed by nobody.
        ("D=${B\nC=${D?m}\n", &["1:${B"], ""),
        ("D x=1\nC=${D?m}$E\n", &["1:D x"], ""),
        ("A=${A?m}\n", &["1:${A?m}"], ""),
        // The lines of a value are none of their own, though its name is wrong.
        ("K x=\"1\nL y=2\"\nM z=3\n", &["1:K x", "3:M z"], ""),
        ("K x='1\nL y=2\n", &["1:K x", "2:L y"], ""),
        // A quote that is not closed has some more text behind it, and then a variable.
        ("K='-----BEGIN\nMII/+\nsome words\nA=1\nB c=2\n", &["1:'-----BEGIN", "5:B c"], "A=1"),
        ("K=\"${U\" # c\nA=1", &["1:${U"], "A=1"),
        ("A=1\nexport ", &["2:export"], "A=1"),
    ] {
        let mistaken = parse(text, &environment).unwrap_err();
        let told = |it: &DotenvError| format!("{}:{}", it.line, &text[it.range.clone()]);
        let places: Vec<String> = mistaken.mistakes.iter().map(told).collect();
        assert_eq!(places, expected, "{text}");
        let rest = mistaken.rest.variables.iter().map(|(key, value)| format!("{key}={value}"));
        assert_eq!(rest.collect::<Vec<_>>().join(" "), kept, "{text}");
        assert_eq!(mistaken.rest.unset, [], "{text}");
    }
    let many = parse(&"K x\n".repeat(1000), &environment).unwrap_err();
    assert_eq!(many.mistakes.len(), limits::MISTAKES);

    let raw = parse_raw("=1\nA=2\nK x=3\n", &environment).unwrap_err();
    assert_eq!(raw.mistakes.len(), 2);
    assert_eq!(raw.rest["A"], "2");
}

proptest! {
    #[test]
    fn no_text_panics(text in r#"(?s)([KA]|=|:| |\n|\r|"|'|\\|\\0|[0-9]|\$|\{|\}|#|export |é|\u{a0}|.){0,30}"#) {
        let _ = parse_raw(&text, &environment);
        match parse(&text, &environment) {
            Ok(parsed) => prop_assert!(
                parsed.unset.iter().all(|(_, range)| text.get(range.clone()).is_some())
            ),
            Err(mistaken) => {
                prop_assert!(!mistaken.mistakes.is_empty());
                for error in mistaken.mistakes {
                    prop_assert!(text.get(error.range).is_some());
                }
            }
        }
    }
}
