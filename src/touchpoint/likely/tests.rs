//! Guesses in a small tree: the documents are really read.

use super::*;
use crate::prd::{self, KnownNames};
use crate::source::fixture;
use crate::touchpoint::TargetKind;

const TREE: &str = "//- src/quotes/quote_version.ts
export class QuoteVersion { freezeTotals(quote) { return quote.totals } }
//- src/quotes/quote_list.ts
export class QuoteList { filterByStatus(quotes) { return quotes } }
//- src/fees/fee_service.ts
export class FeeService { createFee(fee) { return fee } }
//- src/mail/sender.ts
export function sendMail(to, body) { return [to, body] }
//- src/mail/queue.ts
export function enqueue(job) { return job }
//- tests/quotes/quote_version.ts
freeze totals of a quote version
";

const FREEZE: &str = "//- docs/001-freeze.md
# Freeze the totals of a quote version

A guest who has accepted a quote sees the frozen totals, however fees and taxes change afterwards.
";

fn guess(text: &str, history: &[(&str, &[&str])]) -> BTreeMap<String, Likely> {
    let (sources, view) = fixture(text);
    let prds: Vec<Prd> = view
        .files
        .iter()
        .filter(|(path, _)| path.as_str().starts_with("docs/"))
        .map(|(_, file)| prd::read(&sources, *file, None, &KnownNames::default()))
        .collect();
    let commits = history.iter().map(|(message, files)| PastCommit {
        message: (*message).to_owned(),
        files: files.iter().filter_map(|path| RepoPath::new(path)).collect(),
    });
    let history = History {
        commits: commits.collect(),
    };
    let found = likely(
        &prds.iter().collect::<Vec<_>>(),
        &Ground {
            view: &view,
            sources: &sources,
            history: &history,
            source: &|path, _| match path.as_str() {
                path if path.contains("made") => Source::Made,
                path if path.starts_with("src/") => Source::Written,
                _ => Source::Other,
            },
        },
    );
    found.into_iter().map(|(id, likely)| (id.0, likely)).collect()
}

fn files(likely: &Likely) -> Vec<&str> {
    match likely {
        Likely::Files(files) => files.iter().map(|touch| touch.target.name.as_str()).collect(),
        other => panic!("no files: {other:?}"),
    }
}

fn only(text: &str, history: &[(&str, &[&str])]) -> Likely {
    guess(&format!("{TREE}{text}"), history)
        .into_values()
        .next()
        .expect("a document")
}

#[test]
fn words_point_at_files_whatever_their_case_and_form() {
    let likely = only(FREEZE, &[]);
    assert_eq!(
        files(&likely)[..2],
        ["src/quotes/quote_version.ts", "src/quotes/quote_list.ts"]
    );
    assert!(
        !files(&likely).contains(&"tests/quotes/quote_version.ts"),
        "tests are no candidates"
    );
    assert!(!files(&likely).contains(&"src/mail/queue.ts"), "nothing points there");
}

#[test]
fn a_guess_is_weak_and_says_which_words_made_it() {
    let text = format!("{TREE}{FREEZE}");
    let (sources, _) = fixture(&text);
    let Likely::Files(files) = only(FREEZE, &[]) else {
        panic!("no files")
    };
    assert!(
        files
            .iter()
            .all(|touch| touch.certainty == Certainty::Inferred && touch.exists)
    );
    assert!(
        files
            .iter()
            .all(|touch| touch.said.is_none() && !touch.because.is_empty())
    );
    assert!(files.is_sorted_by(|a, b| a.score >= b.score));
    assert!(files.iter().all(|touch| (0.0..=1.0).contains(&touch.score)));
    let words: Vec<&str> = files[0].because.iter().map(|span| sources.text(*span)).collect();
    assert_eq!(words.len(), 3);
    for word in words {
        assert!(["Freeze", "totals", "quote", "version"].contains(&word), "{word}");
    }
}

