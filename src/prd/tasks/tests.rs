//! Tasks of task-master and of Ralph, read as PRDs.

use super::*;
use crate::prd::places::task_lists;
use crate::prd::{Claim, MentionKind, Prd, read_task};
use crate::source::{RepoPath, Sources};

const TASK_MASTER: &str = r#"{
  "master": {"tasks": [
    {"id": 1, "title": "Set up", "status": "done", "dependencies": []},
    {"id": 2, "title": "Tax in the cart", "status": "pending", "dependencies": [1, "3.2"],
     "description": "Add \"tax\" to `src/cart.ts`.\n\nIt reads `taxRate`.", "details": "`new_tax` must be on before this runs.",
     "testStrategy": "- the row `Tax` shows",
     "relevantFiles": [{"path": "src/price.ts", "description": "the total", "action": "modify"}],
     "subtasks": [{"id": 1, "title": "Gone", "status": "done", "details": "Change `src/gone.ts`."},
                  {"id": 2, "title": "Row", "status": "pending", "details": "Change `src/row.ts`."}]},
    {"id": 3, "title": "Rates", "status": "in-progress", "dependencies": [], "description": "Ships behind `new_tax`, off by default."}
  ], "metadata": {}},
  "later": {"tasks": [{"id": 1, "title": "More", "status": "pending", "dependencies": [1]}]}
}"#;

fn prds(text: &str) -> (Sources, Vec<Prd>) {
    let mut sources = Sources::default();
    let path = RepoPath::new("tasks.json").unwrap();
    let tasks = read(text, &task_lists(), None).expect("tasks");
    let prds = tasks.into_iter().map(|(task, own)| {
        let file = sources.add(path.clone(), own);
        read_task(&sources, file, &task, &crate::prd::KnownNames::default())
    });
    let prds = prds.collect();
    (sources, prds)
}

fn mentioned(prd: &Prd, kind: &MentionKind) -> Vec<String> {
    let fits = prd.mentions.iter().filter(|mention| mention.kind == *kind);
    fits.map(|mention| mention.text.clone()).collect()
}

#[test]
fn each_task_that_is_not_done_is_a_prd() {
    let (_, prds) = prds(TASK_MASTER);
    let ids: Vec<&str> = prds.iter().map(|prd| prd.id.0.as_str()).collect();
    assert_eq!(ids, ["2", "3", "later-1"]);
    let waits = |prd: &Prd| {
        let claims = prd.statements.iter().filter_map(|statement| match &statement.claim {
            Claim::DependsOn { on } => Some(on.clone()),
            _ => None,
        });
        claims.collect::<Vec<_>>()
    };
    // What is done is waited for no more; a part stands for its task, and a tag's ids for the tag's tasks.
    assert_eq!(waits(&prds[0]), ["3"]);
    assert_eq!(waits(&prds[2]), ["later-1"]);
    assert_eq!(
        mentioned(&prds[0], &MentionKind::Path),
        ["src/price.ts", "src/cart.ts", "src/row.ts"]
    );
    let assumes = |prd: &Prd| {
        let found = prd.statements.iter();
        found.filter(|one| matches!(one.claim, Claim::Assumes { .. })).count()
    };
    assert_eq!((assumes(&prds[0]), assumes(&prds[1])), (1, 0));
    assert!(
        prds[1]
            .statements
            .iter()
            .any(|one| matches!(one.claim, Claim::Introduces { .. }))
    );
}

#[test]
fn places_are_those_of_the_file() {
    let (sources, prds) = prds(TASK_MASTER);
    let at = |text: &str| TASK_MASTER.find(text).unwrap();
    let path = prds[0]
        .mentions
        .iter()
        .find(|mention| mention.text == "src/row.ts")
        .unwrap();
    assert_eq!(path.span.bytes.range().start, at("src/row.ts"));
    assert_eq!(prds[0].title_span.bytes.range().start, at("Tax in the cart"));
    let shown = &sources.file(prds[0].title_span.file).text;
    assert_eq!(shown.lines().count(), TASK_MASTER[..shown.len()].lines().count());
    assert!(shown.contains("the row `Tax` shows") && !shown.contains("Set up") && !shown.contains("Gone"));
}

#[test]
fn escapes_keep_their_width() {
    for (written, read) in [
        (r#"say \"x\" now"#, r#"say  "x"  now"#),
        (r"a\nb", "a \nb"),
        (r"caf\u00e9 x", "café     x"),
        (r"\ud83d\ude00", "            "),
        (r"C:\\x", r"C: \x"),
        (r"\u", "  "),
    ] {
        assert_eq!(unescaped(written), read, "{written}");
        assert_eq!(read.len(), written.len(), "{written}");
    }
}

#[test]
fn the_stories_of_a_loop() {
    let (_, prds) = prds(
        r#"{"project": "x", "branchName": "ralph/x", "userStories": [
        {"id": "US-001", "title": "Rates", "passes": true},
        {"id": "US-002", "title": "Row", "acceptanceCriteria": ["The cart shows `Tax`", "Typecheck passes"], "passes": false, "dependencies": ["US-001"]}]}"#,
    );
    let [story] = prds.as_slice() else { panic!("{prds:?}") };
    assert_eq!(
        (story.id.0.as_str(), story.branch.as_deref(), story.statements.len()),
        ("US-002", None, 0)
    );
    assert!(story.expected.iter().any(|expected| expected.text == "Tax"));
}

#[test]
fn what_is_no_list_says_so() {
    for (text, why) in [
        ("", "empty"),
        ("[1]", "no list"),
        ("{", "not JSON"),
        (r#"{"tasks": 3}"#, "no list"),
    ] {
        let error = read(text, &task_lists(), None).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
    for text in [r#"{"tasks": [{"id": 1}, null]}"#, r#"{"tasks": [1]}"#] {
        assert!(
            matches!(read(text, &task_lists(), None), Err(NoTasks::Broken(_))),
            "{text}"
        );
    }
    assert_eq!(read(r#"{"tasks": []}"#, &task_lists(), None), Ok(Vec::new()));
}

#[test]
fn a_task_without_an_id_is_called_by_its_place() {
    let (_, prds) = prds(r#"{"tasks": [{"id": 1}, {"title": "Tax"}, {"id": {}}]}"#);
    let ids: Vec<&str> = prds.iter().map(|prd| prd.id.0.as_str()).collect();
    assert_eq!(ids, ["1", "task-2", "task-3"]);
}
