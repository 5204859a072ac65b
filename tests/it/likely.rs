//! What a PRD may change by its words, and that it is a guess: shown, and never counted.

use crate::git_scratch::Scratch;
use crate::project::{Project, flagman_in};
use flagman::source::RepoPath;

const TREE: &str = "//- src/quotes/quote_version.ts
export class QuoteVersion { freezeTotals(quote) { return quote.totals } }
//- src/quotes/quote_list.ts
export class QuoteList { filterByStatus(quotes) { return quotes } }
//- src/quotes/quote_version.spec.ts
test('freezes totals', () => { expect(freezeTotals(quote)).toBe(1) })
//- src/mail/queue.ts
export function enqueue(job) { return job }
";

const FREEZE: &str = "# Freeze the totals of a quote version

A guest who has accepted a quote sees the frozen totals, however fees and taxes change afterwards.
";

fn files(document: &serde_json::Value) -> Vec<String> {
    let touchpoints = document["prds"][0]["touchpoints"].as_array().unwrap();
    let inferred = touchpoints.iter().filter(|touch| touch["certainty"] == "inferred");
    inferred
        .map(|touch| touch["target"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn words_are_shown_and_in_the_json_with_the_lines_that_say_so() {
    let project = Project::of(&format!("{TREE}//- docs/prds/001-freeze.md\n{FREEZE}"));
    let document = project.json(&["prds", "1"]);
    assert_eq!(files(&document)[0], "src/quotes/quote_version.ts", "{document}");
    assert!(
        !files(&document).contains(&"src/quotes/quote_version.spec.ts".to_owned()),
        "{document}"
    );
    assert_eq!(document["prds"][0]["likely"], "told");
    let first = &document["prds"][0]["touchpoints"][0];
    assert_eq!(first["access"], "read", "a guess makes nobody a writer");
    assert!(
        first["score"].as_f64().is_some_and(|score| 0.0 < score && score < 1.0),
        "{first}"
    );
    assert_eq!(first["because"][0]["path"], "docs/prds/001-freeze.md");
    assert_eq!(first["because"][0]["role"], "prd");
    let said = project.flagman(&["prds", "1"]);
    let block = said.out.split("may change too, by its words\n").nth(1).unwrap_or("");
    assert!(
        block
            .lines()
            .next()
            .is_some_and(|line| line.contains("src/quotes/quote_version.ts")),
        "{}",
        said.out
    );
    assert_eq!(project.flagman(&["prds", "1"]).out, said.out);
}

#[test]
fn a_file_that_is_named_is_told_once() {
    let text = format!("{FREEZE}\nChange `src/quotes/quote_version.ts`.\n");
    let project = Project::of(&format!("{TREE}//- docs/prds/001-freeze.md\n{text}"));
    let document = project.json(&["prds", "1"]);
    let touchpoints = document["prds"][0]["touchpoints"].as_array().unwrap();
    let named = touchpoints
        .iter()
        .filter(|touch| touch["target"] == "src/quotes/quote_version.ts");
    let named: Vec<&serde_json::Value> = named.collect();
    assert_eq!(named.len(), 1, "{document}");
    assert_eq!(named[0]["certainty"], "mentioned");
}

#[test]
fn too_little_text_is_said() {
    let project = Project::of(&format!("{TREE}//- docs/prds/001-thin.md\n# Fix it\n"));
    let said = project.flagman(&["prds", "1"]);
    assert!(said.out.contains("too little text to tell"), "{}", said.out);
    let document = project.json(&["prds"]);
    assert_eq!(document["prds"][0]["likely"], "too-little-text");
    assert!(files(&document).is_empty(), "{document}");
}

#[test]
fn a_guess_keeps_nobody_apart_and_blocks_nothing() {
    let both = format!("{TREE}//- docs/prds/001-freeze.md\n{FREEZE}//- docs/prds/002-freeze-too.md\n{FREEZE}");
    // What says nothing of what it touches goes alone, whatever is guessed, until somebody says that it need not.
    let plan = Project::of(&both).json(&["plan"]);
    assert_eq!(plan["alone"].as_array().unwrap().len(), 2, "{plan}");
    let project = Project::of(&format!("{both}//- flagman.toml\n[plan]\nunclear = \"together\"\n"));
    let plan = project.json(&["plan"]);
    assert_eq!(plan["phases"].as_array().unwrap().len(), 1, "{plan}");
    for none in ["edges", "exclusions", "overlaps"] {
        assert_eq!(plan[none], serde_json::json!([]), "{plan}");
    }
    let gate = project.flagman(&["gate"]);
    assert_eq!(gate.code, 0, "{}{}", gate.out, gate.err);
}

#[test]
fn the_history_up_to_here_teaches_and_what_comes_later_does_not() {
    let scratch = Scratch::new(TREE);
    scratch.commit(
        "Freeze quote totals once a guest accepts",
        "//- src/mail/queue.ts\nexport const a = 1\n",
    );
    let now = scratch.oid("HEAD");
    scratch.commit(
        "Freeze quote totals of a guest, at last",
        "//- src/late.ts\nexport const b = 1\n",
    );
    let later = scratch.oid("HEAD");
    let ask = |tip: &str| {
        scratch.git(&["checkout", "--quiet", "--detach", tip]);
        scratch.write(&format!("//- docs/prds/001-freeze.md\n{FREEZE}"));
        let said = flagman_in(&scratch.root(), &["prds", "1", "--format", "json"]);
        files(&serde_json::from_str(&said.out).unwrap())
    };
    assert!(ask(later.as_str()).contains(&"src/late.ts".to_owned()));
    scratch.write("//- src/late.ts\nexport const b = 1\n");
    let then = ask(now.as_str());
    assert!(then.contains(&"src/mail/queue.ts".to_owned()), "{then:?}");
    assert!(!then.contains(&"src/late.ts".to_owned()), "{then:?}");
}

#[test]
fn messages_and_files_of_the_past_are_read_whatever_they_hold() {
    let scratch = Scratch::new("//- app/a.ts\n1\n//- b.ts\n1\n");
    scratch.git(&["switch", "--quiet", "-c", "side"]);
    scratch.commit("side", "//- app/side file.ts\n1\n");
    scratch.git(&["switch", "--quiet", "main"]);
    scratch.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "-m",
        "Merge the side\n\nwith a body",
        "side",
    ]);
    scratch.commit("empty \u{1b}[31m", "");
    scratch.git(&["mv", "b.ts", "c.ts"]);
    scratch.commit("moved", "");
    let repository = scratch.repository();
    let past = repository.history(&scratch.oid("HEAD"), 10).expect("a history");
    let told: Vec<(&str, Vec<&str>)> = past
        .iter()
        .map(|past| (past.message.as_str(), past.files.iter().map(RepoPath::as_str).collect()))
        .collect();
    let expected: Vec<(&str, Vec<&str>)> = vec![
        ("moved", vec!["b.ts", "c.ts"]),
        ("empty \u{1b}[31m", vec![]),
        ("Merge the side\n\nwith a body", vec!["app/side file.ts"]),
        ("base", vec!["app/a.ts", "b.ts"]),
    ];
    assert_eq!(told, expected);
    assert_eq!(repository.history(&scratch.oid("HEAD"), 2).expect("a history").len(), 2);
    let app = flagman::git::Repository::discover(&scratch.root().join("app")).expect("a repository");
    let base = &app.history(&scratch.oid("HEAD"), 10).expect("a history")[3];
    assert_eq!(base.files, [RepoPath::new("a.ts").unwrap()]);
}

#[test]
fn what_a_program_answers_is_looked_up_and_nothing_is_written() {
    let project = Project::of(&format!("{TREE}//- docs/prds/001-freeze.md\n{FREEZE}"));
    // The program reads the candidates and answers with the first, a slip, a symbol, a new file and one that is there.
    let answer = r#"grep -q quote_version.ts; printf '{"touches": ["src/quotes/quote_version.ts", "src/quotes/quote_versions.ts", "freezeTotals", "create: src/quotes/frozen.ts", "create: src/mail/queue.ts", "../out", "src/quotes/nope.ts", "NopeService.close"]}'"#;
    let said = project.flagman(&["prds", "1", "--refine", answer]);
    assert_eq!(said.code, 0, "{}", said.err);
    for line in [
        "001-freeze: 3 of 8 answers hold",
        "refused: src/quotes/nope.ts: the code has nothing of that name",
        "refused: NopeService.close: the code has nothing of that name",
        "refused: src/quotes/quote_versions.ts: the code has no such path; did you mean `src/quotes/quote_version.ts`?",
        "refused: create: src/mail/queue.ts: it is there already",
        "refused: ../out: ",
        "to keep them: flagman prds set 001-freeze 'touches+=create: src/quotes/frozen.ts' touches+=freezeTotals touches+=src/quotes/quote_version.ts",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    assert_eq!(project.read("docs/prds/001-freeze.md"), FREEZE);
    let kept = project.flagman(&[
        "prds",
        "set",
        "1",
        "touches+=create: src/quotes/frozen.ts",
        "touches+=freezeTotals",
    ]);
    assert_eq!(kept.code, 0, "{}", kept.err);
    for (line, why) in [
        ("exit 7", "exit code 7"),
        ("echo hello", "its answer is not"),
        ("echo no >&2; false", "exit code 1: no"),
    ] {
        let said = project.flagman(&["prds", "1", "--refine", line]);
        assert!(said.code == 3 && said.err.contains(why), "{line}: {}", said.err);
    }
}
