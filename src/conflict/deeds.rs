//! What a side did to each item of a file, and where two sides did something to one. Enters: the outlines of what both had and of what each
//! has, and which lines changed. Leaves: [`ItemMeeting`]s.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::LineRange;
use super::outline::{Item, ItemKey, ItemKind, Outline};

/// An item that vanished and one that appeared are one with a new name if so many of a hundred lines are the same.
const ALIKE: usize = 70;

/// Beyond so many pairs of what vanished and what appeared nothing is taken for a new name.
const MOST_PAIRS: usize = 2_500;

/// What a side did to an item.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Deed {
    /// Made it.
    Added,
    /// Took it away.
    Removed,
    /// Gave it another name.
    Renamed(String),
    /// Changed how it is called.
    Signature {
        /// As it was.
        from: String,
        /// As it is.
        to: String,
    },
    /// Changed lines of it, what stands in other items of it left out.
    Changed {
        /// Lines that are new.
        added: u32,
        /// Lines that are gone.
        removed: u32,
    },
}

/// An item to which both sides did something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ItemMeeting {
    /// Its name with its owners.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
    /// What one side did.
    pub ours: Deed,
    /// What the other did.
    pub theirs: Deed,
}

/// What a side did to the items of a file.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Deeds {
    by_item: BTreeMap<ItemKey, (ItemKind, Deed)>,
}

impl Deeds {
    /// Compares two outlines; `hunks` has what was and what came in its place.
    #[must_use]
    pub fn new(base: &Outline, side: &Outline, hunks: &[(LineRange, LineRange)]) -> Self {
        let had: HashMap<&ItemKey, &Item> = base.items.iter().map(|item| (&item.key, item)).collect();
        let has: HashMap<&ItemKey, &Item> = side.items.iter().map(|item| (&item.key, item)).collect();
        let mut by_item = BTreeMap::new();
        for (removed, added) in changed_lines(base, side, hunks) {
            let (key, kind) = match (&removed, &added) {
                (Some((item, _)), _) | (None, Some((item, _))) => (&item.key, item.kind),
                (None, None) => continue,
            };
            let count = |lines: Option<(&Item, u32)>| lines.map_or(0, |(_, count)| count);
            if let (Some(before), Some(after)) = (had.get(key), has.get(key)) {
                let deed = match (&before.signature, &after.signature) {
                    (Some(from), Some(to)) if from != to => Deed::Signature {
                        from: from.clone(),
                        to: to.clone(),
                    },
                    _ => Deed::Changed {
                        added: count(added),
                        removed: count(removed),
                    },
                };
                by_item.insert(key.clone(), (kind, deed));
            }
        }
        let gone: Vec<&Item> = base.items.iter().filter(|item| !has.contains_key(&item.key)).collect();
        let new: Vec<&Item> = side.items.iter().filter(|item| !had.contains_key(&item.key)).collect();
        let renamed = renamed((base, &gone), (side, &new));
        let taken: BTreeSet<&ItemKey> = renamed.values().copied().collect();
        for item in gone {
            let deed = renamed
                .get(&item.key)
                .map_or(Deed::Removed, |to| Deed::Renamed(to.name.clone()));
            by_item.insert(item.key.clone(), (item.kind, deed));
        }
        for item in new.into_iter().filter(|item| !taken.contains(&item.key)) {
            by_item.insert(item.key.clone(), (item.kind, Deed::Added));
        }
        Self { by_item }
    }

    /// What was done, by item.
    pub fn iter(&self) -> impl Iterator<Item = (&ItemKey, &(ItemKind, Deed))> {
        self.by_item.iter()
    }