#[test]
fn past_commits_with_such_words_tell_of_files_that_have_none_of_them() {
    let without = only(FREEZE, &[]);
    assert!(!files(&without).contains(&"src/mail/queue.ts"));
    let freezes: (&str, &[&str]) = (
        "Freeze quote totals when a guest accepts",
        &["src/mail/queue.ts", "gone.ts"],
    );
    let with = only(FREEZE, &[freezes, ("Colour of the door", &["src/mail/sender.ts"])]);
    assert!(files(&with).contains(&"src/mail/queue.ts"), "{with:?}");
    assert!(!files(&with).contains(&"src/mail/sender.ts"), "{with:?}");
    assert!(!files(&with).contains(&"gone.ts"), "{with:?}");
}

#[test]
fn a_file_that_was_moved_is_known_by_its_name_and_folders() {
    let freezes = |files| -> Likely { only(FREEZE, &[("Freeze quote totals when a guest accepts", files)]) };
    assert!(files(&freezes(&["old/mail/queue.ts"])).contains(&"src/mail/queue.ts"));
    let twins = "//- src/a/mail/post.ts\nx\n//- src/b/mail/post.ts\nx\n";
    let likely = only(
        &format!("{twins}{FREEZE}"),
        &[("Freeze quote totals when a guest accepts", &["mail/post.ts"])],
    );
    assert!(
        !files(&likely).iter().any(|file| file.ends_with("post.ts")),
        "{likely:?}"
    );
}

#[test]
fn the_latest_of_like_commits_counts_most() {
    let before: (&str, &[&str]) = ("Freeze quote totals", &["src/mail/queue.ts"]);
    let now: (&str, &[&str]) = ("Freeze quote totals", &["src/mail/sender.ts"]);
    let between: Vec<(&str, &[&str])> = vec![("Colour of the door", &["src/fees/fee_service.ts"]); 400];
    for (newest, oldest, first) in [(now, before, "src/mail/sender.ts"), (before, now, "src/mail/queue.ts")] {
        let history: Vec<_> = [newest].into_iter().chain(between.clone()).chain([oldest]).collect();
        let likely = only(FREEZE, &history);
        let found = files(&likely).into_iter().find(|file| file.starts_with("src/mail"));
        assert_eq!(found, Some(first));
    }
}

#[test]
fn what_changed_with_the_likeliest_files_is_likely_too() {
    let together: (&str, &[&str]) = ("Tidy", &["src/quotes/quote_version.ts", "src/mail/queue.ts"]);
    let apart: (&str, &[&str]) = ("Tidy", &["src/fees/fee_service.ts", "src/mail/sender.ts"]);
    let likely = only(FREEZE, &[together, apart]);
    let place = |path| files(&likely).iter().position(|file| *file == path);
    assert_eq!(place("src/mail/queue.ts"), Some(1), "{likely:?}");
    assert!(
        place("src/mail/sender.ts") > place("src/fees/fee_service.ts"),
        "{likely:?}"
    );
}

#[test]
fn what_a_document_names_is_as_likely_as_the_guess_says_and_what_it_declares_stays() {
    let likely = only(FREEZE, &[]);
    let Likely::Files(ranked) = &likely else {
        panic!("no files")
    };
    let touch = |target: Target, certainty| Touchpoint {
        target,
        certainty,
        score: 0.6,
        ..ranked[0].clone()
    };
    let path = |path: &str| RepoPath::new(path).expect("a path");
    let first = known::file(&path("src/quotes/quote_version.ts"));
    let symbol = Target {
        name: "QuoteVersion".to_owned(),
        kind: TargetKind::Symbol,
        ..first.clone()
    };
    let other = known::file(&path("docs/a.md"));
    let [top, last] = [&ranked[0], &ranked[ranked.len() - 1]].map(|touch| touch.score);
    for (target, certainty, expected) in [
        (&first, Certainty::Mentioned, top),
        (&first, Certainty::Inferred, top),
        (&first, Certainty::Declared, 0.6),
        (&first, Certainty::Observed, 0.6),
        (&symbol, Certainty::Mentioned, top.min(0.6)),
        (&other, Certainty::Mentioned, 0.6),
        (&other, Certainty::Inferred, last.min(0.6)),
    ] {
        let score = likely.score(&touch(target.clone(), certainty));
        assert_eq!(score.to_bits(), expected.to_bits(), "{} {certainty:?}", target.name);
    }
    assert_eq!(
        Likely::TooLittleText
            .score(&touch(first, Certainty::Mentioned))
            .to_bits(),
        0.6_f64.to_bits()
    );
}

