//! A branch is judged as the base with the branch merged into it, as git would merge it: where both sides changed one file, by the merged text,
//! and where git cannot merge, by nothing.

use crate::project::{Project, Said};

const BASE: &str = "//- package.json
{\"devDependencies\": {\"vitest\": \"3\"}}
//- src/flags.ts
const state: Record<string, boolean> = {};
export const FLAGS: Record<string, boolean> = {
  audit_log: true,
  // The way to pay.
  one_page: false,
  // The way to search.
  // It went live last spring.
  beta: true,
};
export function isEnabled(key: string): boolean { return state[key] ?? FLAGS[key]; }
export function setFlag(key: string, value: boolean): void { state[key] = value; }
export const SINCE = 2024;
//- src/search.ts
import { isEnabled } from './flags';
export function search(words: string) {
  if (isEnabled('beta')) { return { words, order: 'ranked-list' }; }
  return { words, order: 'plain-list' };
}
//- src/checkout.ts
import { isEnabled } from './flags';
export function checkout(total: number) {
  if (isEnabled('one_page')) { return { total, form: 'single-sheet' }; }
  return { total, form: 'three-steps' };
}
";

const RANKED: (&str, &str) = (
    "tests/ranked.test.ts",
    "import { search } from '../src/search';
it('ranks', () => { expect(search('a').order).toBe('ranked-list'); });
",
);

const SINGLE: (&str, &str) = (
    "tests/single.test.ts",
    "import { checkout } from '../src/checkout';
it('fits on a sheet', () => { expect(checkout(2).form).toBe('single-sheet'); });
",
);

/// A repository with these files on `main`.
fn repository(files: &str) -> Project {
    let project = Project::of(files);
    project.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
    commit(&project, "base");
    project
}

fn commit(project: &Project, message: &str) {
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", message]);
}

/// A branch of `main` on which `change` was done, and `main` checked out again.
fn branch(project: &Project, name: &str, change: impl FnOnce(&Project)) {
    project.git(&["checkout", "--quiet", "-b", name, "main"]);
    change(project);
    commit(project, name);
    project.git(&["checkout", "--quiet", "main"]);
}

/// One text in the place of another in a file of the work tree.
fn edit(project: &Project, path: &str, old: &str, new: &str) {
    let text = project.read(path);
    assert!(text.contains(old), "{path} has no {old}: {text}");
    project.write(path, &text.replace(old, new));
}

fn gate(project: &Project) -> Said {
    project.flagman(&["gate", "--base", "main", "--head", "work"])
}

/// What the gate says of a branch on which `ours` was done, on a `main` on which `theirs` was done since.
fn judged(ours: impl FnOnce(&Project), theirs: impl FnOnce(&Project)) -> Said {
    let project = repository(BASE);
    branch(&project, "work", ours);
    theirs(&project);
    commit(&project, "since");
    gate(&project)
}

fn add(project: &Project, (path, text): (&str, &str)) {
    project.write(path, text);
}

const FLAGS: &str = "src/flags.ts";

#[test]
fn what_the_base_turned_since_counts_where_the_branch_changed_the_same_file() {
    let off = |project: &Project| edit(project, FLAGS, "beta: true", "beta: false");
    let said = judged(
        |project| {
            edit(
                project,
                FLAGS,
                "SINCE = 2024;",
                "SINCE = 2024;\nexport const OWNER = 'search';",
            );
            add(project, RANKED);
        },
        off,
    );
    assert_eq!(said.code, 1, "{}", said.out);
    let told = "error[assumes-unset-flag]: `work` tests what runs only with `beta` on, and `beta` is off";
    assert!(said.out.contains(told), "{}", said.out);
    assert!(!said.out.contains("turns it on itself"), "{}", said.out);
    // The line above moved the flag down: the place is one of the merged text, and says so.
    let said = judged(
        |project| {
            edit(
                project,
                FLAGS,
                "  audit_log: true,",
                "  audit_log: true,\n  trace: false,\n  dump: false,",
            );
            add(project, RANKED);
        },
        off,
    );
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("once `work` is merged"), "{}", said.out);
    // And the mirror: what the base turned on need not be turned by the branch.
    let said = judged(
        |project| {
            edit(project, FLAGS, "SINCE = 2024;", "SINCE = 2025;");
            add(project, SINGLE);
        },
        |project| edit(project, FLAGS, "one_page: false", "one_page: true"),
    );
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn a_file_that_one_side_renames_and_the_other_edits_is_followed() {
    let rename = |project: &Project| {
        project.git(&["mv", FLAGS, "src/switches.ts"]);
        for path in ["src/search.ts", "src/checkout.ts"] {
            edit(project, path, "./flags", "./switches");
        }
    };
    let off = |project: &Project| edit(project, FLAGS, "beta: true", "beta: false");
    let with_test = |project: &Project| {
        rename(project);
        add(project, RANKED);
    };
    let said = judged(with_test, off);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("src/switches.ts:"), "{}", said.out);
    let on = |project: &Project| {
        edit(project, FLAGS, "one_page: false", "one_page: true");
        add(project, SINGLE);
    };
    let said = judged(on, rename);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("turns it on itself"), "{}", said.out);
}

