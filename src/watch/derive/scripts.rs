//! Scripts that commands of a `RUN` call. The build does what they do, so their commands count as if they stood behind
//! the call.

use super::commands::{Line, is_assignment, lines, program};
use super::recipe::{Recipe, Run, Step, What, absolute};

/// Scripts that call scripts are followed so far.
const DEPTH: usize = 4;

/// The commands of the scripts of one `RUN` that are looked at.
const LIMIT: usize = 1_000;

/// A recipe with the commands of scripts behind the calls of these. `read` gives the text of a file that is in the image
/// by the steps of a stage, or mounted while a command runs.
pub(super) fn followed<F>(recipe: &Recipe, read: F) -> Recipe
where
    F: Fn(&[Step], &Run, &str) -> Option<String>,
{
    let mut followed = recipe.clone();
    for (stage, written) in followed.stages.iter_mut().zip(&recipe.stages) {
        for (at, step) in stage.steps.iter_mut().enumerate() {
            let What::Run(run) = &mut step.what else { continue };
            let before = written.steps.get(..at).unwrap_or_default();
            let calls = Calls { read: &|path| read(before, run, path) };
            let mut commands = Vec::new();
            for (line, directory) in &run.commands {
                calls.follow(line, directory, DEPTH, &mut commands);
            }
            run.commands = commands;
        }
    }
    followed
}

struct Calls<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
}

impl Calls<'_> {
    /// Adds a command, and those of the script that it calls.
    fn follow(&self, line: &Line, directory: &str, depth: usize, found: &mut Vec<(Line, String)>) {
        if found.len() >= LIMIT {
            return;
        }
        found.push((line.clone(), directory.to_owned()));
        let Some(depth) = depth.checked_sub(1) else { return };
        let Some(path) = script(line) else { return };
        let Some(text) = (self.read)(&absolute(directory, path)).filter(|it| is_of_shell(path, it))
        else {
            return;
        };
        let mut directory = directory.to_owned();
        for line in lines(&text) {
            match line.as_slice() {
                [cd, path] if cd == "cd" => directory = absolute(&directory, path),
                _ => self.follow(&line, &directory, depth, found),
            }
        }
    }
}

/// The path that a command gives for a script, to a shell or by itself.
fn script(line: &[String]) -> Option<&str> {
    let mut words = line.iter().skip_while(|word| is_assignment(word));
    let name = words.next()?;
    match program(name) {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "." | "source" => {
            let is_flag = |word: &&String| word.starts_with(['-', '+']);
            let mut flags = words.clone().take_while(is_flag);
            // What follows `-c` is no path.
            let has_text = flags.any(|it| !it.starts_with("--") && it.ends_with('c'));
            words.find(|word| !is_flag(word)).filter(|_| !has_text).map(String::as_str)
        }
        "exec" | "env" | "time" | "command" | "nohup" | "nice" => {
            let behind = line.iter().position(|word| word == name)? + 1;
            script(line.get(behind..)?)
        }
        _ => name.contains('/').then_some(name.as_str()),
    }
}

/// Whether a shell runs a file, as its first line says, or its name where there is none.
fn is_of_shell(path: &str, text: &str) -> bool {
    let Some(first) = text.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
        return path.rsplit('.').next().is_some_and(|end| ["sh", "bash"].contains(&end));
    };
    let interpreter = first.split_whitespace().find(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        name != "env" && !name.starts_with('-')
    });
    let name = interpreter.map(program);
    name.is_some_and(|it| ["sh", "bash", "ash", "dash", "zsh"].contains(&it))
}
