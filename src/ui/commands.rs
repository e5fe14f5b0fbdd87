//! Commands of this program that are proposed to the user, spelled so that they work where they are read: by the name
//! that the program was called by, and with the flags that said which project and which engine is meant.
//!
//! Whoever proposes one writes `bireme pull web`, as documentation has it.

use std::borrow::Cow;

use super::format::typed;

/// The program, as texts of ours call it.
const PROGRAM: &str = "bireme";

/// How commands of this program are typed here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commands {
    /// What stands before a command: `docker bireme`.
    pub program: String,
    /// The Compose files that flags named.
    pub files: Vec<String>,
    /// The other words of flags before the command which say what is meant, as they were given.
    pub flags: Vec<String>,
    /// The names of all commands.
    pub names: Vec<&'static str>,
}

impl Commands {
    /// The same where the project is of these files.
    #[must_use]
    pub fn of_files(&self, files: Vec<String>) -> Self {
        Self { files, ..self.clone() }
    }

    /// A text with the commands in it as they are typed here.
    pub fn spell<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let words = self.words();
        if words == PROGRAM || self.names.is_empty() || !text.contains(PROGRAM) {
            return Cow::Borrowed(text);
        }
        let mut spelled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(PROGRAM) {
            let (before, found) = rest.split_at(at);
            let behind = &found[PROGRAM.len()..];
            spelled.push_str(before);
            let is_whole = !spelled.ends_with(is_of_name) && !spelled.ends_with("docker ");
            spelled.push_str(if is_whole && self.is_command(behind) { &words } else { PROGRAM });
            rest = behind;
        }
        spelled.push_str(rest);
        Cow::Owned(spelled)
    }

    fn words(&self) -> String {
        let files = self.files.iter().flat_map(|file| ["-f".to_owned(), file.clone()]);
        let flags: Vec<String> = files.chain(self.flags.iter().cloned()).collect();
        let program = if self.program.is_empty() { PROGRAM } else { &self.program };
        if flags.is_empty() { program.to_owned() } else { format!("{program} {}", typed(&flags)) }
    }

    /// Whether a text behind the program's name goes on with a command.
    fn is_command(&self, behind: &str) -> bool {
        let Some(behind) = behind.strip_prefix(' ') else { return false };
        let word = behind.split(|it| !is_of_name(it)).next().unwrap_or_default();
        self.names.contains(&word)
    }
}

/// Whether a sign may stand in the name of a program or a command.
const fn is_of_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(program: &str, files: &[&str], flags: &[&str]) -> Commands {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Commands {
            program: program.to_owned(),
            files: owned(files),
            flags: owned(flags),
            names: vec!["platforms", "pull", "up"],
        }
    }

    #[test]
    fn commands_are_spelled_as_they_work_here() {
        let text = "db: x; bireme platforms --fix db (`bireme up -d`), and bireme is bireme: docker-bireme up";
        assert_eq!(commands("bireme", &[], &[]).spell(text), text);
        assert_eq!(
            commands("docker bireme", &["a b.yaml", "c.yaml"], &["-p", "shop"]).spell(text),
            "db: x; docker bireme -f 'a b.yaml' -f c.yaml -p shop platforms --fix db (`docker bireme -f 'a b.yaml' \
             -f c.yaml -p shop up -d`), and bireme is bireme: docker-bireme up"
        );
        let compose = commands("docker compose", &[], &["--profile", "*"]);
        assert_eq!(compose.spell("bireme pull web"), "docker compose --profile '*' pull web");
        let of_file = compose.of_files(vec!["x.yaml".to_owned()]);
        assert_eq!(of_file.spell("bireme up"), "docker compose -f x.yaml --profile '*' up");
        for text in
            ["bireme", "bireme 1.0", "bireme-final up", "/usr/bin/bireme up", "bireme upper"]
        {
            assert_eq!(compose.spell(text), text);
        }
    }

    #[test]
    fn what_is_spelled_stays_so() {
        for program in ["bireme", "docker bireme", "docker compose", "docker-compose-linux-x86_64"]
        {
            for files in [&[][..], &["x.yaml"]] {
                let commands = commands(program, files, &[]);
                let once = commands.spell("bireme pull web").into_owned();
                assert_eq!(commands.spell(&once), once);
            }
        }
    }
}
