//! What PRDs make. Enters: mentions of things that do not exist. Leaves: [`Made`], which knows by every usual name the one target
//! that they all mean, so that maker and user meet.

use std::collections::BTreeMap;

use super::known::route_parts;
use super::{Target, TargetKind};

/// Things that some PRD makes, by their names.
#[derive(Debug, Default)]
pub(super) struct Made {
    by_name: BTreeMap<String, Vec<Target>>,
}

impl Made {
    /// Notes that `target` is made, unless a thing of its name is noted already; returns the target that stands for it.
    pub(super) fn note(&mut self, target: Target) -> Target {
        if let Some(known) = self.find(&target) {
            return known.clone();
        }
        for name in names(&target) {
            self.by_name.entry(name).or_default().push(target.clone());
        }
        target
    }

    /// The made thing that `target` means, if there is one only; its kind may be another, as documents are not exact.
    pub(super) fn find(&self, target: &Target) -> Option<&Target> {
        let name = names(target).into_iter().next()?;
        let all = self.by_name.get(&name)?;
        let same_kind: Vec<&Target> = all.iter().filter(|made| made.kind == target.kind).collect();
        match (same_kind.as_slice(), all.as_slice()) {
            ([one], _) => Some(one),
            ([], [one]) if alike(one.kind, target.kind) => Some(one),
            _ => None,
        }
    }

    /// Every name under which something is made.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

/// An identifier that one document calls a table may be quoted without a word in another.
fn alike(a: TargetKind, b: TargetKind) -> bool {
    let named = |kind| {
        matches!(
            kind,
            TargetKind::Symbol | TargetKind::Flag | TargetKind::Config | TargetKind::Event
        )
    };
    let quoted = |kind: TargetKind| named(kind) || kind.is_schema();
    a == b || (quoted(a) && quoted(b))
}

/// The names of a thing, the fullest first.
fn names(target: &Target) -> Vec<String> {
    let short = |separator: char| target.name.rsplit_once(separator).map(|(_, last)| last.to_owned());
    // `expired_at` and `recordQuote` say enough without their owner, `version` and `raise` do not.
    let telling = |name: &String| name.contains('_') || name.chars().skip(1).any(char::is_uppercase);
    let mut names = vec![match target.kind {
        TargetKind::Route => target.name.clone(),
        kind if kind.is_schema() => target.name.to_lowercase(),
        _ => target.name.clone(),
    }];
    names.extend(match target.kind {
        TargetKind::File => short('/'),
        TargetKind::Route => Some(route_parts(&target.name).1),
        TargetKind::Column => short('.').filter(telling).map(|last| last.to_lowercase()),
        TargetKind::Symbol => short('.').filter(telling),
        _ => None,
    });
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(kind: TargetKind, name: &str) -> Target {
        Target {
            kind,
            name: name.into(),
            path: None,
        }
    }

    /// `made` is made; does `used` mean it?
    fn check(made: (TargetKind, &str), used: (TargetKind, &str), expected: bool) {
        let mut all = Made::default();
        let made = all.note(target(made.0, made.1));
        let found = all.find(&target(used.0, used.1));
        assert_eq!(found, expected.then_some(&made), "{used:?}");
    }

    #[test]
    fn maker_and_user_meet() {
        use TargetKind::{Column, File, Route, Symbol, Table};
        check((Table, "lead_offers"), (Symbol, "lead_offers"), true);
        check((Column, "quotes.expired_at"), (Symbol, "quotes.expired_at"), true);
        check((Column, "quotes.expired_at"), (Column, "expired_at"), true);
        check((Route, "GET /leads/follow-ups"), (Route, "/leads/follow-ups"), true);
        check(
            (Route, "GET /leads/follow-ups"),
            (Route, "POST /leads/follow-ups"),
            false,
        );
        check((File, "apps/api/src/ops/alerts.ts"), (File, "alerts.ts"), true);
        check((Symbol, "AlertRouter.raiseAlert"), (Symbol, "raiseAlert"), true);
        check((Symbol, "AlertRouter.raise"), (Symbol, "raise"), false);
        check((File, "src/tax.ts"), (Symbol, "tax"), false);
    }

    #[test]
    fn one_of_two_is_nobody() {
        let mut all = Made::default();
        all.note(target(TargetKind::File, "a/x.ts"));
        all.note(target(TargetKind::File, "b/x.ts"));
        assert_eq!(all.find(&target(TargetKind::File, "x.ts")), None);
    }
}
