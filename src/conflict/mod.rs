//! Which of many changes collide, as git would decide it. Enters: what each side changed against each base, and the texts of the blobs that two
//! sides changed. Leaves: one [`Prediction`] for each pair. Must not know refs, folders or how git is asked.
//!
//! Most pairs are told apart by their paths alone (`meeting`); where both sides changed one file its three texts are merged in process
//! (`text`); what depends on more than that (renames, links, submodules, criss-cross histories) is left to git itself.
//!
//! What stands at the lines where two sides meet is told afterwards (`detail`), from the outlines of the texts (`outline`) and what each side
//! did to their items (`deeds`). What breaks although git merges it is found in [`meaning`].

pub use crate::git::LineRange;

mod agreement;
mod deeds;
mod detail;
mod groups;
mod histogram;
pub mod meaning;
mod meeting;
mod outline;
mod pairs;
mod patched;
mod signature;
mod text;

pub use deeds::{Deed, Deeds, ItemMeeting};
pub use detail::{Basis, FileDetail, Files, PairDetail, Wanted, detail, wanted};
pub use groups::{Group, Order, Together, groups};
pub use meeting::{Changes, Delta, Meeting, Triple, meet};
pub use outline::{ItemKey, ItemKind, Outline};
pub use pairs::{FileCollision, Prediction, PredictionVerdict, Settled, Survey, Texts, by_a_driver};
pub use text::{Clash, TextMerge, changed_hunks, changed_lines, merge_texts};
