//! What is read, what is recorded, and what is never opened.

use super::*;

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_cannot_be_read_is_recorded_and_what_is_ignored_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "src/a.ts", b"export {}");
    write(root, "src/binary.ts", b"a\0b");
    write(root, "src/latin.ts", b"// caf\xe9");
    write(root, "src/huge.json", &vec![b' '; SIZE_LIMIT as usize + 1]);
    write(root, "logo.png", b"\x89PNG");
    write(root, ".gitignore", b"/out\n");
    write(root, "out/a.ts", b"");
    write(root, "node_modules/x/index.ts", b"");
    std::os::unix::fs::symlink("/etc/hostname", root.join("src/link.ts")).unwrap();
    let mut sources = Sources::default();
    let view = read_folder(root, &mut sources).unwrap();
    let files: Vec<_> = view.files.keys().map(RepoPath::as_str).collect();
    assert_eq!(files, ["src/a.ts"]);
    let skipped: Vec<_> = view
        .skipped
        .iter()
        .map(|skip| format!("{}: {}", skip.path, skip.reason))
        .collect();
    assert_eq!(
        skipped,
        [
            "src/binary.ts: binary".to_owned(),
            format!("src/huge.json: larger than {SIZE_LIMIT} bytes ({})", SIZE_LIMIT + 1),
            "src/latin.ts: not UTF-8".to_owned(),
            "src/link.ts: symbolic link, not followed".to_owned(),
        ]
    );
    assert!(view.exists(&RepoPath::new("logo.png").unwrap()));
    assert!(!view.exists(&RepoPath::new("out/a.ts").unwrap()));
}

fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
}

#[test]
fn what_is_no_plain_file_is_recorded_and_never_opened() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "docs/001-a.md", b"# A");
    write(root, "docs/real/b.md", b"# B");
    write(root, "sub/c.ts", b"");
    fs::create_dir(root.join("docs/folder.md")).unwrap();
    pipe(&root.join("docs/pipe.md"));
    pipe(&root.join("pipe.ts"));
    pipe(&root.join("pipe.png"));
    pipe(&root.join("sub/.gitignore"));
    let _socket = std::os::unix::net::UnixListener::bind(root.join("docs/socket.md")).unwrap();
    std::os::unix::fs::symlink("real", root.join("docs/linked")).unwrap();
    std::os::unix::fs::symlink("loop.md", root.join("docs/loop.md")).unwrap();
    std::os::unix::fs::symlink(".", root.join("docs/self")).unwrap();
    let latin = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"docs/caf\xe9.md");
    fs::write(root.join(latin), "# Caf\u{e9}").unwrap();
    fs::write(root.join("docs\\back.md"), "# Not docs/back.md").unwrap();
    let view = read_folder(root, &mut Sources::default()).unwrap();
    let files: Vec<_> = view.files.keys().map(RepoPath::as_str).collect();
    assert_eq!(files, ["docs/001-a.md", "docs/real/b.md"]);
    let said = |skips: &[Skipped]| {
        let lines = skips.iter().map(|skip| format!("{}: {}", skip.path, skip.reason));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        said(&view.skipped),
        [
            "docs/caf\u{fffd}.md: its name is not UTF-8, or holds a backslash",
            "docs/loop.md: symbolic link, not followed",
            "docs/pipe.md: named pipe, not a file",
            "docs/socket.md: socket, not a file",
            "docs\u{fffd}back.md: its name is not UTF-8, or holds a backslash",
            "pipe.ts: named pipe, not a file",
            "sub: could not be read: its .gitignore is not opened: named pipe, not a file",
        ]
    );
    assert_eq!(
        said(&view.folders),
        [
            "docs/folder.md: folder, not a file",
            "docs/linked: symbolic link, not followed",
            "docs/self: symbolic link, not followed",
            "sub: could not be read: its .gitignore is not opened: named pipe, not a file",
        ]
    );
}

#[test]
fn what_says_what_is_ignored_is_opened_only_if_it_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("project");
    write(&root, "a.ts", b"");
    pipe(&folder.path().join(".gitignore"));
    let error = read_folder(&root, &mut Sources::default()).unwrap_err();
    assert!(
        error.to_string().ends_with("is not opened (named pipe, not a file)"),
        "{error}"
    );
    std::os::unix::fs::symlink("/dev/zero", root.join(".ignore")).unwrap();
    let error = read_folder(&root, &mut Sources::default()).unwrap_err();
    assert!(
        error.to_string().ends_with("is not opened (device, not a file)"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_known_by_name_is_opened_only_if_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flagman.toml");
    assert_eq!(read_named(&path, 4), Ok(None));
    write(folder.path(), "flagman.toml", b"four");
    assert_eq!(read_named(&path, 4), Ok(Some("four".into())));
    assert_eq!(read_named(&path, 3), Err(SkipReason::TooLarge { bytes: 4, limit: 3 }));
    fs::remove_file(&path).unwrap();
    pipe(&path);
    assert_eq!(read_named(&path, 4), Err(SkipReason::NotAFile("named pipe")));
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    assert!(matches!(read_named(&path, 4), Err(SkipReason::Unreadable(_))));
}

#[test]
fn a_file_is_no_project() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(
        read_folder(file.path(), &mut Sources::default()),
        Err(WorkspaceError::NotAFolder { .. })
    ));
}

