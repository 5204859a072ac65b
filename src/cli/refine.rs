//! `flagman prds --refine COMMAND`: a program of the user's says what a PRD touches. Enters: the candidates, as `prds --format json` tells them.
//! Leaves: the answers that hold in this tree, with the command that keeps them; nothing is written, and what does not hold is told.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::args::{Format, Global};
use super::failure::{Failure, exit};
use super::output::{Output, write_reports};
use super::project::{Project, Wanted};
use crate::analysis::{Analysis, PrdFile, analyze};
use crate::flag::shell_word;
use crate::prd::{Access, Prd, PrdId};
use crate::process::{Ended, Job, Patience, Spec, environment, shell_line, tail};
use crate::report::{json, visible};
use crate::source::{RepoPath, Span};
use crate::touchpoint::Touchpoint;
use crate::touchpoint::likely::Likely;

/// The most that an answer may have, in bytes, and the most that it may name.
const MOST: (u64, usize) = (1 << 20, 200);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What the program answers.
#[derive(Deserialize)]
struct Answer {
    /// As in front matter: `src/a.ts`, `create: src/new.ts`, `QuoteService.create`.
    touches: Vec<String>,
}

/// One answer, looked up.
struct Checked {
    words: String,
    /// Why it does not hold.
    refused: Option<String>,
}

/// Asks for each of the PRDs; `likely` are their candidates.
pub(super) fn run(
    global: &Global,
    project: &Project,
    analysis: &Analysis,
    likely: &BTreeMap<PrdId, Likely>,
    line: &str,
    output: &mut Output,
) -> Result<u8, Failure> {
    let mut answers = Vec::new();
    for prd in analysis.prds.iter().filter(|prd| likely.contains_key(&prd.id)) {
        let candidates = json::text(&json::prds(analysis, likely, Some(&prd.id)));
        answers.push((prd, ask(project, prd, &candidates, line)?));
    }
    let mut told = Vec::new();
    let mut text = String::new();
    for (checked, (prd, _)) in look_up(global, project, &answers)?.into_iter().zip(&answers) {
        let keep = keep(project, prd, &checked);
        text.push_str(&said(prd, &checked, keep.as_deref()));
        told.push(document(prd, &checked, keep.as_deref()));
    }
    let document = json::text(&json::RefineDocument {
        schema: "flagman/refine/v1",
        prds: told,
    });
    write_reports(global, output, || document.clone())?;
    match global.format {
        Format::Json => output.document(&document)?,
        _ => output.answer(&text)?,
    }
    Ok(exit::CLEAR)
}

/// Runs the line in the project's folder: candidates on its standard input, the answer on its standard output.
fn ask(project: &Project, prd: &Prd, candidates: &str, line: &str) -> Result<Vec<String>, Failure> {
    let broken = |why: String| Failure::unknown(format!("--refine: of PRD {} nothing is known: {why}", prd.id));
    let folder = tempfile::tempdir().map_err(|error| broken(error.to_string()))?;
    let (asked, said, log) = ["candidates.json", "answer.json", "log"]
        .map(|name| folder.path().join(name))
        .into();
    fs::write(&asked, candidates).map_err(|error| broken(error.to_string()))?;
    let mut variables = environment(&project.config.dispatch.pass_env);
    variables.extend([
        ("FLAGMAN_PRD".into(), OsString::from(&prd.id.0)),
        ("FLAGMAN_PRD_PATH".into(), prd.path.as_str().into()),
        ("FLAGMAN_CANDIDATES".into(), asked.into()),
        ("FLAGMAN_ANSWER".into(), said.clone().into()),
    ]);
    let job = Job::start(Spec {
        // The line in a shell of its own: whatever it is, it gets the one and fills the other.
        arguments: shell_line(&format!("(\n{line}\n) <\"$FLAGMAN_CANDIDATES\" >\"$FLAGMAN_ANSWER\"")),
        folder: &project.root,
        log: log.clone(),
        environment: variables,
        mark: format!("flagman-refine-{}", std::process::id()),
        patience: Patience {
            total: PATIENCE,
            silence: None,
            grace: Duration::from_secs(2),
            log_bytes: 16 << 20,
        },
    });
    let ended = job
        .and_then(Job::to_its_end)
        .map_err(|error| broken(error.to_string()))?;
    match ended {
        Ended::Exit(Some(0)) => read(&said).map_err(broken),
        Ended::Exit(code) => {
            let code = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
            let last = tail(&log, 2_000);
            let last = last
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("no word")
                .to_owned();
            Err(broken(format!("the command ended with {code}: {last}")))
        }
        Ended::Stopped(why) => Err(broken(format!("the command was stopped: {why}"))),
    }
}

fn read(path: &Path) -> Result<Vec<String>, String> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let read = file.take(MOST.0 + 1).read_to_string(&mut text);
    read.map_err(|error| format!("its answer cannot be read ({error})"))?;
    if text.len() as u64 > MOST.0 {
        return Err("its answer is larger than 1 MiB".to_owned());
    }
    let answer: Answer = serde_json::from_str(&text)
        .map_err(|error| format!("its answer is not `{{\"touches\": [\"path or symbol\", …]}}` ({error})"))?;
    let all: BTreeSet<String> = answer
        .touches
        .into_iter()
        .map(|words| words.trim().to_owned())
        .collect();
    if all.len() > MOST.1 {
        return Err(format!("its answer names more than {} things", MOST.1));
    }
    Ok(all.into_iter().collect())
}

