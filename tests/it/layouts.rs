//! The layouts of planning tools: which files are the PRDs, what they are called, and what their further documents add.

use crate::project::Project;

/// The ids, with what each waits for.
fn planned(project: &Project) -> Vec<String> {
    let (prds, plan) = (project.json(&["prds"]), project.json(&["plan"]));
    let ids = prds["prds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|prd| prd["id"].as_str().unwrap());
    let after = |id: &str| -> String {
        let edges = plan["edges"].as_array().unwrap().iter().filter(|edge| edge["to"] == id);
        edges
            .map(|edge| format!(" after {}", edge["from"].as_str().unwrap()))
            .collect()
    };
    ids.map(|id| format!("{id}{}", after(id))).collect()
}

fn touched(project: &Project, id: &str) -> Vec<String> {
    let prds = project.json(&["prds", id]);
    let points = prds["prds"][0]["touchpoints"].as_array().unwrap().iter();
    let told = points.map(|point| {
        let (access, target) = (&point["access"], &point["target"]);
        format!("{} {}", access.as_str().unwrap(), target.as_str().unwrap())
    });
    told.collect()
}

#[test]
fn a_spec_of_spec_kit_is_its_plan_and_its_tasks_too() {
    let project = Project::of(
        "//- src/models/quote.ts\nexport class Quote {}\n\
         //- src/flags.ts\nexport const FLAG_DEFAULTS = { tax_read: false };\n\
         //- specs/001-writer/spec.md\n# Feature Specification: Writer\n\nThe read path sits behind the feature flag `tax_read`, default OFF.\n\
         //- specs/002-tax/spec.md\n# Feature Specification: Tax\n\n**Feature Branch**: `002-tax`\n\nGuests see the tax.\n\
         //- specs/002-tax/plan.md\n# Implementation Plan\n\n## Assumptions\n\nThis feature assumes `tax_read` is on.\n\
         //- specs/002-tax/tasks.md\n# Tasks\n\n- [ ] T012 [P] [US1] Extend the model in src/models/quote.ts\n\
         //- specs/002-tax/contracts/api.md\n# Contract\n",
    );
    assert_eq!(planned(&project), ["001-writer", "002-tax after 001-writer"]);
    assert!(
        touched(&project, "2").contains(&"write src/models/quote.ts".to_owned()),
        "{:?}",
        touched(&project, "2")
    );
    let gate = project.flagman(&["gate"]);
    assert_eq!(gate.code, 1, "{}", gate.out);
    assert!(gate.out.contains("specs/002-tax/plan.md:5"), "{}", gate.out);
    // What init writes names the same PRDs.
    let init = project.flagman(&["init"]);
    assert!(
        init.out.contains("2 PRDs in specs/*/spec.md (spec-kit)"),
        "{}",
        init.out
    );
    assert_eq!(planned(&project), ["001-writer", "002-tax after 001-writer"]);
    assert_eq!(project.flagman(&["gate"]).code, 1);
}

#[test]
fn work_packages_of_spec_kitty_wait_for_each_other_and_own_files() {
    let project = Project::of(
        "//- src/rates.ts\nexport const rates = 1;\n\
         //- kitty-specs/tax/spec.md\n# Tax\n\
         //- kitty-specs/tax/tasks/WP01-rates.md\n---\nwork_package_id: WP01\ntitle: Rates\ndependencies: []\nowned_files: [src/rates.ts]\n---\n# Rates\n\
         //- kitty-specs/tax/tasks/WP02-lines.md\n---\nwork_package_id: WP02\ntitle: Lines\ndependencies: [WP01]\n---\n# Lines\n",
    );
    assert_eq!(planned(&project), ["WP01", "WP02 after WP01"]);
    assert_eq!(touched(&project, "WP01"), ["write src/rates.ts"]);
}

#[test]
fn changes_of_openspec_tasks_of_ccpm_and_plans_of_gsd() {
    let project = Project::of(
        "//- openspec/changes/add-tax/proposal.md\n# Tax\n\
         //- openspec/changes/add-tip/proposal.md\n---\ndependencies: [add-tax]\n---\n# Tip\n\
         //- openspec/changes/archive/old/proposal.md\n# Old\n",
    );
    assert_eq!(planned(&project), ["add-tax", "add-tip after add-tax"]);
    let project = Project::of(
        "//- .claude/epics/tax/epic.md\n# Tax\n\
         //- .claude/epics/tax/12.md\n---\nname: Rates\nstatus: open\n---\n# Rates\n\
         //- .claude/epics/tax/13.md\n---\nname: Lines\ndepends_on: [12]\nparallel: false\n---\n# Lines\n\
         //- .claude/epics/tax/13-analysis.md\n# Analysis\n",
    );
    assert_eq!(planned(&project), ["12", "13 after 12"]);
    let project = Project::of(
        "//- .planning/phases/03-tax/03-01-PLAN.md\n---\nphase: 03-tax\nplan: 01\nwave: 1\n---\n# Rates\n\
         //- .planning/phases/03-tax/03-02-PLAN.md\n---\nphase: 03-tax\nplan: 02\nwave: 2\ndepends_on: [\"03-01\"]\n---\n# Lines\n",
    );
    assert_eq!(planned(&project), ["03-01", "03-02 after 03-01"]);
}

#[test]
fn a_task_of_task_master_is_a_prd_and_says_where_it_stands() {
    let project = Project::of(
        "//- src/flags.ts\nexport const FLAG_DEFAULTS = { tax_read: false };\n\
         //- src/cart.ts\nexport const cart = 1;\n\
         //- .taskmaster/tasks/tasks.json\n\
         {\"master\": {\"tasks\": [\n\
         {\"id\": 1, \"title\": \"Base\", \"status\": \"done\"},\n\
         {\"id\": 2, \"title\": \"Writer\", \"status\": \"pending\", \"description\": \"The read path sits\\nbehind the feature flag `tax_read`, default OFF.\"},\n\
         {\"id\": 3, \"title\": \"Tax\", \"status\": \"pending\", \"dependencies\": [1, 2],\n\
         \"details\": \"# Cart\\n\\nChange `src/cart.ts`.\\n\\nThis task assumes `tax_read` is on.\"}\n\
         ]}}\n",
    );
    // By what it declares, and by the flag that 2 ships.
    assert_eq!(planned(&project), ["2", "3 after 2 after 2"]);
    assert!(touched(&project, "3").contains(&"write src/cart.ts".to_owned()));
    let gate = project.flagman(&["gate"]);
    assert_eq!(gate.code, 1, "{}", gate.out);
    assert!(gate.out.contains(".taskmaster/tasks/tasks.json:5:"), "{}", gate.out);
    let refused = project.flagman(&["prds", "set", "3", "flags.stubs.tax_read=on"]);
    assert!(
        refused.code == 2 && refused.err.contains("is a task of"),
        "{}",
        refused.err
    );
    let tasks = project.read(".taskmaster/tasks/tasks.json");
    let told = tasks.replace(
        "\"dependencies\": [1, 2],",
        "\"dependencies\": [1, 2], \"flags\": {\"stubs\": {\"tax_read\": \"on\"}},",
    );
    project.write(".taskmaster/tasks/tasks.json", &told);
    assert_eq!(project.flagman(&["gate"]).code, 0);
    project.write(".taskmaster/tasks/tasks.json", "{\"x\":");
    assert_eq!(project.flagman(&["gate"]).code, 3);
}

#[test]
fn json_of_such_a_name_that_lists_no_tasks_is_nothing_unless_it_is_named() {
    let project = Project::of("//- prd.json\n{\"name\": \"x\"}\n//- rfcs/001-a.md\n# A\n");
    assert_eq!(planned(&project), ["001-a"]);
    let project = Project::of("//- prd.json\n{\"name\": \"x\"}\n//- src/a.ts\nexport {};\n");
    assert_ne!(project.flagman(&["gate"]).code, 3);
    project.write("flagman.toml", "[prds]\npaths = [\"prd.json\"]\n");
    assert_eq!(project.flagman(&["gate"]).code, 3);
}

#[test]
fn a_task_that_says_nothing_is_told_of_what_can_be_done() {
    let task = |id: u32| format!("{{\"id\": {id}, \"title\": \"T{id}\", \"status\": \"pending\"}}");
    let tasks = format!("{{\"master\": {{\"tasks\": [{}, {}]}}}}\n", task(1), task(2));
    let project = Project::of(&format!("//- .taskmaster/tasks/tasks.json\n{tasks}"));
    let plan = project.flagman(&["plan"]).out;
    assert!(
        plan.contains("unclear = \"together\"") && !plan.contains("flagman prds set"),
        "{plan}"
    );
    project.write("flagman.toml", "[plan]\nunclear = \"together\"\n");
    let plan = project.flagman(&["plan"]).out;
    assert!(plan.contains("phase 0: 2 PRDs"), "{plan}");
}

#[test]
fn a_star_stays_in_its_folder_and_what_a_layout_leaves_out_is_left_out_where_it_is_named_too() {
    let project = Project::of(
        "//- docs/prds/02-b.md\n# B\n\nDepends on: `01-a`\n\nNew `src/b.ts`.\n\
         //- docs/prds/03-c.md\n# C\n\nNew `src/c.ts`.\n\
         //- docs/prds/done/01-a.md\n# A\n\nNew `src/a.ts`.\n",
    );
    let told = ["02-b", "03-c"];
    assert_eq!(planned(&project), told);
    // What is done is waited for no more.
    assert_eq!(project.flagman(&["gate"]).out.matches("warning").count(), 0);
    assert_eq!(project.flagman(&["init"]).code, 0);
    assert_eq!(planned(&project), told);
    project.write("flagman.toml", "[prds]\npaths = [\"docs/prds/**/*.md\"]\n");
    assert_eq!(planned(&project), told);
    project.write("flagman.toml", "[prds]\npaths = [\"docs/prds/done/*.md\"]\n");
    assert_eq!(planned(&project), ["01-a"]);
    let project = Project::of(
        "//- .claude/epics/tax/12.md\n---\nname: Rates\nstatus: open\n---\n# Rates\n\
         //- .claude/epics/tax/13.md\n---\nname: Lines\ndepends_on: [14]\n---\n# Lines\n\
         //- .claude/epics/tax/14.md\n---\nname: Base\nstatus: closed\n---\n# Base\n\
         //- .claude/epics/tax/12-analysis.md\n# Analysis\n",
    );
    for _ in 0..2 {
        assert_eq!(planned(&project), ["12", "13"]);
        assert_eq!(project.flagman(&["plan"]).code, 0);
        project.flagman(&["init"]);
    }
    let project = Project::of(
        "//- openspec/changes/add-tip/proposal.md\n---\ndependencies: [add-tax]\n---\n## Why\n\nTips.\n\
         //- openspec/changes/archive/2026-01-01-add-tax/proposal.md\n## Why\n\nTax.\n",
    );
    for _ in 0..2 {
        assert_eq!(planned(&project), ["add-tip"]);
        assert_eq!(project.flagman(&["plan"]).code, 0);
        assert_eq!(project.json(&["prds"])["prds"][0]["title"], "add-tip");
        project.flagman(&["init"]);
    }
}

#[test]
fn work_packages_of_two_missions_have_ids_of_their_own() {
    let project = Project::of(
        "//- kitty-specs/012-returns/tasks/WP01-schema.md\n---\nwork_package_id: WP01\n---\n# Schema\n\
         //- kitty-specs/012-returns/tasks/WP02-route.md\n---\nwork_package_id: WP02\ndependencies: [WP01]\n---\n# Route\n\
         //- kitty-specs/013-mail/tasks/WP01-mailer.md\n---\nwork_package_id: WP01\nlane: done\n---\n# Mailer\n\
         //- kitty-specs/013-mail/tasks/WP02-welcome.md\n---\nwork_package_id: WP02\nlane: doing\ndependencies: [WP01]\n---\n# Welcome\n",
    );
    assert_eq!(
        planned(&project),
        [
            "012-returns-WP01",
            "012-returns-WP02 after 012-returns-WP01",
            "013-mail-WP02"
        ]
    );
    assert_eq!(project.flagman(&["plan"]).code, 0);
}

#[test]
fn stories_of_bmad_are_done_where_they_or_the_sprint_say_so() {
    let project = Project::of(
        "//- src/mail.ts\nexport const mail = 1;\n//- src/routes.ts\nexport const routes = 1;\n\
         //- _bmad-output/implementation-artifacts/1-1-a.md\n# Story 1.1: A\n\nStatus: done\n\
         //- _bmad-output/implementation-artifacts/1-2-b.md\n# Story 1.2: B\n\nStatus: ready-for-dev\n\nDepends on story 1.1.\n\
         //- _bmad-output/implementation-artifacts/1-3-c.md\n# Story 1.3: C\n\nDepends on story 1.2.\n\n## Code Map\n\n- `src/mail.ts` -- mail\n- `src/routes.ts` -- routes\n\n## Tasks & Acceptance\n\n- `src/mail.ts` -- ADD a template\n\
         //- _bmad-output/implementation-artifacts/1-4-d.md\n# Story 1.4: D\n\
         //- _bmad-output/implementation-artifacts/sprint-status.yaml\ndevelopment_status:\n  1-3-c: backlog\n  1-4-d: done\n",
    );
    assert_eq!(planned(&project), ["1-2-b", "1-3-c after 1-2-b"]);
    assert_eq!(touched(&project, "1-3"), ["write src/mail.ts", "read src/routes.ts"]);
    assert_eq!(project.flagman(&["gate"]).out.matches("warning").count(), 0);
}

#[test]
fn a_task_of_another_tag_is_none_and_one_that_waits_for_what_is_put_off_is_told() {
    let project = Project::of(
        "//- .taskmaster/state.json\n{\"currentTag\": \"next\"}\n\
         //- .taskmaster/tasks/tasks.json\n\
         {\"master\": {\"tasks\": [{\"id\": 1, \"title\": \"A\", \"status\": \"pending\"}]},\n\
         \"next\": {\"tasks\": [{\"id\": 5, \"title\": \"Later\", \"status\": \"deferred\"},\n\
         {\"id\": 6, \"title\": \"B\", \"status\": \"pending\", \"dependencies\": [5]}]}}\n",
    );
    assert_eq!(planned(&project), ["next-6"]);
    let plan = project.flagman(&["plan"]);
    assert!(
        plan.code == 3 && plan.err.contains("`next-5`"),
        "{} {}",
        plan.code,
        plan.err
    );
}

#[test]
fn a_spec_of_spec_kit_that_is_implemented_is_none_and_an_open_question_is_told() {
    let project = Project::of(
        "//- specs/001-a/spec.md\n# Feature Specification: A\n\n**Status**: Implemented\n\n## Requirements\n\
         //- specs/002-b/spec.md\n# Feature Specification: B\n\n**Status**: Draft\n\n## Requirements\n\n- **FR-001**: It MUST keep rows [NEEDS CLARIFICATION: 14 or 30 days?]\n",
    );
    assert_eq!(planned(&project), ["002-b"]);
    let gate = project.flagman(&["gate"]).out;
    assert!(gate.contains("leaves a question open: 14 or 30 days?"), "{gate}");
}

#[test]
fn a_condition_on_a_flag_in_a_requirement_of_kiro_does_not_write_it() {
    let project = Project::of(
        "//- src/flags.ts\nexport const FLAG_DEFAULTS = { new_checkout: false };\n\
         //- .kiro/specs/returns/requirements.md\n# Requirements Document\n\n## Requirements\n\n#### Acceptance Criteria\n\n\
         1. IF the flag `new_checkout` is on THEN the system SHALL show it\n2. WHILE `new_checkout` is on THE system SHALL keep it\n",
    );
    assert_eq!(touched(&project, "returns"), ["read new_checkout"]);
    assert_eq!(project.json(&["prds"])["prds"][0]["title"], "returns");
}
