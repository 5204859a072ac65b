//! `flagman conflicts`, as text: a matrix of everybody against everybody, then who collides where.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::matrix::matrix;
use super::{counted, table};
use crate::conflict::meaning::{Breach, Certainty};
use crate::conflict::{
    Basis, Deed, FileCollision, FileDetail, ItemMeeting, Order, PairDetail, Prediction, PredictionVerdict,
};
use crate::report::visible;
use crate::source::Sources;

/// How many files of a pair are named.
const NAMED: usize = 5;

/// So much of a line is shown.
const WORDS: usize = 80;

/// How many places of a file are named.
const LINES: usize = 3;

/// The predictions about PRDs as text; `all` names every file, and the pairs that merge cleanly, too.
#[must_use]
pub fn conflicts(sources: &Sources, items: &[&str], told: &[(&Prediction, &PairDetail)], all: bool) -> String {
    let predictions: Vec<(&Prediction, bool)> = told
        .iter()
        .map(|(prediction, detail)| {
            let doubt = |breach: &Breach| breach.certainty != Certainty::Possible;
            (*prediction, detail.breaches.iter().any(doubt))
        })
        .collect();
    let reasons = if all { BTreeMap::new() } else { reasons(told) };
    let pairs = told.iter().map(
        |(one, detail)| match one.why.as_ref().and_then(|why| reasons.get(why)) {
            Some(pairs) if pairs[0] == one.pair => {
                visible(&untold(items, one.why.as_deref().unwrap_or_default(), pairs))
            }
            Some(pairs) if pairs.contains(&one.pair) => String::new(),
            _ if detail.basis == Basis::Merge => by_branches(&pair_of(sources, items, one, detail, all)),
            _ => pair_of(sources, items, one, detail, all),
        },
    );
    picture(items, &predictions) + &pairs.collect::<String>()
}

/// A pair of PRDs that was told from a merge of their branches says so behind its head.
fn by_branches(told: &str) -> String {
    let head = told.trim_start_matches('\n').lines().next().unwrap_or_default();
    match head {
        "" => String::new(),
        head => told.replacen(head, &format!("{head} (their branches were merged)"), 1),
    }
}

/// Pairs of items, by their places.
type Pairs = Vec<(usize, usize)>;

/// The pairs of which nothing can be told for a reason that one item gives, by that reason, where it is given more than once.
fn reasons<'a>(told: &[(&'a Prediction, &PairDetail)]) -> BTreeMap<&'a String, Pairs> {
    let mut reasons: BTreeMap<&String, Pairs> = BTreeMap::new();
    for (one, detail) in told {
        let bare = one.files.is_empty() && one.shared.is_empty() && detail.breaches.is_empty();
        if let (PredictionVerdict::Unknown, true, Some(why)) = (one.verdict, bare, &one.why) {
            reasons.entry(why).or_default().push(one.pair);
        }
    }
    reasons.retain(|_, pairs| pairs.len() > 1 && shared(pairs).is_some());
    reasons
}

/// The item that is in all of the pairs.
fn shared(pairs: &Pairs) -> Option<usize> {
    let (a, b) = *pairs.first()?;
    [a, b]
        .into_iter()
        .find(|item| pairs.iter().all(|(a, b)| a == item || b == item))
}

/// The pairs that one reason leaves open, as one.
fn untold(items: &[&str], why: &str, pairs: &Pairs) -> String {
    let one = shared(pairs).unwrap_or_default();
    let others = pairs.iter().map(|(a, b)| items[if *a == one { *b } else { *a }]);
    let first: Vec<&str> = others.take(NAMED).collect();
    let more = match pairs.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "\ncannot be told: {} × {}{more}\n   {why}\n",
        items[one],
        first.join(", ")
    )
}

/// The headline and the matrix of the pairs, each with whether it breaks although it merges cleanly.
#[must_use]
pub fn picture(items: &[&str], told: &[(&Prediction, bool)]) -> String {
    let mut text = format!("{}\n", headline(items, told));
    let matrix = matrix(items, told);
    if !matrix.is_empty() {
        let _ = write!(text, "\n{matrix}");
    }
    visible(&text)
}

/// One pair; nothing where there is nothing to tell, unless `all` is.
#[must_use]
pub fn pair_of(sources: &Sources, items: &[&str], prediction: &Prediction, detail: &PairDetail, all: bool) -> String {
    let meet = detail.files.values().any(|file| !file.meetings.is_empty());
    let quiet = match prediction.verdict {
        PredictionVerdict::Clean => true,
        PredictionVerdict::Overlap => !meet && detail.breaches.is_empty(),
        PredictionVerdict::Conflict | PredictionVerdict::Unknown => false,
    };
    match all || !quiet {
        true => visible(&pair(sources, items, prediction, detail, all)),
        false => String::new(),
    }
}

