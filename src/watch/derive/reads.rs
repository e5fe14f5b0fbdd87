//! Which files a command of a `RUN` names to make something of them.

use super::commands::{is_assignment, lines, program};
use super::copies::below;
use super::recipe::absolute;
use super::work::{Work, as_another, executed, script_of};

/// Shells in shells are followed so far.
const DEPTH: usize = 6;

/// A path that a command names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Absolute; may be a pattern.
    pub(super) path: String,
    /// Whether a directory there counts with all that is below.
    pub(super) is_tree: bool,
}

impl Named {
    /// Whether it means all of a directory, or of one around it.
    pub(super) fn is_around(&self, directory: &str) -> bool {
        below(directory, self.path.strip_suffix("/*").unwrap_or(&self.path)).is_some()
    }
}

/// What reads whole directories.
const TREES: &[&str] = &["cp", "mv", "rsync", "tar", "zip", "find", "grep", "diff"];

/// What writes its last operand.
const WRITES: &[&str] = &["cp", "mv", "rsync", "install"];

/// What begins with something that is no path, unless an option has it.
const EXPRESSIONS: &[&str] =
    &["sed", "awk", "gawk", "grep", "egrep", "fgrep", "jq", "yq", "openssl"];

/// What a command that runs in a directory names. `work` tells what a command does.
pub(super) fn named(
    line: &[String],
    directory: &str,
    work: &dyn Fn(&[String]) -> Work,
) -> Vec<Named> {
    let mut reading = Reading { work, found: Vec::new() };
    reading.command(line, directory, DEPTH);
    reading.found
}

struct Reading<'a> {
    work: &'a dyn Fn(&[String]) -> Work,
    found: Vec<Named>,
}

impl Reading<'_> {
    fn command(&mut self, line: &[String], directory: &str, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for script in substituted(&line.join(" ")) {
            self.script(script, directory, depth);
        }
        for input in line.iter().filter_map(|word| word.strip_prefix('<')) {
            self.add(absolute(directory, input), false);
        }
        let line = unwrapped(line);
        let Some((name, arguments)) = line.split_first() else { return };
        let called = program(name);
        if ["sh", "bash", "ash", "dash", "su"].contains(&called)
            && let Some(script) = script_of(arguments)
        {
            self.script(script, directory, depth);
            return;
        }
        let work = (self.work)(line);
        if work == Work::Unknown && name.contains('/') {
            self.add(absolute(directory, name), false);
        }
        if matches!(work, Work::Reads | Work::Unknown) {
            self.operands(called, arguments, directory, work);
        }
    }

    fn script(&mut self, script: &str, directory: &str, depth: usize) {
        let mut directory = directory.to_owned();
        for line in lines(script) {
            match line.as_slice() {
                [cd, path] if cd == "cd" => directory = absolute(&directory, path),
                line => self.command(line, &directory, depth),
            }
        }
    }

    fn operands(&mut self, called: &str, arguments: &[String], directory: &str, work: Work) {
        let is_reader = work == Work::Reads || TREES.contains(&called);
        let reads_trees = !is_reader || is_of_trees(called, arguments);
        let changed = changed(called, arguments).filter(|_| reads_trees);
        let changed = changed.map(|path| absolute(directory, path));
        let directory = changed.as_deref().unwrap_or(directory);
        let mut words = operands(called, arguments);
        let written = if WRITES.contains(&called) && !is_reversed(called, arguments) {
            words.pop()
        } else {
            None
        };
        for word in words {
            let named = Named { path: absolute(directory, word), is_tree: reads_trees };
            // What is not known may be about the directory that it runs in as all others.
            if is_reader || !named.is_around(directory) {
                self.add(named.path, named.is_tree);
            }
        }
        if let Some(word) = written {
            self.add(absolute(directory, word), false);
        }
    }

    fn add(&mut self, path: String, is_tree: bool) {
        let named = Named { path, is_tree };
        if !self.found.contains(&named) {
            self.found.push(named);
        }
    }
}

/// The scripts of `$(…)` and backquotes.
fn substituted(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("$(") {
        let Some(inner) = text.get(at + 2..) else { continue };
        let mut open = 1;
        let end = inner.find(|it: char| {
            open += match it {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            open == 0
        });
        found.extend(inner.get(..end.unwrap_or(inner.len())));
    }
    found.extend(text.split('`').skip(1).step_by(2));
    found
}

/// A command without variables that are set for it, and without what only runs it.
fn unwrapped(mut line: &[String]) -> &[String] {
    while let Some((name, rest)) = line.split_first() {
        line = match program(name) {
            "exec" | "env" | "time" | "command" | "nohup" | "nice" | "npx" | "bunx" => rest,
            called => match (as_another(called, rest), is_assignment(name)) {
                (Some(command), _) => command,
                (None, true) => rest,
                (None, false) => break,
            },
        };
    }
    line
}

/// The words that may be paths, with values of options.
fn operands<'l>(called: &str, arguments: &'l [String]) -> Vec<&'l str> {
    let arguments = match called {
        // Of these only what they are redirected to; packages have scripts of these names.
        "tr" | "envsubst" | "npm" | "yarn" | "pnpm" | "bun" => return Vec::new(),
        "find" if executed(arguments).is_some() => {
            let end = arguments.iter().position(|word| word.starts_with('-'));
            arguments.get(..end.unwrap_or_default()).unwrap_or_default()
        }
        // What is done, without a dash.
        "tar" if arguments.first().is_some_and(|it| is_letters(it)) => {
            arguments.get(1..).unwrap_or_default()
        }
        _ => arguments,
    };
    let mut has_expression = !EXPRESSIONS.contains(&called)
        || arguments.iter().any(|word| is_expression(word) || word.starts_with("-f"));
    let mut found = Vec::new();
    let mut words = arguments.iter().map(String::as_str).filter(|word| !word.starts_with('<'));
    while let Some(word) = words.next() {
        if takes_value(called, word) {
            words.next();
        } else if word.starts_with('-') {
            found.extend(word.split_once('=').map(|(_, value)| value));
        } else if has_expression {
            found.push(word.strip_prefix("if=").unwrap_or(word));
        } else {
            has_expression = true;
        }
    }
    found
}

