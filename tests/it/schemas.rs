//! Every JSON document against the schema that the program prints, on the story and on an empty folder; and the same bytes
//! whatever the folder and the number of threads.

use crate::project::{Project, checkout};

const DOCUMENTS: &[(&str, &[&str])] = &[
    ("flags", &["flags"]),
    ("flags", &["flags", "quote_snapshot_read"]),
    ("flip", &["flip", "quote_snapshot_read=on"]),
    ("flip", &["flip", "quote_snapshot_read=off"]),
    ("prds", &["prds"]),
    ("prds", &["prds", "11"]),
    ("plan", &["plan"]),
    ("gate", &["gate"]),
    ("gate", &["gate", "--phase", "2"]),
    ("gate", &["gate", "--prd", "011-tax"]),
];

fn schema(name: &str) -> jsonschema::Validator {
    let said = Project::new().flagman(&["schema", name]);
    assert_eq!(said.code, 0, "{}", said.err);
    jsonschema::validator_for(&serde_json::from_str(&said.out).unwrap()).unwrap()
}

fn check(project: &Project, name: &str, arguments: &[&str]) {
    validate(name, &project.json(arguments));
}

/// Fails unless the document is what the schema of this name says.
pub(crate) fn validate(name: &str, document: &serde_json::Value) {
    assert_eq!(document["schema"], format!("flagman/{name}/v1"));
    let errors: Vec<String> = schema(name)
        .iter_errors(document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {}", errors.join("\n"));
}

#[test]
fn every_document_of_the_story_is_what_its_schema_says() {
    let story = Project::copy(&checkout("fixtures/stories/skip-launch"));
    for (name, arguments) in DOCUMENTS {
        check(&story, name, arguments);
    }
}

#[test]
fn whatever_is_printed_as_json_has_a_schema_that_is_listed() {
    let project = Project::of("//- docs/prds/001-a.md\n# A\n//- src/flags.ts\nexport const FLAGS = { a_b: false };\n");
    project.git(&["init", "--quiet"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "--message", "a"]);
    for (name, arguments) in [
        ("init", &["init", "--dry-run"][..]),
        ("checks", &["explain"]),
        ("check", &["explain", "unreadable"]),
        ("schemas", &["schema"]),
        ("flags-set", &["flags", "set", "a_b", "on", "--reason", "x"]),
        ("prds-set", &["prds", "set", "1", "touches=[]", "--dry-run"]),
        ("probe-plan", &["probe", "--dry-run"]),
    ] {
        check(&project, name, arguments);
    }
    let listed = project.json(&["schema"])["schemas"].clone();
    for name in listed.as_array().unwrap() {
        schema(name.as_str().unwrap());
    }
}

#[test]
fn an_empty_folder_has_documents_too() {
    for name in ["flags", "prds", "plan"] {
        check(&Project::new(), name, &[name]);
    }
    // The gate has nothing to judge there; with one PRD it has.
    check(&Project::of("//- docs/prds/001-a.md\n# A\n"), "gate", &["gate"]);
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let story = checkout("fixtures/stories/skip-launch");
    let (one, other) = (Project::copy(&story), Project::copy(&story));
    for arguments in [
        &["flags", "--format", "json"][..],
        &["flip", "quote_snapshot_read=on", "--format", "json"],
        &["plan", "--format", "json"],
        &["gate", "--format", "json"],
        &["prds", "--format", "json"],
    ] {
        let expected = one.flagman(arguments).out;
        for threads in ["1", "2", "8"] {
            let again = std::process::Command::new(env!("CARGO_BIN_EXE_flagman"))
                .args(arguments)
                .current_dir(other.root())
                .env("RAYON_NUM_THREADS", threads)
                .env("LC_ALL", "tr_TR.UTF-8")
                .env("TZ", "Asia/Kolkata")
                .output()
                .unwrap();
            assert!(
                String::from_utf8_lossy(&again.stdout) == expected,
                "{arguments:?} with {threads} threads"
            );
        }
    }
}