    /// The items to which both sides did something, by name. Of what both made or both took away only the outermost is named.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Vec<ItemMeeting> {
        let mut found: Vec<ItemMeeting> = Vec::new();
        for (key, (kind, ours)) in &self.by_item {
            let Some((_, theirs)) = other.by_item.get(key) else {
                continue;
            };
            let whole = |deed: &Deed| matches!(deed, Deed::Added | Deed::Removed | Deed::Renamed(_));
            let inner = found.iter().rev().any(|outer| {
                let within = key.name.strip_prefix(&outer.name).is_some_and(|rest| !rest.is_empty());
                within && whole(&outer.ours) && whole(&outer.theirs)
            });
            if !(inner && whole(ours) && whole(theirs)) {
                found.push(ItemMeeting {
                    name: key.name.clone(),
                    kind: *kind,
                    ours: ours.clone(),
                    theirs: theirs.clone(),
                });
            }
        }
        found
    }
}

/// A symbol on one side and a number that goes with it; nothing where the side has none.
type Counted<'o> = Option<(&'o Item, u32)>;

/// The items of which lines are gone or new, with their number; blank lines count for nobody.
fn changed_lines<'o>(
    base: &'o Outline,
    side: &'o Outline,
    hunks: &[(LineRange, LineRange)],
) -> Vec<(Counted<'o>, Counted<'o>)> {
    let count = |outline: &'o Outline, ranges: &mut dyn Iterator<Item = LineRange>| {
        let mut lines: BTreeMap<&'o ItemKey, (&'o Item, u32)> = BTreeMap::new();
        for range in ranges {
            let start = range.start.saturating_sub(1) as usize;
            for at in (start..start + range.count as usize).filter_map(|line| outline.at(line)) {
                let item = &outline.items[at];
                lines.entry(&item.key).or_insert((item, 0)).1 += 1;
            }
        }
        lines
    };
    let removed = count(base, &mut hunks.iter().map(|(before, _)| *before));
    let added = count(side, &mut hunks.iter().map(|(_, after)| *after));
    let keys: BTreeSet<&ItemKey> = removed.keys().chain(added.keys()).copied().collect();
    keys.into_iter()
        .map(|key| (removed.get(key).copied(), added.get(key).copied()))
        .collect()
}

/// Which of what vanished appeared again under another name, and which one: the most alike first.
fn renamed<'o>(
    (base, gone): (&'o Outline, &[&'o Item]),
    (side, new): (&'o Outline, &[&'o Item]),
) -> HashMap<&'o ItemKey, &'o ItemKey> {
    if gone.len() * new.len() > MOST_PAIRS {
        return HashMap::new();
    }
    let before: Vec<Vec<&str>> = gone.iter().map(|item| base.body(item)).collect();
    let after: Vec<Vec<&str>> = new.iter().map(|item| side.body(item)).collect();
    let mut pairs: Vec<(usize, usize, usize)> = Vec::new();
    for (at, item) in gone.iter().enumerate() {
        for (to, other) in new.iter().enumerate().filter(|(_, other)| other.kind == item.kind) {
            let alike = alike(&before[at], &after[to], [item.short(), other.short()]);
            if alike >= ALIKE {
                pairs.push((100 - alike, at, to));
            }
        }
    }
    pairs.sort_unstable();
    let (mut from, mut taken) = (HashMap::new(), BTreeSet::new());
    for (_, at, to) in pairs {
        if !taken.contains(&to) && !from.contains_key(&gone[at].key) {
            taken.insert(to);
            from.insert(&gone[at].key, &new[to].key);
        }
    }
    from
}

