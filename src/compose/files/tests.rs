//! Paths, both kinds of files, and texts that are none.

use super::*;
use crate::diagnostic::SourceMap;

#[test]
fn paths_are_cleaned_by_their_text() {
    for (path, expected) in [
        ("", "/p/q"),
        (".", "/p/q"),
        ("a", "/p/q/a"),
        ("./a//b/", "/p/q/a/b"),
        ("../a", "/p/a"),
        ("../../../../a", "/a"),
        ("/x/../y/.", "/y"),
    ] {
        assert_eq!(absolute(Path::new("/p/q"), Path::new(path)), Path::new(expected), "{path}");
    }
}

#[test]
fn memory_has_directories_and_links() {
    let files = Memory::default()
        .file("/p/a/x", "1")
        .link("/l", "/p/a")
        .link("/c", "/d")
        .link("/d", "/c")
        .with_stdin("in");
    assert_eq!(files.kind(Path::new("/p")), Some(FileKind::Directory));
    assert_eq!(files.kind(Path::new("/")), Some(FileKind::Directory));
    assert_eq!(files.kind(Path::new("/p/a/y")), None);
    assert_eq!(files.kind(Path::new("/c/x")), None);
    assert!(files.is_file(Path::new("/l/x")));
    assert_eq!(files.read(Path::new("/l/x")).unwrap(), b"1");
    assert_eq!(files.canonical(Path::new("/l/x")).unwrap(), Path::new("/p/a/x"));
    assert_eq!(files.canonical(Path::new("/l")).unwrap(), Path::new("/p/a"));
    assert_eq!(files.canonical(Path::new("/l/y")), None);
    assert_eq!(files.stdin().unwrap(), b"in");
}

#[test]
fn the_disk_reads_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.yaml");
    std::fs::write(&path, "x: 1").unwrap();
    let disk = Disk::default();
    assert_eq!(disk.read(&path).unwrap(), b"x: 1");
    assert!(disk.is_file(&path) && disk.is_directory(directory.path()));
    assert_eq!(disk.kind(&directory.path().join("b")), None);
    let mut sources = SourceMap::default();
    let error = read_text(&disk, directory.path(), &mut sources).unwrap_err();
    assert_eq!(error.message, format!("read {}: is a directory", directory.path().display()));
}

#[test]
fn texts_are_decoded() {
    let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        let mut encoded = mark.to_vec();
        encoded.extend("é: 🚀\n".encode_utf16().flat_map(bytes));
        encoded
    };
    for bytes in [
        "é: 🚀\n".as_bytes().to_vec(),
        utf16(&[0xff, 0xfe], u16::to_le_bytes),
        utf16(&[0xfe, 0xff], u16::to_be_bytes),
    ] {
        let mut sources = SourceMap::default();
        let files = Memory::default().with_stdin(bytes);
        let file = read_stdin(&files, &mut sources).unwrap();
        assert_eq!(&*sources.file(file).unwrap().text, "é: 🚀\n");
        assert_eq!(sources.name(file), Path::new("-"));
    }
}

#[test]
fn what_is_no_text_is_refused_with_its_place() {
    for (bytes, message, line, column) in [
        (&b"a: b\nc: \xff\n"[..], "yaml: invalid leading UTF-8 octet", 2, 4),
        (b"a: b\nc\0: \xff", "yaml: control characters are not allowed", 2, 2),
        (b"a: \x7f", "yaml: control characters are not allowed", 1, 4),
        (b"\xff\xfea\0\0\xd8b\0", "yaml: invalid leading UTF-8 octet", 1, 2),
        (b"\xff\xfea\0b", "yaml: invalid leading UTF-8 octet", 1, 2),
    ] {
        let mut sources = SourceMap::default();
        let files = Memory::default().file("/a", bytes);
        let error = read_text(&files, Path::new("/a"), &mut sources).unwrap_err();
        assert_eq!(error.message, message);
        let position = sources.position(error.labels[0].span).unwrap();
        assert_eq!((position.line, position.column), (line, column), "{bytes:?}");
    }
    let mut sources = SourceMap::default();
    let error = read_text(&Memory::default(), Path::new("/a"), &mut sources).unwrap_err();
    assert_eq!(error.message, "open /a: no such file or directory");
}

#[test]
fn unsaved_text_stands_in_the_place_of_a_file() {
    let disk = Memory::default()
        .file("/p/compose.yaml", "saved")
        .file("/p/other.yaml", "other")
        .link("/q", "/p");
    let unsaved = Unsaved::new(&disk, PathBuf::from("/p/compose.yaml"), b"unsaved".to_vec());
    let text = |path: &str| unsaved.read(Path::new(path)).map(|it| String::from_utf8(it).unwrap());
    assert_eq!(text("/p/compose.yaml").unwrap(), "unsaved");
    assert_eq!(text("/q/compose.yaml").unwrap(), "unsaved", "another way to the same file");
    assert_eq!(text("/p/other.yaml").unwrap(), "other");
    let new = Unsaved::new(&disk, PathBuf::from("/p/new.yaml"), b"new".to_vec());
    assert!(new.is_file(Path::new("/p/new.yaml")), "a file that was never saved");
    assert_eq!(new.read(Path::new("/p/new.yaml")).unwrap(), b"new");
    assert_eq!(new.canonical(Path::new("/p/new.yaml")), Some(PathBuf::from("/p/new.yaml")));
    assert!(!new.is_file(Path::new("/p/missing.yaml")));
}
