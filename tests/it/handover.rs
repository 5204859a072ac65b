//! The plan for engines and for drawings: everything that the plan says is in it, and nothing that a document says is more than a value.

use crate::project::{Project, checkout};
use serde_json::Value;

/// Three phases: a flag that ships off, a PRD behind a flip that nobody makes, and names that every engine would like to read.
fn hostile() -> Project {
    Project::of(
        "//- src/flags.ts\nexport const FLAG_DEFAULTS = { fast_path: false };\nexport function isEnabled(key: string): boolean { return FLAG_DEFAULTS[key]; }\n\
         //- src/price.ts\nimport { isEnabled } from './flags';\nexport const price = () => (isEnabled('fast_path') ? 1 : 2);\n\
         //- docs/prds/001-writer.md\n# Writer \"of\" $HOME ]] --> |x| <b>\n\nThe fast path sits behind the feature flag `fast_path`, default OFF.\n\
         //- docs/prds/002-$(touch pwned) $FLAGMAN_PRD.md\n# Reader `touch x` {{x}} \\\n\nThis PRD assumes `fast_path` is on.\n\
         //- docs/prds/yes.md\n---\ndepends_on: [2]\n---\n# on\n\nNothing.\n",
    )
}

fn handed(project: &Project, format: &str) -> Value {
    let said = project.flagman(&["plan", "--format", format]);
    assert_eq!(said.code, 0, "{format}: {}", said.err);
    serde_saphyr::from_str(&said.out).unwrap_or_else(|error| panic!("{format}: {error}\n{}", said.out))
}

