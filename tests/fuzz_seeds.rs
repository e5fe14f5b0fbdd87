//! The seeds of the fuzzers, through the same checks: what fuzzing found stays found.

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a library to the fuzzers")]
mod targets;

/// A target's name and its check.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 7] = [
    ("dockerignore", targets::dockerignore::check),
    ("dotenv", targets::dotenv::check),
    ("interpolate", targets::interpolate::check),
    ("load", targets::load::check),
    ("merge", targets::merge::check),
    ("template", targets::template::check),
    ("yaml", targets::yaml::check),
];

#[test]
fn every_seed_holds() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut folders: Vec<_> = fs::read_dir(&seeds)
        .expect("the seeds are there")
        .map(|entry| entry.expect("the folder is readable").file_name())
        .collect();
    folders.sort();
    assert_eq!(folders, TARGETS.map(|(name, _)| name), "one folder for each target");
    for (name, check) in TARGETS {
        for seed in fs::read_dir(seeds.join(name)).expect("it is there") {
            let seed = seed.expect("the folder is readable").path();
            let data = fs::read(&seed).expect("the seed is readable");
            // The test's output names the seed that does not hold.
            println!("{}", seed.display());
            check(&data);
        }
    }
}

/// Texts that no seed file should have to hold: an input of every byte, and long ones.
#[test]
fn odd_inputs_hold() {
    let every: Vec<u8> = (0..=255).collect();
    let inputs = [
        Vec::new(),
        every,
        b"[".repeat(5_000),
        b"{a: ".repeat(5_000),
        b"- ".repeat(5_000),
        b"${A:-".repeat(5_000),
        b"---\n".repeat(5_000),
        b"&a ".repeat(5_000),
        b"\"".repeat(5_001),
        b"**/a[b-".repeat(2_000),
        b"{{if (".repeat(1_000),
    ];
    for input in inputs {
        for (_, check) in TARGETS {
            check(&input);
        }
    }
}