fn headline(items: &[&str], told: &[(&Prediction, bool)]) -> String {
    const WORDS: [&str; 5] = [
        "conflict",
        "merge cleanly and break",
        "overlap (merge cleanly, with files in common)",
        "merge cleanly",
        "cannot be told",
    ];
    let place = |(one, breaks): &(&Prediction, bool)| match one.verdict {
        PredictionVerdict::Conflict => 0,
        PredictionVerdict::Overlap if *breaks => 1,
        PredictionVerdict::Overlap if !one.shared.is_empty() => 2,
        // What may be meant is a note below.
        PredictionVerdict::Overlap | PredictionVerdict::Clean => 3,
        PredictionVerdict::Unknown => 4,
    };
    let mut counts = [0_usize; WORDS.len()];
    told.iter().for_each(|one| counts[place(one)] += 1);
    let parts = counts.iter().zip(WORDS).filter(|(count, _)| **count > 0);
    let parts: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
    match items.len() {
        0 | 1 => format!("{}: nothing to compare", counted(items.len(), "branch")),
        _ => format!("{}: {}", counted(told.len(), "pair"), parts.join(", ")),
    }
}

fn pair(sources: &Sources, items: &[&str], prediction: &Prediction, detail: &PairDetail, all: bool) -> String {
    let (a, b) = prediction.pair;
    let doubt = |breach: &Breach| breach.certainty != Certainty::Possible;
    let word = match prediction.verdict {
        PredictionVerdict::Conflict => "conflict",
        PredictionVerdict::Overlap if detail.breaches.iter().any(doubt) => "merges cleanly and breaks",
        PredictionVerdict::Overlap if prediction.shared.is_empty() => "merges cleanly",
        PredictionVerdict::Overlap => "overlap",
        PredictionVerdict::Clean => "clean",
        PredictionVerdict::Unknown => "cannot be told",
    };
    let mut text = format!("\n{word}: {} × {}\n", items[a], items[b]);
    if let Some(why) = &prediction.why {
        let _ = writeln!(text, "   {why}");
    }
    for breach in &detail.breaches {
        text.push_str(&broken(sources, [items[a], items[b]], breach));
    }
    let of = |path: &Vec<u8>| detail.files.get(path);
    let shown = if all { prediction.files.len() } else { NAMED };
    let rows: Vec<Vec<String>> = prediction
        .files
        .iter()
        .take(shown)
        .map(|file| row(file, of(&file.path)))
        .collect();
    text.push_str(&table(&rows));
    if prediction.files.len() > shown {
        let _ = writeln!(text, "   and {} more (--all)", prediction.files.len() - shown);
    }
    let both = prediction.shared.iter().filter_map(|path| Some((path, of(path)?)));
    let lines: Vec<String> = both
        .flat_map(|(path, file)| overlap([items[a], items[b]], &String::from_utf8_lossy(path), file, all))
        .collect();
    let shown = if all { lines.len() } else { NAMED };
    lines.iter().take(shown).for_each(|line| text.push_str(line));
    if lines.len() > shown {
        let _ = writeln!(text, "  and {} more (--all)", lines.len() - shown);
    }
    let unread = prediction.shared.iter().filter(|path| all && of(path).is_none());
    let unread: Vec<_> = unread.map(|path| String::from_utf8_lossy(path)).collect();
    if !unread.is_empty() {
        let _ = writeln!(text, "  both changed: {}", unread.join(", "));
    }
    text
}

/// Which merge cleanly one after the other.
#[must_use]
pub fn ordered(items: &[&str], order: &Order) -> String {
    if order.groups.is_empty() {
        return String::from("\nthere is nothing to put into an order\n");
    }
    let mut text = String::from("\nin this order they merge cleanly, one after the other:\n");
    for (at, group) in order.groups.iter().enumerate() {
        if at == 1 {
            text.push_str("what is left conflicts with some of these:\n");
        }
        let members = group.members.iter().map(|(item, against)| {
            let names: Vec<&str> = against.iter().map(|other| items[*other]).collect();
            match names.as_slice() {
                [] => items[*item].to_owned(),
                names => format!("{} (with {})", items[*item], names.join(", ")),
            }
        });
        let _ = writeln!(text, "  {}. {}", at + 1, members.collect::<Vec<_>>().join(", "));
    }
    for one in &order.together {
        let with: Vec<&str> = one.with.iter().map(|other| items[*other]).collect();
        let _ = writeln!(
            text,
            "  {} collides with {} together in {}, and with none of them alone",
            items[one.item],
            with.join(" and "),
            one.files.join(", ")
        );
    }
    visible(&text)
}