#[test]
fn a_commit_of_a_whole_tree_tells_nothing() {
    let many: Vec<String> = (0..600).map(|n| format!("src/{n}.ts")).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many.push("src/mail/queue.ts");
    let import: (&str, &[&str]) = ("Freeze quote totals when a guest accepts", &many);
    assert!(!files(&only(FREEZE, &[import])).contains(&"src/mail/queue.ts"));
}

#[test]
fn a_name_in_code_voice_points_at_who_defines_it_first() {
    let text = "//- docs/002-mail.md
# Retry what could not be sent

Where a body is not delivered, `sendMail` is called again, and the fee of the job is kept in the queue, however often.
";
    let likely = only(text, &[]);
    assert_eq!(files(&likely)[0], "src/mail/sender.ts");
}

#[test]
fn what_the_document_leaves_alone_is_left_out() {
    let text = format!("{FREEZE}\nDo not change `src/quotes/quote_list.ts`.\n");
    assert!(!files(&only(&text, &[])).contains(&"src/quotes/quote_list.ts"));
}

#[test]
fn too_little_text_is_said_to_be_that() {
    for text in [
        "",
        "# Fix it\n",
        "# Add the new thing\n\nIt should work as before.\n",
        "---\nid: x\n---\n",
    ] {
        let likely = only(&format!("//- docs/003-thin.md\n{text}"), &[]);
        assert_eq!(likely, Likely::TooLittleText, "{text:?}");
    }
}

#[test]
fn the_head_of_a_document_is_not_prose() {
    let head = "//- docs/004-head.md
---
id: quote-version
owner: fee service, mail sender, quote list, freeze totals
---
# Fix it
";
    assert_eq!(only(head, &[]), Likely::TooLittleText);
}

#[test]
fn others_change_nothing_and_ties_go_by_path() {
    let alone = only(FREEZE, &[]);
    let other = "//- docs/009-other.md\n# The mail queue\n\nSend mail again when the queue of a fee job was full, and say so.\n";
    let both = guess(&format!("{TREE}{FREEZE}{other}"), &[]);
    let again = guess(&format!("{TREE}{FREEZE}{other}"), &[]);
    assert_eq!(both, again);
    let bare = |likely: &Likely| match likely {
        Likely::Files(files) => files
            .iter()
            .map(|touch| (touch.target.clone(), touch.score.to_bits()))
            .collect(),
        _ => Vec::new(),
    };
    assert_eq!(bare(&both["001-freeze"]), bare(&alone));
    let twins = "//- src/zz/twin.ts\nfrozen guest totals\n//- src/aa/twin.ts\nfrozen guest totals\n";
    let likely = only(&format!("{twins}{FREEZE}"), &[]);
    let place = |path| files(&likely).iter().position(|file| *file == path);
    assert!(place("src/aa/twin.ts") < place("src/zz/twin.ts"), "{likely:?}");
}

#[test]
fn hostile_documents_end() {
    let word: String = "quoteVersion".repeat(2_000);
    for text in [
        format!("# {}\n", "`".repeat(5_000)),
        format!("# x\n\n{}", "`aB` / ".repeat(500)),
        format!("# {word}\n\n{word} {}", "_".repeat(5_000)),
        (0..2_000).map(|n| format!("word{n}x ")).collect(),
        "# \u{202e}ﬁx\u{0} ümläut 你好世界 你好世界\n".to_owned(),
    ] {
        let _ = only(
            &format!("//- docs/005-hostile.md\n{text}"),
            &[(&text, &["src/mail/queue.ts"])],
        );
    }
}

#[test]
fn what_a_program_wrote_changes_with_what_it_is_made_from() {
    let tree =
        format!("{TREE}//- src/made/client.ts\nfreeze the totals of a quote version that a guest accepted\n{FREEZE}");
    let without = guess(&tree, &[]);
    assert!(
        !files(&without["001-freeze"]).contains(&"src/made/client.ts"),
        "{without:?}"
    );
    let both: &[&str] = &["src/quotes/quote_version.ts", "src/made/client.ts"];
    let with = guess(&tree, &[("Round the totals", both), ("Name the taxes", both)]);
    assert!(files(&with["001-freeze"]).contains(&"src/made/client.ts"), "{with:?}");
}
