//! What `conflicts` and `guard` cost: `cargo bench --bench colliding`. Two repositories are drawn: one of 5,000 files with a hundred branches, and one
//! of 6,000 files with twenty work trees.
//!
//! `FLAGMAN_BENCH=/some/repository FLAGMAN_BRANCHES='origin/*'` compares real branches as well, the thirty that moved last. `FLAGMAN_CLASH=/path/to/clash` times
//! clash, too, on work trees of the same branches. What counts is processor time, user and system, of the process and its children, as the kernel
//! tells it; the fastest of a few runs.

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Files of the drawn repository, and its branches.
const FILES: usize = 5_000;
const BRANCHES: usize = 100;

/// Files that everybody likes to change, and how many of a hundred changes are of one of them.
const HOT: usize = 40;
const HOT_SHARE: u64 = 25;

/// Pairs of which the loop is timed; the rest cost as much.
const SAMPLE: usize = 200;

/// Work trees of which clash compares all pairs; the rest cost as much.
const TREES: usize = 15;

/// Real branches, at most.
const MOST: usize = 30;

/// How often flagman compares all pairs.
const RUNS: usize = 5;

/// How often the guard is asked.
const ASKED: u32 = 40;

/// Ticks of the kernel's clock in a second, as Linux has it everywhere.
const TICKS: f64 = 100.0;

fn main() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let (folder, branches) = drawn(&scratch.path().join("drawn"));
    println!("drawn, {FILES} files");
    colliding(&folder, &branches);
    if let Some(folder) = std::env::var_os("FLAGMAN_BENCH") {
        let (folder, branches) = real(&PathBuf::from(folder), scratch.path());
        println!("\nreal");
        colliding(&folder, &branches);
    }
    guarding(&scratch.path().join("guarded"));
}

/// All pairs: git's loop, git's one process, and ours.
fn colliding(folder: &Path, branches: &[String]) {
    let pairs: Vec<(&String, &String)> = branches
        .iter()
        .enumerate()
        .flat_map(|(at, a)| branches[at + 1..].iter().map(move |b| (a, b)))
        .collect();
    println!(
        "{} branches, {} pairs; processor time in seconds",
        branches.len(),
        pairs.len()
    );
    let step = (pairs.len() / SAMPLE).max(1);
    let sample: Vec<_> = pairs.iter().step_by(step).collect();
    let one = fastest(2, || {
        for (a, b) in &sample {
            quiet(git(folder, &["merge-tree", "--write-tree", a, b]));
        }
    });
    let factor = pairs.len() as f64 / sample.len() as f64;
    let one = one * factor;
    let asked: String = pairs.iter().fold(String::new(), |mut text, (a, b)| {
        let _ = writeln!(text, "{a} {b}");
        text
    });
    let many = fastest(2, || {
        feed(git(folder, &["merge-tree", "--write-tree", "--stdin"]), &asked);
    });
    let mut rows = vec![("git merge-tree, a loop", one), ("git merge-tree --stdin", many)];
    if let Some(clash) = std::env::var_os("FLAGMAN_CLASH") {
        let some = &branches[..branches.len().min(TREES)];
        work_trees(folder, some);
        let mut command = Command::new(clash);
        command.args(["status", "--json"]).current_dir(folder);
        // It compares all pairs one after the other, those with what is checked out first among them.
        let compared = some.len() * (some.len() + 1) / 2;
        let all = cost(|| quiet(command)) * pairs.len() as f64 / compared as f64;
        rows.push(("clash status", all));
    }
    // All of them have one folder of names.
    let glob = branches[0].split('/').next().unwrap_or_default().to_owned() + "/*";
    let conflicts = ["conflicts", "--format", "json", "--branches", &glob];
    let cold = fastest(RUNS, || {
        quiet(flagman(folder, &[&conflicts[..], &["--no-cache"]].concat()));
    });
    quiet(flagman(folder, &conflicts));
    let warm = fastest(RUNS, || quiet(flagman(folder, &conflicts)));
    let moved = (0..RUNS).map(|run| {
        move_one(folder, &branches[run % branches.len()], run);
        cost(|| quiet(flagman(folder, &conflicts)))
    });
    let moved = moved.fold(f64::INFINITY, f64::min);
    let textual = fastest(RUNS, || {
        quiet(flagman(
            folder,
            &[&conflicts[..], &["--no-cache", "--textual"]].concat(),
        ));
    });
    rows.push(("flagman conflicts --textual, cold", textual));
    rows.push(("flagman conflicts, cold", cold));
    rows.push(("flagman conflicts, nothing changed", warm));
    rows.push(("flagman conflicts, one branch moved", moved));
    for (name, seconds) in rows {
        println!(
            "{name:<38} {seconds:>8.2}   textual × {:>7.2}   cold × {:>7.2}   moved × {:>7.2}",
            seconds / textual,
            seconds / cold,
            seconds / moved
        );
    }
}

