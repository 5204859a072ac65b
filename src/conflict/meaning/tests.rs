//! Pairs that merge cleanly and do not go together, and their neighbours that do.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::source::{FileId, Sources, View};

type Tree = BTreeMap<RepoPath, String>;

/// The files of a text with lines `//- path`; `(deleted)` takes one away.
fn files(text: &str) -> Tree {
    let mut files: Vec<(RepoPath, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match line.trim_start().strip_prefix("//- ") {
            Some(path) => files.push((RepoPath::new(path.trim()).expect("a path"), String::new())),
            None => files.last_mut().expect("a path first").1.push_str(line),
        }
    }
    files.into_iter().collect()
}

/// What is told of two sides, each given by the files that it changes: certainty, kind and subject.
fn told(base: &str, ours: &str, theirs: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let base = files(base);
    let add = |sources: &mut Sources, tree: &Tree| -> BTreeMap<RepoPath, FileId> {
        tree.iter()
            .map(|(path, text)| (path.clone(), sources.add(path.clone(), text.clone())))
            .collect()
    };
    let known = add(&mut sources, &base);
    let sides = [ours, theirs].map(|side| {
        let tree = files(side);
        let made = add(&mut sources, &tree);
        let texts = made.into_iter().map(|(path, file)| {
            let gone = tree[&path].trim() == "(deleted)";
            let texts = Texts {
                base: known.get(&path).copied(),
                side: (!gone).then_some(file),
            };
            (path, texts)
        });
        Work::new(&sources, texts.collect())
    });
    let mut view = View {
        files: known.clone(),
        ..View::default()
    };
    for path in sides.iter().flat_map(Work::new_paths) {
        view.files
            .entry(path.clone())
            .or_insert_with(|| sources.add(path.clone(), ""));
    }
    let mut ground = Ground::new(&sources, view);
    let used = [(0, 1), (1, 0)].map(|(own, other)| {
        let names: BTreeSet<&str> = sides[other].names().collect();
        loop {
            let (found, missing) = uses(&sides[own], &names, &ground);
            let new: Vec<RepoPath> = missing.into_iter().filter(|path| !ground.knows(path)).collect();
            if new.is_empty() {
                return found;
            }
            for path in new {
                ground.learn(&sources, path.clone(), known[&path]);
            }
        }
    });
    let found = breaches(&sources, [(&sides[0], &used[0]), (&sides[1], &used[1])]);
    found
        .iter()
        .map(|one| format!("{:?} {} {}", one.certainty, one.kind.word(), one.subject))
        .collect()
}

const BASE: &str = "//- src/total.ts
export function total(lines: number[]): number {
  return lines.length;
}
export enum Status { Open, Done }
export class Service {
  sum(a: number) { return a; }
  other() {
    return this.sum(1);
  }
}
//- src/index.ts
export * from './total';
//- src/other.ts
export function total(): number { return 1; }
";

const TWO_ARGUMENTS: &str = "//- src/total.ts
export function total(lines: number[], digits: number): number {
  return lines.length;
}
export enum Status { Open, Done }
export class Service {
  sum(a: number) { return a; }
  other() {
    return this.sum(1);
  }
}
";

#[test]
fn another_signature_and_a_new_caller() {
    let caller = "//- src/new.ts\nimport { total } from './index';\nexport const all = total([1]);\n";
    assert_eq!(told(BASE, TWO_ARGUMENTS, caller), ["Seen signature total"]);
    assert_eq!(
        told(BASE, caller, TWO_ARGUMENTS),
        ["Seen signature total"],
        "whoever comes first"
    );
    let right = "//- src/new.ts\nimport { total } from './index';\nexport const all = total([1], ...rest);\n";
    assert_eq!(
        told(BASE, TWO_ARGUMENTS, right),
        [""; 0],
        "how many there are is not known"
    );
    let another = "//- src/new.ts\nimport { total } from './other';\nexport const all = total();\n";
    assert_eq!(
        told(BASE, TWO_ARGUMENTS, another),
        [""; 0],
        "another function of the name"
    );
    let own = "//- src/new.ts\nfunction total(a: number) { return a; }\nexport const all = total(1);\n";
    assert_eq!(
        told(BASE, TWO_ARGUMENTS, own),
        [""; 0],
        "one's own function of the name"
    );
    let optional = TWO_ARGUMENTS.replace("digits: number", "digits?: number");
    assert_eq!(told(BASE, &optional, caller), [""; 0]);
}

