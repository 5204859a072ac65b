//! `flagman init`: looks at the repository, says what it found, and writes a commented `flagman.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::args::{Format, Global};
use super::failure::{Failure, exit};
use super::output::{Output, write_file};
use super::project::{Project, Wanted};
use super::suggest::Suggested;
use crate::analysis::{Analysis, Inputs, analyze};
use crate::config;
use crate::lang::Language;
use crate::prd::places;
use crate::report::json;
use crate::report::text::counted;
use crate::source::RepoPath;

/// What was found.
#[derive(Debug)]
struct Found {
    /// Globs of the PRDs.
    prds: Vec<String>,
    /// The planning tool whose layout they have.
    tool: Option<String>,
    /// How many PRDs.
    prd_count: usize,
    /// How many code files, by language.
    code: BTreeMap<&'static str, usize>,
    /// Rule files that found definitions or reads, with how many.
    rules: BTreeMap<String, usize>,
    /// Test frameworks, with how many tests.
    frameworks: BTreeMap<String, usize>,
    /// How many flags.
    flags: usize,
    /// Reads whose key is not known.
    dynamic: usize,
    /// What runs the tests.
    test_command: Option<String>,
    /// The branch that releases are cut from.
    default_branch: Option<String>,
    /// How many files could not be read.
    skipped: usize,
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Also over a file that is there.
    pub(super) force: bool,
    /// Nothing.
    pub(super) dry_run: bool,
    /// The suggested rules, too.
    pub(super) suggest: bool,
}

pub(super) fn run(global: &Global, how: How, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let bare = project.repository.as_ref().is_some_and(crate::git::Repository::is_bare);
    if bare && !how.dry_run {
        let failure = Failure::usage("this repository has no work tree for a flagman.toml");
        return Err(failure.hint("init belongs into a clone of it; flagman init --dry-run prints what it would write"));
    }
    // Who has a configuration already may still ask for suggestions.
    let writes_configuration = !how.dry_run && (!how.suggest || !project.configured || how.force);
    if project.configured && !how.force && writes_configuration {
        let failure = Failure::usage(format!("there is a {} already", config::FILE_NAME));
        return Err(failure.hint("flagman init --dry-run prints what it would write; --force replaces it"));
    }
    // Which tests there are is asked of every file: flags lead to some alone.
    let inputs = Inputs {
        parse_all: true,
        ..project.read(global, &Wanted::default())?
    };
    let analysis = analyze(inputs);
    let found = look(&project, &analysis);
    let file = configuration(&found);
    let suggested = Suggested::of(&project, &analysis)?;
    if global.format == Format::Json {
        output.document(&json::text(&document(&found, &file, &suggested)))?;
    } else {
        output.answer(&format!("{}{}", said(&found), suggested.said(how.suggest)))?;
    }
    let in_text = global.format == Format::Text;
    if how.dry_run {
        if in_text {
            output.answer(&format!("\n{file}"))?;
        }
        if in_text && how.suggest && !suggested.rules.is_empty() {
            output.answer(&format!("\n{}", suggested.rules))?;
        }
        return Ok(exit::CLEAR);
    }
    let mut wrote = Vec::new();
    if writes_configuration {
        write_file(&project.root.join(config::FILE_NAME), &file, output)?;
        wrote.push(config::FILE_NAME);
    }
    if how.suggest && !suggested.rules.is_empty() {
        suggested.write(&project.root, how.force, output)?;
        wrote.push(&suggested.file);
    }
    if in_text && !wrote.is_empty() {
        output.answer(&format!(
            "\nwrote {}\nnext: flagman plan{}\n",
            wrote.join(" and "),
            project.invocation
        ))?;
    }
    Ok(exit::CLEAR)
}

