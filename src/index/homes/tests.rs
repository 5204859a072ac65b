//! What is a home and what only looks like one: `fixtures/flags/home-*.txt`, run by `tests/it/flags.rs`. Here the parts.

use super::*;
use crate::source::RepoPath;

#[test]
fn a_folder_of_features_says_nothing_of_its_files() {
    let of = |path: &str| of_path(&RepoPath::new(path).expect("a path"));
    assert_eq!(of("src/features/cart/columns.ts"), "cart/columns");
    assert_eq!(of("src/features/columns.ts"), "columns");
    assert_eq!(of("src/features/index.ts"), "features/index");
    assert_eq!(of("src/rollout/rollout.service.ts"), "rollout/rollout.service");
}
