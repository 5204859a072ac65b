//! Argo Workflows: a `Workflow` (argoproj.io/v1alpha1), by its "Field reference": a task of a DAG for each PRD, and before each phase but
//! the first one that is suspended until somebody resumes it.

use serde_json::{Value, json};

use super::{Job, Refused, Wave, yaml};

const HEAD: &str = "# Made by `flagman plan --format argo`: `argo submit FILE -p image=IMAGE -p agent=COMMAND`.\n\
    # The image has flagman and the repository in its working directory; a task that is suspended goes on by `argo resume`.\n";

/// The workflow.
pub(super) fn workflow(waves: &[Wave], script: &[String]) -> Result<String, Refused> {
    let mut tasks: Vec<Value> = Vec::new();
    let mut earlier: Vec<String> = Vec::new();
    for wave in waves {
        let mut wait_for = earlier.clone();
        if !wave.before.is_empty() {
            let name = format!("before-phase-{}", wave.number);
            let what = parameter("what", &wave.before.join("\n"))?;
            tasks.push(task(&name, "hold", &wait_for, &[what]));
            wait_for = vec![name];
        }
        for job in &wave.jobs {
            let values = [parameter("prd", &job.prd)?, parameter("path", &job.path)?];
            tasks.push(task(&job.name, "prd", &wait_for, &values));
        }
        earlier = wave.jobs.iter().map(|job: &Job| job.name.clone()).collect();
    }
    Ok(yaml(HEAD, &document(&tasks, script)))
}

fn document(tasks: &[Value], script: &[String]) -> Value {
    let given = |name: &str| json!({ "name": name });
    let env = |name: &str, from: &str| json!({ "name": name, "value": format!("{{{{{from}}}}}") });
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": { "generateName": "flagman-" },
        "spec": {
            "entrypoint": "plan",
            "arguments": { "parameters": [given("image"), given("agent")] },
            "templates": [
                { "name": "plan", "dag": { "tasks": tasks } },
                { "name": "hold", "inputs": { "parameters": [given("what")] }, "suspend": {} },
                {
                    "name": "prd",
                    "inputs": { "parameters": [given("prd"), given("path")] },
                    "container": {
                        "image": "{{workflow.parameters.image}}",
                        "command": ["sh", "-ec"],
                        "args": [script.join("\n")],
                        "env": [
                            env("FLAGMAN_PRD", "inputs.parameters.prd"),
                            env("FLAGMAN_PRD_PATH", "inputs.parameters.path"),
                            env("FLAGMAN_AGENT", "workflow.parameters.agent"),
                        ],
                    },
                },
            ],
        },
    })
}

fn task(name: &str, template: &str, wait_for: &[String], values: &[Value]) -> Value {
    let mut task = json!({ "name": name, "template": template });
    if !wait_for.is_empty() {
        task["dependencies"] = json!(wait_for);
    }
    if !values.is_empty() {
        task["arguments"] = json!({ "parameters": values });
    }
    task
}

fn parameter(name: &str, value: &str) -> Result<Value, Refused> {
    if value.contains("{{") {
        return Err(Refused::Expanded {
            engine: "Argo",
            value: super::visible(value),
        });
    }
    Ok(json!({ "name": name, "value": value }))
}
