//! Requests over files in memory.

use super::*;
use crate::compose::files::Memory;

fn request(current_directory: &str, variables: &[(&str, &str)]) -> Request {
    Request {
        current_directory: current_directory.into(),
        environment: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Request::default()
    }
}

fn found(request: &Request, files: &Memory) -> Located {
    locate(request, files, &mut SourceMap::default()).unwrap_or_else(|error| panic!("{error:?}"))
}

fn refused(request: &Request, files: &Memory) -> String {
    locate(request, files, &mut SourceMap::default()).unwrap_err().remove(0).message
}

fn paths(located: &Located) -> Vec<&str> {
    located
        .files
        .iter()
        .map(|file| match file {
            ConfigFile::Stdin => "-",
            ConfigFile::Path(path) => path.to_str().unwrap(),
            ConfigFile::Remote(reference) => reference,
        })
        .collect()
}

#[test]
fn the_nearest_directory_with_a_file_counts() {
    let files = Memory::default()
        .file("/p/docker-compose.yml", "")
        .file("/p/docker-compose.override.yml", "")
        .file("/p/a/b/x", "")
        .file("/q/compose.yml", "");
    let located = found(&request("/p/a/b", &[]), &files);
    assert_eq!(paths(&located), ["/p/docker-compose.yml", "/p/docker-compose.override.yml"]);
    assert_eq!(located.working_directory, Path::new("/p"));
    assert_eq!(located.warnings, []);
    let nothing = found(&request("/r", &[]), &files);
    assert_eq!(nothing.files, []);
    assert_eq!(nothing.working_directory, Path::new("/r"));
    let mut elsewhere = request("/r", &[]);
    elsewhere.project_directory = Some("../p/a".into());
    let located = found(&elsewhere, &files);
    assert_eq!(paths(&located)[0], "/p/docker-compose.yml");
    assert_eq!(located.working_directory, Path::new("/p/a"));
}

#[test]
fn several_candidates_are_warned_about() {
    let files = Memory::default()
        .file("/p/docker-compose.yml", "")
        .file("/p/compose.yaml", "")
        .file("/p/compose.override.yaml", "")
        .file("/p/compose.override.yml", "");
    let located = found(&request("/p", &[]), &files);
    assert_eq!(paths(&located), ["/p/compose.yaml", "/p/compose.override.yml"]);
    let messages: Vec<&str> = located.warnings.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "Found multiple config files with supported names: /p/compose.yaml, /p/docker-compose.yml",
            "Using /p/compose.yaml",
            "Found multiple override files with supported names: /p/compose.override.yml, /p/compose.override.yaml",
            "Using /p/compose.override.yml",
        ]
    );
}

#[test]
fn given_files_are_taken_as_they_are() {
    let files = Memory::default().file("/p/compose.yaml", "").file("/p/compose.override.yml", "");
    for (given, expected, directory) in [
        (&["compose.yaml"][..], &["/p/compose.yaml"][..], "/p"),
        (&["../q/./a.yml", "b.yml"], &["/q/a.yml", "/p/b.yml"], "/q"),
        (&["-"], &["-"], "/p"),
        (&["-", "x/a.yml", "-"], &["-", "/p/x/a.yml", "-"], "/p/x"),
        (&["oci://h/r:t", "x/a.yml"], &["oci://h/r:t", "/p/x/a.yml"], "/p"),
        (&["https://h/r.git#b:d"], &["https://h/r.git#b:d"], "/p"),
    ] {
        let mut request = request("/p", &[("COMPOSE_FILE", "nothing.yml")]);
        request.files = given.iter().map(|file| (*file).to_owned()).collect();
        let located = found(&request, &files);
        assert_eq!(paths(&located), expected);
        assert_eq!(located.working_directory, Path::new(directory), "{given:?}");
    }
}