/// The answers looked up as front matter is: as the touchpoints of a document beside the others.
fn look_up(global: &Global, project: &Project, answers: &[(&Prd, Vec<String>)]) -> Result<Vec<Vec<Checked>>, Failure> {
    let mut inputs = project.read(global, &Wanted::default())?;
    for (at, (_, answer)) in answers.iter().enumerate() {
        let lines = answer.iter().map(|words| format!("  - {}\n", serde_json::json!(words)));
        let text = format!("---\nid: {}\ntouches:\n{}---\n", beside(at), lines.collect::<String>());
        let path = RepoPath::new(&format!("{}.md", beside(at)));
        let path = path.ok_or_else(|| Failure::internal("BUG: a fixed path is none"))?;
        inputs.prds.push(PrdFile::alone(inputs.sources.add(path, text)));
    }
    let analysis = analyze(inputs);
    let check = |(at, (_, answer)): (usize, &(&Prd, Vec<String>))| {
        let one = |(line, words): (usize, &String)| Checked {
            words: words.clone(),
            refused: refusal(&analysis, &beside(at), FIRST_LINE + line, words),
        };
        answer.iter().enumerate().map(one).collect()
    };
    Ok(answers.iter().enumerate().map(check).collect())
}

/// The line of such a document on which the first answer stands.
const FIRST_LINE: usize = 4;

/// The id of the document with the answers for the PRD at this place of the list; no PRD has one like it.
fn beside(at: usize) -> String {
    format!("flagman-refine-answers-{at}")
}

/// Why the answer on this line does not hold in this tree.
fn refusal(analysis: &Analysis, id: &str, line: usize, words: &str) -> Option<String> {
    if words.is_empty() || words.contains(char::is_control) {
        return Some("it is no name".to_owned());
    }
    let here = |span: Span| analysis.sources.start(span).line as usize == line;
    if let Some(lost) = analysis
        .unresolved
        .iter()
        .find(|lost| lost.prd.0 == id && here(lost.span))
    {
        let meant = lost.suggestions.first();
        let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
        return Some(format!("the code has no such {}{meant}", lost.kind));
    }
    let own = |touch: &&Touchpoint| touch.prd.0 == id && touch.because.iter().any(|span| here(*span));
    match analysis.touchpoints.iter().find(own) {
        None => Some("the code has nothing of that name".to_owned()),
        Some(touch) if touch.access == Access::Create && touch.exists => Some("it is there already".to_owned()),
        // What some document is to make is there for nobody yet.
        Some(touch) if touch.access != Access::Create && !touch.exists => {
            Some("the code has nothing of that name".to_owned())
        }
        Some(touch) if touch.access == Access::Create && !says_new(analysis, id, &here) => Some(
            "the code has nothing of that name (what is to be made is answered with `create: ` before it)".to_owned(),
        ),
        Some(_) => None,
    }
}

/// True if the answer says itself that the thing is to be made.
fn says_new(analysis: &Analysis, id: &str, here: &dyn Fn(Span) -> bool) -> bool {
    let own = analysis.prds.iter().filter(|prd| prd.id.0 == id);
    let mut mentions = own.flat_map(|prd| &prd.mentions);
    mentions.any(|mention| here(mention.span) && mention.access == Some(Access::Create))
}

/// The command that writes what holds into the front matter; `None` where nothing holds, or there is none.
fn keep(project: &Project, prd: &Prd, checked: &[Checked]) -> Option<String> {
    let held = checked.iter().filter(|one| one.refused.is_none());
    let words: Vec<String> = held.map(|one| shell_word(&format!("touches+={}", one.words))).collect();
    (!words.is_empty() && !is_task(prd)).then(|| {
        format!(
            "flagman prds set {} {}{}",
            shell_word(&prd.id.0),
            words.join(" "),
            project.invocation
        )
    })
}

/// A task of a list has no front matter that could keep anything.
fn is_task(prd: &Prd) -> bool {
    prd.path.extension() == "json"
}

fn said(prd: &Prd, checked: &[Checked], keep: Option<&str>) -> String {
    let held = checked.iter().filter(|one| one.refused.is_none()).count();
    let mut text = format!("{}: {held} of {} answers hold\n", prd.id, checked.len());
    for one in checked {
        text.push_str(&match &one.refused {
            None => format!("  {}\n", one.words),
            Some(why) => format!("  refused: {}: {why}\n", one.words),
        });
    }
    match keep {
        Some(keep) => text.push_str(&format!("to keep them: {keep}\n")),
        None if is_task(prd) && held > 0 => text.push_str(&format!("to keep them: say them in {}\n", prd.path)),
        None => {}
    }
    visible(&text)
}

fn document(prd: &Prd, checked: &[Checked], keep: Option<&str>) -> json::Refined {
    let held = checked.iter().filter(|one| one.refused.is_none());
    let refused = checked.iter().filter_map(|one| {
        Some(json::RefinedNot {
            words: one.words.clone(),
            why: one.refused.clone()?,
        })
    });
    json::Refined {
        prd: prd.id.0.clone(),
        touches: held.map(|one| one.words.clone()).collect(),
        refused: refused.collect(),
        command: keep.map(str::to_owned),
    }
}
