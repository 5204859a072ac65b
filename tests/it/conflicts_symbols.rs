//! `flagman conflicts` names what stands where two branches meet.

use serde_json::{Value, json};

use crate::git_scratch::Scratch;
use crate::project::flagman_in;

const BASE: &str = "//- src/quote.ts
export function total(lines: number[]) {
  let sum = 0;
  for (const line of lines) {
    sum += line;
  }
  return sum;
}

export function tax(sum: number) {
  const rate = 20;
  return sum * rate;
}
//- notes.txt
one
two
three
four
five
six
";

fn branch(scratch: &Scratch, name: &str, path: &str, change: impl Fn(String) -> String) {
    scratch.git(&["switch", "--quiet", "--create", name, "main"]);
    let text = std::fs::read_to_string(scratch.root().join(path)).unwrap();
    scratch.commit(name, &format!("//- {path}\n{}", change(text)));
    scratch.git(&["switch", "--quiet", "main"]);
}

fn pair(scratch: &Scratch, a: &str, b: &str) -> Value {
    let arguments = ["conflicts", "--branches", a, b, "--format", "json"];
    let answer = flagman_in(&scratch.root(), &arguments);
    let document: Value = serde_json::from_str(&answer.out).expect("a document");
    document["pairs"][0].clone()
}

#[test]
fn conflicts_and_overlaps_are_named_by_what_stands_there() {
    let scratch = Scratch::new(BASE);
    let quote = "src/quote.ts";
    branch(&scratch, "rate", quote, |text| text.replace("rate = 20", "rate = 21"));
    branch(&scratch, "rate-else", quote, |text| {
        text.replace("rate = 20", "rate = 7")
    });
    branch(&scratch, "more", quote, |text| {
        text.replace("let sum = 0;", "let sum = 0;\n  check(lines);")
    });
    branch(&scratch, "rounded", quote, |text| {
        text.replace("return sum;", "return Math.round(sum);")
    });
    branch(&scratch, "notes", "notes.txt", |text| text.replace("one", "ONE"));
    branch(&scratch, "notes-too", "notes.txt", |text| text.replace("six", "SIX"));

    let collide = pair(&scratch, "rate", "rate-else");
    assert_eq!(collide["verdict"], "conflict");
    assert_eq!(collide["files"][0]["symbols"], json!(["tax"]));

    let overlap = pair(&scratch, "more", "rounded");
    assert_eq!(
        (&overlap["verdict"], &overlap["files"]),
        (&json!("overlap"), &json!([]))
    );
    assert_eq!(
        overlap["overlaps"][0]["edits"],
        json!([{
            "symbol": "total",
            "kind": "function",
            "a": {"did": "changed", "added": 1, "removed": 0},
            "b": {"did": "changed", "added": 1, "removed": 1},
        }])
    );

    let apart = pair(&scratch, "more", "rate");
    assert_eq!(apart["overlaps"][0]["edits"], json!([]), "two functions of one file");
    let unread = pair(&scratch, "notes", "notes-too");
    assert_eq!(unread["overlaps"][0]["read"], false);
    assert_eq!(unread["overlaps"][0]["lines"]["b"], json!([{"start": 6, "count": 1}]));

    let answer = flagman_in(&scratch.root(), &["conflicts", "--branches", "more", "rounded"]);
    let text = answer.out;
    assert!(
        text.contains("src/quote.ts: function total: more adds 1 line in it, rounded changes it (1 line new, 1 gone)"),
        "{text}"
    );
}

