//! What to type. Enters: [`Facts`] and what a way out is to do. Leaves: command lines of flagman for this project, each a word of a POSIX
//! shell where it has to be. Where hands must write, the command is the one that asks again.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::flag::{FlagKey, FlagValue, shell_word};
use crate::prd::{Claim, MentionKind, PrdId};
use crate::source::Span;

/// The digits of the numbers of PRDs, where there is none yet.
const DIGITS: usize = 3;

impl Facts<'_> {
    /// A command line of flagman for this project.
    #[must_use]
    pub fn command(&self, rest: &str) -> String {
        format!("flagman {rest}{}", self.settings.invocation)
    }

    /// The command line that records a flip where this run asks.
    #[must_use]
    pub fn flip(&self, flag: &FlagKey, to: FlagValue) -> String {
        self.command(&format!("flags set {} {to} --reason \"…\"", flag.word()))
    }

    /// The way to see by running which tests need a flag, where the code alone makes it likely.
    #[must_use]
    pub(super) fn prove(&self, flag: &FlagKey) -> Remedy {
        let detail = format!("or see by running which tests need `{flag}`: what is refuted holds nothing");
        Remedy::new(RemedyKind::Declare, detail).with_command(self.command(&format!("probe {}", flag.word())))
    }

    /// The way out that turns a flag. What is compiled in is not read from the flag file: to record it alone would open the gate
    /// for a build that stays as it is.
    #[must_use]
    pub fn turn(&self, flag: &FlagKey, to: FlagValue, when: &str) -> Remedy {
        let mut detail = format!("turn `{flag}` {to} {when}");
        if let Some(known) = self.flags.get(flag).filter(|known| known.compiled_in(self.index)) {
            let definitions = known.definitions.iter().map(|at| self.index.definitions[*at].span.file);
            let manifests: BTreeSet<&str> = definitions.map(|file| self.sources.path(file).as_str()).collect();
            let manifests = match manifests.len() {
                0 => "its Cargo.toml".to_owned(),
                _ => manifests.into_iter().collect::<Vec<_>>().join(", "),
            };
            detail += &match to {
                FlagValue::Off => format!(
                    ": it is compiled in, so take it out of what `default` turns on in {manifests}, or pass `--no-default-features` in `tests.command`, and then record it"
                ),
                _ => format!(
                    ": it is compiled in, so add it to `default` in {manifests}, or pass `--features {flag}` in `tests.command`, and then record it"
                ),
            };
        }
        Remedy::new(RemedyKind::Flip, detail).with_command(self.flip(flag, to))
    }

    /// `flagman prds set PRD …`; the assignments as they are written in `crate::prd::edit`.
    #[must_use]
    pub(super) fn declare(&self, prd: &PrdId, assignments: &[String]) -> String {
        let words: Vec<String> = assignments.iter().map(|one| shell_word(one)).collect();
        self.command(&format!("prds set {} {}", shell_word(&prd.0), words.join(" ")))
    }

    /// What makes one PRD wait for another.
    #[must_use]
    pub(super) fn wait(&self, prd: &PrdId, on: &PrdId) -> String {
        self.declare(prd, &[format!("depends_on+={on}")])
    }

    /// What turns the order of two PRDs round.
    #[must_use]
    pub(super) fn turn_round(&self, prd: &PrdId, on: &PrdId) -> String {
        let free = self.declare(on, &[format!("depends_on-={prd}")]);
        format!("{free} && {}", self.wait(prd, on))
    }

    /// What says in front matter that a PRD does this with a flag; `None` for a key that an assignment cannot name.
    #[must_use]
    pub(super) fn say(&self, prd: &PrdId, section: &str, flag: &FlagKey, value: FlagValue) -> Option<String> {
        is_assignable(flag.as_str()).then(|| self.declare(prd, &[format!("flags.{section}.{flag}={value}")]))
    }

    /// A PRD that does not exist yet and is to do this: its id, and what makes it.
    #[must_use]
    pub(super) fn make(&self, slug: &str, assignments: &[String]) -> (PrdId, String) {
        let numbers = self.prds.iter().filter_map(|prd| Some((prd.id.number()?, &prd.id.0)));
        let (last, digits) = numbers.max().map_or((None, DIGITS), |(number, id)| {
            let digits = id
                .chars()
                .skip_while(|c| !c.is_ascii_digit())
                .take_while(char::is_ascii_digit)
                .count();
            (Some(number), digits)
        });
        let slug: String = slug
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '-' })
            .collect();
        let slug = slug
            .split('-')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("-")
            .to_lowercase();
        let slug: String = slug.chars().take(60).collect();
        let slug = slug.trim_end_matches('-');
        let id = match last {
            Some(number) => format!("{:0digits$}-{slug}", number.saturating_add(1)),
            None => slug.to_owned(),
        };
        let words: Vec<String> = assignments.iter().map(|one| shell_word(one)).collect();
        let command = self.command(&format!("prds set --new {} {}", shell_word(&id), words.join(" ")));
        (PrdId(id), command)
    }

    /// What makes a PRD of the flip that nobody makes yet, and lets `prd` wait for it.
    #[must_use]
    pub(super) fn wait_for_flip(&self, prd: &PrdId, flag: &FlagKey, to: FlagValue) -> Option<String> {
        if !is_assignable(flag.as_str()) {
            return None;
        }
        let shipped = self.flags.get(flag).and_then(|known| known.introduced.first());
        let mut says = vec![format!("flags.flips.{flag}={to}")];
        says.extend(shipped.map(|shipped| format!("depends_on+={}", shipped.prd)));
        let (id, make) = self.make(&format!("turn-{flag}-{to}"), &says);
        Some(format!("{make} && {}", self.wait(prd, &id)))
    }

    /// What lets front matter assume `name` in the place of `key`, in the state that it assumes.
    #[must_use]
    pub(super) fn rename(&self, prd: &PrdId, key: &FlagKey, name: &str) -> Option<String> {
        let mut statements = self.prd(prd)?.statements.iter();
        let needs = statements.find_map(|statement| match &statement.claim {
            Claim::Assumes {
                key: Some(assumed),
                needs,
                ..
            } if assumed == key => Some(*needs),
            _ => None,
        })?;
        let words = [format!("flags.assumes-={key}"), format!("flags.assumes.{name}={needs}")];
        (is_assignable(key.as_str()) && is_assignable(name)).then(|| self.declare(prd, &words))
    }

    /// What makes a PRD that ships a flag.
    #[must_use]
    pub(super) fn ship(&self, key: &FlagKey) -> Option<String> {
        is_assignable(key.as_str()).then(|| {
            self.make(&format!("ship-{key}"), &[format!("flags.introduces.{key}=off")])
                .1
        })
    }

    /// What asks again about a PRD, a branch or everything, as this run asked.
    #[must_use]
    pub(super) fn again(&self, prd: Option<&PrdId>) -> String {
        let compared = self.settings.compared.as_str();
        let without = self.without(&BTreeSet::new());
        match prd {
            Some(prd) => {
                let compared = if self.branch_of(prd).is_some() { compared } else { "" };
                self.command(&format!("gate --prd {}{compared}{without}", shell_word(&prd.0)))
            }
            None => self.command(&format!("gate{compared}{without}")),
        }
    }

    /// What asks again about the phase of a PRD; about the PRD where this run asked of its branch.
    #[must_use]
    pub(super) fn again_of_phase(&self, prd: &PrdId, phase: u32) -> String {
        if !self.settings.compared.is_empty() && self.branch_of(prd).is_some() {
            return self.again(Some(prd));
        }
        let without = self.without(&BTreeSet::new());
        self.command(&format!("gate --phase {phase}{without}"))
    }

    /// ` --without …` for what this run goes without already and these.
    fn without(&self, more: &BTreeSet<PrdId>) -> String {
        let all: BTreeSet<&PrdId> = self.settings.without.iter().chain(more).collect();
        all.into_iter()
            .map(|prd| format!(" --without {}", shell_word(&prd.0)))
            .collect()
    }

    /// True if a reference to another PRD stands in the front matter of `prd`.
    #[must_use]
    pub(super) fn is_declared(&self, prd: &PrdId, at: Span) -> bool {
        let mut mentions = self.prd(prd).into_iter().flat_map(|prd| &prd.mentions);
        mentions.any(|mention| mention.declared && mention.kind == MentionKind::Prd && mention.span == at)
    }
}

