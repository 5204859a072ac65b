//! GitLab: a child pipeline, by the "CI/CD YAML syntax reference": a stage for each phase, and before each but the first a manual job that
//! holds it. Variables are not expanded.

use serde_json::{Map, Value, json};

use super::{Wave, yaml};

const HEAD: &str = "# Made by `flagman plan --format gitlab`: a child pipeline (trigger: include: artifact, strategy: depend).\n\
    # The agent's command is the CI/CD variable FLAGMAN_AGENT; the jobs' image has flagman.\n";

/// The pipeline.
pub(super) fn pipeline(waves: &[Wave], script: &[String]) -> String {
    let mut stages = Vec::new();
    let mut jobs = Map::new();
    for wave in waves {
        let number = wave.number;
        if !wave.before.is_empty() {
            let stage = format!("before-phase-{number}");
            jobs.insert(stage.clone(), held(&stage, &wave.before));
            stages.push(stage);
        }
        let stage = format!("phase-{number}");
        for job in &wave.jobs {
            let variables = json!({ "FLAGMAN_PRD": as_it_is(&job.prd), "FLAGMAN_PRD_PATH": as_it_is(&job.path) });
            let body = json!({ "stage": stage, "variables": variables, "script": script });
            jobs.insert(job.name.clone(), body);
        }
        stages.push(stage);
    }
    if jobs.is_empty() {
        // A pipeline without a job is refused.
        stages.push("nothing-to-do".to_owned());
        jobs.insert(
            "nothing-to-do".to_owned(),
            json!({ "stage": "nothing-to-do", "script": ["true"] }),
        );
    }
    let mut document = Map::new();
    document.insert("stages".to_owned(), json!(stages));
    document.extend(jobs);
    yaml(HEAD, &Value::Object(document))
}

/// A job that somebody has to start, and without which the pipeline does not go on.
fn held(stage: &str, before: &[String]) -> Value {
    json!({
        "stage": stage,
        "variables": { "FLAGMAN_BEFORE": as_it_is(&before.join("\n")) },
        "script": [r#"printf '%s\n' "$FLAGMAN_BEFORE""#],
        "when": "manual",
        "allow_failure": false,
    })
}

fn as_it_is(value: &str) -> Value {
    json!({ "value": value, "expand": false })
}