#[test]
fn a_clean_merge_that_breaks_is_told_with_the_places_of_both() {
    let scratch = Scratch::new(BASE);
    branch(&scratch, "digits", "src/quote.ts", |text| {
        text.replace("total(lines: number[])", "total(lines: number[], digits: number)")
    });
    scratch.git(&["switch", "--quiet", "--create", "caller", "main"]);
    scratch.commit(
        "caller",
        "//- src/bill.ts\nimport { total } from './quote';\nexport const bill = total([1]);\n",
    );
    scratch.git(&["switch", "--quiet", "main"]);

    let pair = pair(&scratch, "caller", "digits");
    assert_eq!((&pair["verdict"], &pair["files"]), (&json!("overlap"), &json!([])));
    let finding = &pair["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["level"]),
        (&json!("signature"), &json!("error"))
    );
    let place = |side: &str| {
        (
            finding["places"][side][0]["path"].clone(),
            finding["places"][side][0]["line"].clone(),
        )
    };
    assert_eq!(place("a"), (json!("src/bill.ts"), json!(2)));
    assert_eq!(place("b"), (json!("src/quote.ts"), json!(1)));

    let answer = flagman_in(&scratch.root(), &["conflicts", "--branches", "caller", "digits"]);
    assert_eq!(answer.code, 1, "{}", answer.out);
    assert!(
        answer
            .out
            .contains("digits makes function total of src/quote.ts take 2 arguments (before: 1 argument)"),
        "{}",
        answer.out
    );
}

/// A repository with a flag, and a base that a flag's branches start from.
const FLAGS: &str = "//- src/flags.ts
export const FLAGS = {
  new_checkout: false,
  fast_tax: true,
} as const;
export const isEnabled = (key: keyof typeof FLAGS): boolean => FLAGS[key];
//- src/checkout.ts
import { isEnabled } from './flags';
export function checkout() {
  if (isEnabled('new_checkout')) {
    return 'new-flow';
  }
  return 'old-flow';
}
";

#[test]
fn two_leaves_of_django_are_told_with_the_way_out() {
    let step = |name: &str| {
        format!(
            "//- shop/migrations/{name}.py\n# Generated by Django 4.2.3 on 2023-08-01 10:00\n\nfrom django.db import migrations\n\n\nclass Migration(migrations.Migration):\n\n    dependencies = [\n        (\"shop\", \"0001_initial\"),\n    ]\n"
        )
    };
    let scratch =
        Scratch::new("//- shop/migrations/0001_initial.py\nclass Migration(migrations.Migration):\n    pass\n");
    for (branch, name) in [("coupon", "0002_coupon"), ("rate", "0002_rate")] {
        scratch.git(&["switch", "--quiet", "--create", branch, "main"]);
        scratch.commit(branch, &step(name));
        scratch.git(&["switch", "--quiet", "main"]);
    }
    let found = &pair(&scratch, "coupon", "rate")["findings"];
    let told = [&found[0]["kind"], &found[0]["level"], &found[0]["subject"]];
    assert_eq!(json!(told), json!(["migration-slot", "error", "shop.0001_initial"]));
    assert!(
        found[0]["message"].as_str().unwrap().contains("makemigrations --merge"),
        "{found}"
    );
}

#[test]
fn a_file_of_test_data_is_named_by_a_name_that_no_other_has() {
    let data = "//- t/testdata/orders.json\n{}\n//- t/testdata/a/package.json\n{}\n//- package.json\n{}\n";
    let scratch = Scratch::new(data);
    scratch.git(&["switch", "--quiet", "--create", "gone", "main"]);
    scratch.git(&["rm", "--quiet", "-r", "t"]);
    scratch.git(&["commit", "--quiet", "--message", "gone"]);
    scratch.git(&["switch", "--quiet", "--create", "user", "main"]);
    scratch.commit("user", "//- t/a.test.ts\nread('orders.json');\nread('package.json');\n");
    let found = pair(&scratch, "gone", "user")["findings"].clone();
    let subjects: Vec<&Value> = found.as_array().unwrap().iter().map(|one| &one["subject"]).collect();
    assert_eq!(json!(subjects), json!(["t/testdata/orders.json"]));
}

