//! Rules as `develop` sections.

use std::path::Path;

use super::derived;
use crate::compose::loaded::Loaded;
use crate::watch::derive::{Rule, inserted, section};

#[test]
fn sections_go_into_files_and_leave_the_rest() {
    let compose = "services:\n  web:\n    build: . # here\n    command: nodemon a.js\n";
    let files = [("Dockerfile", "FROM node:20\nCOPY src /src\nCOPY *.js /\n"), ("src/a.js", "")];
    let found = derived(compose, &files);
    let rules: Vec<_> = found.rules.iter().collect();
    let base = Path::new("/srv/app");
    let mut brief: Vec<_> = found.rules.clone();
    for rule in &mut brief {
        rule.ignore.truncate(1);
    }
    let brief: Vec<_> = brief.iter().take(2).collect();
    let list = "      watch:
        # `nodemon a.js` reloads by itself
        - action: sync
          path: ./src
          target: /src
          ignore:
            - \"**/.hg\"
        # `nodemon a.js` reloads by itself
        - action: sync
          path: .
          target: /
          include:
            - \"*.js\"
";
    let expected = format!("{compose}    develop:\n{list}");
    assert_eq!(inserted(compose, "web", &brief, base).as_deref(), Some(expected.as_str()));
    let windows = compose.replace('\n', "\r\n");
    assert_eq!(inserted(&windows, "web", &brief, base), Some(expected.replace('\n', "\r\n")));
    assert_eq!(section(&brief[1..], base).lines().nth(3), Some("    - action: sync"));
    // Other styles, and what is there already.
    let flow = "services: {web: {build: .}}\n";
    let edited = inserted(flow, "web", &brief[1..], base).unwrap();
    assert_eq!(
        edited,
        "services: {web: {build: ., develop: {watch: [{action: \"sync\", path: \".\", target: \"/\", include: [\"*.js\"]}]}}}\n"
    );
    assert_eq!(inserted(compose, "other", &brief, base), None);
    assert_eq!(inserted(&expected, "web", &brief, base), None);
    let wide = "services:\n    web:\n        build: .\n        develop:\n            x-a: 1\n";
    let edited = inserted(wide, "web", &brief[1..], base).unwrap();
    assert!(edited.contains("            x-a: 1\n            watch:\n"), "{edited}");

    // What is written is what was derived, in Compose's eyes.
    for text in [compose, flow, wide] {
        let edited = inserted(text, "web", &rules, base).unwrap();
        let project = Loaded::from(&edited).project();
        let written = &project.services["web"].develop.as_ref().unwrap().watch;
        let expected: Vec<_> = found.rules.iter().map(Rule::trigger).collect();
        let plain = |list: &[crate::compose::model::WatchTrigger]| {
            list.iter()
                .map(|it| {
                    (
                        it.action.clone(),
                        it.path.clone(),
                        it.target.clone(),
                        it.include.clone(),
                        it.ignore.clone(),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(plain(written), plain(&expected), "{edited}");
    }
}

#[test]
fn what_is_empty_or_json_is_filled_in_its_own_style() {
    let files = [("Dockerfile", "FROM node:20\nCOPY *.js /\n"), ("a.js", "")];
    let found = derived("services: {web: {build: .}}", &files);
    let rules: Vec<_> = found.rules.iter().take(1).collect();
    let base = Path::new("/srv/app");
    let inserted = |text: &str| inserted(text, "web", &rules, base).unwrap();
    let list = "        # `node` reads its source only when it starts
        - action: sync+restart
          path: .
          target: /
          include:
            - \"*.js\"
";
    for empty in ["watch: []", "watch:", "watch: null"] {
        let text = format!("services:\n  web:\n    develop:\n      {empty}\n    build: .\n");
        let head = "services:\n  web:\n    develop:\n      watch:\n";
        assert_eq!(inserted(&text), format!("{head}{list}    build: .\n"));
    }
    let one = "[{action: \"sync+restart\", path: \".\", target: \"/\", include: [\"*.js\"]}]";
    for (text, expected) in [
        (
            "services:\n  web:\n    develop: {}\n",
            format!("services:\n  web:\n    develop: {{watch: {one}}}\n"),
        ),
        (
            "services:\n  web:\n    develop: {watch: []}\n",
            format!("services:\n  web:\n    develop: {{watch: {one}}}\n"),
        ),
    ] {
        assert_eq!(inserted(text), expected);
    }
    for text in [
        r#"{"services": {"web": {"build": "."}}}"#,
        r#"{"services": {"web": {"build": ".", "develop": {}}}}"#,
        r#"{"services": {"web": {"build": ".", "develop": {"watch": []}}}}"#,
        r#"{"services": {"web": {"build": ".", "develop": null}}}"#,
        "{\n  \"services\": {\n    \"web\": {\n      \"build\": \".\"\n    }\n  }\n}\n",
    ] {
        let edited = inserted(text);
        let value: serde_json::Value = serde_json::from_str(&edited).expect(&edited);
        let rule = &value["services"]["web"]["develop"]["watch"][0];
        assert_eq!(rule["include"][0], "*.js", "{edited}");
    }
}
