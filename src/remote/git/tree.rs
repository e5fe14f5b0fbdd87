//! The tree of a commit, from a repository of objects into a draft.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use super::super::cache::{Draft, Mode};
use super::super::error::Problem;
use super::super::tree::{FILE_LIMIT, Measure, TreePath};
use super::program::Git;

/// How long the list of a tree may take; it lies on this machine by now.
const LIST: Duration = Duration::from_mins(1);

/// One entry of a tree.
#[derive(Debug, PartialEq, Eq)]
struct Item {
    path: TreePath,
    object: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Executable,
    Link,
    /// Another repository. Docker Compose leaves its directory empty, too.
    Submodule,
}

/// Writes all files of a commit.
pub(super) async fn write(
    commit: &str,
    git: &Git,
    repository: &Path,
    draft: &mut Draft<'_>,
) -> Result<(), Problem> {
    let arguments = ["ls-tree", "-r", "-z", "--long", "--full-tree", commit];
    let failed = "git cannot list its files";
    let output = git.run(Some(repository), &arguments, LIST).await;
    let listed = output.map_err(|error| error.problem(failed))?.check(failed)?;
    let items = items(&listed)?;
    contents(&items, git, repository, draft).await
}

/// The entries in what `ls-tree` prints.
fn items(listed: &[u8]) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    let mut measure = Measure::default();
    for line in listed.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        let line = std::str::from_utf8(line).map_err(|_| {
            let shown = String::from_utf8_lossy(line).into_owned();
            Problem::new(format!("it holds a file whose name is no text: {shown:?}"))
        })?;
        let strange =
            || Problem::new(format!("git lists something that is not understood: {line:?}"));
        let (what, path) = line.split_once('\t').ok_or_else(strange)?;
        let path = TreePath::new(path)?;
        let mut words = what.split_ascii_whitespace();
        let (mode, _, object, size) = (words.next(), words.next(), words.next(), words.next());
        let kind = match mode {
            Some("100755") => Kind::Executable,
            Some("120000") => Kind::Link,
            Some("160000") => Kind::Submodule,
            Some(mode) if mode.starts_with("100") => Kind::File,
            _ => return Err(strange()),
        };
        measure.add(&path, size.and_then(|size| size.parse().ok()).unwrap_or(0))?;
        items.push(Item { path, object: object.ok_or_else(strange)?.to_owned(), kind });
    }
    Ok(items)
}

/// Reads the objects of all entries from one `cat-file`, and writes them.
async fn contents(
    items: &[Item],
    git: &Git,
    repository: &Path,
    draft: &mut Draft<'_>,
) -> Result<(), Problem> {
    let broken =
        |error: std::io::Error| Problem::new(format!("git cannot read its files: {error}"));
    let mut child = git.start(Some(repository), &["cat-file", "--batch"]).map_err(broken)?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Problem::new("git cannot read its files"));
    };
    // Errors are told by what does not come.
    drop(child.stderr.take());
    let ask = async {
        for item in items.iter().filter(|item| item.kind != Kind::Submodule) {
            stdin.write_all(format!("{}\n", item.object).as_bytes()).await?;
        }
        stdin.shutdown().await?;
        drop(stdin);
        Ok::<(), std::io::Error>(())
    };
    let ask = async { ask.await.map_err(broken) };
    let receive = async {
        let mut stdout = BufReader::new(stdout);
        for item in items {
            if item.kind == Kind::Submodule {
                draft.directory(&item.path)?;
                continue;
            }
            let mut header = String::new();
            (&mut stdout).take(256).read_line(&mut header).await.map_err(broken)?;
            let missing = || {
                let path = item.path.as_str();
                Problem::new(format!("git cannot read {path}: {}", header.trim()))
            };
            let mut words = header.split_ascii_whitespace();
            let (Some(_), Some("blob"), Some(size)) = (words.next(), words.next(), words.next())
            else {
                return Err(missing());
            };
            let size: u64 = size.parse().map_err(|_| missing())?;
            if size > FILE_LIMIT {
                return Err(missing());
            }
            let mut content = Vec::new();
            (&mut stdout).take(size).read_to_end(&mut content).await.map_err(broken)?;
            if content.len() as u64 != size || stdout.read_u8().await.map_err(broken)? != b'\n' {
                return Err(missing());
            }
            match item.kind {
                Kind::Link => {
                    let target = String::from_utf8(content).map_err(|_| missing())?;
                    draft.link(&item.path, &target)?;
                }
                Kind::Executable => draft.file(&item.path, &content, Mode::Executable)?,
                _ => draft.file(&item.path, &content, Mode::Shared)?,
            }
        }
        Ok(())
    };
    // Ends with the first error: the other half would wait for a reader for ever.
    tokio::try_join!(receive, ask)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_understood_or_refused() {
        let object = "a".repeat(40);
        let line = |mode: &str, kind: &str, path: &str| {
            format!("{mode} {kind} {object}      12\t{path}\0")
        };
        let listed = [
            line("100644", "blob", "a b/c"),
            line("100755", "blob", "run"),
            line("120000", "blob", "link"),
            line("160000", "commit", "sub"),
        ]
        .concat();
        let kinds: Vec<_> = items(listed.as_bytes()).unwrap().iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [Kind::File, Kind::Executable, Kind::Link, Kind::Submodule]);
        for bad in [
            line("100644", "blob", "../x"),
            line("100644", "blob", ".git/config"),
            line("100644", "blob", "a\\b"),
            line("040000", "tree", "x"),
            "nonsense\0".to_owned(),
        ] {
            assert!(items(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(items(b"100644 blob aa 1\t\xff\0").is_err());
    }
}