#[test]
fn a_large_suite_is_read_and_a_bundle_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let line = b"    assert_eq!(run(\"a\"), 1);\n";
    let size = SIZE_LIMIT as usize + 1;
    write(root, "tests/lock.rs", &line.repeat(size / line.len() + 1));
    write(root, "dist/app.js", &b"a();".repeat(size / 4 + 1));
    write(
        root,
        "tests/more.rs",
        &line.repeat(CODE_LIMIT as usize / line.len() + 1),
    );
    let mut sources = Sources::default();
    let view = read_folder(root, &mut sources).unwrap();
    let files: Vec<_> = view.files.keys().map(RepoPath::as_str).collect();
    assert_eq!(files, ["tests/lock.rs"]);
    let skipped: Vec<_> = view.skipped.iter().map(|skip| skip.path.as_str()).collect();
    assert_eq!(skipped, ["dist/app.js", "tests/more.rs"]);
}

#[test]
fn scripts_that_run_tests_are_read() {
    for (path, expected) in [
        ("Makefile", true),
        ("build/common.mk", true),
        ("scripts/test.sh", true),
        ("justfile", true),
        ("ci/Jenkinsfile", true),
        (".github/workflows/ci.yml", true),
        ("bin/app", false),
        ("logo.png", false),
    ] {
        assert_eq!(is_readable(&RepoPath::new(path).unwrap()), expected, "{path}");
    }
}

/// The files of a folder with `globs` named, and what was skipped.
fn named_in(root: &Path, globs: &[&str]) -> (Vec<String>, Vec<String>) {
    let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
    let mut matching = globset::GlobSetBuilder::new();
    for glob in &globs {
        matching.add(globset::Glob::new(glob).unwrap());
    }
    let mut sources = Sources::default();
    let mut view = read_folder(root, &mut sources).unwrap();
    add_named(root, &globs, &matching.build().unwrap(), &mut sources, &mut view);
    let files = view.files.keys().map(ToString::to_string).collect();
    let skips = view.skipped.iter().chain(&view.folders);
    (files, skips.map(|skip| skip.path.to_string()).collect())
}

#[test]
fn what_is_named_is_read_though_git_ignores_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, ".gitignore", b".*\n/private\nflags.toml\n");
    write(root, ".flagman/rules/ours.toml", b"[[read]]");
    write(root, ".flagman/rules/notes.md", b"# no rule");
    write(root, ".flagman/probe.json", b"{}");
    write(root, ".other/rules/ours.toml", b"");
    write(root, "private/prds/deep/001.md", b"# A");
    write(root, "private/prds/node_modules/x/README.md", b"# fetched");
    write(root, "flags.toml", b"");
    write(root, "src/a.ts", b"");
    let check = |globs: &[&str], expected: &[&str]| assert_eq!(named_in(root, globs).0, expected, "{globs:?}");
    check(&[], &["src/a.ts"]);
    check(&[".flagman/rules/*.toml"], &[".flagman/rules/ours.toml", "src/a.ts"]);
    check(&["private/prds/**/*.md"], &["private/prds/deep/001.md", "src/a.ts"]);
    check(&["flags.toml"], &["flags.toml", "src/a.ts"]);
    check(
        &[".flagman/rules/ours.toml", "gone/x.toml", "gone/*.toml"],
        &[".flagman/rules/ours.toml", "src/a.ts"],
    );
    // A pattern names no folder: what is ignored elsewhere is mostly made or fetched.
    check(&["**/*.md"], &["src/a.ts"]);
    check(&["*.toml"], &["flags.toml", "src/a.ts"]);
}

#[test]
fn what_is_named_and_cannot_be_read_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, ".gitignore", b"/private\n/linked\n");
    write(root, "private/binary.toml", b"a\0b");
    pipe(&root.join("private/pipe.toml"));
    write(root, "elsewhere/a.toml", b"");
    std::os::unix::fs::symlink(root.join("elsewhere"), root.join("linked")).unwrap();
    let (files, skipped) = named_in(root, &["private/*.toml", "linked/*.toml", "private/binary.toml"]);
    assert_eq!(files, ["elsewhere/a.toml"]);
    assert_eq!(skipped, ["private/binary.toml", "private/pipe.toml", "linked"]);
}
