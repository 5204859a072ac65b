//! Buildkite: a pipeline for `buildkite-agent pipeline upload`, by its "Step reference": a group for each phase, and before each but the
//! first a block step. A dollar sign is doubled, because the upload expands variables.

use serde_json::{Value, json};

use super::{Job, Refused, Wave, yaml};

/// The most jobs of one upload, by Buildkite's "Service quotas".
const LIMIT: usize = 500;

const HEAD: &str = "# Made by `flagman plan --format buildkite`: pipe it into `buildkite-agent pipeline upload`.\n\
    # The agent's command is the environment variable FLAGMAN_AGENT; the machines have flagman.\n";

/// The pipeline.
pub(super) fn pipeline(waves: &[Wave], script: &[String]) -> Result<String, Refused> {
    let jobs: usize = waves.iter().map(|wave| wave.jobs.len()).sum();
    if jobs > LIMIT {
        return Err(Refused::TooMany {
            engine: "Buildkite",
            limit: LIMIT,
            unit: "an upload",
            jobs,
        });
    }
    let mut steps = Vec::new();
    for wave in waves {
        let mut group = json!({
            "group": format!("phase {}", wave.number),
            "key": format!("phase-{}", wave.number),
            "steps": wave.jobs.iter().map(|job| step(job, script)).collect::<Vec<_>>(),
        });
        if !wave.before.is_empty() {
            let key = format!("before-phase-{}", wave.number);
            group["depends_on"] = json!(key);
            steps.push(json!({
                "block": format!("before phase {}", wave.number),
                "key": key,
                "prompt": unexpanded(&wave.before.join("\n")),
            }));
        }
        steps.push(group);
    }
    Ok(yaml(HEAD, &json!({ "steps": steps })))
}

fn step(job: &Job, script: &[String]) -> Value {
    let commands: Vec<String> = script.iter().map(|line| unexpanded(line)).collect();
    json!({
        "label": unexpanded(&super::visible(&job.prd)),
        "key": job.name,
        "commands": commands,
        "env": { "FLAGMAN_PRD": unexpanded(&job.prd), "FLAGMAN_PRD_PATH": unexpanded(&job.path) },
    })
}

fn unexpanded(text: &str) -> String {
    text.replace('$', "$$")
}
