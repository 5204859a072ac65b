//! Texts whose lines repeat, merged in process and by git: the verdicts are the same.

use std::fmt::Write as _;

use flagman::conflict::{TextMerge, merge_texts};

use crate::git_scratch::Scratch;

/// Files in each of the three trees.
const FILES: usize = 400;

/// Numbers that look drawn and are the same every time (Knuth's multiplier for a modulus of 2^64).
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// The lines with some of them deleted, added, moved or changed.
    fn changed(&mut self, lines: &[usize], words: usize) -> Vec<usize> {
        let mut lines = lines.to_vec();
        for _ in 0..=self.below(2) {
            let at = self.below(lines.len() + 1);
            let end = lines.len().min(at + 1 + self.below(4));
            match self.below(4) {
                0 => drop(lines.drain(at..end)),
                1 => lines
                    .splice(at..at, (0..=self.below(3)).map(|word| word % words))
                    .for_each(drop),
                2 => {
                    let moved: Vec<usize> = lines.drain(at..end).collect();
                    let to = self.below(lines.len() + 1);
                    lines.splice(to..to, moved).for_each(drop);
                }
                _ => lines.splice(at..end, [self.below(words)]).for_each(drop),
            }
        }
        lines
    }
}

fn text(lines: &[usize]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "line {line}");
        text
    })
}

/// A tree as `Scratch` takes it, of one text for each name.
fn tree(texts: &[[String; 3]], side: usize) -> String {
    texts.iter().enumerate().fold(String::new(), |mut tree, (name, text)| {
        let _ = write!(tree, "//- f{name}\n{}", text[side]);
        tree
    })
}

#[test]
fn a_merge_in_process_says_what_git_says() {
    let mut drawn = Drawn(1);
    let texts: Vec<[String; 3]> = (0..FILES)
        .map(|_| {
            let words = [2, 3, 5, 10, 40][drawn.below(5)];
            let base: Vec<usize> = (0..[3, 8, 20, 60][drawn.below(4)])
                .map(|_| drawn.below(words))
                .collect();
            let ours = drawn.changed(&base, words);
            let from = if drawn.below(3) == 0 {
                ours.clone()
            } else {
                base.clone()
            };
            let theirs = drawn.changed(&from, words);
            [text(&base), text(&ours), text(&theirs)]
        })
        .collect();
    let scratch = Scratch::new(&tree(&texts, 0));
    for (name, side) in [("ours", 1), ("theirs", 2)] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        scratch.commit(name, &tree(&texts, side));
    }
    let merged = scratch.try_git(&[
        "merge-tree",
        "--write-tree",
        "--name-only",
        "--no-messages",
        "ours",
        "theirs",
    ]);
    let merged = String::from_utf8(merged.stdout).unwrap();
    let conflicts: Vec<&str> = merged.lines().skip(1).filter(|line| !line.is_empty()).collect();
    assert!((100..300).contains(&conflicts.len()), "{} conflicts", conflicts.len());

    let mut left_to_git = 0;
    for (name, [base, ours, theirs]) in texts.iter().enumerate() {
        let name = format!("f{name}");
        let is_conflict = match merge_texts(base.as_bytes(), ours.as_bytes(), theirs.as_bytes()) {
            TextMerge::Conflict(_) => true,
            TextMerge::Clean => false,
            TextMerge::Binary | TextMerge::Doubt => {
                left_to_git += 1;
                continue;
            }
        };
        assert_eq!(
            is_conflict,
            conflicts.contains(&name.as_str()),
            "{name}\n{base}\n{ours}\n{theirs}"
        );
    }
    assert!(left_to_git <= FILES / 20, "{left_to_git} left to git");
}
