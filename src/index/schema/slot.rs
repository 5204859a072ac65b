//! The place of a migration in the order. Enters: a path. Leaves: its folder and its number. Knows only names.

use std::cmp::Ordering;

use crate::source::RepoPath;

/// What may stand between the parts of a number.
const SEPARATORS: [char; 3] = ['_', '-', '.'];

/// The place that a migration takes: two of one folder with one number are in each other's way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Slot {
    /// The folder of the migrations.
    pub folder: String,
    /// The number that the name begins with, as written: `007`, `20261121_04`, `1.2`, `2026_11_21_103000`.
    pub number: String,
}

impl Slot {
    /// The parts of the number without leading zeros: `7` and `007` are one place.
    fn parts(&self) -> Vec<&str> {
        let parts = self.number.split(SEPARATORS);
        parts.map(|part| part.trim_start_matches('0')).collect()
    }

    /// True if the number is a mere day: two migrations of one day are in nobody's way, their names decide.
    #[must_use]
    pub fn is_day(&self) -> bool {
        let digits: String = self.number.split(SEPARATORS).collect();
        digits.len() == 8 && (digits.starts_with("19") || digits.starts_with("20"))
    }
}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> Ordering {
        let sized = |slot: &Self| -> Vec<(usize, String)> {
            let parts = slot.parts().into_iter();
            parts.map(|part| (part.len(), part.to_owned())).collect()
        };
        let key = |slot: &Self| (slot.folder.clone(), sized(slot), slot.number.clone());
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
    let length = number_length(number);
    (length > 0).then(|| Slot {
        folder: folder.into(),
        number: number[..length].into(),
    })
}

/// How many bytes of a name are its number: digits, and further groups of nothing but digits (`20261121_04_fees`, but not the `3d` of
/// `7_3d_views`).
fn number_length(name: &str) -> usize {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut length = digits(name);
    while length > 0 {
        let Some(rest) = name[length..].strip_prefix(SEPARATORS) else {
            break;
        };
        let more = digits(rest);
        let whole = rest[more..]
            .chars()
            .next()
            .is_none_or(|next| SEPARATORS.contains(&next));
        if more == 0 || !whole {
            break;
        }
        length += 1 + more;
    }
    length
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
        check("db/migrations/20261121_04_fees.sql", "db/migrations", "20261121_04");
        check("db/migration/V1.2__x.sql", "db/migration", "1.2");
        check("m/2026_11_21_103000_create_users.php", "m", "2026_11_21_103000");
        check("m/7_3d_views.sql", "m", "7");
        assert_eq!(of("db/migrations/status.sql"), None);
    }

    #[test]
    fn a_day_is_no_place_of_its_own() {
        let is_day = |path: &str| of(path).is_some_and(|slot| slot.is_day());
        assert!(is_day("m/20261121_fees.sql") && is_day("m/2026-11-21-fees.sql"));
        assert!(!is_day("m/20261121_04_fees.sql") && !is_day("m/0004_fees.sql") && !is_day("m/20261121103000_x.sql"));
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        let order = |a: &str, b: &str| of(a).cmp(&of(b));
        assert_eq!(order("m/9_a.sql", "m/10_a.sql"), Ordering::Less);
        assert_eq!(order("m/009_a.sql", "m/10_a.sql"), Ordering::Less);
        assert_eq!(order("a/2.sql", "b/1.sql"), Ordering::Less);
        assert_eq!(order("m/20261121_9_a.sql", "m/20261121_10_a.sql"), Ordering::Less);
    }
}
