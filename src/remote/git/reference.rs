//! References to Git repositories, `URL#REF:DIRECTORY`, as BuildKit has them.

use super::super::error::Problem;

/// A reference taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::remote) struct GitReference {
    /// What `git` is told.
    pub(in crate::remote) url: String,
    /// A branch or tag; `None` for the repository's default.
    name: Option<String>,
    /// The commit, where the reference names one by all of its digits.
    pub(in crate::remote) commit: Option<String>,
    /// A directory or file within the repository, in its shortest form.
    pub(in crate::remote) directory: Option<String>,
}

impl GitReference {
    /// Takes a reference apart that [`Remote::of`](crate::compose::remote::Remote::of) takes for one.
    pub(in crate::remote) fn parse(text: &str) -> Result<Self, Problem> {
        let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (name, directory) = fragment.split_once(':').unwrap_or((fragment, ""));
        let url = if url.starts_with("github.com/") {
            format!("https://{}.git", url.strip_suffix(".git").unwrap_or(url))
        } else {
            match url.split_once("://") {
                Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
                None => url.to_owned(),
            }
        };
        check_host(&url)?;
        check_name(name)?;
        let is_commit = is_commit(name);
        Ok(Self {
            url,
            name: Some(name.to_owned()).filter(|name| !name.is_empty() && !is_commit),
            commit: is_commit.then(|| name.to_owned()),
            directory: directory_of(directory)?,
        })
    }

    /// The branch or tag, or `HEAD`.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("HEAD")
    }

    /// A reference to another directory or file of the same tree.
    pub(super) fn with_directory(text: &str, directory: &str) -> String {
        let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
        let name = fragment.split(':').next().unwrap_or_default();
        format!("{url}#{name}:{directory}")
    }
}

/// All digits of a commit.
pub(super) fn is_commit(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it))
}

/// A host that would be taken for a flag by the programs that `git` starts.
fn check_host(url: &str) -> Result<(), Problem> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let user_is_flag = authority.starts_with('-');
    if host.is_empty() || host.starts_with('-') || user_is_flag || url.chars().any(char::is_control)
    {
        let reason = format!("invalid Git reference {url:?}: there is no such host");
        return Err(Problem::new(reason).help("write `https://HOST/PATH.git#REF:DIRECTORY`"));
    }
    Ok(())
}

/// Names by the rules of `git check-ref-format`, as far as they could be taken for something else.
fn check_name(name: &str) -> Result<(), Problem> {
    let bad = name.starts_with('-')
        || name.contains("..")
        || name.contains("@{")
        || name.chars().any(|it| it.is_control() || " ~^:?*[\\".contains(it));
    if bad {
        return Err(Problem::new(format!(
            "invalid Git reference: no branch or tag is named {name:?}"
        ))
        .help("write a branch, a tag or a commit behind the `#`"));
    }
    Ok(())
}

/// The shortest form of a path that stays within the repository.
fn directory_of(text: &str) -> Result<Option<String>, Problem> {
    let drive = text.as_bytes().get(1) == Some(&b':');
    if text.starts_with('/') || drive {
        let reason = format!("git subdirectory must be relative, got: {text}");
        return Err(Problem::new(reason).help("write it as seen from the top of the repository"));
    }
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err(leads_out(text));
                }
            }
            part if part.contains(['\\', '\0']) => return Err(leads_out(text)),
            part => parts.push(part),
        }
    }
    Ok(Some(parts.join("/")).filter(|directory| !directory.is_empty()))
}

fn leads_out(text: &str) -> Problem {
    Problem::new(format!("git subdirectory path traversal detected: {text}"))
        .help("the path must stay within the repository")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let commit = "0123456789012345678901234567890123456789";
        for (text, url, name, directory) in [
            ("https://h/x.git", "https://h/x.git", "HEAD", None),
            ("HTTPS://h/x.git#main", "https://h/x.git", "main", None),
            ("git@h:a/b.git#v1:sub/./dir/", "git@h:a/b.git", "v1", Some("sub/dir")),
            ("git://h/x#:a/../b", "git://h/x", "HEAD", Some("b")),
            ("github.com/a/b#main:", "https://github.com/a/b.git", "main", None),
            ("ssh://me@h:22/x#refs/heads/a", "ssh://me@h:22/x", "refs/heads/a", None),
        ] {
            let parsed = GitReference::parse(text).unwrap();
            assert_eq!(
                (parsed.url.as_str(), parsed.name(), parsed.directory.as_deref()),
                (url, name, directory),
                "{text}"
            );
            assert_eq!(parsed.commit, None);
        }
        let parsed = GitReference::parse(&format!("git://h/x#{commit}:d")).unwrap();
        assert_eq!(parsed.commit.as_deref(), Some(commit));
    }

    #[test]
    fn what_could_be_taken_for_something_else_is_refused() {
        for text in [
            "git://h/x#--upload-pack=touch",
            "git://h/x#-x",
            "git://h/x#a b",
            "git://h/x#a..b",
            "git://h/x#a*",
            "git://h/x#main:../x",
            "git://h/x#main:a/../../x",
            "git://h/x#main:/etc",
            "git://h/x#main:a\\..\\b",
            "git://h/x#main:C:",
            "ssh://-oProxyCommand=x/y",
            "ssh://me@-oProxyCommand=x/y",
            "-x@h:y",
            "git@-h:y",
            "git:///x",
            "git://h/\nx",
        ] {
            assert!(GitReference::parse(text).is_err(), "{text:?}");
        }
    }
}
