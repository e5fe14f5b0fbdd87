use std::path::PathBuf;

use super::*;
use crate::compose::files::Memory;

/// What is found in a text of a format, a line each: kind, key and value.
fn found(text: &str, format: Format) -> Vec<String> {
    let lines = in_text(text, format);
    lines.into_iter().map(|it| format!("{}|{}|{}", it.kind, it.key, it.value)).collect()
}

/// The kinds that a value is told as under a key that says nothing: in a structured text, and alone.
fn kinds_of(value: &str) -> (Vec<String>, Vec<String>) {
    let json = serde_json::json!({ "a": value }).to_string();
    let kinds = |text: &str| in_text(text, Format::Json).into_iter().map(|it| it.kind.to_owned());
    let alone = in_plain_text(value).into_iter().map(|it| it.kind.to_owned());
    (kinds(&json).collect(), alone.collect())
}

const GITHUB: &str = "ghp_a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2";
const ACCESS: &str = "AKIAABCDEFGHIJKLMNOP";
const PASSWORD: &str = "s0me-Rather-l0ng-valueWithCharsXYZUVW";
const ADDRESS: &str = "postgres://user:pa55@db:5432/shop";
const SIGNED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc";
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0";
const KEY: &str = "-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\nAAAA\n-----END RSA PRIVATE KEY-----";

#[test]
fn tokens_are_told_by_how_they_look() {
    let azure = format!("AccountKey={}", "aB3+".repeat(22));
    let sendgrid = format!("SG.{}.{}", "a".repeat(22), "b".repeat(43));
    let npm = format!("npm_{}", "a1".repeat(18));
    let square = format!("sq0csp-{}", "a".repeat(43));
    for (value, kind) in [
        ("AKCabcXYZ1234", "JFrog Artifactory credentials"),
        (ACCESS, "AWS Client ID"),
        ("A3TX1234567890ABCDEF", "AWS Client ID"),
        ("aws: '12345+67890/abcdefghijklm+NOPQRSTUVWXYZ+'", "AWS Secret Key"),
        (
            "amzn.mws.12345678-1234-1234-1234-123456789012",
            "Amazon Marketplace Web Service (MWS) Key",
        ),
        (&azure, "Azure Storage Account access key"),
        ("Basic dXNlcjpwYXNz", "HTTP Basic Authentication"),
        ("bearer dXNlcjpwYXNz", "HTTP Bearer Authentication"),
        (GITHUB, "Github authentication"),
        (SIGNED, "JSON Web Token"),
        (UNSIGNED, "JSON Web Token"),
        ("1234567890abcdef1234567890abcdef-us9", "Mailchimp API Key"),
        ("//registry.example/:_authToken=0af23f36", "npm auth token"),
        (&npm, "npm auth token"),
        (KEY, "Private Key"),
        ("PuTTY-User-Key-File-2: ssh-rsa", "Private Key"),
        (&sendgrid, "Sendgrid API key"),
        ("xoxe.xoxp-1-abc", "Slack token"),
        ("https://hooks.slack.com/services/T1/B2/c3", "Slack token"),
        ("sq0atp-12345\\6789_abcde-VWXYZ", "Square authentication"),
        (&square, "Square authentication"),
        ("sk_test_1234567890abcdefgHIJKLMN", "Stripe API key"),
        ("AC1234567890abcdef1234567890abcdef", "Twilio authentication"),
        (ADDRESS, "URL with password"),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl==", "High entropy string"),
    ] {
        let (pair, alone) = kinds_of(value);
        assert_eq!(pair, [kind], "{value} in a pair");
        // In a text an account key stands behind its name, which is a key there.
        let told = if value == azure { !alone.is_empty() } else { alone == [kind] };
        assert!(told, "{value} alone: {alone:?}");
    }
}

