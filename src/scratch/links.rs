//! What is installed, without installing it again. Enters: the user's `node_modules`, which are only read. Leaves: folders of the same name in the
//! copy with a link for each package. A package of the project itself, which its own `node_modules` links to, leads to the copy: else tests
//! would run the user's files, in which no flag is flipped.

use std::fs;
use std::path::{Path, PathBuf};

use super::ScratchError;
use super::changes::link as link_to;

const FOLDER: &str = "node_modules";

/// Folders of tools that write into them.
const CACHES: [&str; 5] = [".cache", ".vite", ".vite-temp", ".vitest", ".experimental-vitest-cache"];

/// Whether what a package needs is installed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Installed {
    /// There is a `node_modules` at or above it.
    Yes,
    /// There is none; the command that installs.
    No(&'static str),
}

/// Looks for what is installed for a folder of the project.
#[must_use]
pub fn installed(toplevel: &Path, folder: &Path) -> Installed {
    let mut around = folder.ancestors().take_while(|folder| folder.starts_with(toplevel));
    if around.any(|folder| folder.join(FOLDER).is_dir()) {
        return Installed::Yes;
    }
    let commands = [
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
        ("yarn.lock", "yarn install --immutable"),
        ("bun.lock", "bun install --frozen-lockfile"),
        ("package-lock.json", "npm ci"),
    ];
    let has = |name: &str| {
        let around = folder.ancestors().take_while(|folder| folder.starts_with(toplevel));
        around.into_iter().any(|folder| folder.join(name).is_file())
    };
    let command = commands.iter().find(|(lock, _)| has(lock));
    Installed::No(command.map_or("npm install", |(_, command)| command))
}

/// Links every `node_modules` beside a `package.json` of the copy.
pub(super) fn link(original: &Path, copy: &Path) -> Result<(), ScratchError> {
    let original = original.canonicalize().map_err(ScratchError::file(original))?;
    let mut folders = vec![PathBuf::new()];
    while let Some(relative) = folders.pop() {
        let here = copy.join(&relative);
        let installed = original.join(&relative).join(FOLDER);
        if here.join("package.json").is_file() && installed.is_dir() {
            packages(
                &Place {
                    original: &original,
                    copy,
                },
                &installed,
                &here.join(FOLDER),
            )?;
        }
        for entry in fs::read_dir(&here)
            .map_err(ScratchError::file(&here))?
            .filter_map(Result::ok)
        {
            let name = entry.file_name();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && name != FOLDER && name != ".git" {
                folders.push(relative.join(name));
            }
        }
    }
    Ok(())
}

struct Place<'a> {
    original: &'a Path,
    copy: &'a Path,
}

fn packages(place: &Place<'_>, from: &Path, to: &Path) -> Result<(), ScratchError> {
    fs::create_dir_all(to).map_err(ScratchError::file(to))?;
    for entry in fs::read_dir(from)
        .map_err(ScratchError::file(from))?
        .filter_map(Result::ok)
    {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if CACHES.contains(&&*text) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        if text.starts_with('@') && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            packages(place, &source, &target)?;
            continue;
        }
        let leads_to = own_package(place, &source).unwrap_or(source);
        link_to(&leads_to, &target).map_err(ScratchError::file(&target))?;
    }
    Ok(())
}

/// The copy of a package that is part of the project.
fn own_package(place: &Place<'_>, link: &Path) -> Option<PathBuf> {
    if !fs::symlink_metadata(link).ok()?.is_symlink() {
        return None;
    }
    let target = link.canonicalize().ok()?;
    let relative = target.strip_prefix(place.original).ok()?;
    let installed = relative.components().any(|part| part.as_os_str() == FOLDER);
    let copied = place.copy.join(relative);
    (!installed && copied.exists()).then_some(copied)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_package_of_the_project_leads_to_the_copy_and_every_other_to_what_is_installed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (original, copy) = (folder.path().join("original"), folder.path().join("copy"));
        for made in [
            "original/node_modules/@us",
            "original/node_modules/left-pad",
            "original/node_modules/.vite",
            "original/packages/flags",
            "copy/packages/flags",
        ] {
            fs::create_dir_all(folder.path().join(made)).expect("a folder");
        }
        fs::write(copy.join("package.json"), "{}").expect("a file");
        symlink("../../packages/flags", original.join("node_modules/@us/flags")).expect("a link");
        symlink("../nowhere", original.join("node_modules/broken")).expect("a link");
        link(&original, &copy).expect("linked");
        let leads = |name: &str| copy.join("node_modules").join(name).canonicalize().ok();
        let at = |path: &str| folder.path().join(path).canonicalize().ok();
        assert_eq!(leads("@us/flags"), at("copy/packages/flags"));
        assert_eq!(leads("left-pad"), at("original/node_modules/left-pad"));
        assert!(!copy.join("node_modules/.vite").exists(), "caches stay with the user");
    }

    #[test]
    fn what_is_not_installed_is_told_with_the_command() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("apps/api");
        fs::create_dir_all(&inner).expect("a folder");
        assert_eq!(installed(folder.path(), &inner), Installed::No("npm install"));
        fs::write(folder.path().join("pnpm-lock.yaml"), "").expect("a file");
        assert_eq!(
            installed(folder.path(), &inner),
            Installed::No("pnpm install --frozen-lockfile")
        );
        fs::create_dir(folder.path().join("node_modules")).expect("a folder");
        assert_eq!(installed(folder.path(), &inner), Installed::Yes);
    }
}
