//! Pairs that merge cleanly and do not go together, and their neighbours that do.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::conflict::changed_hunks;
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

/// Three texts merged, changes of both sides apart from each other.
fn merged(base: Option<&str>, sides: [Option<&str>; 2]) -> Option<String> {
    let (Some(base), [Some(ours), Some(theirs)]) = (base, sides) else {
        return sides.into_iter().flatten().next().map(str::to_owned);
    };
    let mut hunks: Vec<(u32, u32, Vec<&str>)> = Vec::new();
    for side in [ours, theirs] {
        let lines: Vec<&str> = side.split_inclusive('\n').collect();
        for (before, after) in changed_hunks(base.as_bytes(), side.as_bytes()) {
            let new = after.start as usize - 1..(after.start + after.count) as usize - 1;
            hunks.push((before.start - 1, before.count, lines[new].to_vec()));
        }
    }
    hunks.sort();
    hunks.dedup();
    let lines: Vec<&str> = base.split_inclusive('\n').collect();
    let (mut text, mut at) = (String::new(), 0);
    for (start, count, new) in hunks {
        text += &lines[at.min(start as usize)..start as usize].concat();
        text += &new.concat();
        at = (start + count) as usize;
    }
    Some(text + &lines[at..].concat())
}

/// The tree that a merge of two sides makes.
fn merged_tree(base: &Tree, sides: [&Tree; 2]) -> Tree {
    let paths: BTreeSet<&RepoPath> = base.keys().chain(sides.iter().flat_map(|side| side.keys())).collect();
    let mut tree = Tree::new();
    for path in paths {
        let had = base.get(path).map(String::as_str);
        let has = sides.map(|side| side.get(path).map(String::as_str));
        let text = match has {
            [None, None] => had.map(str::to_owned),
            [one, other] if [one, other].contains(&Some("(deleted)\n")) => None,
            [Some(_), None] | [None, Some(_)] => merged(None, has),
            both => merged(had, both),
        };
        tree.extend(text.map(|text| (path.clone(), text)));
    }
    tree
}

/// A tree as the ground of names.
fn ground(sources: &mut Sources, known: &BTreeMap<RepoPath, FileId>, works: &[Work; 2]) -> Ground {
    let mut view = View {
        files: known.clone(),
        ..View::default()
    };
    for path in works.iter().flat_map(Work::new_paths) {
        view.files
            .entry(path.clone())
            .or_insert_with(|| sources.add(path.clone(), ""));
    }
    Ground::new(sources, view)
}

