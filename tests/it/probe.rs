//! `flagman probe`, with tests that really run: node, cargo, vitest and jest; and what it leaves behind, which is nothing but its record.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::project::{Project, checkout, said};

/// A shop with one flag in a map of defaults, and tests of every kind.
const SHOP: &str = "\
//- package.json
{ \"type\": \"module\", \"scripts\": { \"test\": \"node --test\" } }
//- src/flags.js
export const FLAG_DEFAULTS = { new_total: false, unused_flag: false };
const forced = new Map();
export function isEnabled(key) { return forced.get(key) ?? FLAG_DEFAULTS[key]; }
export function setFlagForTests(key, value) { forced.set(key, value); }
//- src/total.js
import { isEnabled } from './flags.js';
export function total(n) { return isEnabled('new_total') ? n * 2 : n; }
export function count(n) { return n; }
//- src/total.test.js
import test, { describe, it } from 'node:test';
import assert from 'node:assert';
import { count, total } from './total.js';
import { setFlagForTests } from './flags.js';
describe('total', () => {
  it('is what it was', () => assert.equal(total(3), 3));
  it('is doubled', () => assert.equal(total(3), 6));
  it('counts while new_total is on', () => assert.equal(count(3), 3));
  it('is wrong', () => assert.equal(total(3), 4));
});
//- src/forced.test.js
import test from 'node:test';
import assert from 'node:assert';
import { count, total } from './total.js';
import { setFlagForTests } from './flags.js';
test('counts', () => assert.equal(count(1), 1));
test('is doubled by force', () => { setFlagForTests('new_total', true); assert.equal(total(1), 2); });
//- src/other.test.js
import test from 'node:test';
test('has nothing to do with it', () => {});
";

/// True if one of the tools is not there.
fn lacks(tools: &[&str]) -> bool {
    let found = |tool: &&&str| {
        Command::new(tool)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let missing = tools.iter().find(|tool| !found(tool));
    assert!(
        missing.is_none() || std::env::var_os("CI").is_none(),
        "CI must have {missing:?}"
    );
    missing.is_some()
}

pub(crate) fn committed(text: &str) -> Project {
    let project = Project::of(text);
    commit(&project);
    project
}

fn commit(project: &Project) {
    project.git(&["init", "-q", "-b", "main"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "all"]);
}

/// The verdict of each test that was run for a flag, by its title.
pub(crate) fn verdicts(document: &Value, flag: &str) -> Vec<(String, String)> {
    let flags = document["flags"].as_array().unwrap();
    let flag = flags
        .iter()
        .find(|found| found["flag"] == flag)
        .unwrap_or_else(|| panic!("{document:#}"));
    let mut found: Vec<(String, String)> = flag["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|test| {
            let needs = test["needs"]
                .as_str()
                .map_or(String::new(), |value| format!(" {value}"));
            (
                test["name"].as_str().unwrap().to_owned(),
                format!("{}{needs}", test["verdict"].as_str().unwrap()),
            )
        })
        .collect();
    found.sort();
    found
}

pub(crate) fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

/// What there is of the user's in a repository: every file, every ref, the index.
fn state(project: &Project) -> Vec<u8> {
    let mut all = Vec::new();
    for arguments in [
        &["status", "--porcelain", "--ignored"][..],
        &["for-each-ref"],
        &["stash", "list"],
        &["worktree", "list"],
        &["diff", "HEAD"],
        &["ls-files", "--stage"],
    ] {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(project.root())
            .output()
            .unwrap();
        all.extend(output.stdout);
    }
    all.extend(std::fs::read(project.root().join(".git/index")).unwrap());
    all
}

/// Runs flagman with a folder of its own for temporary files, and checks that nothing is left in it.
fn probe(project: &Project, arguments: &[&str]) -> (i32, String, String) {
    let temporary = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .arg("probe")
        .args(arguments)
        .current_dir(project.root())
        .env("TMPDIR", temporary.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert_eq!(entries(temporary.path()), 0, "nothing is left of {arguments:?}");
    let said = said(&output);
    assert!(!said.err.contains("panicked"), "{}", said.err);
    (said.code, said.out, said.err)
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

pub(crate) fn document(project: &Project, arguments: &[&str]) -> (i32, Value) {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let (code, out, err) = probe(project, &arguments);
    let document = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"));
    crate::schemas::validate("probe", &document);
    (code, document)
}

/// What `flags KEY` says of the tests that need it, as far as that is more than possible: title, need, verdict, certainty.
pub(crate) fn needs(project: &Project, flag: &str) -> Vec<String> {
    let document = project.json(&["flags", flag]);
    let tests = document["flags"][0]["tests"].as_array().unwrap();
    let word = |test: &Value, field: &str| test[field].as_str().unwrap().to_owned();
    tests
        .iter()
        .filter(|test| test["certainty"] != "possible")
        .map(|test| {
            format!(
                "{}: {} {} {}",
                word(test, "name"),
                word(test, "needs"),
                word(test, "verdict"),
                word(test, "certainty")
            )
        })
        .collect()
}

#[test]
fn likely_becomes_proven_or_refuted_and_the_users_tree_is_left_alone() {
    if lacks(&["node"]) {
        println!("skipped: no node");
        return;
    }
    let project = committed(SHOP);
    assert_eq!(
        needs(&project, "new_total"),
        ["counts while new_total is on: on blocked likely"]
    );
    let before = state(&project);
    let (code, document) = document(&project, &["new_total", "--no-record"]);
    assert_eq!(state(&project), before);
    let expected = pairs(&[
        ("counts", "refuted"),
        ("counts while new_total is on", "refuted"),
        ("is doubled", "proven on"),
        ("is doubled by force", "unknown"),
        ("is what it was", "proven off"),
        ("is wrong", "unknown"),
    ]);
    assert_eq!((code, verdicts(&document, "new_total")), (0, expected), "{document:#}");
    assert_eq!(document["flags"][0]["how"][0]["place"]["path"], "src/flags.js");

    let (code, out, _) = probe(&project, &["new_total"]);
    assert!(
        code == 0 && out.contains("src/total.test.js:7") && out.contains("needs on; fails as it is"),
        "{out}"
    );
    let expected = ["is what it was: off fragile proven", "is doubled: on blocked proven"];
    assert_eq!(needs(&project, "new_total"), expected);

    // The default may change: the tests need what they need.
    project.write(
        "src/flags.js",
        &project
            .read("src/flags.js")
            .replace("new_total: false", "new_total: true"),
    );
    let turned = needs(&project, "new_total");
    assert!(
        turned.contains(&"is doubled: on fragile proven".to_owned()),
        "{turned:?}"
    );
    // What the tests reach may not.
    project.write("src/total.js", &(project.read("src/total.js") + "// more\n"));
    let said = project.flagman(&["flags", "new_total"]);
    assert!(said.err.contains("no longer count"), "{}", said.err);
    assert!(!needs(&project, "new_total").iter().any(|line| line.contains("proven")));
}

#[test]
fn what_is_committed_and_what_is_not() {
    if lacks(&["node"]) {
        println!("skipped: no node");
        return;
    }
    let project = committed(SHOP);
    project.write(
        "src/total.js",
        "export function total(n) { return n; }\nexport function count(n) { return n; }\n",
    );
    project.write("src/new.test.js", "import test from 'node:test';\nimport { isEnabled } from './flags.js';\ntest('is off', () => { if (isEnabled('new_total')) throw new Error(); });\n");
    let names = |arguments: &[&str]| verdicts(&document(&project, arguments).1, "new_total");
    let shows =
        |names: &[(String, String)], test: &str, verdict: &str| names.contains(&(test.to_owned(), verdict.to_owned()));
    let with = names(&["new_total", "--no-record"]);
    assert!(
        shows(&with, "is off", "proven off") && shows(&with, "is what it was", "refuted"),
        "{with:?}"
    );
    let without = names(&["new_total", "--no-record", "--committed"]);
    assert!(
        shows(&without, "is what it was", "proven off") && without.len() == 6,
        "{without:?}"
    );
}

#[test]
fn a_flag_that_cannot_be_flipped_is_told_with_the_reason_and_so_is_a_slip() {
    let text = "//- src/a.ts\nimport { useFlag } from '@unleash/proxy-client-react';\nexport const f = () => useFlag('remote') ? 1 : 2;\n";
    let project = committed(text);
    let (code, out, _) = probe(&project, &["remote"]);
    assert!(
        code == 3 && out.contains("its value comes from elsewhere"),
        "{code} {out}"
    );
    let (code, out, _) = probe(&project, &["remote", "--dry-run"]);
    assert!(
        code == 3 && out.contains("there is no flag to try") && !out.contains("nothing was run"),
        "{code} {out}"
    );
    let (code, _, err) = probe(&project, &["remoet"]);
    assert!(code == 2 && err.contains("did you mean `remote`?"), "{err}");
    let (code, _, err) = probe(&Project::of(text), &["remote"]);
    assert!(code == 2 && err.contains("git"), "{err}");
}

#[test]
fn a_dry_run_says_what_would_be_run() {
    let project = committed(SHOP);
    let (code, out, _) = probe(&project, &["--dry-run"]);
    assert_eq!(code, 0);
    for says in [
        "new_total: off → on by the default at src/flags.js:1",
        "node --test",
        "src/total.test.js",
        "no test needs it",
    ] {
        assert!(out.contains(says), "{says}: {out}");
    }
    assert!(!project.root().join(".flagman").exists());
}

#[test]
fn a_run_without_end_is_stopped_and_told() {
    if lacks(&["node"]) {
        println!("skipped: no node");
        return;
    }
    let slow = SHOP.replace(
        "it('is wrong', () => assert.equal(total(3), 4));",
        "it('hangs', () => new Promise(() => setInterval(() => {}, 1000)));",
    );
    let (code, document) = document(&committed(&slow), &["new_total", "--timeout", "3"]);
    assert_eq!(code, 3);
    assert!(
        document["broken"][0].as_str().unwrap().contains("took more than 3 s"),
        "{document:#}"
    );
}

/// Interrupted in the middle of a test that hangs: nothing is left, neither the copy nor the test.
#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_leaves_nothing_behind() {
    use std::io::{BufRead, BufReader};
    use std::time::{Duration, Instant};
    if lacks(&["node"]) {
        println!("skipped: no node");
        return;
    }
    let mark = tempfile::tempdir().unwrap();
    let begun = mark.path().join("begun");
    let hang = format!(
        "require('node:child_process').spawn('sleep', ['600'], {{ detached: true }}).unref(); require('node:fs').writeFileSync('{}', '')",
        begun.display()
    );
    let slow = SHOP.replace("import { count, total } from './total.js';\nimport { setFlagForTests } from './flags.js';\ndescribe", &format!(
        "import {{ createRequire }} from 'node:module';\nimport {{ count, total }} from './total.js';\nconst require = createRequire(import.meta.url);\ntest('hangs', () => {{ {hang}; return new Promise(() => setInterval(() => {{}}, 1000)); }});\ndescribe"
    ));
    let project = committed(&slow);
    let temporary = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .args(["probe", "new_total"])
        .current_dir(project.root())
        .env("TMPDIR", temporary.path())
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("as it is"), "{line}");
    let until = |what: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !what() {
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::yield_now();
        }
    };
    until(&|| begun.exists());
    let sent = Command::new("kill")
        .args(["-s", "INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    child.wait().unwrap();
    until(&|| entries(temporary.path()) == 0);
    let place = temporary.path().to_string_lossy().into_owned();
    let ours = |pid: &Path| {
        std::fs::read(pid.join("environ"))
            .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(&format!("TMPDIR={place}/flagman-probe")))
    };
    until(&|| {
        !std::fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .any(|entry| ours(&entry.path()))
    });
}

/// A run that is interrupted has written down what it was done with, and the next one of the same goes on from there.
#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_run_keeps_what_is_done_and_is_gone_on_with() {
    use std::time::{Duration, Instant};
    if lacks(&["node"]) {
        println!("skipped: no node");
        return;
    }
    let outside = tempfile::tempdir().unwrap();
    let hang = outside.path().join("hang");
    std::fs::write(&hang, "").unwrap();
    let shop = SHOP
        .replace("unused_flag: false", "slow_total: false")
        .replace("export function count(n) {", "export function slow() { return isEnabled('slow_total'); }\nexport function count(n) {")
        .replace(
            "test('has nothing to do with it', () => {});",
            &format!(
                "import {{ existsSync }} from 'node:fs';\nimport {{ slow }} from './total.js';\ntest('is slow', () => slow() && existsSync('{}') ? new Promise(() => setInterval(() => {{}}, 1000)) : undefined);",
                hang.display()
            ),
        );
    let project = committed(&shop);
    let temporary = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .arg("probe")
        .current_dir(project.root())
        .env("TMPDIR", temporary.path())
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let record = project.root().join(".flagman/probe.json");
    let until = |what: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !what() {
            assert!(began.elapsed() < Duration::from_secs(120));
            std::thread::yield_now();
        }
    };
    until(&|| record.exists());
    let sent = Command::new("kill")
        .args(["-s", "INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    child.wait().unwrap();
    until(&|| entries(temporary.path()) == 0);
    assert_eq!(entries(&project.root().join(".flagman")), 1, "nothing but the record");
    let text = std::fs::read_to_string(&record).unwrap();
    assert!(text.contains("under_way") && text.contains("new_total"), "{text}");
    let (code, out, _) = run_gate_flags(&project);
    assert!(code == 0 && !out.is_empty(), "an unfinished record counts: {out}");
    std::fs::remove_file(&hang).unwrap();
    let (_, rest) = document(&project, &[]);
    assert_eq!(rest["earlier"], serde_json::json!(["new_total"]), "{rest:#}");
    let flags: Vec<&str> = rest["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| flag["flag"].as_str().unwrap())
        .collect();
    assert_eq!(flags, ["slow_total"]);
    let text = std::fs::read_to_string(&record).unwrap();
    assert!(
        !text.contains("under_way") && text.contains("new_total") && text.contains("slow_total"),
        "{text}"
    );
    // One that came to its end is done anew, and so is one of another text.
    let (_, again) = document(&project, &[]);
    assert_eq!(again["earlier"], serde_json::json!([]), "{again:#}");
}

fn run_gate_flags(project: &Project) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .arg("flags")
        .current_dir(project.root())
        .output()
        .unwrap();
    let said = said(&output);
    (said.code, said.out, said.err)
}

#[test]
fn cargo() {
    let project = committed(
        "\
//- Cargo.toml
[package]
name = \"shop\"
version = \"0.1.0\"
edition = \"2021\"
[features]
fast = []
//- Cargo.lock
version = 3

[[package]]
name = \"shop\"
version = \"0.1.0\"
//- src/lib.rs
pub mod flags;
pub mod cart;
pub fn is_fast() -> bool { cfg!(feature = \"fast\") }
//- src/flags.rs
pub struct Flag { pub name: &'static str, pub on: bool }
impl Flag { pub const fn new(name: &'static str, on: bool) -> Self { Self { name, on } } }
pub const NEW_TOTAL: Flag = Flag::new(\"new_total\", false);
pub fn is_feature_enabled(flag: &Flag) -> bool { flag.on }
//- src/cart.rs
use crate::flags::{is_feature_enabled, NEW_TOTAL};
pub fn total(n: u32) -> u32 { if is_feature_enabled(&NEW_TOTAL) { n * 2 } else { n } }
#[cfg(test)]
mod tests {
    #[test]
    fn is_what_it_was() { assert_eq!(super::total(2), 2); }
    #[test]
    fn of_nothing_is_nothing() { assert_eq!(super::total(0), 0); }
}
//- tests/it/main.rs
mod deep;
//- tests/it/deep.rs
#[test]
fn is_doubled() { assert_eq!(shop::cart::total(2), 4); }
#[test]
fn is_slow() { assert!(!shop::is_fast()); }
",
    );
    let (code, document) = document(&project, &["new_total", "fast"]);
    let expected = pairs(&[
        ("is_doubled", "proven on"),
        ("is_slow", "refuted"),
        ("is_what_it_was", "proven off"),
        ("of_nothing_is_nothing", "refuted"),
    ]);
    assert_eq!((code, verdicts(&document, "new_total")), (0, expected), "{document:#}");
    let fast = verdicts(&document, "fast");
    assert!(
        fast.contains(&("is_slow".to_owned(), "proven off".to_owned())),
        "{fast:?}"
    );
    assert_eq!(
        needs(&project, "new_total"),
        ["is_what_it_was: off fragile proven", "is_doubled: on blocked proven"]
    );
}

/// Installs, if the registry can be reached.
fn installed(project: &Project) -> bool {
    let cache = [
        "install",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        "--ignore-scripts",
    ];
    Command::new("npm")
        .args(cache)
        .current_dir(project.root())
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn vitest_of_the_story() {
    if lacks(&["node", "npm"]) {
        println!("skipped: no node or npm");
        return;
    }
    let project = Project::new();
    let script = checkout("fixtures/stories/skip-launch/.story/make-repo.sh");
    assert!(
        Command::new("sh")
            .arg(script)
            .arg(project.root())
            .status()
            .unwrap()
            .success()
    );
    project.git(&["checkout", "-q", "feat/tax"]);
    let (code, out, _) = probe(&project, &["quote_snapshot_read"]);
    assert!(code == 3 && out.contains("vitest is not installed: npm ci"), "{out}");
    if !installed(&project) {
        println!("skipped: npm could not install");
        return;
    }
    let (code, document) = document(&project, &["quote_snapshot_read"]);
    let verdicts = verdicts(&document, "quote_snapshot_read");
    let proven: Vec<_> = verdicts
        .iter()
        .filter(|(_, verdict)| verdict.starts_with("proven"))
        .cloned()
        .collect();
    let expected = pairs(&[
        ("remits what was quoted, whatever the rate is today", "proven on"),
        ("takes the rate from the frozen snapshot", "proven on"),
    ]);
    assert_eq!((code, proven), (0, expected), "{document:#}");
    assert!(verdicts.len() > 20, "{verdicts:?}");
    // The gate counts both tests, of which the static look finds one: what was seen on the branch holds for the branch.
    let gate = |project: &Project| {
        project
            .json(&["gate", "--base", "release/skip-launch", "--head", "feat/tax"])
            .to_string()
    };
    let seen = gate(&project);
    assert!(
        seen.contains("seen by running: fails with `quote_snapshot_read` off"),
        "{seen}"
    );
    std::fs::remove_file(project.root().join(".flagman/probe.json")).unwrap();
    assert!(!gate(&project).contains("seen by running"));
}

#[test]
fn jest_in_a_workspace_runs_the_copy_of_its_own_packages() {
    if lacks(&["node", "npm"]) {
        println!("skipped: no node or npm");
        return;
    }
    let project = committed(
        "\
//- package.json
{ \"private\": true, \"workspaces\": [\"packages/*\"], \"scripts\": { \"test\": \"NODE_ENV=test jest --watchAll\" }, \"devDependencies\": { \"jest\": \"^29.7.0\" } }
//- .gitignore
node_modules
//- packages/flags/package.json
{ \"name\": \"@shop/flags\", \"version\": \"1.0.0\", \"main\": \"index.js\" }
//- packages/flags/index.js
const FLAG_DEFAULTS = { new_total: false };
exports.isEnabled = (key) => FLAG_DEFAULTS[key];
//- packages/cart/package.json
{ \"name\": \"@shop/cart\", \"version\": \"1.0.0\", \"dependencies\": { \"@shop/flags\": \"*\" } }
//- packages/cart/total.js
const { isEnabled } = require('@shop/flags');
exports.total = (n) => (isEnabled('new_total') ? n * 2 : n);
//- packages/cart/total.test.js
const { total } = require('./total');
test.each([[1, 1], [0, 0]])('total of %i', (n, expected) => expect(total(n)).toBe(expected));
",
    );
    if !installed(&project) {
        println!("skipped: npm could not install");
        return;
    }
    project.git(&["add", "-A"]);
    let (code, document) = document(&project, &["new_total"]);
    let expected = pairs(&[("total of 0", "refuted"), ("total of 1", "proven off")]);
    assert_eq!((code, verdicts(&document, "new_total")), (0, expected), "{document:#}");
    assert_eq!(needs(&project, "new_total"), ["total of %i: off fragile proven"]);
}

/// A command of the project's own, with results as JUnit.
#[test]
fn a_command_of_the_projects_own() {
    if lacks(&["node"]) {
        println!("skipped: no node");
        return;
    }
    let line = "for f in \"$@\"; do node --test --test-reporter=junit --test-reporter-destination=\"$FLAGMAN_RESULTS\" \"$f\"; done";
    let project = committed(&format!("{SHOP}//- flagman.toml\n[probe]\ncommand = '''{line}'''\n"));
    std::fs::remove_file(project.root().join("src/forced.test.js")).unwrap();
    let (code, document) = document(&project, &["new_total"]);
    let found = verdicts(&document, "new_total");
    assert_eq!(code, 0, "{document:#}");
    assert!(
        found.contains(&("is doubled".to_owned(), "proven on".to_owned())),
        "{found:?}"
    );
    project.write(".flagman/probe.json", "{\"schema\": 3}");
    let said = project.flagman(&["plan"]);
    assert!(
        said.code == 2 && said.err.contains("flagman probe again"),
        "{}",
        said.err
    );
}