fn is_letters(word: &str) -> bool {
    word.chars().all(|it| it.is_ascii_alphabetic())
}

fn is_expression(word: &str) -> bool {
    word == "-e" || ["--expression", "--regexp"].iter().any(|it| word.starts_with(it))
}

/// Whether the word behind an option is nothing that is read.
fn takes_value(called: &str, option: &str) -> bool {
    match called {
        "sed" | "grep" | "egrep" | "fgrep" => option == "-e",
        "tar" => ["-C", "--directory"].contains(&option),
        "cp" | "mv" | "install" => {
            is_target(option) || (called == "install" && ["-m", "-o", "-g"].contains(&option))
        }
        _ => false,
    }
}

/// Whether an option of `cp` and its like has the target behind it.
fn is_target(option: &str) -> bool {
    option == "--target-directory"
        || (option.starts_with('-') && !option.starts_with("--") && option.ends_with('t'))
}

/// Whether all operands are read, since an option has the target.
fn is_reversed(called: &str, arguments: &[String]) -> bool {
    called != "rsync"
        && arguments.iter().any(|word| is_target(word) || word.starts_with("--target-directory="))
}

/// Where `tar` goes before it reads.
fn changed<'l>(called: &str, arguments: &'l [String]) -> Option<&'l str> {
    let at = arguments.iter().position(|word| word == "-C" || word == "--directory")?;
    arguments.get(at + 1).map(String::as_str).filter(|_| called == "tar")
}

/// Whether a program takes directories with all that is below.
fn is_of_trees(called: &str, arguments: &[String]) -> bool {
    let has = |letters: &[char]| {
        let is_short = |word: &&String| word.starts_with('-') && !word.starts_with("--");
        arguments.iter().filter(is_short).any(|word| word.contains(letters))
    };
    match called {
        "tar" => {
            let is_old = arguments.first().is_some_and(|it| it.contains('c') && is_letters(it));
            is_old || has(&['c']) || arguments.iter().any(|word| word == "--create")
        }
        "grep" | "zip" | "diff" => has(&['r', 'R']),
        called => TREES.contains(&called),
    }
}

#[cfg(test)]
mod tests {
    use super::super::work::work;
    use super::*;

    /// What the last command of a script in `/s` names; a slash behind it where a directory counts.
    fn shown(script: &str) -> String {
        let line = lines(script).pop().unwrap_or_default();
        let found = named(&line, "/s", &|line| work(line, &|| None));
        let found =
            found.iter().map(|it| format!("{}{}", it.path, if it.is_tree { "/" } else { "" }));
        found.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn commands_name_what_they_read() {
        for (script, expected) in [
            ("cp main.conf /out", "/s/main.conf/ /out"),
            ("cp -r -t /out a b", "/s/a/ /s/b/"),
            ("install -m 755 tool /usr/bin/tool", "/s/tool /usr/bin/tool"),
            ("cat src/* > /out", "/s/src/*"),
            ("sed -i 's/a/b/' main", "/s/main"),
            ("sed -e 's/a/b/' main > /out", "/s/main"),
            ("tr a b < main > /out", "/s/main"),
            ("envsubst '$A' < main", "/s/main"),
            ("sh -c 'cd /x && cat a | sort > /out'", "/x/a"),
            ("echo \"$(cat VERSION)\" `head -1 b` > /v", "/s/VERSION /s/b"),
            ("A=$(cat VERSION) env B=c gzip x", "/s/VERSION /s/x"),
            ("tar -C /x -czf /out.tgz a", "/out.tgz/ /x/a/"),
            ("tar xzf a.tgz -C /x", "/s/a.tgz"),
            ("find conf -type f -exec sed -i s/a/b/ {} +", "/s/conf/"),
            ("./build.sh --in=src /out", "/s/build.sh /s/src/ /out/"),
            ("node gen.js . *", "/s/gen.js/"),
            ("gosu app cat a > /out", "/s/a"),
            ("su app -c 'cat a > /out'", "/s/a"),
            ("sudo -u app cat a", "/s/a"),
            ("(cat a) > /out", "/s/a"),
            ("chmod +x a", ""),
            ("mkdir -p a", ""),
            ("pip install -r requirements.txt", ""),
            ("python -m compileall .", ""),
            ("npm ci", ""),
            ("npm run lint", ""),
            ("python manage.py collectstatic", ""),
            ("grep -q a b", "/s/b"),
            ("awk '/a.*b/ {print}' c", "/s/c"),
        ] {
            assert_eq!(shown(script), expected, "{script}");
        }
    }
}
