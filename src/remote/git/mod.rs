//! Trees of Git repositories, through the user's own `git`, which knows their keys and passwords.
//!
//! The commit is fetched into a repository of its own that is thrown away; its tree is read from there
//! and written by us. So no hook or filter of the other side runs, a copy has no `.git` in which a
//! container could plant one, and `git` is never run in a copy.

mod program;
mod reference;
mod tree;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Settings;
use super::cache::{Cache, Copy};
use super::error::Problem;
use program::Git;
pub(super) use reference::GitReference;

/// Names of a project's file, the preferred one first.
const NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// How long a question to the other side may take.
const ASK: Duration = Duration::from_mins(1);
/// How long it may take to fetch a commit.
const FETCH: Duration = Duration::from_mins(9);

/// The copy of what a reference leads to, and the Compose file in it.
pub(super) async fn fetch(
    text: &str,
    settings: &Settings,
    cache: &Cache,
) -> Result<(Copy, PathBuf), Problem> {
    let reference = GitReference::parse(text)?;
    let git = Git::new(&settings.variables);
    let commit = match &reference.commit {
        Some(commit) => commit.clone(),
        None => resolve(text, &reference, &git).await?,
    };
    let copy = match cache.find(&commit, None) {
        Some(copy) => copy,
        None => download(&reference, &commit, &git, cache)
            .await
            .map_err(|problem| problem.in_context(&shown(text)))?,
    };
    let file = compose_file(text, &reference, &copy)?;
    Ok((copy, file))
}

/// A reference without the password that its URL may hold.
fn shown(text: &str) -> String {
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?))) {
        Some((scheme, (user, rest))) if !user.contains('/') && user.contains(':') => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:***@{rest}")
        }
        _ => text.to_owned(),
    }
}

/// What a branch, a tag or the repository's default stands for at the moment.
async fn resolve(text: &str, reference: &GitReference, git: &Git) -> Result<String, Problem> {
    let name = reference.name();
    let output = git
        .run(None, &["ls-remote", "--exit-code", "--", &reference.url, name], ASK)
        .await
        .map_err(|error| error.problem(&access(&reference.url)))?;
    if output.code == Some(2) {
        let reason = format!("repository does not contain ref {}", shown(text));
        return Err(Problem::new(reason)
            .help("write a branch, a tag, or a commit with all of its 40 digits behind the `#`"));
    }
    let listed = output.check(&access(&reference.url))?;
    commit_of(&String::from_utf8_lossy(&listed), name).ok_or_else(|| {
        let reason = format!("repository does not contain ref {}", shown(text));
        Problem::new(reason).help("write the whole name of a branch or tag behind the `#`")
    })
}

fn access(url: &str) -> String {
    format!("failed to access repository at {}", shown(url))
}

/// The commit of a name in what `ls-remote` prints, which lists every name that ends alike. An
/// annotated tag is its own object.
fn commit_of(listed: &str, name: &str) -> Option<String> {
    let candidates = [
        name.to_owned(),
        format!("refs/{name}"),
        format!("refs/tags/{name}"),
        format!("refs/heads/{name}"),
    ];
    candidates.iter().find_map(|wanted| {
        listed.lines().find_map(|line| {
            let (object, found) = line.split_once('\t')?;
            (found == wanted && reference::is_commit(object)).then(|| object.to_owned())
        })
    })
}

/// Fetches a commit and writes its tree.
async fn download(
    reference: &GitReference,
    commit: &str,
    git: &Git,
    cache: &Cache,
) -> Result<Copy, Problem> {
    let mut draft = cache.begin()?;
    let repository = cache.scratch()?;
    let place = Some(repository.path());
    let failed = "git cannot fetch it";
    let made = git.run(None, &["init", "--quiet", "--bare", &repository.text()], ASK).await;
    made.map_err(|error| error.problem(failed))?.check(failed)?;
    let fetch = |what: String| async move {
        let arguments = [
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            &reference.url,
            &what,
        ];
        let output = git.run(place, &arguments, FETCH).await;
        output.map_err(|error| error.problem(failed))?.check(failed)
    };
    let by_commit = fetch(commit.to_owned()).await;
    if let Err(problem) = by_commit {
        // A server may give commits by their names alone.
        if reference.commit.is_some() || fetch(reference.name().to_owned()).await.is_err() {
            return Err(problem.help("does the repository still have this commit?"));
        }
    }
    tree::write(commit, git, repository.path(), &mut draft).await?;
    draft.finish(commit)
}

/// The file that is meant: the one that the reference names, or the first of the usual names in the
/// directory that it names.
fn compose_file(text: &str, reference: &GitReference, copy: &Copy) -> Result<PathBuf, Problem> {
    let path = match &reference.directory {
        Some(directory) => copy.root.join(directory),
        None => copy.root.clone(),
    };
    let shown_path = reference.directory.as_deref().unwrap_or(".");
    let missing = |help: &str| {
        let reason = format!("{}: stat {shown_path}: no such file or directory", shown(text));
        Err(Problem::new(reason).help(help.to_owned()))
    };
    // A link that a container has made must not lead elsewhere.
    let (Ok(real), Ok(root)) = (path.canonicalize(), copy.root.canonicalize()) else {
        return missing("what stands behind the last `:` is a directory or file of the repository");
    };
    if !real.starts_with(&root) {
        return missing("the path leads out of the repository");
    }
    if path.is_file() {
        return Ok(path);
    }
    let found = NAMES.iter().map(|name| path.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let reason = format!("{}: no Compose file in {shown_path}: not found", shown(text));
        Problem::new(reason).help(format!(
            "name it: `{}`",
            GitReference::with_directory(text, &in_directory(shown_path))
        ))
    })
}

fn in_directory(directory: &str) -> String {
    let path = Path::new(directory).join("FILE.yaml");
    path.to_string_lossy().trim_start_matches("./").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_up_as_git_does() {
        let (a, b, c) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
        let listed = format!(
            "{a}\trefs/heads/feature/main\n{b}\trefs/heads/main\n{c}\trefs/tags/main\n{a}\trefs/tags/main^{{}}\n{b}\tHEAD\nshort\trefs/heads/x\n"
        );
        for (name, expected) in [
            ("main", Some(&c)),
            ("heads/main", Some(&b)),
            ("refs/heads/main", Some(&b)),
            ("feature/main", Some(&a)),
            ("HEAD", Some(&b)),
            ("x", None),
            ("ature/main", None),
        ] {
            assert_eq!(commit_of(&listed, name).as_ref(), expected, "{name}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown("https://me:pw@h/x.git#a"), "https://me:***@h/x.git#a");
        assert_eq!(shown("https://me@h/x.git"), "https://me@h/x.git");
        assert_eq!(shown("git@h:x"), "git@h:x");
    }
}