/// How many of a hundred lines two bodies share, apart from the names. Short ones must be the same: few lines are like many others.
fn alike(a: &[&str], b: &[&str], [from, to]: [&str; 2]) -> usize {
    let most = a.len().max(b.len());
    let mut lines: HashMap<&str, usize> = HashMap::new();
    b.iter().for_each(|line| *lines.entry(line).or_default() += 1);
    let mut take = |line: &str| {
        let left = lines.get_mut(line).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    };
    let shared = a
        .iter()
        .filter(|line| take(line) || take(&line.replace(from, to)))
        .count();
    if most < 4 && shared < most {
        0
    } else {
        shared * 100 / most.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conflict::changed_hunks;
    use crate::source::RepoPath;

    fn deeds(path: &str, base: &str, side: &str) -> Deeds {
        let path = RepoPath::new(path).expect("a path");
        let [before, after] = [base, side].map(|text| Outline::of(&path, text).expect("an outline"));
        Deeds::new(&before, &after, &changed_hunks(base.as_bytes(), side.as_bytes()))
    }

    fn shown(deeds: &Deeds) -> Vec<String> {
        deeds
            .iter()
            .map(|(key, (_, deed))| format!("{}: {deed:?}", key.name))
            .collect()
    }

    const SERVICE: &str = "export class Quotes {\n  // The sum.\n  total(lines: Line[]) {\n    return sum(lines);\n  }\n\n  \
                           tax(rate: number) {\n    const net = this.total([]);\n    const gross = net * rate;\n    return gross - net;\n  }\n}\n";

    #[test]
    fn each_line_is_told_of_the_innermost_symbol() {
        let side = SERVICE
            .replace("return sum(lines)", "const all = sum(lines);\n    return all")
            .replace("The sum", "The sum of all");
        assert_eq!(
            shown(&deeds("a.ts", SERVICE, &side)),
            ["Quotes.total: Changed { added: 3, removed: 2 }"]
        );
        let side = SERVICE.replace("  tax(", "  net() {\n    return 1;\n  }\n\n  tax(");
        assert_eq!(
            shown(&deeds("a.ts", SERVICE, &side)),
            ["Quotes.net: Added"],
            "the class itself stays as it is"
        );
    }

    #[test]
    fn a_new_name_and_another_way_to_call_it_are_told() {
        let side = SERVICE
            .replace("total(", "sum(")
            .replace("tax(rate: number)", "tax(rate: number, at: Date)");
        assert_eq!(
            shown(&deeds("a.ts", SERVICE, &side)),
            [
                "Quotes.tax: Signature { from: \"(rate: number)\", to: \"(rate: number, at: Date)\" }",
                "Quotes.total: Renamed(\"Quotes.sum\")",
            ]
        );
    }

    #[test]
    fn what_both_do_to_one_symbol_is_told_once() {
        let left = SERVICE.replace("gross - net", "Math.round(gross - net)");
        let right = SERVICE.replace("this.total([])", "this.total([1])");
        let meetings = deeds("a.ts", SERVICE, &left).meet(&deeds("a.ts", SERVICE, &right));
        let names: Vec<&str> = meetings.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Quotes.tax"]);
        let right = SERVICE.replace("sum(lines)", "lines.length");
        assert_eq!(deeds("a.ts", SERVICE, &left).meet(&deeds("a.ts", SERVICE, &right)), []);
        let gone = "export const x = 1;\n";
        let both = deeds("a.ts", SERVICE, gone).meet(&deeds("a.ts", SERVICE, ""));
        assert_eq!(both.len(), 1, "the class, and not each of its members: {both:?}");
    }

    #[test]
    fn tests_headings_and_styles_have_names_too() {
        let base = "describe('tax', () => {\n  it('adds', () => {\n    expect(1).toBe(1);\n  });\n});\n";
        let side = base.replace("toBe(1)", "toBe(2)");
        assert_eq!(
            shown(&deeds("a.test.ts", base, &side)),
            ["describe \"tax\" › it \"adds\": Changed { added: 1, removed: 1 }"]
        );
        let base = "# One\na\n```\n# no heading\n```\n## Two\nb\n# Three\nc\n";
        let side = base.replace('b', "B").replace("# no heading", "# none");
        assert_eq!(
            shown(&deeds("a.md", base, &side)),
            [
                "One: Changed { added: 1, removed: 1 }",
                "Two: Changed { added: 1, removed: 1 }"
            ]
        );
        let base = ".a {\n  color: red;\n  &:hover { color: blue; }\n}\n.b { margin: 0 }\n";
        let side = base.replace("red", "green");
        assert_eq!(
            shown(&deeds("a.scss", base, &side)),
            [".a: Changed { added: 1, removed: 1 }"]
        );
        assert!(Outline::of(&RepoPath::new("a.xml").expect("a path"), "<a/>").is_none());
    }
}