#[test]
fn a_flag_that_one_branch_takes_away_or_turns_and_another_relies_on() {
    let scratch = Scratch::new(FLAGS);
    let on = |name: &str, files: &str| {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        scratch.commit(name, files);
        scratch.git(&["switch", "--quiet", "main"]);
    };
    let flags = "src/flags.ts";
    branch(&scratch, "gone", flags, |text| {
        text.replace("  new_checkout: false,\n", "")
    });
    branch(&scratch, "renamed", flags, |text| {
        text.replace("new_checkout", "newer_checkout")
    });
    branch(&scratch, "turned", flags, |text| {
        text.replace("new_checkout: false", "new_checkout: true")
    });
    on(
        "reads",
        "//- src/new.ts\nimport { isEnabled } from './flags';\nexport const fast = () => (isEnabled('new_checkout') ? 1 : 2);\n",
    );
    on(
        "reads-another",
        "//- src/new.ts\nimport { isEnabled } from './flags';\nexport const fast = () => (isEnabled('fast_tax') ? 1 : 2);\n",
    );
    on(
        "tests",
        "//- src/checkout.test.ts\nimport { checkout } from './checkout';\nit('goes through the old flow', () => {\n  expect(checkout()).toBe('old-flow');\n});\n",
    );
    on(
        "tests-the-other-side",
        "//- src/checkout.test.ts\nimport { checkout } from './checkout';\nit('goes through the new flow', () => {\n  expect(checkout()).toBe('new-flow');\n});\n",
    );
    on(
        "says",
        "//- docs/prds/002-vouchers.md\n# Vouchers\n\nThis PRD needs `new_checkout` to be off.\n",
    );
    let told = |turns: &str, relies: &str| {
        let pair = pair(&scratch, relies, turns);
        let findings = pair["findings"].as_array().cloned().unwrap_or_default();
        let told = findings.iter().map(|one| {
            assert_eq!(
                (&one["kind"], &one["subject"]),
                (&json!("flag"), &json!("new_checkout"))
            );
            let lines = ["a", "b"].map(|side| one["places"][side].as_array().map_or(0, Vec::len));
            assert!(lines.iter().all(|lines| *lines > 0), "evidence of both sides: {one}");
            one["level"].as_str().unwrap_or_default().to_owned()
        });
        told.collect::<Vec<String>>().join(" ")
    };
    let rows = [
        ("gone", "reads", "error"),
        ("renamed", "reads", "error"),
        // Whoever asks is ready for both answers.
        ("turned", "reads", "note"),
        ("turned", "tests", "warning"),
        ("turned", "says", "warning"),
        ("gone", "says", "warning"),
        ("gone", "reads-another", ""),
        ("turned", "reads-another", ""),
        ("turned", "tests-the-other-side", ""),
    ];
    for (turns, relies, level) in rows {
        assert_eq!(told(turns, relies), level, "{turns} × {relies}");
    }
}

#[test]
fn what_git_takes_along_to_a_new_name_does_not_break() {
    let bill = |name: &str| {
        format!(
            "import {{ {name} }} from './quote';\n\nexport function bill(sum: number) {{\n  const fee = 3;\n  return {name}(sum) + fee;\n}}\n"
        )
    };
    let scratch = Scratch::new(&format!("{BASE}//- src/bill.ts\n{}", bill("tax")));
    let text = std::fs::read_to_string(scratch.root().join("src/quote.ts")).unwrap();
    scratch.git(&["switch", "--quiet", "--create", "renamed"]);
    let duty = text.replace("tax(", "duty(");
    scratch.commit(
        "renamed",
        &format!("//- src/quote.ts\n{duty}//- src/bill.ts\n{}", bill("duty")),
    );
    scratch.git(&["switch", "--quiet", "--create", "moved", "main"]);
    scratch.git(&["mv", "src/bill.ts", "src/invoice.ts"]);
    scratch.git(&["commit", "--quiet", "--message", "moved"]);
    let found = pair(&scratch, "renamed", "moved");
    assert_eq!(found["verdict"], "overlap", "{found}");
    assert_eq!(found["findings"].as_array().map_or(0, Vec::len), 0, "{found}");
    // The same branch breaks what is really new.
    scratch.commit(
        "more",
        "//- src/more.ts\nimport { tax } from './quote';\nexport const more = tax(1);\n",
    );
    let found = pair(&scratch, "renamed", "moved");
    assert_eq!(found["findings"][0]["kind"], "renamed", "{found}");
}