#[test]
fn what_is_nearly_a_token_is_none() {
    for value in [
        "AKCabc12",
        "AKIAABCDEFGHIJKLMNO",
        "AKIAABCDEFGHIJKLMNOPQ",
        "Aws 'a1+/a1+/a1+/a1+/a1+/a1+/a1+/a1+/a1+/a1+/'",
        "amzn.mws.12345678-1234-1234-1234-12345678901G",
        "Basic bm9jb2xvbg==",
        "Basic OmFi",
        "Bearer abc.def",
        "ghp_a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b",
        "github_pat_a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2",
        "eyJhbGciOiJYWCJ9.eyJzdWIiOiIxIn0.abc",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0",
        "1234567890abcdef1234567890abcdef-us",
        "//registry.example/:_authToken=${TOKEN}",
        "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "xoxz-1-abc",
        "xoxb-abc",
        "sq0atp-123",
        "pk_live_1234567890abcdefgHIJKLMN",
        "AC1234567890abcdef1234567890abcdeg",
        "postgres://user@db/shop",
        "postgres://user:${PASSWORD}@db/shop",
        "postgres://user:$PASSWORD@db/shop",
        "postgres://user:pa55@${HOST}/shop",
        "http://u:p@h:port/",
        "http://u:p@h/%zz",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef",
        "",
    ] {
        assert_eq!(kinds_of(value), (vec![], vec![]), "{value}");
    }
}

#[test]
fn keys_that_name_a_secret_tell_what_stands_there() {
    for key in [
        "TOKEN",
        "API_KEY",
        "my-apikey",
        "db_pass",
        "client.secret",
        "CONTRASEÑA",
        "secret[0].x",
        "export PASSWORD",
        "[pwd]",
    ] {
        let text = serde_json::json!({ key: PASSWORD }).to_string();
        assert_eq!(found(&text, Format::Json), [format!("Keyword Detector|{key}|{PASSWORD}")]);
    }
    for key in ["key", "passphrase", "a token b", "com.example/token", "x[0].secret", "tok"] {
        let text = serde_json::json!({ key: PASSWORD }).to_string();
        assert_eq!(found(&text, Format::Json), [""; 0], "{key}");
    }
    for value in ["hunter2", "${TOKEN:-s0me-Rather-l0ng-value}", "{s0me-Rather-l0ng-value"] {
        let text = serde_json::json!({ "TOKEN": value }).to_string();
        assert_eq!(found(&text, Format::Json), [""; 0], "{value}");
    }
}

#[test]
fn the_first_kind_that_finds_something_under_a_key_tells_it() {
    let text = format!("TOKEN: {GITHUB}\nother: [{ADDRESS}, {ACCESS}]\n");
    let expected = [
        format!("AWS Client ID|other[1]|{ACCESS}"),
        format!("Github authentication|TOKEN|{GITHUB}"),
        format!("URL with password|other[0]|{ADDRESS}"),
    ];
    assert_eq!(found(&text, Format::Unknown), expected);
}

#[test]
fn texts_are_read_as_what_they_are() {
    let ini = format!("[a b]\n; {ACCESS}\nx = '{GITHUB}' # so\ny:\n  z = {ACCESS}\n");
    let nested = [
        format!("AWS Client ID|a b.y.z|{ACCESS}"),
        format!("Github authentication|a b.x|{GITHUB}"),
    ];
    assert_eq!(found(&ini, Format::Unknown), nested);
    let quoted = format!("x = a\\\n b\n\"y\" = `{GITHUB}`\n- = {ACCESS}\n");
    let expected =
        [format!("AWS Client ID|#1|{ACCESS}"), format!("Github authentication|y|{GITHUB}")];
    assert_eq!(found(&quoted, Format::Ini), expected);
    let python = format!("x = a\n  {GITHUB}\ny = b\n");
    assert_eq!(found(&python, Format::Ini), [format!("Github authentication|x|a\n  {GITHUB}")]);

    let xml = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE a><n:a b='{GITHUB}'><c>x</c><c>{ACCESS}<!-- --></c>&lt;<![CDATA[ {ACCESS} ]]></n:a>"
    );
    let expected = [
        format!("AWS Client ID|a (ln. 2)|{ACCESS}"),
        format!("AWS Client ID|a.c~1|{ACCESS}"),
        format!("Github authentication|a[b]|{GITHUB}"),
    ];
    assert_eq!(found(&xml, Format::Xml), expected);
    for broken in ["<a>", "<a></b>", "<a b></a>", "<a>&x;</a>", "<", "<!--", "</a>", "x"] {
        assert_eq!(pairs::of(broken, Format::Xml), None, "{broken}");
    }
    assert_eq!(found(&format!("# password: {PASSWORD}"), Format::Yaml), [""; 0]);
    assert_eq!(found(&format!("[{GITHUB}, x"), Format::Json), [""; 0]);
}

