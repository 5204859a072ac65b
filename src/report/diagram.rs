//! The plan as a drawing: phases as boxes, edges as arrows, what keeps two PRDs apart as dashed lines, flips on the border between two
//! phases. Enters: [`Analysis`]. Leaves: the text that Mermaid or Graphviz draws.
//!
//! Nodes are numbered; what documents say stands in labels alone, where nothing of it is markup.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::visible;
use crate::analysis::Analysis;
use crate::graph::{EdgeKind, ExclusionKind, Meeting};
use crate::plan::Barrier;
use crate::prd::PrdId;

/// A title longer than this is cut.
const WIDEST: usize = 48;

/// The plan as a flowchart of Mermaid ("Flowcharts - Basic Syntax" in its documentation).
#[must_use]
pub fn mermaid(analysis: &Analysis) -> String {
    let drawing = Drawing::of(analysis);
    let mut text = String::from("flowchart LR\n");
    for (name, label, members) in &drawing.boxes {
        let _ = writeln!(text, "  subgraph {name}[\"{label}\"]");
        for (node, label) in members {
            let _ = writeln!(text, "    {node}[\"{}\"]", entities(label));
        }
        text.push_str("  end\n");
    }
    for (node, label) in &drawing.flips {
        let _ = writeln!(text, "  {node}{{{{\"{}\"}}}}", entities(label));
    }
    for (from, to, label) in &drawing.arrows {
        let _ = writeln!(text, "  {from} -->|\"{}\"| {to}", entities(label));
    }
    for (a, b, label) in &drawing.apart {
        let _ = writeln!(text, "  {a} -. \"{}\" .- {b}", entities(label));
    }
    text
}

/// The plan in the DOT language of Graphviz ("DOT Language" in its documentation).
#[must_use]
pub fn dot(analysis: &Analysis) -> String {
    let drawing = Drawing::of(analysis);
    let mut text = String::from("digraph plan {\n  rankdir=LR\n  node [shape=box]\n");
    for (name, label, members) in &drawing.boxes {
        let _ = writeln!(text, "  subgraph cluster_{name} {{\n    label=\"{label}\"");
        for (node, label) in members {
            let _ = writeln!(text, "    {node} [label=\"{}\"]", quoted(label));
        }
        text.push_str("  }\n");
    }
    for (node, label) in &drawing.flips {
        let _ = writeln!(text, "  {node} [shape=hexagon, label=\"{}\"]", quoted(label));
    }
    for (from, to, label) in &drawing.arrows {
        let _ = writeln!(text, "  {from} -> {to} [label=\"{}\"]", quoted(label));
    }
    for (a, b, label) in &drawing.apart {
        let _ = writeln!(
            text,
            "  {a} -> {b} [dir=none, style=dashed, constraint=false, label=\"{}\"]",
            quoted(label)
        );
    }
    text.push_str("}\n");
    text
}

/// A phase: its name and label, which are ours alone, and its nodes with their labels.
type Group = (String, String, Vec<(String, String)>);

/// What is drawn, in the order in which it is drawn. Labels are plain text of one or two lines.
struct Drawing {
    boxes: Vec<Group>,
    /// Nodes with their labels.
    flips: Vec<(String, String)>,
    arrows: Vec<(String, String, String)>,
    apart: Vec<(String, String, String)>,
}

impl Drawing {
    fn of(analysis: &Analysis) -> Self {
        let nodes: BTreeMap<&PrdId, String> = analysis
            .prds
            .iter()
            .zip(0..)
            .map(|(prd, at)| (&prd.id, format!("p{at}")))
            .collect();
        let mut drawing = Self {
            boxes: boxes(analysis, &nodes),
            flips: Vec::new(),
            arrows: Vec::new(),
            apart: Vec::new(),
        };
        for edge in &analysis.graph.edges {
            drawing.arrow(nodes.get(&edge.from), nodes.get(&edge.to), word(edge.kind));
        }
        for (at, barrier) in analysis.plan.barriers.iter().enumerate() {
            drawing.flip(at, barrier, &nodes);
        }
        for exclusion in &analysis.graph.exclusions {
            let what = match exclusion.kind {
                _ if exclusion.meeting == Meeting::Broken => "break",
                _ if exclusion.meeting == Meeting::Untold => "may conflict",
                _ if exclusion.meeting != Meeting::Both => "meet in",
                ExclusionKind::SameSymbol | ExclusionKind::SameSchemaObject => "both change",
                ExclusionKind::SameMigration => "both take",
                ExclusionKind::Conflict => "conflict in",
            };
            if let (Some(a), Some(b)) = (nodes.get(&exclusion.a), nodes.get(&exclusion.b)) {
                let label = shortened(&format!("{what} {}", exclusion.target));
                drawing.apart.push((a.clone(), b.clone(), label));
            }
        }
        drawing
    }

    fn arrow(&mut self, from: Option<&String>, to: Option<&String>, label: &str) {
        if let (Some(from), Some(to)) = (from, to) {
            self.arrows.push((from.clone(), to.clone(), label.to_owned()));
        }
    }

    fn flip(&mut self, at: usize, barrier: &Barrier, nodes: &BTreeMap<&PrdId, String>) {
        let node = format!("flip{at}");
        self.flips
            .push((node.clone(), format!("flip {} {}", barrier.flag, barrier.to)));
        let maker = barrier.made.as_ref().and_then(|made| nodes.get(&made.prd));
        self.arrow(maker, Some(&node), "makes");
        for prd in &barrier.unlocks {
            self.arrow(Some(&node), nodes.get(prd), "unlocks");
        }
    }
}

fn boxes(analysis: &Analysis, nodes: &BTreeMap<&PrdId, String>) -> Vec<Group> {
    let node = |id: &PrdId| {
        let prd = analysis.prds.iter().find(|prd| prd.id == *id)?;
        Some((nodes.get(id)?.clone(), format!("{id}\n{}", shortened(&prd.title))))
    };
    let members = |ids: &[PrdId]| ids.iter().filter_map(node).collect::<Vec<_>>();
    let phases = analysis.plan.phases.iter().filter(|phase| !phase.prds.is_empty());
    let mut boxes: Vec<_> = phases
        .map(|phase| {
            (
                format!("phase{}", phase.number),
                format!("phase {}", phase.number),
                members(&phase.merge_order),
            )
        })
        .collect();
    if !analysis.plan.unplanned.is_empty() {
        boxes.push((
            "nophase".to_owned(),
            "in no phase".to_owned(),
            members(&analysis.plan.unplanned),
        ));
    }
    boxes
}

fn word(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Declared => "declared",
        EdgeKind::Produces => "produces",
        EdgeKind::Gone => "takes away",
        EdgeKind::Flag | EdgeKind::Held => "flag",
        EdgeKind::Schema => "schema",
        EdgeKind::Hotfix => "hotfix",
        EdgeKind::Foundation => "foundation",
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(WIDEST - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A label of Mermaid: every sign that could be markup is written by its number.
fn entities(label: &str) -> String {
    let mut text = String::new();
    for c in visible(label).chars() {
        match c {
            '\n' => text.push_str("<br/>"),
            '\t' => text.push(' '),
            c if c.is_ascii_punctuation() && !matches!(c, '-' | '.' | ',' | '/' | ':') => {
                let _ = write!(text, "#{};", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text
}

/// A label of DOT, in double quotes.
fn quoted(label: &str) -> String {
    visible(label)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
