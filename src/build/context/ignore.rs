//! The ignore file of a context: found and read.

use std::io;
use std::path::Path;

use crate::build::dockerignore;
use crate::build::error::BuildError;

use super::WalkError;

/// What a build from `root` with this Dockerfile leaves out: the patterns of
/// `<Dockerfile>.dockerignore` beside the Dockerfile if there is one, of `.dockerignore` in `root`
/// otherwise; none without either. `dockerfile` is a path of this machine, if the Dockerfile is one.
pub fn exclusions(root: &Path, dockerfile: Option<&Path>) -> Result<Vec<String>, BuildError> {
    let beside = dockerfile.and_then(|path| {
        let mut name = path.file_name()?.to_owned();
        name.push(".dockerignore");
        Some(path.with_file_name(name))
    });
    for path in beside.into_iter().chain([root.join(".dockerignore")]) {
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let patterns = dockerignore::read(&text);
                // Malformed patterns are told with the name of their file.
                dockerignore::Matcher::new(&patterns).map_err(|source| BuildError::Ignore {
                    file: path.display().to_string(),
                    source,
                })?;
                return Ok(patterns);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(WalkError { path, source }.into()),
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::exclusions;

    #[test]
    fn the_dockerfiles_own_ignore_file_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let dockerfile = root.path().join("web.Dockerfile");
        assert_eq!(exclusions(root.path(), Some(&dockerfile)).unwrap(), [] as [&str; 0]);
        std::fs::write(root.path().join(".dockerignore"), "a\n").unwrap();
        assert_eq!(exclusions(root.path(), Some(&dockerfile)).unwrap(), ["a"]);
        std::fs::write(root.path().join("web.Dockerfile.dockerignore"), "b\n").unwrap();
        assert_eq!(exclusions(root.path(), Some(&dockerfile)).unwrap(), ["b"]);
        assert_eq!(exclusions(root.path(), None).unwrap(), ["a"]);
    }

    #[test]
    fn a_malformed_pattern_names_its_file() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(".dockerignore"), "[\n").unwrap();
        let error = exclusions(root.path(), None).unwrap_err().to_string();
        assert!(error.ends_with(".dockerignore: syntax error in pattern `[`"), "{error}");
    }
}