#[test]
fn compose_file_lists_files() {
    let files = Memory::default()
        .file("/p/a.yml", "")
        .file("/q/b.yml", "")
        .file("/p/compose.yaml", "")
        .file("/e/.env", "COMPOSE_FILE=../q/b.yml\n");
    for (directory, variables, expected) in [
        ("/p", &[("COMPOSE_FILE", "a.yml:../q/b.yml:-")][..], &["/p/a.yml", "/q/b.yml", "-"][..]),
        (
            "/p",
            &[("COMPOSE_FILE", "a.yml,/q/b.yml"), ("COMPOSE_PATH_SEPARATOR", ",")],
            &["/p/a.yml", "/q/b.yml"],
        ),
        ("/p", &[("COMPOSE_FILE", "a.yml:"), ("COMPOSE_PATH_SEPARATOR", "")], &["/p/a.yml"]),
        ("/p", &[("COMPOSE_FILE", "")], &["/p/compose.yaml"]),
        ("/e", &[], &["/q/b.yml"]),
    ] {
        assert_eq!(paths(&found(&request(directory, variables), &files)), expected);
    }
    assert_eq!(
        refused(&request("/p", &[("COMPOSE_FILE", "a.yml:c.yml")]), &files),
        "stat /p/c.yml: no such file or directory"
    );
}

#[test]
fn variables_come_from_the_process_then_from_files() {
    let files = Memory::default()
        .file("/p/compose.yaml", "")
        .file("/p/.env", "A=project\nB=project\nC=project\n")
        .file("/p/sub/.env", "A=sub\nB=sub\n")
        .file("/o/1.env", "A=one\nX=x\n")
        .file("/o/2.env", "A=two\nB=${X}b$OS\nX=$U\nC=<$X$A>\n");
    let values = |request: &Request| {
        let located = found(request, &files);
        ["A", "B", "C", "PWD"]
            .map(|name| located.environment.get(name).cloned().unwrap_or_default())
            .join(",")
    };
    assert_eq!(values(&request("/p/sub", &[("A", "os")])), "os,sub,project,/p/sub");
    assert_eq!(values(&request("/p", &[("B", ""), ("PWD", "/x")])), "project,,project,/x");
    let disabled = request("/p", &[("COMPOSE_DISABLE_ENV_FILE", "T")]);
    assert_eq!(values(&disabled), ",,,/p");
    let mut asked = request("/p", &[("OS", "os"), ("COMPOSE_ENV_FILES", "1.env")]);
    asked.env_files = vec!["../o/1.env".into(), "/o/2.env".into()];
    assert_eq!(values(&asked), "two,xbos,<two>,/p");
    let located = found(&asked, &files);
    assert_eq!(located.env_files, [Path::new("/o/1.env"), Path::new("/o/2.env")]);
    assert_eq!(
        located.warnings[0].message,
        "The \"U\" variable is not set. Defaulting to a blank string."
    );
    let listed = request("/o", &[("COMPOSE_ENV_FILES", "1.env,,2.env")]);
    assert_eq!(values(&listed), "two,xb,<two>,/o");
    assert!(found(&request("/p", &[]), &files).env_files.is_empty(), "`.env` was not asked for");
}