#[test]
fn the_gate_holds_a_branch_against_what_its_base_became() {
    let scratch = Scratch::new(BASE);
    scratch.git(&["switch", "--quiet", "--create", "bill"]);
    scratch.commit(
        "bill",
        "//- src/bill.ts\nimport { tax } from './quote';\nexport const bill = tax(1);\n",
    );
    scratch.git(&["switch", "--quiet", "main"]);
    let gate = || flagman_in(&scratch.root(), &["gate", "--base", "main", "--head", "bill"]);
    assert_eq!(gate().code, 0, "{}", gate().out);
    let text = std::fs::read_to_string(scratch.root().join("src/quote.ts")).unwrap();
    scratch.commit(
        "renamed",
        &format!("//- src/quote.ts\n{}", text.replace("tax(", "duty(")),
    );
    let said = gate();
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(
        said.out.contains("main renames function tax of src/quote.ts to duty")
            && said.out.contains("git rebase main bill"),
        "{}",
        said.out
    );
}

fn groups(scratch: &Scratch, branches: &[&str]) -> (Vec<Vec<String>>, Value) {
    let arguments = ["conflicts", "--order", "--format", "json", "--branches"];
    let answer = flagman_in(&scratch.root(), &[&arguments[..], branches].concat());
    let document: Value = serde_json::from_str(&answer.out).expect("a document");
    let names = |group: &Value| -> Vec<String> {
        let members = group.as_array().expect("members").iter();
        members
            .map(|member| member["item"].as_str().expect("a name").to_owned())
            .collect()
    };
    let groups = document["order"]["groups"].as_array().expect("groups");
    (groups.iter().map(names).collect(), document["order"].clone())
}

#[test]
fn the_largest_group_comes_first_and_the_rest_says_whom_it_meets() {
    let scratch = Scratch::new(BASE);
    for (name, from, to) in [
        ("first", "one", "ONE"),
        ("first-else", "one", "1"),
        ("last", "six", "SIX"),
    ] {
        branch(&scratch, name, "notes.txt", |text| text.replace(from, to));
    }
    branch(&scratch, "rate", "src/quote.ts", |text| {
        text.replace("rate = 20", "rate = 21")
    });
    let (found, order) = groups(&scratch, &["first*", "last", "rate"]);
    assert_eq!(found, [vec!["last", "rate", "first"], vec!["first-else"]]);
    assert_eq!(order["groups"][1][0]["against"], json!(["first"]));
    assert_eq!(order["together"], json!([]));
}

#[test]
fn an_order_is_found_in_which_three_merge_that_collide_in_another() {
    // Two halves of a folder move away; only when both have gone does git take the folder for renamed, and a file that is new in it for misplaced.
    let old = |n: u32| format!("//- d/{n}\nthe text of file {n}\n");
    let moved = |n: u32| format!("//- d/{n}\n(deleted)\n//- e/{n}\nthe text of file {n}\n");
    let scratch = Scratch::new(&(1..=4).map(old).collect::<String>());
    for (name, files) in [
        ("half", moved(1) + &moved(2)),
        ("half-too", moved(3) + &moved(4)),
        ("new", "//- d/new\nnew\n".to_owned()),
    ] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        scratch.commit(name, &files);
    }
    let (found, order) = groups(&scratch, &["half*", "new"]);
    assert_eq!(found, [vec!["new", "half", "half-too"]], "{order}");
    assert_eq!(order["together"], json!([]));
}

#[test]
fn what_collides_in_a_file_that_one_side_moved_is_named() {
    let scratch = Scratch::new(
        "//- src/a.ts\nexport function f() {\n  const one = 1;\n  return one + 1;\n}\n\nexport const other = 2;\n",
    );
    scratch.git(&["switch", "--quiet", "--create", "moved", "main"]);
    scratch.commit(
        "moved",
        "//- src/a.ts\n(deleted)\n//- src/b.ts\nexport function f() {\n  const one = 1;\n  return one + 2;\n}\n\nexport const other = 2;\n",
    );
    branch(&scratch, "stayed", "src/a.ts", |text| {
        text.replace("one + 1", "one + 3")
    });
    let pair = pair(&scratch, "moved", "stayed");
    let file = &pair["files"][0];
    assert_eq!(
        (&pair["verdict"], &file["path"]),
        (&"conflict".into(), &"src/b.ts".into())
    );
    assert_eq!(file["symbols"][0], "f", "{file}");
    assert_eq!(file["lines"][0]["a"]["start"], 3, "{file}");
}
