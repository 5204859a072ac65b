//! What one decision would save, and why a PRD is in its phase.

use crate::project::{Project, checkout};
use crate::schemas::validate;

/// Two PRDs that write one function, and a third behind the second.
fn crowded() -> Project {
    Project::of(
        "//- src/price.ts\nexport function computeTotal(): number {\n  return 1;\n}\n\
         //- docs/prds/001-tax.md\n# Tax\n\nChange `computeTotal` in `src/price.ts`: it adds the tax.\n\
         //- docs/prds/002-tip.md\n# Tip\n\nChange `computeTotal` in `src/price.ts`: it adds the tip.\n\
         //- docs/prds/003-mail.md\n---\ndepends_on: [2]\n---\n# Mail\n\nAdd `sendMail` in `src/mail.ts`.\n",
    )
}

fn says(project: &Project, arguments: &[&str], lines: &[&str]) {
    let said = project.flagman(arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
    for line in lines {
        assert!(
            said.out.contains(line),
            "{arguments:?} does not say {line:?}:\n{}",
            said.out
        );
    }
}

#[test]
fn a_symbol_that_is_split_saves_a_phase() {
    let project = crowded();
    says(&project, &["plan"], &["phase 1", "both change computeTotal"]);
    says(
        &project,
        &["plan", "--split", "computeTotal"],
        &["with computeTotal split: 2 phases, as before", "phase 1 → 0"],
    );
    let document = project.json(&["plan", "--split", "computeTotal"]);
    validate("plan", &document);
    assert_eq!(document["saves"]["phases_now"], 2);
    let said = project.flagman(&["plan", "--split", "computTotal"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("did you mean `computeTotal`?"), "{}", said.err);
}

#[test]
fn a_flip_that_is_made_is_a_step_less() {
    let project = Project::copy(&checkout("fixtures/stories/skip-launch"));
    says(
        &project,
        &["plan", "--what-if", "quote_snapshot_read=on"],
        &[
            "with quote_snapshot_read on: 6 phases, as before",
            "no longer a step: quote_snapshot_read on",
        ],
    );
    let said = project.flagman(&["plan", "--what-if", "quote_snapshot_raed=on"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("did you mean `quote_snapshot_read`?"), "{}", said.err);
}

#[test]
fn a_prd_is_explained_with_the_command_that_brings_it_forward() {
    let project = crowded();
    says(
        &project,
        &["plan", "--explain", "3"],
        &[
            "003-mail: Mail",
            "after 002-tip in phase",
            "flagman prds set 003-mail depends_on-=002-tip",
        ],
    );
    // The command does what the explanation says.
    let before = project.json(&["plan"])["phases"].as_array().unwrap().len();
    let said = project.flagman(&["prds", "set", "003-mail", "depends_on-=002-tip"]);
    assert_eq!(said.code, 0, "{}", said.err);
    says(&project, &["plan", "--explain", "3"], &["phase 0: nothing holds it"]);
    assert!(project.json(&["plan"])["phases"].as_array().unwrap().len() <= before);
}

#[test]
fn two_prds_are_explained() {
    let project = crowded();
    says(
        &project,
        &["plan", "--explain", "1,2"],
        &[
            "never in one phase: both change computeTotal",
            "flagman plan --split computeTotal",
        ],
    );
    says(
        &project,
        &["plan", "--explain", "2,3"],
        &["002-tip before 003-mail", "as it says"],
    );
    let document = project.json(&["plan", "--explain", "1,2"]);
    validate("why", &document);
    assert_eq!(document["pair"]["together"], false);
    for (asked, says) in [("1,2,3", "takes one PRD, or two"), ("9", "there is no PRD `9`")] {
        let said = project.flagman(&["plan", "--explain", asked]);
        assert_eq!(said.code, 2, "{asked}");
        assert!(said.err.contains(says), "{}", said.err);
    }
}