#[test]
fn values_in_plain_text_stand_behind_keys_or_alone() {
    let text = |line: &str| found(&format!("some words\n{line}\nthe end"), Format::Unknown);
    let github = |key: &str| vec![format!("Github authentication|{key}|{GITHUB}")];
    assert_eq!(text(GITHUB), github(""));
    assert_eq!(text(&format!("see {GITHUB} there")), github(""));
    assert_eq!(text(&format!("export some key = {GITHUB};")), github("some key"));
    assert_eq!(text(&format!("[ \"a b\" ] := [ '{GITHUB}' ] ;")), github("a b"));
    assert_eq!(text(&format!("x:\n\n  {GITHUB}")), github("x"));
    assert_eq!(text(&format!("a.b c={GITHUB}")), github("c"));
    assert_eq!(text(&format!("{GITHUB} x={GITHUB}")), github(&format!("{GITHUB} x")));
    // The blank between two values belongs to the first.
    assert_eq!(text(&format!("x={GITHUB} y={GITHUB}")), github("x"));
    assert_eq!(text(&format!("x={GITHUB},")), [""; 0]);
    assert_eq!(text(&format!("a.b={GITHUB}")), [""; 0]);
    let keyword = |key: &str, value: &str| vec![format!("Keyword Detector|{key}|{value}")];
    assert_eq!(
        text(&format!("my.token = \"{PASSWORD}\";")),
        keyword("my.token", &format!("{PASSWORD}\";"))
    );
    assert_eq!(text(&format!("password:\n  {PASSWORD}")), keyword("password", PASSWORD));
    assert_eq!(text(&format!("password: {PASSWORD} }}")), keyword("password", PASSWORD));
    assert_eq!(text(&format!("password: ${PASSWORD}")), [""; 0]);
    let header = "authorization: Basic dXNlcjpwYXNz";
    assert_eq!(text(header), ["HTTP Basic Authentication|authorization|Basic dXNlcjpwYXNz"]);
    assert_eq!(text("a:\nBasic dXNlcjpwYXNz"), ["HTTP Basic Authentication||Basic dXNlcjpwYXNz"]);
    assert_eq!(text(KEY), [format!("Private Key||{KEY}")]);
}

#[test]
fn long_texts_take_no_longer_for_being_odd() {
    let started = std::time::Instant::now();
    for part in [
        "token: ",
        "token:} ",
        "a ",
        "a=",
        "eyJ=",
        "BEGIN ",
        "ab://u:p@",
        "\n\n=",
        "[\"",
        "//x'",
        "AKIAABCDEFGHIJKLMNOP ",
        "x.y AKC0123456789 ",
        "<a>",
        "`",
        "\\\n",
        "-",
        "a=\n ",
        "aws'",
    ] {
        let text = format!("some words\n{}", part.repeat(60_000 / part.len()));
        in_plain_text(&text);
        for format in [Format::Xml, Format::Ini] {
            pairs::of(&text, format);
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_project_is_looked_at_file_by_file() {
    let compose = format!(
        "services:\n  web:\n    image: a\n    environment: ['X={ADDRESS}', 'TOKEN=${{T:-{PASSWORD}}}']\n    \
         command: run {GITHUB}\n    build: {{context: ., args: [A={ACCESS}]}}\n"
    );
    let mut project = Project::unwritten("shop");
    project.working_dir = PathBuf::from("/shop");
    project.compose_files = vec![PathBuf::from("/shop/compose.yaml")];
    let layer = Layer {
        kind: LayerKind::Extended,
        name: "base.yaml".to_owned(),
        content: format!("services: {{base: {{labels: [a={ACCESS}]}}}}").into_bytes(),
    };
    let files = Memory::default().file("/shop/compose.yaml", compose);
    let found = find(&project, &[layer], &files);
    let lines: Vec<_> = found.iter().map(|it| format!("{}|{}", it.kind, it.key)).collect();
    let expected = [
        "AWS Client ID|services.web.build.args.A",
        "Github authentication|services.web.command[1]",
        "URL with password|services.web.environment.X",
        "AWS Client ID|services.base.labels.a",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn files_too_large_are_told_by_their_size() {
    let told = in_text(&"a".repeat(LARGEST + 1), Format::Unknown);
    let told = told.first().map(|it| (it.kind, it.key.as_str(), it.value.as_str()));
    assert_eq!(told, Some(("Suspicious text file size", "", "9.54MB")));
    assert_eq!(in_text(&"a".repeat(LARGEST), Format::Ini), []);
}
