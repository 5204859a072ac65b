//! What a truth value says of flags. Enters: reads and the operators between them. Leaves: a [`Condition`] with what is certain where
//! it is true and what is certain where it is false. Knows nothing of syntax or files.
//!
//! A [`Formula`] is only ever *necessary*: it holds wherever the code in question runs. Forgetting a part of it is therefore safe, which
//! is what happens to formulas that grow too large.

use crate::flag::FlagKey;
use crate::lang::tree::NodeId;
use crate::source::FileId;

/// More clauses than this are forgotten: no reader follows them, and products of them stay small.
const MAX_CLAUSES: usize = 16;
/// A clause with more literals than this is forgotten.
const MAX_LITERALS: usize = 8;

/// A flag's name, as far as it is known where it is read.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum KeyTerm {
    /// The flag.
    Known(FlagKey),
    /// What a caller passes.
    Param(Param),
}

/// What a caller of a function passes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Param {
    /// The function: a node of a text of the pool.
    pub function: (FileId, NodeId),
    /// Which parameter.
    pub index: usize,
    /// Which property of it (empty: the parameter itself).
    pub path: Vec<Box<str>>,
}

/// A read within one file: the node that reads, and which of its flags.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ReadRef {
    /// The call, member or element.
    pub node: NodeId,
    /// Which of the flags that it reads.
    pub nth: u32,
}

/// One flag being on or off.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Atom {
    /// The flag.
    pub key: KeyTerm,
    /// On, or off.
    pub on: bool,
    /// The read that tells.
    pub read: ReadRef,
}

/// Clauses that all hold; a clause holds if one of its atoms does. No clause: always true. An empty clause: never.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Formula {
    clauses: Vec<Vec<Atom>>,
}

impl Formula {
    /// Nothing is certain.
    #[must_use]
    pub fn always() -> Self {
        Self::default()
    }

    /// Cannot happen.
    #[must_use]
    pub fn never() -> Self {
        Self {
            clauses: vec![Vec::new()],
        }
    }

    /// One atom.
    #[must_use]
    pub fn atom(atom: Atom) -> Self {
        Self {
            clauses: vec![vec![atom]],
        }
    }

    /// True if nothing is certain.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.clauses.is_empty()
    }

    /// True if it cannot happen.
    #[must_use]
    pub fn is_never(&self) -> bool {
        self.clauses.iter().any(Vec::is_empty)
    }

    /// The clauses, each a choice of atoms.
    #[must_use]
    pub fn clauses(&self) -> &[Vec<Atom>] {
        &self.clauses
    }

    /// Both hold.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut clauses = self.clauses.clone();
        clauses.extend(other.clauses.iter().cloned());
        Self::tidy(clauses)
    }

    /// At least one holds.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let pairs = self
            .clauses
            .iter()
            .flat_map(|a| other.clauses.iter().map(move |b| [a.as_slice(), b.as_slice()].concat()));
        Self::tidy(pairs.collect())
    }

    /// Every atom replaced; an atom without a replacement takes its clause with it.
    #[must_use]
    pub fn map(&self, replace: &mut impl FnMut(&Atom) -> Option<Atom>) -> Self {
        let clauses = self
            .clauses
            .iter()
            .filter_map(|clause| clause.iter().map(&mut *replace).collect());
        Self::tidy(clauses.collect())
    }

    /// Sorts, drops what says nothing or is implied by a shorter clause, and forgets what is too large.
    fn tidy(mut clauses: Vec<Vec<Atom>>) -> Self {
        for clause in &mut clauses {
            clause.sort();
            clause.dedup_by(|a, b| (&a.key, a.on) == (&b.key, b.on));
        }
        clauses.retain(|clause| clause.len() <= MAX_LITERALS && !is_tautology(clause));
        clauses.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        let mut kept: Vec<Vec<Atom>> = Vec::new();
        for clause in clauses {
            if kept.len() == MAX_CLAUSES {
                break;
            }
            if !kept.iter().any(|shorter| implies(shorter, &clause)) {
                kept.push(clause);
            }
        }
        Self { clauses: kept }
    }
}

fn is_tautology(clause: &[Atom]) -> bool {
    clause
        .windows(2)
        .any(|pair| pair[0].key == pair[1].key && pair[0].on != pair[1].on)
}

fn implies(shorter: &[Atom], longer: &[Atom]) -> bool {
    shorter
        .iter()
        .all(|a| longer.iter().any(|b| (&a.key, a.on) == (&b.key, b.on)))
}

/// What is certain where an expression is true, and where it is false.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Condition {
    /// Holds wherever the expression is true.
    pub yes: Formula,
    /// Holds wherever the expression is false.
    pub no: Formula,
}