#[test]
fn what_git_cannot_merge_is_not_known() {
    let content = judged(
        |project| {
            edit(project, FLAGS, "beta: true", "beta: !0");
            add(project, RANKED);
        },
        |project| edit(project, FLAGS, "beta: true", "beta: false"),
    );
    let both_add = judged(
        |project| add(project, ("src/extra.ts", "export const A = 1;\n")),
        |project| add(project, ("src/extra.ts", "export const B = 2;\n")),
    );
    let deleted_there = judged(
        |project| edit(project, "src/checkout.ts", "three-steps", "four-steps"),
        |project| project.git(&["rm", "--quiet", "src/checkout.ts"]),
    );
    let deleted_here = judged(
        |project| project.git(&["rm", "--quiet", "src/checkout.ts"]),
        |project| edit(project, "src/checkout.ts", "three-steps", "four-steps"),
    );
    let bytes =
        |text: &'static [u8]| move |project: &Project| std::fs::write(project.root().join("logo.png"), text).unwrap();
    let binary = judged(bytes(b"\0one"), bytes(b"\0other"));
    for (said, path, kind) in [
        (content, FLAGS, "contents"),
        (both_add, "src/extra.ts", "add/add"),
        (deleted_there, "src/checkout.ts", "modify/delete"),
        (deleted_here, "src/checkout.ts", "modify/delete"),
        (binary, "logo.png", "binary"),
    ] {
        assert_eq!(said.code, 3, "{kind}: {}", said.out);
        let told = "warning[branch-overlap]: `work` does not merge with `main`, so what it would leave is not known: ";
        let what = format!("{path} (it conflicts with the base: ");
        assert!(
            said.out.contains(told) && said.out.contains(&what),
            "{kind}: {}",
            said.out
        );
        assert!(said.out.contains("git rebase main work"), "{kind}: {}", said.out);
        assert!(!said.out.contains("assumes-unset-flag"), "{kind}: {}", said.out);
    }
}

#[test]
fn attributes_say_how_a_file_is_merged() {
    let with = |attribute: &str, driver: &str| {
        let project = repository(&format!("{BASE}//- .gitattributes\nsrc/flags.ts merge={attribute}\n"));
        project.git(&["config", &format!("merge.{driver}.driver"), "true"]);
        branch(&project, "work", |project| {
            edit(
                project,
                FLAGS,
                "  audit_log: true,",
                "  audit_log: true,\n  trace: true,",
            );
            add(project, RANKED);
        });
        edit(
            &project,
            FLAGS,
            "  audit_log: true,",
            "  audit_log: true,\n  dump: true,",
        );
        commit(&project, "since");
        gate(&project)
    };
    let (union, driver, text) = (with("union", "x"), with("ours-alone", "ours-alone"), with("text", "x"));
    assert_eq!(union.code, 0, "{}", union.out);
    assert_eq!(text.code, 3, "{}", text.out);
    assert_eq!(driver.code, 3, "{}", driver.out);
    assert!(driver.out.contains("a program of its own merges it"), "{}", driver.out);
    // Git merges as text what asks for a driver that is not configured.
    let nobody = with("ours-alone", "another");
    assert_eq!(nobody.code, 3, "{}", nobody.out);
    assert!(
        nobody.out.contains("conflicts with the base: contents"),
        "{}",
        nobody.out
    );
    // A driver has nothing to do where one side alone changed the file.
    let project = repository(&format!("{BASE}//- .gitattributes\nsrc/flags.ts merge=ours-alone\n"));
    project.git(&["config", "merge.ours-alone.driver", "true"]);
    branch(&project, "work", |project| {
        edit(project, FLAGS, "audit_log: true", "audit_log: false");
    });
    add(&project, ("notes.txt", "since\n"));
    commit(&project, "since");
    let said = gate(&project);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn the_work_tree_is_a_base_as_it_lies_there() {
    let prd = "//- docs/prds/001-words.md\n---\nbranch: work\n---\n# 001 Words\nWords are found.\n";
    let project = repository(&format!("{BASE}{prd}"));
    branch(&project, "work", |project| {
        edit(project, FLAGS, "SINCE = 2024;", "SINCE = 2025;");
        add(project, RANKED);
    });
    let gate = || project.flagman(&["gate", "--prd", "001"]);
    assert_eq!(gate().code, 0, "{}", gate().out);
    edit(&project, FLAGS, "beta: true", "beta: false");
    let objects = || {
        let walk = walkdir(&project.root().join(".git"));
        walk.into_iter()
            .filter(|path| !path.ends_with("index"))
            .collect::<Vec<_>>()
    };
    let before = objects();
    let said = gate();
    assert_eq!(said.code, 1, "{}", said.out);
    assert_eq!(objects(), before, "nothing is written where the user works");
    // What is not even tracked stands in the way of what the branch adds.
    edit(&project, FLAGS, "beta: false", "beta: true");
    add(&project, (RANKED.0, "it('is something else', () => {});\n"));
    let said = gate();
    assert_eq!(said.code, 3, "{}", said.out);
    assert!(
        said.out.contains("tests/ranked.test.ts (it conflicts with the base: "),
        "{}",
        said.out
    );
}

/// Every file below a folder, sorted.
fn walkdir(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(walkdir(&path)),
            false => found.push(path.display().to_string()),
        }
    }
    found.sort();
    found
}