fn look(project: &Project, analysis: &Analysis) -> Found {
    let mut code = BTreeMap::new();
    for language in analysis.base.files.keys().filter_map(Language::of) {
        *code.entry(language.name()).or_default() += 1;
    }
    let mut rules: BTreeMap<String, usize> = BTreeMap::new();
    let matched = analysis
        .index
        .definitions
        .iter()
        .map(|one| &one.rule)
        .chain(analysis.index.reads.iter().map(|one| &one.rule));
    for rule in matched {
        let file = rule.rsplit_once('/').map_or(rule.as_str(), |(file, _)| file);
        *rules.entry(file.to_owned()).or_default() += 1;
    }
    let mut frameworks: BTreeMap<String, usize> = BTreeMap::new();
    for test in &analysis.index.tests {
        let file = test.rule.rsplit_once('/').map_or(test.rule.as_str(), |(file, _)| file);
        *frameworks.entry(file.to_owned()).or_default() += 1;
    }
    let place = places::first(&analysis.base).filter(|_| project.config.prds.paths.is_empty());
    let prds = match place {
        Some(place) => place.named(&analysis.base),
        None => project.config.prds.paths.clone(),
    };
    Found {
        prds,
        tool: place.and_then(|place| place.tool.clone()),
        prd_count: analysis.prds.len(),
        code,
        rules,
        frameworks,
        flags: analysis.flags.flags.len(),
        dynamic: analysis.index.dynamic.len(),
        test_command: test_command(analysis),
        default_branch: project
            .repository
            .as_ref()
            .and_then(|repository| repository.default_branch().ok().flatten()),
        skipped: analysis.skipped().len(),
    }
}

/// `npm test` and its like where the manifest has a test script, `cargo test` for a Rust project.
fn test_command(analysis: &Analysis) -> Option<String> {
    let has = |name: &str| RepoPath::new(name).is_some_and(|path| analysis.base.exists(&path));
    let manifest = RepoPath::new("package.json").and_then(|path| analysis.base.files.get(&path).copied());
    let script = manifest.and_then(|file| {
        let manifest: serde_json::Value = serde_json::from_str(&analysis.sources.file(file).text).ok()?;
        manifest.get("scripts")?.get("test").map(|_| ())
    });
    match script {
        Some(()) if has("pnpm-lock.yaml") => Some("pnpm test".to_owned()),
        Some(()) if has("yarn.lock") => Some("yarn test".to_owned()),
        Some(()) => Some("npm test".to_owned()),
        None => has("Cargo.toml").then(|| "cargo test".to_owned()),
    }
}

fn said(found: &Found) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: String| {
        let _ = writeln!(text, "  {label:<10} {value}");
    };
    line(
        "PRDs",
        match found.prds.as_slice() {
            [] => "none found; name their folder as `prds.paths`".to_owned(),
            globs => {
                let tool = found.tool.as_ref().map_or(String::new(), |tool| format!(" ({tool})"));
                format!("{} in {}{tool}", counted(found.prd_count, "PRD"), globs.join(", "))
            }
        },
    );
    line(
        "code",
        or_none(
            &found
                .code
                .iter()
                .map(|(name, count)| counted(*count, &format!("{name} file")))
                .collect::<Vec<_>>(),
        ),
    );
    let rules: Vec<String> = found
        .rules
        .iter()
        .map(|(rule, count)| format!("{rule} ({count})"))
        .collect();
    let dynamic = if found.dynamic == 0 {
        String::new()
    } else {
        format!("; {} with a name that is not known", counted(found.dynamic, "read"))
    };
    line("flags", format!("{}{dynamic}", counted(found.flags, "flag")));
    if !rules.is_empty() {
        line("found by", rules.join(", "));
    }
    line(
        "tests",
        or_none(
            &found
                .frameworks
                .iter()
                .map(|(name, count)| format!("{} of {name}", counted(*count, "test")))
                .collect::<Vec<_>>(),
        ),
    );
    line(
        "run by",
        found
            .test_command
            .clone()
            .unwrap_or_else(|| "not known; say it as `tests.command`".to_owned()),
    );
    if let Some(branch) = &found.default_branch {
        line("protected", branch.clone());
    }
    if found.skipped > 0 {
        line(
            "unread",
            format!(
                "{} (flagman gate --format json lists them)",
                counted(found.skipped, "file")
            ),
        );
    }
    text
}