/// What is told of two sides, each given by the files that it changes: certainty, kind and subject.
pub(super) fn told(base: &str, ours: &str, theirs: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let base = files(base);
    let add = |sources: &mut Sources, tree: &Tree| -> BTreeMap<RepoPath, FileId> {
        tree.iter()
            .map(|(path, text)| (path.clone(), sources.add(path.clone(), text.clone())))
            .collect()
    };
    let known = add(&mut sources, &base);
    let trees = [ours, theirs].map(files);
    let store = Store::default();
    let mut works = trees.each_ref().map(|tree| {
        let made = add(&mut sources, tree);
        let texts = made.into_iter().map(|(path, file)| {
            let gone = tree[&path].trim() == "(deleted)";
            let texts = Texts {
                base: known.get(&path).copied(),
                side: (!gone).then_some(file),
            };
            (path, texts)
        });
        Work::new(&sources, texts.collect(), &store)
    });
    for (side, paths) in needed(&[&works[0], &works[1]], &[(0, 1)]).into_iter().enumerate() {
        works[side].parse(&sources, &paths, &store);
    }
    let mut before = ground(&mut sources, &known, &works);
    let used = [(0, 1), (1, 0)].map(|(own, other): (usize, usize)| {
        let names: BTreeSet<String> = works[other].names().map(str::to_owned).collect();
        let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        loop {
            let (found, missing) = uses(&works[own], &names, &before);
            let (changed, left): (BTreeSet<RepoPath>, BTreeSet<RepoPath>) =
                missing.into_iter().partition(|path| works[own].lacks(path));
            let new: Vec<RepoPath> = left
                .into_iter()
                .filter(|path| !before.knows(path) && known.contains_key(path))
                .collect();
            if new.is_empty() && changed.is_empty() {
                return found;
            }
            works[own].parse(&sources, &changed, &store);
            for path in new {
                before.learn(&sources, path.clone(), known[&path], &store);
            }
        }
    });
    let after = merged_tree(&base, [&trees[0], &trees[1]]);
    let after = add(&mut sources, &after);
    let mut merged = Ground::new(
        &sources,
        View {
            files: after.clone(),
            ..View::default()
        },
    );
    for (path, file) in after {
        merged.learn(&sources, path, file, &store);
    }
    let claims = claims([(&works[0], &used[0]), (&works[1], &used[1])]);
    let both = [&works[0], &works[1]];
    let held = confirmed(&sources, &claims, both, [&merged, &before], &mut BTreeSet::new());
    let mut is_single = |path: &RepoPath| {
        known
            .keys()
            .filter(|other| other.file_name() == path.file_name())
            .count()
            == 1
    };
    let found = breaches(&sources, both, &held, &mut is_single);
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

#[test]
fn what_the_merged_tree_still_gives_out_is_not_missed() {
    let caller = "//- src/new.ts\nimport { total } from './total';\nexport const all = total([1]);\n";
    let text = files(BASE).remove(&RepoPath::new("src/total.ts").unwrap()).unwrap();
    let folder = format!("//- src/total.ts\n(deleted)\n//- src/total/index.ts\n{text}");
    assert_eq!(told(BASE, &folder, caller), [""; 0], "a file that became a folder");
    let elsewhere = format!(
        "//- src/total.ts\n(deleted)\n//- src/sums/total.ts\n{text}//- src/index.ts\nexport * from './sums/total';\n"
    );
    let through = caller.replace("./total", "./index");
    assert_eq!(
        told(BASE, &elsewhere, &through),
        [""; 0],
        "a barrel that points elsewhere"
    );
    assert_eq!(told(BASE, &elsewhere, caller), ["Seen moved total"]);
    let outside = "//- src/total.ts\n(deleted)\n//- src/index.ts\nexport * from '@acme/sums';\n";
    assert_eq!(
        told(BASE, outside, &through),
        [""; 0],
        "what a package gives out is not known"
    );
    let base = format!(
        "{BASE}//- src/calls.ts\nimport {{ total }} from './total';\nexport const one = 1;\nexport const all = total([1]);\n"
    );
    let moved = "//- src/calls.ts\n(deleted)\n//- src/bill.ts\nimport { total } from './total';\nexport const one = 1;\nexport const all = total([1]);\n";
    let renamed = format!(
        "//- src/total.ts\n{}//- src/calls.ts\nimport {{ sumOf }} from './total';\nexport const one = 1;\nexport const all = sumOf([1]);\n",
        text.replace("total(", "sumOf(")
    );
    let mended = format!("{moved}//- src/none.ts\n");
    // These trees are put together without git's renames, so that the old text stands under the new name: it breaks there.
    let found = told(&base, &renamed, &mended);
    assert_eq!(found, ["Seen renamed total"]);
    let python = "//- pkg/__init__.py\n//- pkg/sums.py\ndef total(lines):\n    return lines\n";
    let package = "//- pkg/sums.py\n(deleted)\n//- pkg/sums/__init__.py\nfrom .lines import total\n//- pkg/sums/lines.py\ndef total(lines):\n    return lines\n";
    let user = "//- pkg/new.py\nfrom pkg.sums import total\n\nx = total([1])\n";
    assert_eq!(told(python, package, user), [""; 0]);
    let rust = "//- Cargo.toml\n[package]\nname = \"a\"\n//- src/lib.rs\nmod sum;\nmod new;\n//- src/sum.rs\npub fn total(a: u8) -> u8 { a }\n//- src/new.rs\n";
    let folder = "//- src/sum.rs\n(deleted)\n//- src/sum/mod.rs\nmod lines;\npub use lines::total;\n//- src/sum/lines.rs\npub fn total(a: u8) -> u8 { a }\n";
    let user = "//- src/new.rs\nuse crate::sum::total;\nfn f() { total(1); }\n";
    assert_eq!(told(rust, folder, user), [""; 0]);
}

#[test]
fn several_of_one_name_are_normal_in_many_places() {
    let both = |base: &str, ours: &str, theirs: &str| told(base, ours, theirs);
    let go = "//- go.mod\nmodule a\n//- net/net.go\npackage net\n";
    let file = |name: &str, head: &str| {
        format!(
            "//- net/{name}\n{head}package net\n\nfunc open() int {{\n\treturn {}\n}}\n",
            name.len()
        )
    };
    assert_eq!(both(go, &file("a_linux.go", ""), &file("b_windows.go", "")), [""; 0]);
    assert_eq!(
        both(
            go,
            &file("a.go", "//go:build x\n\n"),
            &file("bb.go", "//go:build !x\n\n")
        ),
        [""; 0]
    );
    assert_eq!(
        both(go, &file("a.go", ""), &file("bb.go", "")),
        ["Seen added-twice open"]
    );
    let rust = "//- src/lib.rs\nfn a() {}\n\nfn b() {}\n";
    let first =
        |attribute: &str| format!("//- src/lib.rs\n{attribute}fn open() -> u8 {{ 1 }}\n\nfn a() {{}}\n\nfn b() {{}}\n");
    let last =
        |attribute: &str| format!("//- src/lib.rs\nfn a() {{}}\n\nfn b() {{}}\n\n{attribute}fn open() -> u8 {{ 2 }}\n");
    assert_eq!(
        both(rust, &first("#[cfg(unix)]\n"), &last("#[cfg(windows)]\n")),
        [""; 0]
    );
    assert_eq!(both(rust, &first(""), &last("")), ["Seen added-twice open"]);
    let python = "//- a.py\ndef a():\n    pass\n\n\ndef b():\n    pass\n";
    let first = |text: &str| format!("//- a.py\n{text}\n\ndef a():\n    pass\n\n\ndef b():\n    pass\n");
    let last = |text: &str| format!("//- a.py\ndef a():\n    pass\n\n\ndef b():\n    pass\n\n\n{text}");
    for (one, other) in [
        (
            "@show.register\ndef _(value: int):\n    return 1\n",
            "@show.register\ndef _(value: str):\n    return 2\n",
        ),
        (
            "@overload\ndef c(value: int): ...\n",
            "@overload\ndef c(value: str): ...\n",
        ),
        (
            "try:\n    from x import c\nexcept ImportError:\n    def c():\n        return 1\n",
            "if OLD:\n    def c():\n        return 2\n",
        ),
        (
            "@app.get('/a')\ndef c():\n    return 1\n",
            "@app.get('/b')\ndef c():\n    return 2\n",
        ),
    ] {
        assert_eq!(both(python, &first(one), &last(other)), [""; 0], "{one}");
    }
    let (one, other) = ("def c():\n    return 1\n", "@pytest.fixture\ndef c():\n    return 2\n");
    assert_eq!(both(python, &first(one), &last(other)), ["Likely added-twice c"]);
    let script = "//- a.ts\nexport class A {\n  one() { return 1; }\n\n  two() { return 2; }\n}\n";
    let first =
        "//- a.ts\nexport class A {\n  get size() { return 1; }\n\n  one() { return 1; }\n\n  two() { return 2; }\n}\n";
    let last = "//- a.ts\nexport class A {\n  one() { return 1; }\n\n  two() { return 2; }\n\n  set size(to) { this.to = to; }\n}\n";
    assert_eq!(both(script, first, last), [""; 0]);
    let sql = "//- db/migrations/001_quotes.sql\ncreate table quotes (id int);\n";
    let table = |number: &str, name: &str| format!("//- db/migrations/{number}.sql\ncreate table {name} (id int);\n");
    assert_eq!(
        both(sql, &table("002_a", "sales.orders"), &table("003_b", "archive.orders")),
        [""; 0]
    );
    assert_eq!(
        both(sql, &table("002_a", "public.orders"), &table("003_b", "orders")),
        ["Seen schema orders"]
    );
}

#[test]
fn what_new_lines_say_by_name() {
    let python = "//- tests/conftest.py\ndef client():\n    return 1\n\n\ndef other():\n    return 2\n//- tests/unit/test_a.py\ndef test_a(client):\n    pass\n";
    let gone = "//- tests/conftest.py\ndef other():\n    return 2\n";
    let user = "//- tests/unit/test_b.py\ndef test_b(client):\n    pass\n";
    assert_eq!(told(python, gone, user), ["Likely fixture client"]);
    let own = "//- tests/unit/test_b.py\ndef client():\n    return 3\n\n\ndef test_b(client):\n    pass\n";
    assert_eq!(told(python, gone, own), [""; 0]);
    let data = "//- tests/fixtures/orders.json\n{}\n";
    let gone = "//- tests/fixtures/orders.json\n(deleted)\n";
    let user = "//- tests/a.test.ts\nconst orders = load('orders.json');\n";
    assert_eq!(told(data, gone, user), ["Likely fixture tests/fixtures/orders.json"]);
    let moved = format!("{gone}//- tests/data/orders.json\n{{}}\n");
    assert_eq!(told(data, &moved, user), [""; 0]);
    let several = format!("{data}//- tests/golden/a/orders.json\n{{}}\n");
    assert_eq!(told(&several, gone, user), [""; 0], "a name that several have");
    let with_folder = user.replace("'orders.json'", "'fixtures', 'orders.json'");
    assert_eq!(
        told(&several, gone, &with_folder),
        ["Likely fixture tests/fixtures/orders.json"]
    );
    for quiet in [
        user.replace("a.test.ts", "a.ts").replace("tests/", "src/"),
        user.replace("const", "// const"),
        user.replace("load('orders.json');", "1; // as in fixtures/orders.json"),
        "//- README.md\nSee fixtures/orders.json.\n".to_owned(),
        "//- src/a.rs\nconst A: &str = \"fixtures/orders.json\";\n".to_owned(),
    ] {
        assert_eq!(told(data, gone, &quiet), [""; 0], "{quiet}");
    }
    let unit = "//- src/a.rs\n#[cfg(test)]\nmod tests {\n    const A: &str = \"fixtures/orders.json\";\n}\n";
    assert_eq!(told(data, gone, unit), ["Likely fixture tests/fixtures/orders.json"]);
    let alembic = |name: &str, after: &str| {
        format!("//- alembic/versions/{name}.py\nrevision = '{name}'\ndown_revision = '{after}'\n")
    };
    let base = alembic("a1", "00");
    assert_eq!(
        told(&base, &alembic("b1", "a1"), &alembic("c1", "a1")),
        ["Seen migration-slot a1"]
    );
    assert_eq!(told(&base, &alembic("b1", "a1"), &alembic("c1", "a0")), [""; 0]);
    for (name, line) in [
        ("orders v2.json", "orders v2.json"),
        ("a+b-long.json", "data/a+b-long.json"),
    ] {
        let data = format!("//- tests/fixtures/{name}\n{{}}\n");
        let gone = format!("//- tests/fixtures/{name}\n(deleted)\n");
        let user = format!("//- tests/a.test.ts\nconst orders = load('{line}');\n");
        let found = [format!("Likely fixture tests/fixtures/{name}")];
        assert_eq!(told(&data, &gone, &user), found, "a name of several words");
    }
    let notes = "//- CHANGES.yml\n- the data of orders.json is new\n";
    assert_eq!(
        told(data, "//- tests/fixtures/orders.json\n(deleted)\n", notes),
        [""; 0]
    );
    for runs in [
        "//- .github/workflows/ci.yml\n- run: cp tests/fixtures/orders.json .\n",
        "//- jest.config.json\n{\"x\": \"tests/fixtures/orders.json\"}\n",
    ] {
        let gone = "//- tests/fixtures/orders.json\n(deleted)\n";
        assert_eq!(told(data, gone, runs), ["Likely fixture tests/fixtures/orders.json"]);
    }
    let sql = "//- db/migrations/001_a.sql\ncreate table orders (id int, placed_at int);\n";
    let drop = "//- db/migrations/002_b.sql\nalter table orders drop column placed_at;\n";
    let query = "//- src/q.ts\nexport const q = 'select placed_at from orders';\n";
    assert_eq!(told(sql, drop, query), ["Likely schema orders.placed_at"]);
    assert_eq!(told(sql, drop, &query.replace("placed_at", "created_at")), [""; 0]);
    let service = "//- ci.yml\norders: { placed_at: x }\n";
    assert_eq!(told(sql, drop, service), [""; 0], "no language that asks a database");
    let words = "//- a.properties\na = A\nz = Z\n";
    let (one, other) = (
        "//- a.properties\na = A\nb = B\nz = Z\n",
        "//- a.properties\na = A\nz = Z\nb = Bee\n",
    );
    assert_eq!(told(words, one, other), ["Seen key b"]);
    let words = "//- a.po\nmsgid \"a\"\nmsgstr \"A\"\n\nmsgid \"z\"\nmsgstr \"Z\"\n";
    let more = |said: &str| format!("{words}\nmsgid \"b\"\nmsgstr \"{said}\"\n");
    assert_eq!(told(words, &more("B"), &more("Bee")), ["Seen key b"]);
}

#[test]
fn revisions_of_alembic_that_are_joined_or_meant_are_no_two_heads() {
    let file = |folder: &str, name: &str, after: &str| {
        format!(
            "//- {folder}/versions/{name}.py\nrevision: str = '{name}'\ndown_revision: Union[str, None] = {after}\n"
        )
    };
    let rev = |name: &str, after: &str| file("alembic", name, after);
    let base = rev("r", "None");
    let (a, c) = (rev("a", "'r'"), rev("c", "'r'  # the first"));
    let heads = ["Seen migration-slot r"];
    assert_eq!(told(&base, &a, &c), heads);
    for joined in ["('a', 'c')", "(\n    'a',\n    'c',  # both\n)", "[\"c\", \"a\"]"] {
        let both = format!("{a}{c}{}", rev("m", joined));
        assert_eq!(told(&base, &a, &both), [""; 0], "{joined}");
        assert_eq!(told(&base, &both, &a), [""; 0], "{joined}");
    }
    assert_eq!(told(&base, &a, &format!("{a}{}", rev("c", "'a'"))), [""; 0], "one line");
    let own = format!("{}{c}{}", rev("b", "'r'"), rev("m", "('b', 'c')"));
    assert_eq!(told(&base, &a, &own), heads, "it joins others");
    assert_eq!(told(&base, &a, &rev("c", "before()")), [""; 0], "not written out");
    assert_eq!(told(&base, &a, &file("other", "c", "'r'")), [""; 0], "another database");
    let below = c.replace("versions/c.py", "versions/2024/c.py");
    assert_eq!(told(&base, &a, &below), heads, "a folder for each year");
    let labelled = |labels: &str| format!("{c}branch_labels = {labels}\n");
    assert_eq!(told(&base, &a, &labelled("None")), heads);
    assert_eq!(
        told(&base, &a, &labelled("('billing',)")),
        ["Possible migration-slot r"]
    );
}

/// A migration of Django as `makemigrations` writes it.
fn django(path: &str, after: &str) -> String {
    format!(
        "//- {path}\n# Generated by Django 4.2.3 on 2023-08-01 10:00\n\nfrom django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n\n    dependencies = [\n{after}    ]\n\n    operations = []\n"
    )
}

#[test]
fn two_migrations_of_django_after_one_are_two_leaves() {
    let after = |name: &str| format!("        (\"shop\", \"{name}\"),  # before\n");
    let file = |name: &str, before: &str| django(&format!("shop/migrations/{name}.py"), &after(before));
    let base = file("0001_initial", "0000");
    let (one, other) = (file("0002_a", "0001_initial"), file("0002_b", "0001_initial"));
    let leaves = ["Seen migration-slot shop.0001_initial"];
    assert_eq!(told(&base, &one, &other), leaves);
    let further = format!("{one}{}", file("0003_c", "0002_a"));
    assert_eq!(told(&base, &further, &other), leaves, "one more after it");
    let auth = "        migrations.swappable_dependency(settings.AUTH_USER_MODEL),\n        ('auth', '0012_x'),\n";
    let more = django("shop/migrations/0002_b.py", &format!("{auth}{}", after("0001_initial")));
    assert_eq!(told(&base, &one, &more), leaves, "other apps beside it");
    let label = |name: &str| django(&format!("apps/the_shop/migrations/{name}.py"), &after("0001_initial"));
    assert_eq!(
        told("", &label("0002_a"), &label("0002_b")),
        leaves,
        "an app of another label"
    );
}

#[test]
fn migrations_of_django_that_are_one_line_are_no_leaves() {
    let after = |name: &str| format!("        (\"shop\", \"{name}\"),\n");
    let file = |name: &str, before: &str| django(&format!("shop/migrations/{name}.py"), &after(before));
    let base = file("0001_initial", "0000");
    let (one, other) = (file("0002_a", "0001_initial"), file("0002_b", "0001_initial"));
    let both = format!("{}{}", after("0002_a"), after("0002_b"));
    let joined = format!("{other}{one}{}", django("shop/migrations/0003_merge.py", &both));
    let odd = |line: &str| other.replace("    operations", &format!("    {line}\n\n    operations"));
    let elsewhere = django("cart/migrations/0002_b.py", &after("0001_initial"));
    for (quiet, why) in [
        (file("0003_b", "0002_a"), "one depends on the other"),
        (joined, "a merge of both"),
        (file("0002_b", "0000_other"), "other parents"),
        (odd("replaces = [('shop', '0001_initial')]"), "a squash"),
        (odd("run_before = [('cart', '0001_initial')]"), "another order"),
        (
            other.replace("    ]\n\n    op", "    ] + MORE\n\n    op"),
            "a list that is not written out",
        ),
        (
            other.replace("(\"shop\", ", "(SHOP, "),
            "a name that is not written out",
        ),
        (elsewhere, "another folder"),
        (other.replace("class Migration(", "class Other("), "no migration"),
        (one.clone(), "the same on both sides"),
        (
            format!("{other}//- shop/migrations/0001_initial.py\n(deleted)\n"),
            "begun anew",
        ),
    ] {
        assert_eq!(told(&base, &one, &quiet), [""; 0], "{why}");
    }
    let auth = django(
        "shop/migrations/0002_b.py",
        &format!("        ('auth', '0012_x'),\n{}", after("0002_x")),
    );
    let same = django(
        "shop/migrations/0002_c.py",
        &format!("        ('auth', '0012_x'),\n{}", after("0002_y")),
    );
    assert_eq!(
        told(&base, &auth, &same),
        [""; 0],
        "only the migration of another app is the same"
    );
}

#[test]
fn migrations_of_rails_need_versions_and_columns_of_their_own() {
    let file = |name: &str, body: &str| {
        format!(
            "//- db/migrate/{name}.rb\nclass A < ActiveRecord::Migration[7.1]\n  def change\n    {body}\n  end\nend\n"
        )
    };
    let (one, other) = (file("20240101120000_add_a", "x"), file("20240101120000_add_b", "x"));
    assert_eq!(told("", &one, &other), ["Seen migration-slot migration 20240101120000"]);
    let other = other.replace("120000", "120001");
    assert_eq!(told("", &one, &other), [""; 0]);
    let column = "add_column :orders, :note, :string";
    let one = file("20240101120000_a", column);
    let told_of = |body: &str| told("", &one, &file("20240101120001_b", body));
    assert_eq!(
        told_of("add_column(\"orders\",\n      \"note\", :text)"),
        ["Seen schema orders.note"]
    );
    for quiet in [
        "add_column :orders, :notes, :string",
        "add_column :carts, :note, :string",
        "add_column :orders, :note, :string, if_not_exists: true",
        "add_column table, :note, :string",
        "# add_column :orders, :note, :string",
        "x\n  end\n\n  def down\n    add_column :orders, :note, :string",
    ] {
        assert_eq!(told_of(quiet), [""; 0], "{quiet}");
    }
    let second = file("20240101120001_b", column).replace("db/migrate", "db/animals_migrate");
    assert_eq!(told("", &one, &second), [""; 0], "another database");
}

#[test]
fn two_roots_of_migrations_may_be_two_databases() {
    let column = |path: &str| format!("//- {path}\nalter table traces add column c int;\n");
    let first = column("prisma/migrations/20240101_a/migration.sql");
    let told_of = |path: &str| told("", &first, &column(path));
    assert_eq!(
        told_of("clickhouse/migrations/0002_c.up.sql"),
        ["Possible schema traces.c"]
    );
    assert_eq!(
        told_of("prisma/migrations/20240102_b/migration.sql"),
        ["Seen schema traces.c"]
    );
}

#[test]
fn a_word_in_a_comment_or_a_key_is_no_earlier_use() {
    let gone = "//- a.ts\nexport const other = 1;\n";
    let base = |text: &str| format!("//- a.ts\nexport const limit = 3;\nexport const other = 1;\n//- m.ts\n{text}");
    let user = |text: &str| format!("//- m.ts\n{text}import {{ limit }} from './a';\nexport const y = limit;\n");
    for text in [
        "import { other } from './a'; // the limit\nexport const x = other;\n",
        "export const x = { limit: 1 };\n",
        "export function f(limit: number) { return limit; }\n",
        "export const x = 'limit';\n",
    ] {
        assert_eq!(told(&base(text), gone, &user(text)), ["Seen removed limit"], "{text}");
    }
    let used = "import { limit } from './a';\nexport const x = limit;\n";
    let more = format!("//- m.ts\n{used}export const y = limit;\n");
    assert_eq!(told(&base(used), gone, &more), [""; 0], "its own tree is broken");
    let go = "//- go.mod\nmodule example.com/a\n//- net/net.go\npackage net\n\ntype Addr struct {\n}\n\ntype Other struct {\n}\n";
    let test = "//- main.go\npackage main\n\nimport \"example.com/a/net\"\n\nvar x = Config{Addr: net.Other{}}\n";
    let user = format!("{test}\nvar y = net.Addr{{}}\n");
    let gone = "//- net/net.go\npackage net\n\ntype Other struct {\n}\n";
    assert_eq!(told(&format!("{go}{test}"), gone, &user), ["Seen removed Addr"]);
}

#[test]
fn a_class_is_called_by_what_makes_its_objects() {
    let python = |args: &str| {
        format!(
            "//- kinds.py\nclass Kind:\n    def __init__({args}):\n        pass\n\n    def name(self):\n        pass\n"
        )
    };
    let user = |call: &str| format!("//- user.py\nfrom kinds import Kind\n\nk = {call}\n");
    let told_of = |args: &str, call: &str| told(&python("self"), &python(args), &user(call));
    assert_eq!(told_of("self, z", "Kind()"), ["Seen signature Kind"]);
    for (args, call) in [
        ("self, z=1", "Kind()"),
        ("self, z", "Kind(1)"),
        ("self, z", "Kind(*all)"),
        ("self, z", "Kind"),
    ] {
        assert_eq!(told_of(args, call), [""; 0], "{args}: {call}");
    }
    let script =
        |args: &str| format!("//- src/box.ts\nexport class Box {{\n  constructor({args}) {{}}\n\n  open() {{}}\n}}\n");
    let user = |call: &str| format!("//- src/new.ts\nimport {{ Box }} from './box';\nexport const b = {call};\n");
    let told_of = |args: &str, call: &str| told(&script("private a: number"), &script(args), &user(call));
    let two = "private a: number, private b: number";
    assert_eq!(told_of(two, "new Box(1)"), ["Seen signature Box"]);
    for (args, call) in [
        (two, "new Box(1, 2)"),
        ("private a: number, private b?: number", "new Box(1)"),
        ("private a: number, b = 2", "new Box(1)"),
        (two, "new Box(...all)"),
        (two, "b instanceof Box"),
    ] {
        assert_eq!(told_of(args, call), [""; 0], "{args}: {call}");
    }
    // What else is gone of the class is told all the same.
    let less = script(two).replace("\n  open() {}\n", "");
    let opens = "//- src/new.ts\nimport { Box } from './box';\nexport const b = (box: Box) => box.open();\n";
    assert_eq!(
        told(&script("private a: number"), &less, opens),
        ["Likely removed Box.open"]
    );
}

#[test]
fn routes_of_two_routers_in_one_file_are_two_and_those_of_one_are_one() {
    let base = "//- src/app.ts\nconst app = express();\nconst admin = express.Router();\n\n\napp.use('/admin', admin);\n\n\nexport default app;\n";
    let first = |line: &str| base.replace("Router();\n\n", &format!("Router();\n{line}\n"));
    let last = |line: &str| base.replace("admin);\n\n", &format!("admin);\n{line}\n"));
    let app = "app.get('/list', list);";
    assert_eq!(told(base, &first(app), &last(app)), ["Seen route GET /list"]);
    assert!(told(base, &first(app), &last("admin.get('/list', list);")).is_empty());
    let inside = "function side() { app.get('/list', list); }";
    assert!(told(base, &first(app), &last(inside)).is_empty());

    // Each test has its own.
    let base = "//- src/app.test.ts\nit('a', () => {\n  expect(1).toBe(1);\n});\n\n\nit('b', () => {\n  expect(2).toBe(2);\n});\n";
    let test = |title: &str| format!("it('{title}', () => {{\n  const app = express();\n  app.get('/', list);\n}});\n");
    let ours = base.replace("});\n\n\n", &format!("}});\n{}\n\n", test("c")));
    let theirs = format!("{base}{}", test("d"));
    assert!(told(base, &ours, &theirs).is_empty());

    let base = "//- src/main.rs\nfn app() -> Router {\n    Router::new()\n        .nest(\"/a\", Router::new().route(\"/x\", get(x)))\n        .layer(one())\n        .nest(\"/b\", Router::new().route(\"/y\", get(y)))\n}\n";
    let add = |to: &str, handler: &str| base.replace(to, &format!("{to}.route(\"/list\", get({handler}))"));
    let (ours, theirs) = (add("get(x))", "one"), add("get(y))", "two"));
    assert!(told(base, &ours, &theirs).is_empty());
}

#[test]
fn what_one_migration_takes_away_and_another_builds_on_does_not_go_together() {
    let base = "//- db/migrations/001_a.sql\ncreate table orders (id int, status int);\n//- src/a.py\nONE = 1\n";
    let sql = |number: u8, text: &str| format!("//- db/migrations/00{number}_b.sql\n{text}\n");
    let drop = sql(2, "drop table orders;");
    let add = "alter table orders add column x int;";
    assert_eq!(told(base, &drop, &sql(3, add)), ["Likely schema orders"]);
    assert!(told(base, &drop, &sql(3, "alter table quotes add column x int;")).is_empty());
    let column = sql(2, "alter table orders drop column status;");
    assert_eq!(
        told(base, &column, &sql(3, "create index ix on orders (status);")),
        ["Likely schema orders.status"]
    );
    assert!(told(base, &column, &sql(3, "create index ix on orders (id);")).is_empty());
    // Code that asks the table; a text that only has its name.
    let asks = "//- src/b.py\nrows = db.execute(\"SELECT id FROM orders\")\n";
    assert_eq!(told(base, &drop, asks), ["Likely schema orders"]);
    assert!(told(base, &drop, "//- src/b.py\nlog.info(\"no orders today\")\n").is_empty());
    // Both words, and no question.
    assert_eq!(
        told(base, &column, "//- src/b.py\nlog(\"orders\", status)\n"),
        ["Possible schema orders.status"]
    );
}
