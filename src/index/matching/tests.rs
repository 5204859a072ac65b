//! Every example and counter-example of every built-in rule, in every language that its file claims; and what the matcher skips, pairs
//! and refuses.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ImportContext, sites, test_sites};
use crate::flag::FlagValue;
use crate::index::code::{Code, Modules, Unit};
use crate::index::homes;
use crate::index::site::{KeySource, Site, TestSite, ValueSource};
use crate::index::store::{self, FactsStore};
use crate::lang::tree::Syntax;
use crate::lang::{FileFacts, Language, ParseHealth};
use crate::rules::rule::{Rule, RuleKind};
use crate::rules::selector::Start;
use crate::rules::shape::Shape;
use crate::rules::{RuleRef, RuleSet, load_builtin};
use crate::source::{FileId, RepoPath};

fn facts(rules: &RuleSet, language: Language, path: &str, text: &str) -> FileFacts {
    let path = RepoPath::new(path).expect("a path");
    let asked = rules.asked(language, text);
    store::facts(FileId(0), &path, &Arc::from(text), language, (rules, &asked))
}

/// A rule set of one built-in file alone, so that its neighbours cannot win a match.
fn alone(rules: &RuleSet, file: usize) -> RuleSet {
    let mut set = RuleSet::default();
    let origin = &rules.files[file].origin;
    let path = format!("{}/{origin}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the rule file");
    set.add_project(&text, origin).expect("a correct rule file");
    set
}

/// Surroundings in which the import condition of the one file holds.
fn depending(rules: &RuleSet) -> ImportContext {
    let imports = rules.files.iter().filter_map(|file| file.when.as_ref());
    ImportContext {
        dependencies: imports.flat_map(|when| when.imports.texts.clone()).collect(),
        ..ImportContext::default()
    }
}

/// Where an example lies: it may begin with `// file: path`.
fn path_of(example: &str, language: Language) -> String {
    match example.strip_prefix("// file: ") {
        Some(rest) => rest.lines().next().unwrap_or_default().trim().to_owned(),
        None if language == Language::Rust => "src/example.rs".into(),
        None if language == Language::Ruby => "src/example_spec.rb".into(),
        None if language == Language::Go => "src/example_test.go".into(),
        None if language == Language::CSharp => "src/ExampleTests.cs".into(),
        None if language == Language::Java => "src/test/java/ExampleTest.java".into(),
        None if language == Language::Kotlin => "src/test/kotlin/ExampleTest.kt".into(),
        None if language == Language::Python => "tests/test_example.py".into(),
        None => format!("src/example.test.{}", language.word()),
    }
}

/// The facts of an example; Rust statements are put into a function. What must be found is a comment in some languages only.
fn example_facts(rules: &RuleSet, language: Language, example: &str) -> FileFacts {
    let path = path_of(example, language);
    let example = example.split(" // =>").next().unwrap_or_default();
    let read = facts(rules, language, &path, example);
    match language == Language::Rust && read.health != ParseHealth::Whole {
        true => facts(rules, language, &path, &format!("fn example() {{\n{example}\n;}}")),
        false => read,
    }
}

fn key_text(facts: &FileFacts, key: &KeySource) -> String {
    match key {
        KeySource::Node(id) => match facts.tree.syntax(facts.tree.bare(*id)) {
            Syntax::Text(text) => text.to_string(),
            _ => facts.words(*id).to_owned(),
        },
        KeySource::Known(text, _) => text.clone(),
        KeySource::Every => "*".into(),
    }
}

fn value_text(facts: &FileFacts, value: &ValueSource) -> String {
    match value {
        ValueSource::Node(id) => facts.words(*id).to_owned(),
        ValueSource::Known(FlagValue::On) => "on".into(),
        ValueSource::Known(_) => "off".into(),
        ValueSource::Text(text, _) => text.clone(),
    }
}

/// `a = true, b`
fn entries_text(facts: &FileFacts, site: &Site) -> Vec<String> {
    let entry = |entry: &crate::index::site::SiteEntry| {
        let key = key_text(facts, &entry.key);
        match entry.value.as_ref().or(entry.fallback.as_ref()) {
            Some(value) => format!("{key} = {}", value_text(facts, value)),
            None => key,
        }
    };
    site.entries.iter().map(entry).collect()
}

