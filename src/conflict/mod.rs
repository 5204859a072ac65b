//! Which of many changes collide, as git would decide it. Enters: what each side changed against each base, and the texts of the blobs that two
//! sides changed. Leaves: one [`Prediction`] for each pair. Must not know refs, folders or how git is asked.
//!
//! Most pairs are told apart by their paths alone (`meeting`); where both sides changed one file its three texts are merged in process
//! (`text`); what depends on more than that (renames, links, submodules, criss-cross histories) is left to git itself.

pub use crate::git::LineRange;

mod agreement;
mod histogram;
mod meeting;
mod pairs;
mod text;

pub use meeting::{Changes, Delta, Meeting, Triple, meet};
pub use pairs::{FileCollision, Prediction, PredictionVerdict, Settled, Survey, Texts, by_a_driver};
pub use text::{Clash, TextMerge, changed_lines, merge_texts};
