//! GitHub Actions: `strategy.matrix` of a job, as its documentation defines it ("Running variations of jobs in a workflow"): a list of
//! combinations under `include`. A job's output is one line, so the document is one.

use serde_json::{Value, json};

use super::{Refused, Wave};

/// The most jobs of one matrix in a workflow run, by GitHub's "Usage limits".
const LIMIT: usize = 256;

/// One phase as a matrix; all of them as `{"phases": [{"number", "before", "matrix"}]}`.
pub(super) fn matrix(waves: &[Wave], only: Option<u32>) -> Result<String, Refused> {
    let phases: Vec<Value> = waves.iter().map(phase).collect::<Result<_, _>>()?;
    let document = match (only, &phases[..]) {
        (Some(_), [phase]) => phase["matrix"].clone(),
        _ => json!({ "phases": phases }),
    };
    Ok(format!("{document}\n"))
}

fn phase(wave: &Wave) -> Result<Value, Refused> {
    if wave.jobs.len() > LIMIT {
        return Err(Refused::TooMany {
            engine: "GitHub Actions",
            limit: LIMIT,
            unit: "a matrix",
            jobs: wave.jobs.len(),
        });
    }
    let include = wave.jobs.iter();
    let include: Vec<Value> = include
        .map(|job| json!({ "prd": job.prd, "path": job.path, "name": job.name }))
        .collect();
    Ok(json!({
        "number": wave.number,
        "before": wave.before,
        "matrix": { "include": include },
    }))
}
