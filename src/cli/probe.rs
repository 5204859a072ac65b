//! `flagman probe [KEY…]`: which flags, which tests, in which copy. Everything that decides is in [`crate::probe`]; here it is asked, run and written down.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::time::Duration;

use super::args::{Format, Global, Probe};
use super::failure::{Failure, exit};
use super::flags::find;
use super::output::{Output, write_file, write_reports};
use super::project::{Project, Wanted, check_supposed, glob_set};
use crate::analysis::{Analysis, analyze};
use crate::assumption::proof::{Proof, Proofs, content, same_test};
use crate::flag::FlagKey;
use crate::git::Repository;
use crate::probe::candidates::Paths;
use crate::probe::drive::{Done, Trial, drive};
use crate::probe::lever::{Lever, lever};
use crate::probe::manifest::Runner;
use crate::probe::record::{self, Record, UnderWay};
use crate::probe::suites::{Unrun, suites};
use crate::probe::{Answer, TestId};
use crate::report::{json, text, visible};
use crate::scratch::{Installed, Scratch, ScratchError, Settings, installed};
use crate::source::RepoPath;

/// The longest that one run may take, where nobody says otherwise.
const TIMEOUT_SECONDS: u64 = 600;

pub(super) fn run(global: &Global, wanted: &Probe, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let repository = project
        .repository()
        .map_err(|failure| failure.hint("flagman probe works in a copy that git makes"))?;
    let base = wanted.committed.then(|| "HEAD".to_owned());
    let mut inputs = project.read(
        global,
        &Wanted {
            base,
            ..Wanted::default()
        },
    )?;
    inputs.parse_all = true;
    let analysis = analyze(inputs);
    check_supposed(global, &analysis)?;
    let paths = Paths::of(&analysis);
    let mut under_way = under_way(&project, &analysis, wanted)?;
    let (trials, mut answer) = trials(&project, &repository, &analysis, &paths, wanted, &under_way)?;
    let unanswered = !wanted.keys.is_empty() && !answer.cannot.is_empty();
    if wanted.dry_run {
        let document = || json::text(&json::probe_plan(&analysis, &trials, &answer));
        write_reports(global, output, document)?;
        match global.format {
            Format::Json => output.document(&document())?,
            _ => output.answer(&text::probe_plan(&analysis, &trials, &answer))?,
        }
        return Ok(if unanswered { exit::UNKNOWN } else { exit::CLEAR });
    }
    let mut recorded = false;
    let live: Vec<Trial> = trials.into_iter().filter(|trial| !trial.suites.is_empty()).collect();
    if !live.is_empty() {
        let settings = settings(&project, wanted);
        let quiet = global.quiet;
        let tell = move |line: &str| {
            if !quiet {
                // Progress; if nobody can read it, the answer is still the same.
                let _ = std::io::stderr().write_all(visible(&format!("probe: {line}\n")).as_bytes());
            }
        };
        let mut scratch = Scratch::make(&repository, &analysis.sources, settings, Box::new(tell))?;
        let sets = |lever: &Lever, test: &TestId| sets(&paths, &analysis, lever, test);
        let mut failure = None;
        // Each flag is written down when it is done: a run may take hours, and may be interrupted.
        let finished = |done: &Done| {
            if wanted.no_record {
                return ControlFlow::Continue(());
            }
            under_way.done.insert(done.lever.flag.as_str().to_owned());
            let left = live
                .iter()
                .any(|trial| !under_way.done.contains(trial.lever.flag.as_str()));
            let mark = left.then(|| under_way.clone());
            match write_record(&project, (&analysis, &paths), done, mark, output) {
                Ok(()) => {
                    recorded = true;
                    ControlFlow::Continue(())
                }
                Err(why) => {
                    failure = Some(why);
                    ControlFlow::Break(())
                }
            }
        };
        answer.tried = drive(&analysis.base, &live, &mut scratch, sets, finished)?;
        if let Some(failure) = failure {
            return Err(failure);
        }
    }
    let document = || json::text(&json::probe(&analysis, &answer));
    write_reports(global, output, document)?;
    match global.format {
        Format::Json => output.document(&document())?,
        _ => {
            output.answer(&text::probe(&analysis, &answer))?;
            output.answer(&ending(&answer, &project, recorded))?;
        }
    }
    let nothing = answer.tried.flags.is_empty() && answer.earlier.is_empty();
    Ok(if answer.is_partial() || unanswered || nothing {
        exit::UNKNOWN
    } else {
        exit::CLEAR
    })
}

fn ending(answer: &Answer, project: &Project, recorded: bool) -> String {
    if answer.tried.flags.is_empty() && answer.earlier.is_empty() {
        return match answer.unrun.is_empty() {
            true => "nothing was run: no test needs a flag that can be flipped, or reaches a read of one (--all runs every test)\n",
            false => "nothing was run: no test that can be run here needs a flag that can be flipped, or reaches a read of one\n",
        }
        .to_owned();
    }
    if !recorded {
        return String::new();
    }
    format!(
        "recorded in {}; it counts from now on: flagman gate{}\n",
        record::FILE_NAME,
        project.invocation
    )
}

fn settings(project: &Project, wanted: &Probe) -> Settings {
    let config = &project.config.probe;
    let seconds = wanted.timeout.or(config.timeout_seconds).unwrap_or(TIMEOUT_SECONDS);
    Settings {
        uncommitted: !wanted.committed,
        also: config.copy.clone(),
        pass_env: config.pass_env.clone(),
        timeout: Duration::from_secs(seconds.max(1)),
    }
}

