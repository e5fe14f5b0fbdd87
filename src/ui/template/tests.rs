//! What templates print, and what is said of mistakes: as Go's package `text/template` does, with the
//! functions of the Docker CLI.

use super::*;

fn port(url: &str, target: i64) -> Value {
    Value::from(Record {
        type_name: "api.PortPublisher",
        kind: RecordKind::Struct,
        fields: vec![("URL", url.into()), ("TargetPort", Value::Int(target))],
        labels: Labels::None,
    })
}

fn row() -> Value {
    Value::from(Record {
        type_name: "*formatter.ContainerContext",
        kind: RecordKind::Row,
        fields: vec![
            ("Name", "q-db-1".into()),
            ("Health", "".into()),
            ("State", "running".into()),
            ("ExitCode", Value::Int(3)),
            (
                "Publishers",
                Value::List {
                    type_name: "api.PortPublishers",
                    items: vec![port("0.0.0.0", 80), port("", 443)],
                },
            ),
            ("Empty", Value::List { type_name: "api.PortPublishers", items: vec![] }),
            ("Labels", "b=2,a=<1>".into()),
        ],
        labels: Labels::Of([("my.label".to_owned(), "x".to_owned())].into()),
    })
}

fn shown(template: &str) -> Result<String, TemplateError> {
    let mut text = String::new();
    Template::parse(template)?.write(&row(), Functions::Values, &mut text)?;
    Ok(text)
}