impl Condition {
    /// The value of one flag.
    #[must_use]
    pub fn flag(key: &KeyTerm, read: ReadRef, negative: bool) -> Self {
        let side = |on| {
            Formula::atom(Atom {
                key: key.clone(),
                on,
                read,
            })
        };
        Self {
            yes: side(!negative),
            no: side(negative),
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn constant(value: bool) -> Self {
        let (yes, no) = (Formula::always(), Formula::never());
        if value {
            Self { yes, no }
        } else {
            Self { yes: no, no: yes }
        }
    }

    /// True if neither side says anything of a flag.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let silent = |side: &Formula| side.is_always() || side.is_never();
        silent(&self.yes) && silent(&self.no)
    }

    /// `!x`
    #[must_use]
    pub fn negated(&self) -> Self {
        Self {
            yes: self.no.clone(),
            no: self.yes.clone(),
        }
    }

    /// `x && y`
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            yes: self.yes.and(&other.yes),
            no: self.no.or(&other.no),
        }
    }

    /// `x || y`
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            yes: self.yes.or(&other.yes),
            no: self.no.and(&other.no),
        }
    }

    /// The same where this expression is only one of several that may give the value, reached under `path`.
    #[must_use]
    pub fn reached(&self, path: &Formula) -> Self {
        Self {
            yes: path.and(&self.yes),
            no: path.and(&self.no),
        }
    }

    /// Either expression may give the value.
    #[must_use]
    pub fn either(&self, other: &Self) -> Self {
        Self {
            yes: self.yes.or(&other.yes),
            no: self.no.or(&other.no),
        }
    }

    /// The reads that it rests on.
    #[must_use]
    pub fn reads(&self) -> Vec<ReadRef> {
        let sides = self.yes.clauses.iter().chain(&self.no.clauses);
        let mut reads: Vec<ReadRef> = sides.flatten().map(|atom| atom.read).collect();
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    /// `Some(negative)` if this is the value of one flag and nothing else.
    #[must_use]
    pub fn single(&self) -> Option<(&KeyTerm, bool)> {
        let ([yes], [no]) = (self.yes.clauses.as_slice(), self.no.clauses.as_slice()) else {
            return None;
        };
        let ([yes], [no]) = (yes.as_slice(), no.as_slice()) else {
            return None;
        };
        (yes.key == no.key && yes.on != no.on).then_some((&yes.key, !yes.on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(name: &str) -> Condition {
        let read = ReadRef {
            node: NodeId(0),
            nth: 0,
        };
        Condition::flag(&KeyTerm::Known(FlagKey::new(name)), read, false)
    }

    /// `a=on (b=off | c=on)`
    fn show(formula: &Formula) -> String {
        let atom = |atom: &Atom| match &atom.key {
            KeyTerm::Known(key) => format!("{key}={}", if atom.on { "on" } else { "off" }),
            KeyTerm::Param(at) => format!("#{}={}", at.index, if atom.on { "on" } else { "off" }),
        };
        let clause = |clause: &Vec<Atom>| match clause.as_slice() {
            [] => "never".to_owned(),
            [one] => atom(one),
            more => format!("({})", more.iter().map(atom).collect::<Vec<_>>().join(" | ")),
        };
        formula.clauses().iter().map(clause).collect::<Vec<_>>().join(" ")
    }

    fn check(condition: &Condition, yes: &str, no: &str) {
        assert_eq!((show(&condition.yes).as_str(), show(&condition.no).as_str()), (yes, no));
    }

    #[test]
    fn a_flag_says_something_on_both_sides() {
        check(&flag("a"), "a=on", "a=off");
        check(&flag("a").negated(), "a=off", "a=on");
    }

    #[test]
    fn conjunctions_and_disjunctions() {
        check(&flag("a").and(&flag("b")), "a=on b=on", "(a=off | b=off)");
        check(&flag("a").or(&flag("b")), "(a=on | b=on)", "a=off b=off");
        check(
            &flag("a").and(&flag("b").negated()).negated(),
            "(a=off | b=on)",
            "a=on b=off",
        );
        check(&flag("a").and(&flag("b")).or(&flag("a")), "a=on", "a=off");
    }

    #[test]
    fn what_is_no_flag_weakens_only_its_side() {
        let other = Condition::default();
        check(&flag("a").and(&other), "a=on", "");
        check(&flag("a").or(&other), "", "a=off");
    }

    #[test]
    fn constants_vanish() {
        check(&flag("a").or(&Condition::constant(false)), "a=on", "a=off");
        check(&flag("a").and(&Condition::constant(true)), "a=on", "a=off");
        check(&flag("a").or(&Condition::constant(true)), "", "never");
        assert!(flag("a").or(&Condition::constant(true)).is_empty());
    }

    #[test]
    fn a_value_from_several_returns() {
        let guarded = Condition::constant(true).reached(&flag("a").yes);
        let rest = Condition::constant(false).reached(&flag("a").no);
        check(&guarded.either(&rest), "a=on", "a=off");
        let early = Condition::constant(false).reached(&Formula::always());
        check(&early.either(&flag("a")), "a=on", "");
    }

    #[test]
    fn large_formulas_are_forgotten_not_grown() {
        let many = (0..100).fold(Condition::constant(false), |all, n| {
            all.or(&flag(&format!("a{n:03}")).and(&flag(&format!("b{n:03}"))))
        });
        assert!(many.yes.clauses().len() <= MAX_CLAUSES);
        assert!(many.no.clauses().len() <= MAX_CLAUSES);
    }
}
