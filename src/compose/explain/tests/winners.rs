//! Of whatever files say of a variable, the one that is explained as the winner is what is printed.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// How a file says a variable, if it does.
fn way_to_say() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        3 => Just(None),
        2 => "[a-c]".prop_map(|value| Some(format!("={value}"))),
        1 => Just(Some(String::new())),
        2 => ("[A-C]", "[x-z]").prop_map(|(name, value)| Some(format!("=${{{name}:-{value}}}"))),
    ]
}

prop_compose! {
    fn environment()(list in any::<bool>(), ways in proptest::collection::vec(way_to_say(), 3)) -> String {
        let said = ["A", "B", "C"].into_iter().zip(ways);
        let said = said.filter_map(|(name, way)| way.map(|way| (name, way)));
        let mut text = String::new();
        for (name, way) in said {
            let _ = match (list, way.strip_prefix('=')) {
                (true, _) => write!(text, "\n      - {name}{way}"),
                (false, Some(value)) => write!(text, "\n      {name}: \"{value}\""),
                (false, None) => write!(text, "\n      {name}:"),
            };
        }
        let text = if text.is_empty() { " {}".to_owned() } else { text };
        format!("services:\n  web:\n    image: x\n    environment:{text}\n")
    }
}

prop_compose! {
    fn env_file()(lines in proptest::collection::vec(("[A-C]", "[d-f]"), 0..4)) -> String {
        lines.into_iter().flat_map(|(name, value)| [name, "=".to_owned(), value, "\n".to_owned()]).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever two files, env files and a shell say: the winner that is explained has the value
    /// that `config` prints, and everything that says something is among the candidates.
    #[test]
    fn the_winner_is_what_config_prints(
        (base, over) in (environment(), environment()),
        (dotenv, one, two) in (env_file(), env_file(), env_file()),
        shell in proptest::collection::btree_map("[A-C]", "[g-i]", 0..3),
    ) {
        let with_files = base.replace("image: x", "image: x\n    env_file: [one.env, two.env]");
        let mut project = project(&[
            ("compose.yaml", &with_files),
            ("compose.override.yaml", &over),
            (".env", &dotenv),
            ("one.env", &one),
            ("two.env", &two),
        ]);
        project.request.environment.extend(shell);
        let options = LoadOptions::default();
        let merged = crate::compose::load::merged(&project.request, &options, &project.files).unwrap();
        let (loaded, _) = crate::compose::assemble::assemble(
            merged, &options, &Selection::default(), &project.files,
        ).unwrap();
        for name in ["A", "B", "C"] {
            let asked = format!("services.web.environment.{name}");
            let printed = loaded.services["web"].environment.get(name);
            let explained = project.answer(&asked).explanation.ok();
            let Some(printed) = printed else {
                prop_assert!(explained.is_none());
                continue;
            };
            let explanation = explained.expect("what is printed can be explained");
            prop_assert_eq!(&explanation.value, &Some(serde_json::json!(printed)));
            let winners: Vec<&Candidate> =
                explanation.candidates.iter().filter(|it| it.outcome == Outcome::Wins).collect();
            prop_assert_eq!(winners.len(), 1);
            let value = printed.clone().unwrap_or("null".to_owned());
            prop_assert_eq!(winners[0].value.as_ref(), Some(&value));
            for used in &winners[0].variables {
                let expected = used.candidates.first().and_then(|it| it.value.as_ref());
                let operand = used.reason.contains("default") && used.reason.contains("stands in");
                prop_assert!(operand || expected == used.becomes.as_ref(), "{:?}", used);
            }
            let said = [&one, &two].into_iter().flat_map(|text| text.lines());
            let said = said.filter(|line| line.starts_with(name)).count();
            let told = explanation.candidates.iter().filter(|it| it.source == Source::EnvFile).count();
            prop_assert_eq!(told, said);
            let files = [&base, &over].into_iter().filter(|text| {
                text.contains(&format!("\n      {name}:")) || text.contains(&format!("- {name}"))
            });
            let told = explanation.candidates.iter().filter(|it| it.source == Source::File).count();
            prop_assert_eq!(told, files.count());
        }
    }
}