#[test]
fn what_is_removed_or_renamed_and_newly_used() {
    let without = TWO_ARGUMENTS.replace("total(lines: number[], digits: number)", "sumOf(lines: number[])");
    let caller = "//- src/new.ts\nimport { total } from './total';\nexport const all = total([1]);\n";
    assert_eq!(told(BASE, &without, caller), ["Seen renamed total"]);
    let kept = format!("{without}export {{ sumOf as total }};\n");
    assert_eq!(told(BASE, &kept, caller), [""; 0], "still given out under the name");
    let gone = "//- src/total.ts\n(deleted)\n//- src/index.ts\nexport {};\n";
    assert_eq!(told(BASE, gone, caller), ["Seen removed total"]);
    let member = "//- src/new.ts\nimport { Status } from './total';\nexport const done = Status.Done;\n";
    let without = TWO_ARGUMENTS
        .replace("Open, Done", "Open")
        .replace(", digits: number", "");
    assert_eq!(told(BASE, &without, member), ["Seen removed Status.Done"]);
    let other = "//- src/new.ts\nimport { Status } from './total';\nexport const done = Status.Open;\n";
    assert_eq!(told(BASE, &without, other), [""; 0]);
}

#[test]
fn members_are_found_through_this_and_declared_types() {
    let without = TWO_ARGUMENTS
        .replace(", digits: number", "")
        .replace("  sum(a: number) { return a; }\n", "")
        .replace("this.sum(1)", "1");
    let typed = "//- src/new.ts\nimport { Service } from './total';\nexport function run(service: Service) { return service.sum(2); }\n";
    assert_eq!(told(BASE, &without, typed), ["Likely removed Service.sum"]);
    let inside = BASE
        .split("//- src/index.ts")
        .next()
        .unwrap()
        .replace("  other() {", "  third() { return this.sum(3); }\n  other() {");
    assert_eq!(told(BASE, &without, &inside), ["Seen removed Service.sum"]);
    let untyped = "//- src/new.ts\nexport function run(service) { return service.sum(2); }\n";
    assert_eq!(told(BASE, &without, untyped), [""; 0]);
}

#[test]
fn rust_python_and_go_are_followed_too() {
    let base = "//- Cargo.toml\n[package]\nname = \"a\"\n//- src/lib.rs\nmod sum;\nmod new;\n//- src/sum.rs\npub fn total(a: u8) -> u8 { a }\n//- src/new.rs\n";
    let changed = "//- src/sum.rs\npub fn total(a: u8, b: u8) -> u8 { a + b }\n";
    let caller = "//- src/new.rs\nuse crate::sum::total;\nfn f() { total(1); }\n";
    assert_eq!(told(base, changed, caller), ["Seen signature total"]);
    let by_path = "//- src/new.rs\nfn f() { crate::sum::total(1); }\n";
    assert_eq!(told(base, changed, by_path), ["Seen signature total"]);
    let base = "//- pkg/__init__.py\n//- pkg/sums.py\ndef total(lines, digits=2):\n    return lines\n\n\ndef other():\n    return 1\n";
    let changed = "//- pkg/sums.py\ndef total(lines, *, places):\n    return lines\n\n\ndef other():\n    return 1\n";
    let caller = "//- pkg/new.py\nfrom pkg.sums import total\n\nx = total([1], digits=3)\n";
    assert_eq!(told(base, changed, caller), ["Seen signature total"]);
    let base = "//- go.mod\nmodule example.com/a\n//- sums/sums.go\npackage sums\n\nfunc Total(a int) int {\n\treturn a\n}\n//- main.go\npackage main\n";
    let changed = "//- sums/sums.go\npackage sums\n\nfunc Total(a, b int) int {\n\treturn a\n}\n";
    let caller = "//- main.go\npackage main\n\nimport \"example.com/a/sums\"\n\nfunc main() {\n\tsums.Total(1)\n}\n";
    assert_eq!(told(base, changed, caller), ["Seen signature Total"]);
}

#[test]
fn what_both_add_for_themselves() {
    let with = |text: &str| format!("{}{text}", BASE.split("//- src/index.ts").next().unwrap());
    let ours = with("export function rate() { return 1; }\n");
    let theirs = with("export function rate() { return 2; }\n");
    assert_eq!(told(BASE, &ours, &theirs), ["Seen added-twice rate"]);
    assert_eq!(told(BASE, &ours, &ours), [""; 0], "the same on both sides is one");
    let base = "//- locales/en.json\n{\"a\": \"A\", \"z\": {\"y\": \"Y\"}}\n";
    let ours = "//- locales/en.json\n{\"a\": \"A\", \"b\": \"B\", \"z\": {\"y\": \"Y\", \"x\": \"1\"}}\n";
    let theirs = "//- locales/en.json\n{\"b\": \"Bee\", \"a\": \"A\", \"z\": {\"x\": \"1\", \"y\": \"Y\"}}\n";
    assert_eq!(told(base, ours, theirs), ["Seen key b"]);
    let base = "//- db/migrations/001_quotes.sql\ncreate table quotes (id int);\n";
    let ours = "//- db/migrations/002_tax.sql\ncreate table taxes (id int);\n";
    let theirs = "//- db/migrations/002_fee.sql\ncreate table fees (id int);\n";
    assert_eq!(told(base, ours, theirs), ["Seen migration-slot migration 002"]);
    let theirs = "//- db/migrations/003_tax.sql\ncreate table taxes (id int);\n";
    assert_eq!(told(base, ours, theirs), ["Seen schema taxes"]);
}