/// What is to be tried, and an answer that knows so far what is not.
fn trials(
    project: &Project,
    repository: &Repository,
    analysis: &Analysis,
    paths: &Paths<'_>,
    wanted: &Probe,
    under_way: &UnderWay,
) -> Result<(Vec<Trial>, Answer), Failure> {
    let keys: BTreeSet<FlagKey> = match &wanted.keys[..] {
        [] => analysis.flags.flags.keys().cloned().collect(),
        named => named
            .iter()
            .map(|name| find(analysis, name))
            .collect::<Result<_, _>>()?,
    };
    let command = wanted.command.as_deref().or(project.config.probe.command.as_deref());
    let only = glob_set(&wanted.only)?;
    let (mut trials, mut answer) = (Vec::new(), Answer::default());
    let mut unrun: BTreeSet<Unrun> = BTreeSet::new();
    for key in &keys {
        if under_way.done.contains(key.as_str()) {
            answer.earlier.push(key.clone());
            continue;
        }
        let Some(facts) = analysis.flags.get(key) else { continue };
        match lever(analysis, key, facts) {
            Err(cannot) => answer.cannot.push(cannot),
            Ok(lever) => {
                let mut files = if wanted.all { paths.all() } else { paths.candidates(key) };
                files.retain(|path| wanted.only.is_empty() || only.is_match(path.as_str()));
                let (mut found, lacking) = suites(analysis, &files, command);
                unrun.extend(lacking);
                found.retain(|suite| {
                    match not_installed(repository, project, suite.named.runner, &suite.named.folder) {
                        None => true,
                        Some(why) => {
                            let files = suite.files.iter().cloned();
                            unrun.extend(files.map(|path| Unrun { path, why: why.clone() }));
                            false
                        }
                    }
                });
                trials.push(Trial { lever, suites: found });
            }
        }
    }
    answer.unrun = unrun.into_iter().collect();
    Ok((trials, answer))
}

/// Why a runner cannot run in a folder, if it is not installed.
fn not_installed(repository: &Repository, project: &Project, runner: Runner, folder: &str) -> Option<String> {
    if !matches!(runner, Runner::Vitest | Runner::Jest) {
        return None;
    }
    match installed(repository.toplevel(), &project.root.join(folder)) {
        Installed::Yes => None,
        Installed::No(command) => Some(format!("{} is not installed: {command}", runner.word())),
    }
}

/// True if the test that the runner tells of sets the flag itself, as far as the code shows.
fn sets(paths: &Paths<'_>, analysis: &Analysis, lever: &Lever, id: &TestId) -> bool {
    let tests = paths.tests(&id.path).iter();
    let mut ours = tests.filter(|test| same_test(&analysis.index.tests[**test], &id.suite, &id.name));
    ours.any(|test| paths.sets(*test, &lever.flag))
}

/// What the run before left, if it was one of the same and was interrupted; else nothing is done yet.
fn under_way(project: &Project, analysis: &Analysis, wanted: &Probe) -> Result<UnderWay, Failure> {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| _ = hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    for (path, file) in &analysis.base.files {
        add(path.as_str().as_bytes());
        add(&analysis.sources.file(*file).hash);
    }
    let command = wanted.command.as_ref().or(project.config.probe.command.as_ref());
    for words in [
        &wanted.keys,
        &wanted.only,
        &project.config.probe.pass_env,
        &project.config.probe.copy,
    ] {
        add(words.join("\0").as_bytes());
    }
    add(command.map_or(&[][..], |line| line.as_bytes()));
    add(&[
        u8::from(wanted.all),
        u8::from(wanted.committed),
        u8::from(command.is_some()),
    ]);
    let asked = hasher.finalize().to_hex()[..32].to_owned();
    let before = if wanted.no_record {
        None
    } else {
        project.record()?.under_way
    };
    let same = before.filter(|before| before.asked == asked);
    Ok(same.unwrap_or(UnderWay {
        asked,
        done: BTreeSet::new(),
    }))
}

/// Writes down what one flag showed; `under_way` is what the run leaves if it goes no farther.
fn write_record(
    project: &Project,
    (analysis, paths): (&Analysis, &Paths<'_>),
    done: &Done,
    under_way: Option<UnderWay>,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut new = Proofs::default();
    let mut tried: BTreeSet<(FlagKey, RepoPath)> = BTreeSet::new();
    let flag = &done.lever.flag;
    for test in &done.tests {
        let path = &test.id.path;
        let reach = new.reach.entry(path.clone()).or_insert_with(|| paths.reach(path));
        tried.insert((flag.clone(), path.clone()));
        let Some(seen) = test.shown.seen() else { continue };
        new.proofs.push(Proof {
            flag: flag.clone(),
            path: path.clone(),
            suite: test.id.suite.clone(),
            name: test.id.name.clone(),
            seen,
            content: content(&analysis.sources, &analysis.base, &analysis.index, flag, reach),
        });
    }
    let proofs = record::merged(project.record()?.proofs, new, &tried);
    let text = record::text(&Record { proofs, under_way });
    write_file(&project.root.join(record::FILE_NAME), &text, output)
}

impl From<ScratchError> for Failure {
    fn from(error: ScratchError) -> Self {
        match error {
            ScratchError::Git(error) => Self::from(error).hint("flagman probe needs at least one commit"),
            ScratchError::File { ref source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Self::usage(error.to_string()).hint("is it a path of `probe.copy` in flagman.toml?")
            }
            ScratchError::File { .. } => Self::internal(error.to_string()),
        }
    }
}
