//! The place of a migration in the order. Enters: a path. Leaves: its folder and its number. Knows only names.

use std::cmp::Ordering;

use crate::source::RepoPath;

/// The place that a migration takes: two of one folder with one number are in each other's way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Slot {
    /// The folder of the migrations.
    pub folder: String,
    /// The digits that the name begins with, as written.
    pub number: String,
}

impl Slot {
    /// The number without leading zeros: `7` and `007` are one place.
    fn plain(&self) -> &str {
        self.number.trim_start_matches('0')
    }
}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |slot: &Self| {
            (
                slot.folder.clone(),
                slot.plain().len(),
                slot.plain().to_owned(),
                slot.number.clone(),
            )
        };
        key(self).cmp(&key(other))
    }
}

/// The place that the file takes as a migration; `None` where its name begins with no number.
///
/// Prisma and Diesel keep each migration in a folder whose name has the number.
#[must_use]
pub fn slot(path: &RepoPath) -> Option<Slot> {
    let (folder, name) = match path.parent().rsplit_once('/') {
        Some((above, folder)) if matches!(path.file_name(), "migration.sql" | "up.sql") => (above, folder),
        _ => (path.parent(), path.file_name()),
    };
    let number = name.strip_prefix(['V', 'v']).unwrap_or(name);
    let digits = number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    (digits > 0).then(|| Slot {
        folder: folder.into(),
        number: number[..digits].into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<Slot> {
        slot(&RepoPath::new(path).expect("a path"))
    }

    #[test]
    fn the_number_is_where_the_tool_puts_it() {
        let check = |path: &str, folder: &str, number: &str| {
            let found = of(path).map(|slot| (slot.folder, slot.number));
            assert_eq!(found, Some((folder.into(), number.into())), "{path}");
        };
        check("db/migrations/007_status.sql", "db/migrations", "007");
        check("db/migration/V12__status.sql", "db/migration", "12");
        check(
            "prisma/migrations/20240102_a/migration.sql",
            "prisma/migrations",
            "20240102",
        );
        check(
            "src/migrations/1700000000000-AddStatus.ts",
            "src/migrations",
            "1700000000000",
        );
        assert_eq!(of("db/migrations/status.sql"), None);
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        let order = |a: &str, b: &str| of(a).cmp(&of(b));
        assert_eq!(order("m/9_a.sql", "m/10_a.sql"), Ordering::Less);
        assert_eq!(order("m/009_a.sql", "m/10_a.sql"), Ordering::Less);
        assert_eq!(order("a/2.sql", "b/1.sql"), Ordering::Less);
    }
}
