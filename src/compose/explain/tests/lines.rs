//! Variables in the lines of env files and label files.

use super::*;

#[test]
fn lines_of_env_files_use_variables() {
    let project = project(&[
        (
            "compose.yaml",
            "services:\n  web:\n    image: x:$TAG\n    env_file: web.env\n    environment: {OWN: own}\n",
        ),
        (".env", "BASE=1\nTAG=${OTHER:-$BASE}\nLOOP=$LOOP$TAG\n"),
        ("web.env", "MADE=$OWN-$TAG\nRAW='$TAG'\n"),
    ]);
    let lines = project.lines("TAG");
    assert_eq!(lines[1], "wins .env:2 TAG=${OTHER:-$BASE}: the project's `.env`");
    assert_eq!(
        lines[2],
        "  ${OTHER:-$BASE} = 1: OTHER is not set: the default \"$BASE\" stands in"
    );
    let image = project.explained("services.web.image");
    let tag = &image.candidates[0].variables[0].candidates[0];
    assert_eq!(tag.variables[0].within[0].candidates[0].written, "BASE=1");
    assert!(project.lines("LOOP").len() > 3, "it is told once");

    let made = project.lines("services.web.environment.MADE");
    assert!(made.iter().any(|it| it.trim_start().starts_with("$OWN = own")), "{made:#?}");
    let tag = "wins .env:2 TAG=${OTHER:-$BASE}: the project's `.env`";
    assert!(made.iter().any(|it| it.trim() == tag), "{made:#?}");

    let uses = |name: &str| -> Vec<String> {
        let uses = project.explained(name).uses.into_iter();
        uses.map(|it| {
            let place = it.place.expect("it is in a file");
            let becomes = it.becomes.unwrap_or_default();
            let path = it.path.unwrap_or_default();
            format!("{}:{} {path} {becomes}", place.line, place.column)
        })
        .collect()
    };
    assert_eq!(uses("OTHER"), ["2:5 TAG 1"]);
    assert_eq!(uses("BASE"), ["2:14 TAG 1"]);
    let of_tag = uses("TAG");
    for expected in
        ["3:11 LOOP 1", "3:14 services.web.image 1", "1:11 services.web.environment.MADE 1"]
    {
        assert!(of_tag.iter().any(|it| it == expected), "{of_tag:#?}");
    }
    assert_eq!(of_tag.len(), 3, "single quotes use nothing: {of_tag:#?}");
}