/// True for a key that an assignment can name.
fn is_assignable(key: &str) -> bool {
    !key.contains(['=', ',']) && !key.contains(char::is_control)
}

/// Gives each way out that has no command yet the one that shows whether it was taken; to leave PRDs behind means all that hold the phase.
pub(super) fn complete(facts: &Facts<'_>, findings: &mut [Finding]) {
    let mut holding: BTreeMap<u32, BTreeSet<PrdId>> = BTreeMap::new();
    for finding in findings
        .iter()
        .filter(|finding| finding.level == Level::Error || finding.undecided)
    {
        if let (Some(phase), Some(prd)) = (finding.phase, &finding.prd) {
            holding.entry(phase).or_default().insert(prd.clone());
        }
    }
    for finding in findings {
        for remedy in finding.remedies.iter_mut().filter(|remedy| remedy.command.is_none()) {
            let behind = finding
                .phase
                .filter(|_| remedy.kind == RemedyKind::Drop)
                .and_then(|phase| {
                    let mut held = holding.get(&phase).cloned().unwrap_or_default();
                    held.extend(finding.prd.clone());
                    let phase = facts.plan.phases.iter().find(|one| one.number == phase)?;
                    // Where nobody is left of the phase, it is the plan that goes on without them.
                    let stays = phase.prds.iter().any(|prd| !held.contains(prd));
                    let of = if stays {
                        format!(" --phase {}", phase.number)
                    } else {
                        String::new()
                    };
                    Some(facts.command(&format!("gate{of}{}", facts.without(&held))))
                });
            remedy.shows = behind.is_none();
            remedy.command = Some(behind.unwrap_or_else(|| facts.again(finding.prd.as_ref())));
        }
    }
}
