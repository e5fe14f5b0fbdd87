//! Environment files, in both formats.

use std::path::Path;

use bireme::compose::dotenv::{parse, parse_raw};

use super::diagnostics;

/// Places lie within the text, and variables that are printed in single quotes read back.
pub fn check(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let (sources, file) = diagnostics::source(text);
    let outside = |name: &str| (name == "OUTSIDE").then(|| "from outside".to_owned());
    match parse(text, &outside) {
        Ok(parsed) => {
            let warnings: Vec<_> = parsed.warnings(file).collect();
            diagnostics::check(&warnings, &sources);
            let mut printed = String::new();
            let mut kept = Vec::new();
            for (name, value) in &parsed.variables {
                if !name.is_empty() && !value.contains(['\'', '\\']) {
                    for part in [name, "='", value, "'\n"] {
                        printed.push_str(part);
                    }
                    kept.push((name, value));
                }
            }
            let again = parse(&printed, &outside).expect("what was printed is an environment file");
            assert!(kept.iter().copied().eq(&again.variables), "{printed:?}\n{again:?}");
        }
        Err(mistaken) => {
            let problems = mistaken.diagnostics(file, Path::new("/p/.env"));
            diagnostics::check_failure(&problems, &sources);
        }
    }
    match parse_raw(text, &outside) {
        Ok(variables) => assert!(variables.keys().all(|name| !name.is_empty())),
        Err(mistaken) => {
            assert!(!mistaken.mistakes.is_empty());
            for error in &mistaken.mistakes {
                assert!(text.get(error.range().clone()).is_some(), "{error:?}");
            }
        }
    }
}