/// What does not go together although it merges cleanly, with the places of both sides.
fn broken(sources: &Sources, [a, b]: [&str; 2], breach: &Breach) -> String {
    let level = match breach.certainty {
        Certainty::Seen => "error",
        Certainty::Likely => "warning",
        Certainty::Possible => "note",
    };
    let [does, other] = &breach.deeds;
    let mut text = format!("  {level}[{}]: {a} {does}, {b} {other}\n", breach.kind.word());
    for (name, places) in [a, b].iter().zip(&breach.places) {
        for place in places {
            let (path, line) = (sources.path(place.span.file), sources.start(place.span).line);
            let words = sources.text(sources.line(place.span.file, line)).trim();
            let words: String = words.chars().take(WORDS).collect();
            let words = if words.is_empty() { words } else { format!(": {words}") };
            let _ = writeln!(text, "    {name} {path}:{line}{words}");
        }
    }
    text
}

/// What both did in a file that merges cleanly: a line for each symbol. Files without a symbol in common only where everything is shown.
fn overlap(items: [&str; 2], path: &str, file: &FileDetail, all: bool) -> Vec<String> {
    let symbols = file.meetings.iter().map(|meeting| {
        let ItemMeeting {
            name,
            kind,
            ours,
            theirs,
        } = meeting;
        let [a, b] = items;
        format!(
            "  {path}: {} {name}: {a} {}, {b} {}\n",
            kind.word(),
            deed(ours),
            deed(theirs)
        )
    });
    let mut found: Vec<String> = symbols.collect();
    if found.is_empty() && all {
        let [a, b] = file.lines.each_ref().map(|lines| {
            let lines: Vec<String> = lines.iter().take(LINES).map(|lines| range(*lines)).collect();
            match lines.is_empty() {
                true => "no line".to_owned(),
                false => lines.join(", "),
            }
        });
        let why = if file.read {
            "no symbol in common"
        } else {
            "lines only, the language is not read"
        };
        found.push(format!("  {path}: {why}: {a} × {b}\n"));
    }
    found
}

/// What somebody did to a symbol, after the name of who did it.
fn deed(deed: &Deed) -> String {
    match deed {
        Deed::Added => "adds it".to_owned(),
        Deed::Removed => "removes it".to_owned(),
        Deed::Renamed(to) => format!("renames it to {to}"),
        Deed::Signature { from, to } => format!("changes how it is called, from `{from}` to `{to}`"),
        Deed::Changed { added, removed: 0 } => format!("adds {} in it", counted(*added as usize, "line")),
        Deed::Changed { added: 0, removed } => format!("removes {} of it", counted(*removed as usize, "line")),
        Deed::Changed { added, removed } => {
            format!("changes it ({} new, {removed} gone)", counted(*added as usize, "line"))
        }
    }
}

fn row(file: &FileCollision, detail: Option<&FileDetail>) -> Vec<String> {
    let found = detail.map_or(&[][..], |detail| &detail.clashes);
    let lines: Vec<String> = file
        .clashes
        .iter()
        .chain(found)
        .take(LINES)
        .map(|clash| format!("{} × {}", range(clash.ours), range(clash.theirs)))
        .collect();
    let names: Vec<&str> = detail
        .iter()
        .flat_map(|detail| &detail.at)
        .map(String::as_str)
        .collect();
    let symbols = match (names.len(), detail) {
        (0, Some(detail)) if !detail.read => "lines only, the language is not read".to_owned(),
        (0, _) => String::new(),
        (count, _) if count > NAMED => format!("in {} and {} more", names[..NAMED].join(", "), count - NAMED),
        _ => format!("in {}", names.join(", ")),
    };
    vec![
        String::from_utf8_lossy(&file.path).into_owned(),
        file.kind.clone(),
        lines.join(", "),
        symbols,
    ]
}

fn range(range: crate::conflict::LineRange) -> String {
    match range.count {
        0 => format!("before {}", range.start),
        1 => range.start.to_string(),
        count => format!("{}-{}", range.start, range.start + count - 1),
    }
}
