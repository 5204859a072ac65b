//! Documents and questions that nobody means, and that must not look like a clear answer.

use crate::project::Project;

const PRD: &str =
    "//- docs/prds/001-totals.md\n# Totals\n\nAdds a total to `src/a.ts`.\n//- src/a.ts\nexport const a = 1;\n";

#[test]
fn quotes_in_quotes_are_read() {
    let project = Project::of(PRD);
    project.write(
        "docs/prds/002-deep.md",
        &format!("# Deep\n\n{} x\n", ">".repeat(30_000)),
    );
    let said = project.flagman(&["prds"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("002-deep"), "{}", said.out);
}

#[test]
fn an_empty_document_is_not_clear() {
    let project = Project::of(PRD);
    project.write("docs/prds/002-later.md", " \n");
    let said = project.flagman(&["gate"]);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(said.out.contains("PRD 002-later is empty"), "{}", said.out);
    assert_eq!(project.flagman(&["gate", "--prd", "001"]).code, 0);
}

#[test]
fn a_branch_without_a_change_is_told() {
    let project = Project::of(PRD);
    project.git(&["init", "-q", "-b", "main"]);
    project.git(&["add", "."]);
    project.git(&["commit", "-q", "-m", "all"]);
    let said = project.flagman(&["gate", "--base", "main", "--head", "HEAD"]);
    assert!(said.err.contains("changes nothing against main"), "{}", said.err);
}

#[test]
fn an_environment_that_nobody_names_is_told() {
    let project = Project::of(PRD);
    let said = project.flagman(&["gate", "--env", "stagnig"]);
    assert!(
        said.err.contains("no state is recorded in environment `stagnig`"),
        "{}",
        said.err
    );
}

#[test]
fn a_file_name_stays_on_its_line() {
    let project = Project::of(PRD);
    project.write(
        "docs/prds/003-we\nird.md",
        "# Weird\n\nThis needs the flag `never_heard_of` switched on.\n",
    );
    let said = project.flagman(&["gate"]);
    assert!(!said.out.contains("we\nird"), "{}", said.out);
    assert!(said.out.contains("we\u{fffd}ird.md"), "{}", said.out);
}

/// A named pipe in the project, which nobody ever writes into.
fn pipe(project: &Project, path: &str) {
    let path = project.root().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
}

#[test]
fn a_prd_that_is_no_file_is_unknown_and_told_once() {
    for make in [
        |project: &Project| pipe(project, "docs/prds/002-b.md"),
        |project: &Project| std::fs::create_dir(project.root().join("docs/prds/002-b.md")).unwrap(),
        |project: &Project| std::os::unix::fs::symlink("/dev/zero", project.root().join("docs/prds/002-b.md")).unwrap(),
        |project: &Project| std::fs::write(project.root().join("docs/prds/002-b.md"), "# B\0").unwrap(),
    ] {
        let project = Project::of(PRD);
        make(&project);
        let said = project.flagman(&["gate"]);
        let count = |text: &str| text.matches("002-b.md").count();
        assert_eq!((said.code, count(&said.out)), (3, 1), "{}{}", said.out, said.err);
        assert!(!said.out.contains("not read, or"), "{}", said.out);
        // Where it would stand in the order nobody knows.
        for (command, code) in [("plan", 3), ("prds", 0)] {
            let said = project.flagman(&[command]);
            assert_eq!(
                (said.code, count(&said.out) + count(&said.err)),
                (code, 1),
                "{}{}",
                said.out,
                said.err
            );
        }
    }
}

#[test]
fn prds_behind_a_link_are_unknown() {
    let project = Project::of(PRD);
    std::fs::rename(project.root().join("docs/prds"), project.root().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.root().join("docs/prds")).unwrap();
    for config in ["", "[prds]\npaths = [\"docs/prds/**/*.md\"]\n"] {
        project.write("flagman.toml", config);
        let said = project.flagman(&["gate"]);
        assert_eq!(said.code, 3, "{}{}", said.out, said.err);
        assert!(
            said.out.contains("docs/prds cannot be read (symbolic link"),
            "{}",
            said.out
        );
    }
}

#[test]
fn files_that_flagman_knows_by_name_are_never_waited_for() {
    for (path, command, code) in [
        ("flagman.toml", "gate", 2),
        (".flagman/probe.json", "gate", 2),
        (".gitignore", "gate", 3),
        ("src/.gitignore", "gate", 0),
        ("flags.toml", "flags", 3),
        ("src/b.ts", "gate", 0),
        (".git", "gate", 0),
    ] {
        let project = Project::of(PRD);
        pipe(&project, path);
        let said = project.flagman(&[command]);
        assert_eq!(said.code, code, "{path}: {}{}", said.out, said.err);
    }
    let project = Project::of(PRD);
    std::fs::create_dir_all(project.root().join("flags.toml/inner")).unwrap();
    assert_eq!(project.flagman(&["flags"]).code, 3);
}

#[test]
fn a_circle_shows_its_lines_in_the_plan_and_at_the_gate() {
    let project = Project::of(
        "//- docs/prds/001-a.md\n# A\n\nDepends on: 003\n//- docs/prds/002-b.md\n# B\n\nDepends on: 001\n\
         //- docs/prds/003-c.md\n# C\n\nThis PRD depends on 002.\n",
    );
    let plan = project.flagman(&["plan"]).out;
    for place in ["docs/prds/002-b.md:3", "docs/prds/003-c.md:3", "docs/prds/001-a.md:3"] {
        assert!(plan.contains(place), "{place}: {plan}");
    }
    assert!(
        plan.contains("cheapest to give up") && !plan.contains("proven"),
        "{plan}"
    );
    let gate = project.flagman(&["gate"]).out;
    assert!(
        gate.contains("the cheapest order to give up is 001-a before 002-b (docs/prds/002-b.md:3)"),
        "{gate}"
    );
}

#[test]
fn a_name_that_only_tests_set_is_said_to_be_that() {
    let project = Project::of(
        "//- src/flags.ts\nexport const FLAGS = { new_banner: false };\n\
         export const isEnabled = (key: keyof typeof FLAGS) => FLAGS[key];\n\
         //- src/a.ts\nimport { isEnabled } from './flags';\nexport const a = () => (isEnabled('new_banner') ? 1 : 2);\n\
         //- src/a.spec.ts\nimport { a } from './a';\n\
         it('b', () => { process.env.FLAG_OLD_CHECKOUT = 'true'; expect(a()).toBe(2); });\n",
    );
    let said = project.flagman(&["flags", "FLAG_OLD_CHECKOUT"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("no definition and no read") && said.err.contains("src/a.spec.ts:2 to on"),
        "{}",
        said.err
    );
}

#[test]
fn what_a_repository_names_is_no_command() {
    let project = Project::of(PRD);
    project.write(
        "flags.toml",
        "[[state]]\nflag = \"x; touch pwned $(id)\"\nenvironment = \"default\"\nvalue = \"off\"\n",
    );
    let said = project.flagman(&["flags", "x; touch pwned $(id)", "--env", "a b"]);
    assert!(
        said.out.contains("flagman flip 'x; touch pwned $(id)=on' --env 'a b'")
            || said.out.contains("flagman flip 'x; touch pwned $(id)=off' --env 'a b'"),
        "{}{}",
        said.out,
        said.err
    );
}

#[test]
fn a_wide_glob_takes_no_code_for_prds() {
    let project = Project::of(PRD);
    project.write("flagman.toml", "[prds]\npaths = [\"**\"]\n");
    project.write("docs/plan.yaml", "plan: Needs the flag never_heard_of switched on.\n");
    std::fs::write(project.root().join("logo.png"), [0, 159, 146, 150]).unwrap();
    for command in ["prds", "plan", "gate"] {
        let said = project.flagman(&[command]);
        assert_eq!(said.code, 0, "{command}: {}{}", said.out, said.err);
        assert_eq!(said.err.matches("also fits").count(), 1, "{command}: {}", said.err);
        assert!(
            said.err
                .contains("3 files that are no Markdown (docs/plan.yaml, for one)"),
            "{command}: {}",
            said.err
        );
    }
    let listed = project.flagman(&["prds"]).out;
    assert!(
        listed.contains("001-totals") && !listed.contains("src/a.ts") && !listed.contains("flagman.toml"),
        "{listed}"
    );
    project.write("flagman.toml", "[prds]\npaths = [\"docs/*.yaml\"]\n");
    let said = project.flagman(&["prds"]);
    assert!(
        said.out.contains("never_heard_of") && !said.err.contains("also fits"),
        "{}{}",
        said.out,
        said.err
    );
}

/// Shapes that a generator or an enemy writes, long enough that work which grows with their square would not come to an end: what
/// stands behind them is still read, or that it is not is told.
#[test]
fn long_shapes_end() {
    let repeated = |count: usize, word: &str| word.repeat(count);
    let read = "\nexport const r = process.env.FEATURE_X === 'true' ? 1 : 2;\n";
    let python = "\nimport os\nr = 1 if os.environ.get('FEATURE_X') == 'true' else 2\n";
    for (path, shape, behind, whole) in [
        ("src/a.ts", format!("x = a{};", repeated(150_000, "+a")), read, true),
        (
            "src/a.ts",
            format!("x = a{};", repeated(50_000, " % a - a")),
            read,
            true,
        ),
        (
            "src/a.ts",
            format!("x = a{}; const = ;", repeated(60_000, "+a")),
            read,
            false,
        ),
        ("src/a.ts", format!("x = a{};", repeated(50_000, " && a")), read, false),
        ("src/a.ts", format!("x = a{};", repeated(50_000, ".b()")), read, false),
        (
            "src/a.ts",
            format!("x = {}c;", repeated(50_000, "a ? b : ")),
            read,
            false,
        ),
        (
            "src/a.ts",
            format!("{}{{}}", repeated(20_000, "if (a) { b(); } else ")),
            read,
            false,
        ),
        ("src/a.ts", format!("x = [{}];", repeated(100_000, "a,")), read, true),
        ("src/a.py", format!("x = a{}", repeated(50_000, " + a")), python, true),
        ("src/a.py", format!("x = [{}]", repeated(50_000, "a,")), python, true),
    ] {
        let project = Project::of(PRD);
        project.write(path, &(shape.clone() + behind));
        let said = project.flagman(&["flags", "--format", "json"]);
        assert_eq!(said.code, 0, "{shape:.40}: {}{}", said.out, said.err);
        assert!(said.out.contains("FEATURE_X"), "{shape:.40}: {}{}", said.out, said.err);
        assert_eq!(!said.out.contains("parsed in part"), whole, "{shape:.40}: {}", said.out);
    }
}

#[test]
fn long_documents_end() {
    let headings = (0..10_000).map(|at| format!("## Part {at}\n\nChanges `inventedThing{at}` in it.\n\n"));
    for body in [
        "[".repeat(100_000),
        "![".repeat(100_000),
        "[\n\n".repeat(20_000),
        headings.collect::<String>(),
    ] {
        let project = Project::of(PRD);
        project.write(
            "docs/prds/002-long.md",
            &format!("# Long\n\n{body}\n\nThis needs the flag `never_heard_of` switched on.\n"),
        );
        let said = project.flagman(&["gate"]);
        assert!(
            said.out.contains("never_heard_of"),
            "{body:.20}: {}{}",
            said.out,
            said.err
        );
    }
}
