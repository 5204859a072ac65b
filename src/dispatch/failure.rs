//! What a failure's log gives away. Enters: the end of a log and what the PRD takes for granted. Leaves: the upstream facts that the log
//! cites. A fact is cited if one of its words stands in the log by itself; nothing is guessed from prose.

use super::summary::UpstreamFact;

/// The facts that this log cites, sorted.
#[must_use]
pub fn causes(log: &str, facts: &[UpstreamFact]) -> Vec<String> {
    let cited = |fact: &&UpstreamFact| fact.words.iter().any(|word| stands_in(word, log));
    let mut causes: Vec<String> = facts.iter().filter(cited).map(|fact| fact.fact.clone()).collect();
    causes.sort();
    causes.dedup();
    causes
}

/// The last line of a log that says something, shortened, for a note.
#[must_use]
pub fn last_words(log: &str) -> String {
    let plain = |line: &str| -> String { line.trim().chars().filter(|c| !c.is_control()).take(200).collect() };
    let mut lines = log.lines().rev().map(plain);
    lines
        .find(|line| !line.is_empty())
        .unwrap_or_else(|| "it said nothing".to_owned())
}

/// True if `word` occurs with no letter, digit or underscore beside it: `tax` is not in `syntax`.
fn stands_in(word: &str, text: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(log: &str, expected: &[&str]) {
        let fact = |fact: &str, words: &[&str]| UpstreamFact {
            fact: fact.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            places: Vec::new(),
            command: None,
        };
        let facts = [
            fact("snapshot_read is on", &["snapshot_read", "tax.spec.ts"]),
            fact("fees exist", &["fees", ""]),
        ];
        assert_eq!(causes(log, &facts), expected, "{log}");
    }

    #[test]
    fn a_fact_is_cited_by_its_words() {
        check("FAIL src/tax.spec.ts > total", &["snapshot_read is on"]);
        check(
            "flag 'snapshot_read' was off; fees: 0",
            &["fees exist", "snapshot_read is on"],
        );
        check("my_snapshot_read2 and coffees", &[]);
        check("", &[]);
        check("éfees", &[]);
        check("§fees§", &["fees exist"]);
    }

    #[test]
    fn the_last_words_are_one_plain_line() {
        assert_eq!(last_words("a\n  \u{1b}[31mred\u{1b}[0m \n\n"), "[31mred[0m");
        assert_eq!(last_words("\n"), "it said nothing");
    }
}