/// The guard before an edit, with everything as it was at the last one.
fn guarding(folder: &Path) {
    let mut draw = Draw(7);
    let texts: Vec<String> = (0..6_000).map(|n| code(n, &mut draw)).collect();
    import(folder, &stream(&texts, &[]));
    quiet(git(folder, &["reset", "--quiet", "--hard", "main"]));
    let trees: Vec<PathBuf> = (0..20).map(|n| folder.with_file_name(format!("tree-{n}"))).collect();
    for (n, tree) in trees.iter().enumerate() {
        let name = format!("work-{n}");
        quiet(git(
            folder,
            &[
                "worktree",
                "add",
                "--quiet",
                "-b",
                &name,
                tree.to_str().expect("a path"),
            ],
        ));
        std::fs::write(tree.join(path(n)), format!("// work {n}\n{}", texts[n])).expect("a file");
        quiet(git(tree, &["commit", "--quiet", "--all", "-m", "work"]));
        std::fs::write(tree.join(path(100 + n)), format!("// work {n}\n{}", texts[100 + n])).expect("a file");
    }
    let status = wall(|| quiet(git(&trees[1], &["status", "--porcelain"])));
    let start = wall(|| quiet(flagman(&trees[1], &["--version"])));
    println!("\n6,000 files, 20 work trees; the guard, warm, wall time in milliseconds");
    println!("{:<46} {:>7.1}", "git status of one work tree", ms(status));
    println!("{:<46} {:>7.1}", "flagman --version", ms(start));
    for (name, n) in [
        ("a file that nobody else changes", 300),
        ("a file that another committed", 0),
        ("a file that another has not committed", 100),
    ] {
        let message = format!(
            "{{\"cwd\":{:?},\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Write\",\"tool_input\":{{\"file_path\":{:?},\"content\":{:?}}}}}",
            trees[1].display().to_string(),
            trees[1].join(path(n)).display().to_string(),
            format!("// mine\n{}", texts[n]),
        );
        let ask = || feed(flagman(&trees[1], &["guard", "--hook", "claude"]), &message);
        ask();
        let time = wall(ask);
        let ratio = time.as_secs_f64() / status.as_secs_f64();
        println!("{name:<46} {:>7.1}   × git status {ratio:>5.2}", ms(time));
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The fastest of many.
fn wall(mut run: impl FnMut()) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..ASKED).map(timed).min().unwrap_or_default()
}

/// Processor seconds of the children that `run` waits for.
fn cost(run: impl FnOnce()) -> f64 {
    let before = children();
    run();
    children() - before
}

/// The least that several runs cost.
fn fastest(runs: usize, mut run: impl FnMut()) -> f64 {
    (0..runs).map(|_| cost(&mut run)).fold(f64::INFINITY, f64::min)
}

fn children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells what children cost");
    let (_, rest) = stat.rsplit_once(')').expect("a name in parentheses");
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(13) + ticks(14)) / TICKS
}

fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    let identity = ["-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "gc.auto=0"];
    command.args(identity).args(arguments).current_dir(folder);
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

fn flagman(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flagman"));
    command.args(arguments).current_dir(folder);
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// Runs it without listening. Conflicts have an exit code of their own.
fn quiet(mut command: Command) {
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let code = status.expect("it runs").code();
    assert!(code.is_some_and(|code| code <= 3), "{command:?}: {code:?}");
}

fn feed(mut command: Command, input: &str) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes())
        .expect("it reads");
    let code = child.wait().expect("it ends").code();
    assert!(code.is_some_and(|code| code <= 3), "{command:?}: {code:?}");
}

/// A repository and branches from a fixed seed.
fn drawn(folder: &Path) -> (PathBuf, Vec<String>) {
    let mut draw = Draw(42);
    let texts: Vec<String> = (0..FILES).map(|n| code(n, &mut draw)).collect();
    let changes: Vec<Vec<(usize, String)>> = (0..BRANCHES).map(|n| changes(n, &texts, &mut draw)).collect();
    import(folder, &stream(&texts, &changes));
    (
        folder.to_owned(),
        (0..BRANCHES).map(|n| format!("work/{n:03}")).collect(),
    )
}

