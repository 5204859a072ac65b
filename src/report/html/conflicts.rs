//! The page of `flagman conflicts`. Enters: its JSON document. Leaves: one HTML file that needs nothing else: everybody against everybody, then each pair that
//! meets, with its files, its symbols and what merges cleanly and breaks.

use maud::{Markup, html};
use serde_json::Value;

use super::{frame, visible};

/// With more items the matrix has only those that meet somebody.
const WIDEST: usize = 60;

/// The page of a document of the schema `flagman/conflicts/v1`.
#[must_use]
pub fn conflicts(document: &Value) -> String {
    let pairs: Vec<&Value> = list(&document["pairs"]).iter().collect();
    let count = |verdict: &str| pairs.iter().filter(|pair| pair["verdict"] == verdict).count();
    let title = format!("flagman: {} in conflict", counted(count("conflict"), "pair"));
    frame(
        &title,
        &html! {
            h1 { "flagman: who collides" }
            p {
                (counted(list(&document["items"]).len(), "item")) ": "
                (count("conflict")) " in conflict, " (count("overlap")) " that meet and merge cleanly, "
                (count("unknown")) " that cannot be told."
            }
            @if document["textual"] == true { p { "Only what git decides was looked at." } }
            (matrix(document, &pairs))
            (order(&document["order"]))
            (drift(&document["drift"]))
            @for pair in &pairs { (article(pair)) }
            @if pairs.is_empty() { p { "Nobody meets anybody." } }
        },
    )
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    visible(value.as_str().unwrap_or_default())
}

fn counted(count: usize, noun: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{many}")
}

/// Everybody against everybody.
fn matrix(document: &Value, pairs: &[&Value]) -> Markup {
    let meet = |item: &Value| pairs.iter().any(|pair| pair["a"] == *item || pair["b"] == *item);
    let all = list(&document["items"]);
    let items: Vec<&Value> = all.iter().filter(|item| all.len() <= WIDEST || meet(item)).collect();
    let verdict = |a: &Value, b: &Value| {
        let of = |pair: &&&Value| (pair["a"] == *a && pair["b"] == *b) || (pair["a"] == *b && pair["b"] == *a);
        let pair = pairs.iter().find(of);
        match pair.map_or("clean", |pair| pair["verdict"].as_str().unwrap_or_default()) {
            "overlap" if pair.is_some_and(|pair| !list(&pair["findings"]).is_empty()) => ("breaks", "!"),
            "conflict" => ("conflict", "X"),
            "overlap" => ("overlap", "o"),
            "unknown" => ("unknown", "?"),
            _ => ("clean", "·"),
        }
    };
    html! {
        @if items.len() > 1 && items.len() <= WIDEST {
            table.matrix {
                @for (at, item) in items.iter().enumerate() {
                    tr {
                        th { (at + 1) " " code { (word(item)) } }
                        @for other in &items[..at] {
                            @let (class, sign) = verdict(other, item);
                            td class=(class) title={ (word(other)) " × " (word(item)) ": " (class) } { (sign) }
                        }
                    }
                }
                tr { th {} @for at in 1..items.len() { th { (at) } } }
            }
            p.note { "X conflict · ! merges cleanly and breaks · o overlap · ? cannot be told" }
        }
    }
}

/// Which merge cleanly one after the other.
fn order(order: &Value) -> Markup {
    html! {
        @if !order.is_null() {
            h2 { "In this order they merge" }
            ol {
                @for group in list(&order["groups"]) {
                    li {
                        @for (at, member) in list(group).iter().enumerate() {
                            @if at > 0 { ", " }
                            code { (word(&member["item"])) }
                        }
                    }
                }
            }
            @for one in list(&order["together"]) {
                p.blocked {
                    code { (word(&one["item"])) } " collides with "
                    @for (at, with) in list(&one["with"]).iter().enumerate() { @if at > 0 { " and " } code { (word(with)) } }
                    " together, and with none of them alone: "
                    @for (at, file) in list(&one["files"]).iter().enumerate() { @if at > 0 { ", " } code { (word(file)) } }
                }
            }
        }
    }
}

/// What each PRD promised, and what its branch touches.
fn drift(drift: &Value) -> Markup {
    let paths = |value: &Value| list(value).iter().map(word).collect::<Vec<_>>().join(", ");
    html! {
        @if !list(drift).is_empty() {
            h2 { "Promised and touched" }
            ul {
                @for one in list(drift) {
                    li {
                        code { (word(&one["prd"])) } " (" code { (word(&one["branch"])) } ")"
                        @for (name, said) in [("outside", "touched and not promised"), ("untouched", "promised and not touched yet")] {
                            @if !list(&one[name]).is_empty() { "; " (said) ": " code { (paths(&one[name])) } }
                        }
                    }
                }
            }
        }
    }
}

fn article(pair: &Value) -> Markup {
    let class = match pair["verdict"].as_str() {
        Some("conflict") => "error",
        Some("overlap") if list(&pair["findings"]).is_empty() => "note",
        _ => "warning",
    };
    html! {
        article class=(class) {
            h3 { (word(&pair["verdict"])) ": " code { (word(&pair["a"])) } " × " code { (word(&pair["b"])) } }
            @if let Some(why) = pair["why"].as_str() { p { (visible(why)) } }
            @for finding in list(&pair["findings"]) { (broken(pair, finding)) }
            @if !list(&pair["files"]).is_empty() {
                ul { @for file in list(&pair["files"]) { (collision(file)) } }
            }
            @for overlap in list(&pair["overlaps"]) { (both(pair, overlap)) }
        }
    }
}

fn broken(pair: &Value, finding: &Value) -> Markup {
    html! {
        p { strong { (word(&finding["level"])) } " · " code { (word(&finding["kind"])) } " " (word(&finding["message"])) }
        ul {
            @for side in ["a", "b"] {
                @for place in list(&finding["places"][side]) {
                    li {
                        code { (word(&pair[side])) } " " code { (word(&place["path"])) ":" (place["line"]) }
                        " " span.note { (word(&place["note"])) }
                    }
                }
            }
        }
    }
}

fn collision(file: &Value) -> Markup {
    let symbols: Vec<String> = list(&file["symbols"]).iter().map(word).collect();
    let lines = list(&file["lines"]).iter();
    let lines: Vec<String> = lines
        .map(|clash| format!("{} × {}", range(&clash["a"]), range(&clash["b"])))
        .collect();
    html! {
        li {
            code { (word(&file["path"])) } " " (word(&file["kind"]))
            @if !lines.is_empty() { ", lines " (lines.join(", ")) }
            @if !symbols.is_empty() { " in " code { (symbols.join(", ")) } }
        }
    }
}

fn both(pair: &Value, overlap: &Value) -> Markup {
    let deed = |deed: &Value| word(&deed["did"]);
    html! {
        @for edit in list(&overlap["edits"]) {
            p.place {
                code { (word(&overlap["path"])) } ": " (word(&edit["kind"])) " " code { (word(&edit["symbol"])) } ": "
                code { (word(&pair["a"])) } " " (deed(&edit["a"])) ", " code { (word(&pair["b"])) } " " (deed(&edit["b"]))
            }
        }
    }
}

fn range(range: &Value) -> String {
    let (start, count) = (
        range["start"].as_u64().unwrap_or(0),
        range["count"].as_u64().unwrap_or(0),
    );
    match count {
        0 => format!("before {start}"),
        1 => start.to_string(),
        _ => format!("{start}-{}", start + count - 1),
    }
}
