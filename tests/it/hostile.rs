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