#[test]
fn templates_print_what_go_prints() {
    for (template, expected) in [
        ("{{.Name}}", "q-db-1"),
        ("{{ .Name }}: {{.ExitCode}}", "q-db-1: 3"),
        ("{{.Name | upper}} {{upper .Name}} {{title .Name}}", "Q-DB-1 Q-DB-1 Q-Db-1"),
        ("{{json .Name}} {{json .Labels}}", r#""q-db-1" "b=2,a=<1>""#),
        (
            "{{json .Publishers}}",
            r#"[{"URL":"0.0.0.0","TargetPort":80},{"URL":"","TargetPort":443}]"#,
        ),
        ("{{.Publishers}} {{.Empty}}", "[{0.0.0.0 80} { 443}] []"),
        ("{{if .Health}}{{.Health}}{{else}}none{{end}}", "none"),
        ("{{if eq .ExitCode 0}}ok{{else if .Health}}sick{{else}}bad{{end}}", "bad"),
        ("{{range .Publishers}}{{.TargetPort}},{{end}}", "80,443,"),
        ("{{range $i, $p := .Publishers}}{{$i}}={{$p.TargetPort}};{{end}}", "0=80;1=443;"),
        ("{{range $p := .Publishers}}{{$p.TargetPort}}{{break}}{{end}}", "80"),
        ("{{range $i, $p := .Publishers}}{{if $i}}{{continue}}{{end}}{{$p.URL}}{{end}}", "0.0.0.0"),
        ("{{range .Empty}}x{{else}}none{{end}} {{range 3}}{{.}}{{end}}", "none 012"),
        ("{{with .Health}}{{.}}{{else with .State}}{{.}}!{{end}}", "running!"),
        ("{{$x := .Name}}{{$x}} {{$x | upper}} {{$.State}}", "q-db-1 Q-DB-1 running"),
        ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"),
        ("{{.Label \"my.label\" | upper}} {{\"my.label\" | .Label}}", "X x"),
        ("{{index .Publishers 1 | json}}", r#"{"URL":"","TargetPort":443}"#),
        ("{{(index .Publishers 0).URL}} {{len .Publishers}}", "0.0.0.0 2"),
        ("{{slice .Name 1 3}} {{truncate .Name 3}} {{truncate .Name 99}}", "-d q-d q-db-1"),
        ("{{pad .Name 1 2}}|{{pad .Health 1 2}}|", " q-db-1  ||"),
        ("{{split .Name \"-\"}} {{join (split .Name \"-\") \"+\"}}", "[q db 1] q+db+1"),
        ("{{printf \"%s-%d\" .Name .ExitCode}}", "q-db-1-3"),
        ("{{printf \"%d\" .Name}} {{printf \"%s\" .ExitCode}}", "%!d(string=q-db-1) %!s(int=3)"),
        ("{{printf \"%5d|%-5d|%05d|%+d\" 3 3 3 3}}", "    3|3    |00003|+3"),
        ("{{printf \"%10s|%-10s|%.3s\" .State .State .State}}", "   running|running   |run"),
        (
            "{{printf \"%q %x %T %t\" .Name .Name .Name true}}",
            "\"q-db-1\" 712d64622d31 string true",
        ),
        ("{{printf \"%s\"}} {{printf \"%s\" 1 2}}", "%!s(MISSING) %!s(int=1)%!(EXTRA int=2)"),
        ("{{printf \"%[2]s %[1]s %%\" .Name .State}}", "running q-db-1 %"),
        ("{{printf \"%.2f %g %e %*d\" 1.5 2.25 3.0 5 3}}", "1.50 2.25 3.000000e+00     3"),
        ("{{printf \"%c %U %b %o %#x\" 65 65 5 8 255}}", "A U+0041 101 10 0xff"),
        ("{{print .Name .ExitCode 1 2 \"a\" \"b\"}}", "q-db-13 1 2ab"),
        ("{{println .Name 1}}", "q-db-1 1\n"),
        ("{{1}} {{0x10}} {{1.5}} {{1e3}} {{'a'}} {{-3}} {{.1}}", "1 16 1.5 1000 97 -3 0.1"),
        ("{{and .Name .ExitCode}} {{or .Health .Name}} {{not .Health}}", "3 q-db-1 true"),
        ("{{and .Health .Name.Nothing}}", ""),
        ("{{eq .Name \"a\" \"q-db-1\"}} {{lt 1 2}} {{ge \"b\" \"c\"}}", "true true false"),
        ("{{html \"<a>&'\"}} {{urlquery \"a b&c\"}}", "&lt;a&gt;&amp;&#39; a+b%26c"),
        ("{{js \"a'b<\"}}", "a\\'b\\u003C"),
        ("a {{- .ExitCode -}} b{{- /* nothing */ -}} c", "a3bc"),
        ("{{\"}}\"}}{{`\\n`}}", "}}\\n"),
        ("{{define \"t\"}}[{{.}}]{{end}}{{template \"t\" .Name}}", "[q-db-1]"),
        ("{{block \"b\" .Name}}<{{.}}>{{end}}", "<q-db-1>"),
        ("{{.Name}}}}", "q-db-1}}"),
        (
            "{{printf \"%+v %#v\" .Publishers .Name}}",
            "[{URL:0.0.0.0 TargetPort:80} {URL: TargetPort:443}] \"q-db-1\"",
        ),
        ("{{1000000.0}} {{123456.5}} {{1e21}}", "1e+06 123456.5 1e+21"),
    ] {
        assert_eq!(shown(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn mistakes_are_told_in_the_words_of_go() {
    for (template, message) in [
        ("{{.Name", ":1: unclosed action"),
        ("{{if .Name}}x", ":1: unexpected EOF"),
        ("x\n{{end}}", ":2: unexpected {{end}}"),
        ("{{else}}", ":1: unexpected {{else}}"),
        ("{{bogus .Name}}", ":1: function \"bogus\" not defined"),
        ("{{..}}", ":1: unexpected <.> in operand"),
        ("{{99999999999999999999}}", ":1: integer overflow: \"99999999999999999999\""),
        (
            "{{define \"x\"}}a{{end}}{{define \"x\"}}b{{end}}",
            ":1: template: multiple definition of template \"x\"",
        ),
        ("{{$x}}", ":1: undefined variable \"$x\""),
        ("{{}}", ":1: missing value for command"),
        ("{{if}}x{{end}}", ":1: missing value for if"),
        ("{{\"a}}", ":1: unterminated quoted string"),
        ("{{'a}}", ":1: unterminated character constant"),
        ("{{.Name}} {{/* x", ":1: unclosed comment"),
        ("{{ .Name }", ":1: unexpected \"}\" in operand"),
        ("{{.Name!}}", ":1: bad character U+0021 '!'"),
        ("{{(.Name}}", ":1: unclosed left paren"),
        ("{{.Name)}}", ":1: unexpected right paren"),
        ("{{break}}", ":1: {{break}} outside {{range}}"),
        ("{{.Name | 1}}", ":1: non executable command in pipeline stage 2"),
        ("{{if .Name}}a{{else}}b{{else}}c{{end}}", ":1: expected end; found {{else}}"),
        (
            "{{.Bogus}}",
            ":1:2: executing \"\" at <.Bogus>: can't evaluate field Bogus in type \
             *formatter.ContainerContext",
        ),
        (
            "x\n{{range .Publishers}}{{.Bogus}}{{end}}",
            ":2:23: executing \"\" at <.Bogus>: can't evaluate field Bogus in type \
             api.PortPublisher",
        ),
        (
            "{{.Name.Foo}}",
            ":1:7: executing \"\" at <.Name.Foo>: can't evaluate field Foo in type string",
        ),
        (
            "{{range .Name}}{{end}}",
            ":1:8: executing \"\" at <.Name>: range can't iterate over q-db-1",
        ),
        (
            "{{.Label}}",
            ":1:2: executing \"\" at <.Label>: wrong number of args for Label: want 1 got 0",
        ),
        ("{{.Label 1}}", ":1:9: executing \"\" at <1>: expected string; found 1"),
        (
            "{{index .Publishers 99}}",
            ":1:2: executing \"\" at <index .Publishers 99>: error calling index: index out of \
             range: 99",
        ),
        (
            "{{upper .ExitCode}}",
            ":1:8: executing \"\" at <.ExitCode>: wrong type for value; expected string; got int",
        ),
        (
            "{{upper}}",
            ":1:2: executing \"\" at <upper>: wrong number of args for upper: want 1 got 0",
        ),
        (
            "{{eq .Name 1}}",
            ":1:2: executing \"\" at <eq .Name 1>: error calling eq: incompatible types for \
             comparison: string and int",
        ),
        ("{{1 2}}", ":1:2: executing \"\" at <1>: can't give argument to non-function 1"),
        ("{{nil}}", ":1:2: executing \"\" at <nil>: nil is not a command"),
        ("{{$x = 1}}", ":1:7: executing \"\" at <1>: undefined variable: $x"),
        (
            "{{template \"nope\" .}}",
            ":1:11: executing \"\" at <{{template \"nope\" .}}>: template \"nope\" not defined",
        ),
        (
            "{{call .Name}}",
            ":1:2: executing \"\" at <call .Name>: error calling call: non-function .Name of type \
             string",
        ),
    ] {
        let error = shown(template).expect_err(template);
        assert_eq!(error.to_string(), format!("template: {message}"), "{template}");
    }
}

#[test]
fn depth_has_an_end() {
    for template in [
        "{{define \"t\"}}{{template \"t\" .}}{{end}}{{template \"t\" .}}".to_owned(),
        format!("{{{{{}1{}}}}}", "(".repeat(5000), ")".repeat(5000)),
        format!("{}{}", "{{if 1}}".repeat(5000), "{{end}}".repeat(5000)),
        "{{range 100000000000}}xxxxxxxxxx{{end}}".to_owned(),
    ] {
        assert!(shown(&template).is_err());
    }
}