/// `test skipped table`
fn test_text(site: &TestSite) -> String {
    let role = format!("{:?}", site.role).to_lowercase();
    let role = role.split('(').next().unwrap_or_default().to_owned();
    let marks = [
        ("skipped", site.skipped),
        ("only", site.only),
        ("expect_fail", site.expect_fail),
        ("table", site.table.is_some()),
        ("condition", !site.conditions.is_empty()),
    ];
    let marks = marks.into_iter().filter(|(_, given)| *given).map(|(word, _)| word);
    std::iter::once(role.as_str())
        .chain(marks)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a rule makes of a snippet; `None` if it does not match.
fn outcome(
    rules: &RuleSet,
    at: RuleRef,
    language: Language,
    example: &str,
    context: &ImportContext,
) -> Option<Vec<String>> {
    let facts = example_facts(rules, language, example);
    let found: Vec<String> = match rules.rule(at).kind {
        RuleKind::Framework(_) => {
            let sites = test_sites(rules, &facts, context);
            sites.iter().filter(|site| site.rule == at).map(test_text).collect()
        }
        _ => {
            let mut sites = sites(rules, &facts, context);
            sites.extend(home_sites(rules, &facts));
            let sites: Vec<&Site> = sites.iter().filter(|site| site.rule == at).collect();
            if sites.is_empty() {
                return None;
            }
            sites.into_iter().flat_map(|site| entries_text(&facts, site)).collect()
        }
    };
    match (&rules.rule(at).kind, found.is_empty()) {
        (RuleKind::Framework(_), true) => None,
        _ => Some(found),
    }
}

/// The file by itself: nothing can be imported.
struct Alone;

impl Modules for Alone {
    fn target(&self, _: &FileFacts, _: &str, _: &str) -> Option<(RepoPath, String)> {
        None
    }

    fn may_give(&self, _: &RepoPath, _: &str) -> bool {
        false
    }
}

/// The sites of `lookup` rules. Examples lie in tests, where no flag is defined, unless they say where they lie.
fn home_sites(rules: &RuleSet, facts: &FileFacts) -> Vec<Site> {
    let path = facts.path.as_str().replace(".test.", ".");
    let facts = FileFacts {
        path: RepoPath::new(&path).expect("a path"),
        ..facts.clone()
    };
    let code = Code::new(vec![Arc::new(Unit::new(Arc::new(facts)))], &Alone);
    let mut sites = BTreeMap::new();
    homes::add(&code, rules, &FactsStore::default(), &mut sites);
    let mut sites: Vec<Site> = sites.into_values().flatten().collect();
    sites.sort_by_key(|site| code.tree(0).bytes(site.node).start);
    sites
}

/// What stands after `// =>` in an example.
fn expected(example: &str) -> Option<&str> {
    let (_, expected) = example.rsplit_once("// =>")?;
    Some(expected.trim())
}

fn has_markup(rule: &Rule) -> bool {
    matches!(rule.shape, Some(Shape::Jsx(_)))
}

#[test]
fn every_example_matches_and_no_counter_example_does() {
    let all = load_builtin();
    let mut wrong = Vec::new();
    for file in 0..all.files.len() {
        let rules = alone(&all, file);
        let context = depending(&rules);
        for (at, rule) in rules
            .rules()
            .filter(|(_, rule)| !matches!(rule.shape, Some(Shape::Data(_))))
        {
            for language in rules.files[0]
                .languages
                .iter()
                .filter(|l| l.is_built() && (**l != Language::TypeScript || !has_markup(rule)))
            {
                let name = format!("{} in {}", rules.name(at), language.word());
                for example in &rule.examples {
                    let found = outcome(&rules, at, *language, example, &context);
                    let found = found.map(|found| found.join(", "));
                    // What a framework or the whole file is about is seen without words.
                    let is_plain = matches!(rule.shape, Some(Shape::Comment(_)));
                    let needs_words = !is_plain && !matches!(rule.kind, RuleKind::Framework(_) | RuleKind::Ambient(_));
                    let said = expected(example);
                    let differs = said.is_some_and(|said| found.as_deref() != Some(said));
                    if found.is_none() || differs || (needs_words && said.is_none()) {
                        wrong.push(format!("{name}: {example}\n   found {}", found.unwrap_or_default()));
                    }
                }
                for example in &rule.counter_examples {
                    let at = RuleRef { file, ..at };
                    if let Some(found) = outcome(&all, at, *language, example, &context) {
                        wrong.push(format!("{name} must not match: {example}\n   found {found:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A file that is not parsed has no match: what the examples of a rule show must make a text worth parsing.
#[test]
fn every_example_of_a_demanding_rule_demands_its_file() {
    let all = load_builtin();
    let mut wrong = Vec::new();
    for file in (0..all.files.len()).filter(|file| all.files[*file].demand.is_some()) {
        let rules = alone(&all, file);
        for (at, rule) in rules.rules() {
            let named = rule.key.as_ref().is_some_and(|key| key.start != Start::Every);
            let examples = rule.examples.iter().filter(|_| named);
            let language = rules.files[0].languages[0];
            let lost = examples.filter(|example| {
                let text = example.split(" // =>").next().unwrap_or_default();
                let path = RepoPath::new(&path_of(example, language)).expect("a path");
                !rules.demands(language, text) && !rules.asks(language, text) && !homes::may_hold(&rules, &path, text)
            });
            wrong.extend(lost.map(|example| format!("{}: {example}", rules.name(at))));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} would not be parsed:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