/// A copy of a repository with its branches, the newest ones, as many as are compared.
fn real(folder: &Path, scratch: &Path) -> (PathBuf, Vec<String>) {
    let copy = scratch.join("real");
    let from = folder.to_str().expect("a path");
    quiet(git(
        scratch,
        &[
            "clone",
            "--quiet",
            "--no-checkout",
            "--shared",
            from,
            copy.to_str().expect("a path"),
        ],
    ));
    let glob = std::env::var("FLAGMAN_BRANCHES").unwrap_or_else(|_| "origin/*".to_owned());
    let list = git(
        &copy,
        &[
            "for-each-ref",
            "--sort=-committerdate",
            "--format=%(refname)",
            &format!("refs/remotes/{glob}"),
        ],
    )
    .output();
    let list = String::from_utf8(list.expect("git runs").stdout).expect("names");
    let mut branches = Vec::new();
    for name in list.lines().filter(|name| !name.ends_with("/HEAD")).take(MOST) {
        let short = format!("real/{}", branches.len());
        quiet(git(&copy, &["branch", "--no-track", &short, name]));
        branches.push(short);
    }
    (copy, branches)
}

/// One commit more on a branch.
fn move_one(folder: &Path, branch: &str, nth: usize) {
    let file = path(4_999);
    let text = format!("moved {nth}\n");
    let commit = format!(
        "commit refs/heads/{branch}\ncommitter b <b@example.org> 1700000100 +0000\ndata 4\nmore\nfrom refs/heads/{branch}^0\n\
         M 100644 inline {file}\ndata {}\n{text}\n",
        text.len()
    );
    feed(git(folder, &["fast-import", "--quiet"]), &commit);
}

/// Clash compares work trees.
fn work_trees(folder: &Path, branches: &[String]) {
    for (n, branch) in branches.iter().enumerate() {
        let tree = folder.with_extension(format!("clash-{n}"));
        quiet(git(
            folder,
            &["worktree", "add", "--quiet", tree.to_str().expect("a path"), branch],
        ));
    }
}

fn import(folder: &Path, stream: &str) {
    std::fs::create_dir_all(folder).expect("a folder");
    quiet(git(
        folder,
        &["init", "--quiet", "--template=", "--initial-branch=main"],
    ));
    feed(git(folder, &["fast-import", "--quiet"]), stream);
}

fn path(n: usize) -> String {
    format!("packages/area-{:02}/src/part-{n:04}.ts", n % 50)
}

/// The repository as git's importer reads it.
fn stream(texts: &[String], branches: &[Vec<(usize, String)>]) -> String {
    let mut text = String::from("commit refs/heads/main\ncommitter b <b@example.org> 1700000000 +0000\ndata 4\nbase\n");
    let file = |text: &mut String, n: usize, content: &str| {
        let _ = write!(text, "M 100644 inline {}\ndata {}\n{content}\n", path(n), content.len());
    };
    for (n, content) in texts.iter().enumerate() {
        file(&mut text, n, content);
    }
    for (at, changed) in branches.iter().enumerate() {
        let _ = write!(
            text,
            "\ncommit refs/heads/work/{at:03}\ncommitter b <b@example.org> 1700000001 +0000\ndata 4\nwork\nfrom refs/heads/main\n"
        );
        for (n, content) in changed {
            file(&mut text, *n, content);
        }
    }
    text.push('\n');
    text
}

/// A file of about a hundred lines.
fn code(n: usize, draw: &mut Draw) -> String {
    let mut text = format!("import {{ other }} from './part-{:04}'\n\n", draw.below(FILES as u64));
    for function in 0..8 + draw.below(8) {
        let _ = writeln!(text, "export function part{n}step{function}(input: number): number {{");
        for line in 0..5 + draw.below(4) {
            let _ = writeln!(
                text,
                "  const value{line} = input * {} + other({line})",
                draw.below(1_000)
            );
        }
        text.push_str("  return value0\n}\n\n");
    }
    text
}

/// What a branch changes: eight files or so, a quarter of them such as everybody changes, a few lines each.
fn changes(branch: usize, texts: &[String], draw: &mut Draw) -> Vec<(usize, String)> {
    let count = 2 + draw.below(7) + draw.below(7);
    let mut changed: Vec<(usize, String)> = Vec::new();
    for _ in 0..count {
        let hot = draw.below(100) < HOT_SHARE;
        let n = usize::try_from(if hot {
            draw.below(HOT as u64)
        } else {
            draw.below(FILES as u64)
        })
        .expect("small");
        if changed.iter().any(|(other, _)| *other == n) {
            continue;
        }
        let mut lines: Vec<String> = texts[n].lines().map(str::to_owned).collect();
        for edit in 0..1 + draw.below(3) {
            let at = usize::try_from(draw.below(lines.len() as u64)).expect("small");
            lines[at] = format!("  const branch{branch} = {edit}");
        }
        changed.push((n, lines.join("\n") + "\n"));
    }
    changed
}

/// Numbers from a seed (xorshift).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
