//! What a cold run costs: `cargo bench --bench scanning`, or `FLAGMAN_BENCH=/some/repository cargo bench --bench scanning`.
//!
//! Without a folder the story's code is laid out forty times, side by side. The yardstick is tree-sitter's bare parse of every TypeScript and JavaScript
//! file of it on one core; flagman runs on one core too.

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ignore::WalkBuilder;
use tree_sitter::{Language, Parser};

/// Copies of the story's packages in the drawn repository.
const COPIES: usize = 40;

/// Each is run as often as this; the fastest counts.
const RUNS: usize = 3;

fn main() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = std::env::var_os("FLAGMAN_BENCH").map_or_else(|| laid_out(scratch.path()), PathBuf::from);
    let files = sources(&folder);
    let bytes: usize = files.iter().map(|(text, _)| text.len()).sum();
    let bare = fastest(|| parse_all(&files));
    println!(
        "{} files, {:.1} MB; bare parse {:.0} ms",
        files.len(),
        bytes as f64 / 1e6,
        bare.as_secs_f64() * 1e3
    );
    println!("command         ms  × bare parse");
    for arguments in [&["flags"][..], &["plan"], &["gate"]] {
        let time = fastest(|| run(&folder, arguments));
        println!(
            "{:<10} {:>7.0}  {:>6.2}",
            arguments.join(" "),
            time.as_secs_f64() * 1e3,
            time.as_secs_f64() / bare.as_secs_f64()
        );
    }
}

fn fastest(mut run: impl FnMut()) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..RUNS).map(timed).min().unwrap_or_default()
}

/// A whole process, as a user would start it.
fn run(folder: &Path, arguments: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .args(arguments)
        .args(["--format", "json", "--project"])
        .arg(folder)
        .env("RAYON_NUM_THREADS", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("flagman runs");
    assert!(
        status.code().is_some_and(|code| code <= 3),
        "flagman was stopped: {status}"
    );
}

/// The texts that the yardstick parses, with their grammars.
fn sources(folder: &Path) -> Vec<(String, Language)> {
    let grammar = |path: &Path| -> Option<Language> {
        match path.extension()?.to_str()? {
            "ts" | "mts" | "cts" => Some(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()),
            "tsx" => Some(tree_sitter_typescript::LANGUAGE_TSX.into()),
            "js" | "mjs" | "cjs" | "jsx" => Some(tree_sitter_javascript::LANGUAGE.into()),
            _ => None,
        }
    };
    WalkBuilder::new(folder)
        .build()
        .flatten()
        .filter_map(|entry| Some((grammar(entry.path())?, std::fs::read_to_string(entry.path()).ok()?)))
        .map(|(grammar, text)| (text, grammar))
        .collect()
}

fn parse_all(files: &[(String, Language)]) {
    let mut parser = Parser::new();
    for (text, grammar) in files {
        parser.set_language(grammar).expect("the grammar fits");
        std::hint::black_box(parser.parse(text, None));
    }
}

/// The story, its packages forty times.
fn laid_out(scratch: &Path) -> PathBuf {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stories/skip-launch");
    for entry in WalkBuilder::new(&story)
        .hidden(false)
        .build()
        .flatten()
        .filter(|entry| entry.path().is_file())
    {
        let path = entry.path().strip_prefix(&story).expect("below it");
        let code = path.starts_with("apps") || path.starts_with("packages");
        copy(entry.path(), &scratch.join(path));
        for copy_number in (1..COPIES).filter(|_| code) {
            copy(entry.path(), &scratch.join(format!("copy-{copy_number}")).join(path));
        }
    }
    scratch.to_path_buf()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().expect("it has a folder")).expect("a folder");
    std::fs::copy(from, to).expect("a copy");
}