#[test]
fn environment_files_that_cannot_be_used_are_refused() {
    let files = Memory::default().file("/p/bad.env", "A=1\nB C=1\n").file("/p/d/x", "");
    for (file, message) in [
        ("no.env", "couldn't find env file: /p/no.env"),
        ("d", "/p/d is a directory"),
        ("bad.env", "failed to read /p/bad.env: line 2: key cannot contain a space"),
    ] {
        let mut request = request("/p", &[]);
        request.env_files = vec![file.into()];
        assert_eq!(refused(&request, &files), message);
    }
    let disabled = request("/p", &[("COMPOSE_DISABLE_ENV_FILE", "yes")]);
    assert_eq!(refused(&disabled, &files), r#"strconv.ParseBool: parsing "yes": invalid syntax"#);
}

#[test]
fn profiles_of_flags_replace_those_of_the_environment() {
    let mut request = request("/p", &[("COMPOSE_PROFILES", " a, b,,")]);
    assert_eq!(found(&request, &Memory::default()).profiles, ["a", "b", "", ""]);
    request.profiles = vec!["c".to_owned()];
    assert_eq!(found(&request, &Memory::default()).profiles, ["c"]);
}

#[test]
fn the_profile_without_a_name_is_active_where_none_is_named() {
    let profiles = |environment: &[(&str, &str)]| {
        found(&request("/p", environment), &Memory::default()).profiles
    };
    assert_eq!(profiles(&[]), [""]);
    assert_eq!(profiles(&[("COMPOSE_PROFILES", "")]), [""]);
    assert_eq!(profiles(&[("COMPOSE_PROFILES", "a")]), ["a"]);
}

#[test]
fn names_are_decided_in_order() {
    use NameSource::{Directory, Environment, Files, Flag};
    let none = NameCandidates { directory: Some(Path::new("/p/My.App_2")), ..Default::default() };
    for (candidates, name, source) in [
        (none, "myapp_2", Directory),
        (NameCandidates { files: Some("From-File"), ..none }, "from-file", Files),
        (NameCandidates { environment: Some("env"), files: Some("f"), ..none }, "env", Environment),
        (NameCandidates { environment: Some(""), files: Some("f"), ..none }, "f", Files),
        (NameCandidates { flag: Some("f-1"), environment: Some("Bad"), ..none }, "f-1", Flag),
    ] {
        let decided = project_name(&candidates).unwrap();
        assert_eq!((decided.name.as_str(), decided.source), (name, source));
    }
    let unusable = NameCandidates { files: Some("__"), ..none };
    assert_eq!(project_name(&unusable).unwrap_err().message, "project name must not be empty");
    for candidates in [
        NameCandidates { flag: Some("Bad Name"), ..none },
        NameCandidates { environment: Some("Bad Name"), ..none },
    ] {
        assert_eq!(
            project_name(&candidates).unwrap_err().message,
            "invalid project name \"Bad Name\": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number"
        );
    }
    let root = NameCandidates { directory: Some(Path::new("/")), ..Default::default() };
    assert_eq!(project_name(&root).unwrap_err().message, "project name must not be empty");
}

#[test]
fn lines_show_the_name() {
    for (texts, name) in [
        (&["services: {}\n"][..], Some(None)),
        (&["services:\n  name: db\n"], Some(None)),
        (&["name: shop\nservices: {}\n"], Some(Some("shop"))),
        (
            &["name: shop \r\nservices: {}\r\n", "name: other\n", "services: {}"],
            Some(Some("other")),
        ),
        (&["name:\n  shop\n"], None),
        (&["name: \"shop\"\n"], None),
        (&["name: ${NAME}\n"], None),
        (&["name: shop # mine\n"], None),
        (&["\"name\": shop\n"], None),
        (&["{name: shop}\n"], None),
        (&["<<: *base\n"], None),
    ] {
        assert_eq!(glimpsed_name(texts), name, "{texts:?}");
    }
}

#[test]
fn normal_names_are_plain() {
    for (name, normal) in
        [("_-My App.V2_x", "myappv2_x"), ("a-b_c", "a-b_c"), ("É1", "1"), ("--", ""), ("", "")]
    {
        assert_eq!(normalize(name), normal);
    }
}

#[test]
fn a_link_to_a_directory_is_warned_about() {
    let files = Memory::default()
        .file("/p/real/x", "")
        .link("/p/link", "/p/real")
        .link("/q/real", "/p/real");
    let warning = link_warning(Path::new("/p/link"), &files).unwrap();
    assert_eq!(
        warning.message,
        "project has been loaded without an explicit name from a symlink. Using name \"link\""
    );
    assert_eq!(link_warning(Path::new("/q/real"), &files), None);
    assert_eq!(link_warning(Path::new("/p/real"), &files), None);
}