/// The paths of the PRDs in the order of the plan.
fn planned(project: &Project) -> Vec<Vec<String>> {
    let (plan, prds) = (project.json(&["plan"]), project.json(&["prds"]));
    let path = |id: &Value| {
        let all = prds["prds"].as_array().unwrap();
        let prd = all.iter().find(|prd| prd["id"] == *id).unwrap();
        prd["path"].as_str().unwrap().to_owned()
    };
    let phases = plan["phases"].as_array().unwrap();
    phases
        .iter()
        .map(|phase| phase["prds"].as_array().unwrap().iter().map(path).collect())
        .collect()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

fn both() -> [Project; 2] {
    [hostile(), Project::copy(&checkout("fixtures/stories/skip-launch"))]
}

#[test]
fn a_matrix_of_github_has_a_combination_for_each_prd() {
    for project in both() {
        let document = handed(&project, "github-matrix");
        let said = project.flagman(&["plan", "--format", "github-matrix"]);
        assert_eq!(said.out.lines().count(), 1, "an output of a job is one line");
        let phases = document["phases"].as_array().unwrap().iter();
        let paths = |phase: &Value| -> Vec<String> {
            let all = phase["matrix"]["include"].as_array().unwrap();
            all.iter().map(|one| text(&one["path"])).collect()
        };
        assert_eq!(phases.map(paths).collect::<Vec<_>>(), planned(&project));
        let one = project.flagman(&["plan", "--format", "github-matrix", "--phase", "1"]);
        let one: Value = serde_json::from_str(&one.out).unwrap();
        assert_eq!(one, document["phases"][1]["matrix"]);
    }
}

#[test]
fn a_pipeline_of_gitlab_has_a_stage_for_each_phase_and_holds_before_it() {
    for project in both() {
        let document = handed(&project, "gitlab");
        let stages: Vec<String> = document["stages"].as_array().unwrap().iter().map(text).collect();
        let jobs = document.as_object().unwrap();
        let paths = |stage: &String| -> Vec<String> {
            let mine = jobs.values().filter(|job| job["stage"] == **stage);
            let values = mine.filter_map(|job| job["variables"]["FLAGMAN_PRD_PATH"].as_object());
            values
                .map(|value| {
                    assert_eq!(value["expand"], false);
                    text(&value["value"])
                })
                .collect()
        };
        let phases: Vec<Vec<String>> = stages
            .iter()
            .filter(|stage| stage.starts_with("phase"))
            .map(paths)
            .collect();
        assert_eq!(phases, planned(&project));
        assert_eq!(stages[..3], ["phase-0", "before-phase-1", "phase-1"]);
        let held = &document["before-phase-1"];
        assert_eq!(
            (&held["when"], &held["allow_failure"]),
            (&"manual".into(), &false.into())
        );
    }
}

#[test]
fn a_pipeline_of_buildkite_expands_nothing() {
    for project in both() {
        let document = handed(&project, "buildkite");
        let steps = document["steps"].as_array().unwrap();
        let paths = |group: &Value| -> Vec<String> {
            let jobs = group["steps"].as_array().unwrap();
            let paths = jobs.iter().map(|job| text(&job["env"]["FLAGMAN_PRD_PATH"]));
            paths.map(|path| path.replace("$$", "\u{1}")).collect()
        };
        let groups = steps.iter().filter(|step| step["group"].is_string());
        let mut phases: Vec<Vec<String>> = groups.map(paths).collect();
        for path in phases.iter_mut().flatten() {
            assert!(!path.contains('$'), "{path} would be expanded");
            *path = path.replace('\u{1}', "$");
        }
        assert_eq!(phases, planned(&project));
        let held = steps.iter().find(|step| step["block"].is_string()).unwrap();
        assert!(text(&held["prompt"]).starts_with("Merge phase 0 in this order: "));
    }
}

#[test]
fn a_workflow_of_argo_waits_phase_for_phase() {
    for project in both() {
        let document = handed(&project, "argo");
        let tasks = document["spec"]["templates"][0]["dag"]["tasks"].as_array().unwrap();
        let holds = tasks.iter().filter(|task| task["template"] == "hold").count();
        assert_eq!(holds + 1, planned(&project).len());
        let names: Vec<String> = tasks.iter().map(|task| text(&task["name"])).collect();
        for (at, task) in tasks.iter().enumerate() {
            for wait in task["dependencies"].as_array().into_iter().flatten() {
                assert!(names[..at].contains(&text(wait)), "{wait} comes later");
            }
        }
    }
    let project = Project::of("//- docs/prds/a.md\n---\nid: \"{{workflow.name}}\"\n---\n# A\n");
    let said = project.flagman(&["plan", "--format", "argo"]);
    let listed = project.json(&["plan"])["phases"][0]["prds"][0].to_string();
    assert_eq!(
        said.code,
        if listed.contains("{{") { 2 } else { 0 },
        "{listed}: {}",
        said.err
    );
}

#[test]
fn the_flip_between_two_phases_is_told_with_its_command() {
    let project = Project::copy(&checkout("fixtures/stories/skip-launch"));
    let document = handed(&project, "github-matrix");
    let before: Vec<String> = document["phases"][2]["before"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    assert!(before[0].starts_with("Merge phase 1 in this order: "), "{before:?}");
    assert!(
        before[1].contains("flagman flags set quote_snapshot_read on"),
        "{before:?}"
    );
}

#[test]
fn a_drawing_holds_no_markup_of_a_document() {
    let project = hostile();
    let mermaid = project.flagman(&["plan", "--format", "mermaid"]);
    assert!(mermaid.out.starts_with("flowchart LR\n"), "{}", mermaid.out);
    for line in mermaid.out.lines().filter(|line| line.contains("Writer")) {
        assert_eq!(line.matches('"').count(), 2, "{line}");
        assert!(!line.contains("<b>") && !line.contains('|'), "{line}");
    }
    let dot = project.flagman(&["plan", "--format", "dot"]);
    let line = dot.out.lines().find(|line| line.contains("Reader")).unwrap();
    assert!(line.ends_with("\\\\\"]"), "a backslash ends the text too early: {line}");
    let page = project.flagman(&["plan", "--format", "html"]);
    assert!(
        page.out.contains("Writer &quot;of&quot;") && !page.out.contains("<b>"),
        "{}",
        page.out
    );
}

#[test]
fn a_phase_is_handed_over_alone_where_that_has_a_meaning() {
    let project = hostile();
    let refused = |arguments: &[&str], says: &str| {
        let said = project.flagman(arguments);
        assert_eq!(said.code, 2, "{arguments:?}");
        assert!(said.err.contains(says), "{}", said.err);
    };
    refused(&["plan", "--phase", "1"], "flagman gate --phase N");
    refused(&["plan", "--phase", "9", "--format", "gitlab"], "nobody in phase 9");
    refused(&["gate", "--format", "mermaid"], "only flagman plan");
    refused(&["flags", "--format", "html"], "only flagman gate, plan or conflicts");
}

#[test]
fn more_jobs_than_an_engine_takes_are_refused() {
    let project = Project::new();
    for number in 1..=257 {
        project.write(format!("docs/prds/{number:03}-x.md"), "---\ntouches: []\n---\n# X\n");
    }
    let said = project.flagman(&["plan", "--format", "github-matrix"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err
            .contains("GitHub Actions takes 256 jobs a matrix, and these are 257"),
        "{}",
        said.err
    );
    assert_eq!(project.flagman(&["plan", "--format", "buildkite"]).code, 0);
}