fn or_none(parts: &[String]) -> String {
    if parts.is_empty() {
        "none found".to_owned()
    } else {
        parts.join(", ")
    }
}

/// The file, every key with what it means; what is merely a default is commented out.
fn configuration(found: &Found) -> String {
    let list = |words: &[String]| {
        let quoted: Vec<String> = words
            .iter()
            .map(|word| toml::Value::from(word.as_str()).to_string())
            .collect();
        format!("[{}]", quoted.join(", "))
    };
    let mut protected = vec!["main".to_owned(), "master".to_owned()];
    protected.extend(
        found
            .default_branch
            .clone()
            .filter(|branch| !protected.contains(branch)),
    );
    let prds = match found.prds.as_slice() {
        [] => "# paths = [\"docs/prds/*.md\"]".to_owned(),
        globs => format!("paths = {}", list(globs)),
    };
    let command = match &found.test_command {
        Some(command) => format!("command = {}", toml::Value::from(command.as_str())),
        None => "# command = \"npm test\"".to_owned(),
    };
    format!(
        "# What flagman knows of this project. Every key has a default; unknown keys are errors.\n\n\
         [project]\n\
         # Where the dispatcher may merge. Never a protected branch.\n\
         release_branch = \"release/next\"\n\
         # Globs of branches that nothing of flagman ever moves.\n\
         protected = {}\n\n\
         [prds]\n\
         # The documents of the wave.\n\
         {prds}\n\n\
         [flags]\n\
         # States and their history; `flagman flags set` appends to it.\n\
         # file = \"flags.toml\"\n\
         # environment = \"default\"\n\
         # The project's own rules for its flag helpers, in the form of the built-in ones.\n\
         # rules = [\".flagman/rules/*.toml\"]\n\
         # What a test sees of a flag that it does not set: on | off | declared | unknown.\n\
         # ambient = \"declared\"\n\n\
         [tests]\n\
         {command}\n\n\
         [plan]\n\
         # Where a PRD goes that says nothing of what it changes: in a phase of its own, or beside others: alone | together.\n\
         # unclear = \"alone\"\n\n\
         [gate]\n\
         # One held PRD holds its wave, or only itself: wave | prd.\n\
         # hold = \"wave\"\n\
         # From which level on a finding blocks: error | warning.\n\
         # fail_on = \"error\"\n",
        list(&protected)
    )
}

fn document(found: &Found, file: &str, suggested: &Suggested) -> json::InitDocument {
    json::InitDocument {
        schema: "flagman/init/v1",
        prds: json::InitPrds {
            paths: found.prds.clone(),
            count: found.prd_count,
            tool: found.tool.clone(),
        },
        code: found.code.clone(),
        flags: json::InitFlags {
            count: found.flags,
            dynamic_reads: found.dynamic,
            rules: found.rules.clone(),
        },
        tests: json::InitTests {
            frameworks: found.frameworks.clone(),
            command: found.test_command.clone(),
        },
        default_branch: found.default_branch.clone(),
        skipped: found.skipped,
        configuration: file.to_owned(),
        suggestions: suggested.document(),
        suggested_rules: suggested.rules.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again() {
        let found = Found {
            prds: vec!["docs/\"odd\"/*.md".to_owned()],
            tool: None,
            prd_count: 1,
            code: BTreeMap::new(),
            rules: BTreeMap::new(),
            frameworks: BTreeMap::new(),
            flags: 0,
            dynamic: 0,
            test_command: Some("npm test -- --run".to_owned()),
            default_branch: Some("trunk".to_owned()),
            skipped: 0,
        };
        let config = config::Config::parse(&configuration(&found)).unwrap();
        assert_eq!(config.project.protected, ["main", "master", "trunk"]);
        assert_eq!(config.prds.paths, found.prds);
        assert_eq!(config.tests.command, found.test_command);
    }
}
