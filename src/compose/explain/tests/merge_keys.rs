//! Values that merge keys overrule.

use super::*;

const FILE: &str = "\
x-a: &a
  DEBUG: a
  ONLY: a
x-b: &b
  DEBUG: b
  LEVEL: b
x-base: &base
  image: base
  environment: {DEBUG: base, GONE: base}
services:
  web:
    <<: *base
    image: x
    environment:
      <<: [*a, *b]
      LEVEL: own
  list:
    <<: *base
    environment: [DEBUG=own]
  twice:
    <<: [*base, *base]
";

#[test]
fn what_a_merge_key_would_have_brought_is_a_candidate() {
    let project = project(&[("compose.yaml", FILE)]);
    let own = "written in the mapping itself, which beats what `<<` brings in";
    let lost = "overridden: the mapping itself says it, which beats what `<<` brings in";
    let anchor = "  via written at an anchor, and merged (`<<`) or repeated (`*`) here";
    let rows: [(&str, Vec<String>); 6] = [
        (
            "services.web.image",
            vec![
                "\"x\"".to_owned(),
                format!("wins compose.yaml:13 image: x: {own}"),
                format!("overridden compose.yaml:8 image: base: {lost}"),
            ],
        ),
        (
            "services.web.environment.LEVEL",
            vec![
                "\"own\"".to_owned(),
                format!("wins compose.yaml:16 LEVEL: own: {own}"),
                format!("overridden compose.yaml:6 LEVEL: b: {lost}"),
            ],
        ),
        (
            "services.web.environment.DEBUG",
            vec![
                "\"a\"".to_owned(),
                "wins compose.yaml:2 DEBUG: a: the first of the list in `<<`".to_owned(),
                anchor.to_owned(),
                "overridden compose.yaml:5 DEBUG: b: overridden: a mapping before it in the list of `<<` says it".to_owned(),
                format!("overridden compose.yaml:9 DEBUG: base: {lost}"),
            ],
        ),
        (
            "services.list.environment.DEBUG",
            vec![
                "\"own\"".to_owned(),
                format!("wins compose.yaml:19 DEBUG=own: {own}"),
                format!("overridden compose.yaml:9 DEBUG: base: {lost}"),
            ],
        ),
        // The whole mapping that had it was dropped.
        (
            "services.web.environment.GONE",
            vec![
                "nothing".to_owned(),
                format!("overridden compose.yaml:9 GONE: base: {lost}"),
            ],
        ),
        (
            "services.twice.image",
            vec![
                "\"base\"".to_owned(),
                "wins compose.yaml:8 image: base: nothing else says it".to_owned(),
                anchor.to_owned(),
            ],
        ),
    ];
    for (asked, expected) in rows {
        assert_eq!(project.lines(asked), expected, "{asked}");
    }
    let whole = project.explained("services.web.environment");
    let debug = whole.entries.iter().find(|it| it.key == "DEBUG").expect("it is there");
    assert_eq!(debug.others, 2);
    let dropped = whole.candidates.iter().find(|it| it.outcome == Outcome::Overridden);
    assert_eq!(dropped.and_then(|it| it.place.as_ref()).map(|it| it.line), Some(9));
    assert_eq!(dropped.and_then(|it| it.by.as_ref()).map(|it| it.line), Some(14));
}

#[test]
fn extended_services_and_later_files_keep_what_was_overruled() {
    let project = project(&[
        ("compose.yaml", FILE),
        (
            "compose.override.yaml",
            "services:\n  web:\n    environment: {LEVEL: late}\n  new:\n    extends: {file: compose.yaml, service: web}\n",
        ),
    ]);
    for (asked, count) in
        [("services.web.environment.LEVEL", 3), ("services.new.environment.LEVEL", 2)]
    {
        let explanation = project.explained(asked);
        assert_eq!(explanation.candidates.len(), count, "{asked}: {:#?}", explanation.candidates);
        assert_eq!(explanation.candidates[0].outcome, Outcome::Wins);
    }
}
