//! Submodules as git merges them. Enters: a repository, a path, the commits that both sides moved it to. Leaves: whether git can take the later one.
//!
//! Git itself (`merge_submodule` of merge-ort) merges a submodule cleanly in one case: its repository is here, both sides moved it forward, and one of them
//! has all that the other has. In all others a person has to.

use std::path::PathBuf;

use super::command::Call;
use super::{Oid, Repository};

impl Repository {
    /// True if the submodule at this path (from the root of the work tree) is here, and one of the two has what both had and what the other one made of
    /// it. Nothing is fetched; a commit that is not here is none.
    #[must_use]
    pub fn submodule_moves_on(&self, path: &str, base: &Oid, sides: [&Oid; 2]) -> bool {
        let Some(git) = self.submodule_folder(path) else {
            return false;
        };
        let is_ancestor = |old: &Oid, new: &Oid| {
            let call = Call::new(&git).env("GIT_DIR", git.clone());
            let ask = ["merge-base", "--is-ancestor", old.as_str(), new.as_str()];
            call.args(ask).answer().is_ok_and(|answer| answer.code == Some(0))
        };
        let [ours, theirs] = sides;
        let forward = is_ancestor(base, ours) && is_ancestor(base, theirs);
        forward && (is_ancestor(ours, theirs) || is_ancestor(theirs, ours))
    }

    /// Where git keeps a submodule that was checked out once: what the folder itself says, else below git's own folder.
    fn submodule_folder(&self, path: &str) -> Option<PathBuf> {
        let safe = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let folder = self.toplevel().join(path);
        let real = |folder: &PathBuf| std::fs::symlink_metadata(folder).is_ok_and(|facts| facts.is_dir());
        let mark = folder.join(".git");
        let told = match std::fs::symlink_metadata(&mark) {
            Ok(facts) if facts.is_dir() && real(&folder) => Some(mark),
            Ok(facts) if facts.is_file() && real(&folder) => {
                let text = std::fs::read_to_string(&mark).ok()?;
                Some(folder.join(text.strip_prefix("gitdir:")?.trim()))
            }
            _ => None,
        };
        let kept = self.common_dir().join("modules").join(path);
        let found = told.unwrap_or(kept);
        (safe && found.join("objects").is_dir()).then_some(found)
    }
}