/// Two PRDs with a branch each, the second with these words in its text.
fn two(words: &str) -> Project {
    let project = repository(&format!(
        "{BASE}//- docs/prds/001-fa.md\n---\nbranch: fa\n---\n# 001 Faster\nIt is to be faster.\n\
         //- docs/prds/002-fb.md\n---\nbranch: fb\n---\n# 002 Finer\nIt is to be finer. {words}\n"
    ));
    branch(&project, "fa", |project| {
        edit(project, FLAGS, "SINCE = 2024", "SINCE = 2025");
    });
    branch(&project, "fb", |project| {
        edit(project, FLAGS, "SINCE = 2024", "SINCE = 2026");
    });
    project
}

const OVERLAP: &str = "error[branch-overlap]: `fa` of PRD 001-fa and `fb` of PRD 002-fb conflict in src/flags.ts";

#[test]
fn two_branches_of_one_phase_that_conflict_hold_it() {
    let project = two("");
    let asked: [&[&str]; 4] = [
        &["gate"],
        &["gate", "--prd", "002"],
        &["gate", "--phase", "1"],
        &["gate", "--base", "main", "--head", "fb"],
    ];
    // The plan has the other one land first, which the conflict does not keep it from.
    let first: [&[&str]; 3] = [
        &["gate", "--prd", "001"],
        &["gate", "--phase", "0"],
        &["gate", "--base", "main", "--head", "fa"],
    ];
    for arguments in first {
        let said = project.flagman(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.out);
        let note = "note[branch-overlap]: `fa` of PRD 001-fa and `fb` of PRD 002-fb conflict in src/flags.ts, and PRD 001-fa goes first";
        assert!(said.out.contains(note), "{arguments:?}: {}", said.out);
    }
    for arguments in asked {
        let said = project.flagman(arguments);
        assert_eq!(said.code, 1, "{arguments:?}: {}", said.out);
        assert!(said.out.contains(OVERLAP), "{arguments:?}: {}", said.out);
        for side in [
            "SINCE = 2025",
            "SINCE = 2026",
            "so on `fa`",
            "so on `fb`",
            "src/flags.ts:12:",
        ] {
            assert!(said.out.contains(side), "{side}: {}", said.out);
        }
        assert!(
            said.out.contains("git rebase fa fb") && said.out.contains("`depends_on: [001-fa]`"),
            "{}",
            said.out
        );
    }
    // Whoever's branch is asked about is not told of the conflicts of two others.
    branch(&project, "work", |project| add(project, ("notes.txt", "mine\n")));
    let said = gate(&project);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn two_branches_of_which_nobody_can_tell_whether_they_conflict_are_not_clear() {
    let project = two("");
    project.write(".gitattributes", "src/flags.ts merge=regenerate\n");
    commit(&project, "made by a program");
    project.git(&["config", "merge.regenerate.driver", "true"]);
    let said = project.flagman(&["gate"]);
    assert_eq!(said.code, 3, "{}", said.out);
    let told = "warning[branch-overlap]: whether `fa` of PRD 001-fa and `fb` of PRD 002-fb conflict cannot be told: `src/flags.ts`";
    assert!(said.out.contains(told), "{}", said.out);
}

#[test]
fn a_file_that_collides_as_a_whole_is_shown_where_it_was_changed() {
    let project = two("");
    for name in ["fa", "fb"] {
        project.git(&["branch", "-f", name, "main"]);
        project.git(&["checkout", "--quiet", name]);
        match name {
            "fa" => edit(&project, "src/checkout.ts", "three-steps", "four-steps"),
            _ => project.git(&["rm", "--quiet", "src/checkout.ts"]),
        }
        commit(&project, name);
    }
    project.git(&["checkout", "--quiet", "main"]);
    let gate = project.json(&["gate"]);
    let mut findings = gate["findings"].as_array().unwrap().iter();
    let finding = findings.find(|one| one["check"] == "branch-overlap").unwrap();
    let places: Vec<(&str, u64)> = finding["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| (place["path"].as_str().unwrap(), place["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(places, [("src/checkout.ts", 4)], "{finding:#}");
}

#[test]
fn two_branches_of_different_phases_may_conflict() {
    let project = two("Depends on: 001");
    let said = project.flagman(&["gate"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(!said.out.contains("branch-overlap"), "{}", said.out);
}

#[test]
fn a_branch_that_was_squashed_into_the_base_has_nothing_left_to_say() {
    let project = two("");
    project.git(&["merge", "--quiet", "--squash", "fa"]);
    commit(&project, "Faster (squashed)");
    edit(&project, FLAGS, "SINCE = 2025", "SINCE = 2030");
    commit(&project, "later");
    let said = project.flagman(&["gate", "--prd", "001"]);
    assert_eq!(said.code, 0, "{}", said.out);
    let said = project.flagman(&["gate", "--prd", "002"]);
    assert_eq!(said.code, 3, "{}", said.out);
    assert!(
        said.out.contains("`fb` does not merge with `main`") && !said.out.contains("`fa`"),
        "{}",
        said.out
    );
    // Asked about the branch itself, too.
    let said = project.flagman(&["gate", "--base", "main", "--head", "fa"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.err.contains("fa changes nothing against main"), "{}", said.err);
}

#[test]
fn what_git_was_not_told_of_is_read_where_a_branch_gets_at_it_alone() {
    // Git refuses to take this file in.
    let project = repository(&format!(
        "{BASE}//- .gitattributes\nodd.txt working-tree-encoding=UTF-16\n"
    ));
    branch(&project, "work", |project| {
        add(project, ("notes/new.txt", "one\n"));
        edit(project, FLAGS, "audit_log: true", "audit_log: false");
    });
    add(&project, ("odd.txt", "no byte order mark\n"));
    let gate = || project.flagman(&["gate", "--prd", "001"]);
    add(&project, ("docs/prds/001-work.md", "---\nbranch: work\n---\n# Work\n"));
    edit(&project, FLAGS, "SINCE = 2024", "SINCE = 2025");
    assert_eq!(gate().code, 0, "{}", gate().out);
    // What stands where the branch has a folder is in its way.
    add(&project, ("notes", "a file\n"));
    let said = gate();
    assert_eq!(said.code, 3, "{}", said.out);
    let told = "with what is not committed here: commit it first";
    assert!(said.out.contains(told), "{}", said.out);
}

#[test]
fn a_project_below_the_root_is_merged_in_its_own_paths() {
    let files = BASE.replace("//- ", "//- app/");
    let project = repository(&format!("{files}//- other/notes.txt\nold\n"));
    let flags = "app/src/flags.ts";
    branch(&project, "work", |project| {
        edit(project, flags, "SINCE = 2024;", "SINCE = 2025;");
        edit(project, "other/notes.txt", "old", "ours");
        project.write(format!("app/{}", RANKED.0), RANKED.1);
    });
    edit(&project, flags, "beta: true", "beta: false");
    edit(&project, "other/notes.txt", "old", "theirs");
    commit(&project, "since");
    let ask = ["gate", "--base", "main", "--head", "work", "--project", "app"];
    let said = project.flagman(&ask);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(
        said.out.contains("`beta` is off") && !said.out.contains("branch-overlap"),
        "{}",
        said.out
    );
}
