//! Rows of an older backup, brought up to date. A restore puts them into tables as they are today, so that what a later migration
//! added is empty; what that migration made of the rows that it met is done to them here.

/// By migration: its statements that change rows, as they are in both databases.
const AMENDMENTS: [(i64, &[&str]); 1] = [(
    15,
    &[
        "UPDATE events SET position = numbered.position
        FROM (SELECT workspace_id, id, row_number() OVER (PARTITION BY workspace_id ORDER BY id) AS position FROM events) AS numbered
        WHERE events.workspace_id = numbered.workspace_id AND events.id = numbered.id",
        "INSERT INTO event_positions SELECT workspace_id, max(position) FROM events GROUP BY workspace_id",
        "UPDATE proofs SET warn_at = expires_at - 2592000000000 WHERE expires_at IS NOT NULL",
        "INSERT INTO chain_heads (workspace_id, writer, seq, hash)
        SELECT workspace_id, writer, seq, hash FROM activities
        WHERE (workspace_id, writer, seq) IN (
            SELECT workspace_id, writer, max(seq) FROM activities GROUP BY workspace_id, writer)",
    ],
)];

/// What to run after rows of this schema were put back.
pub(crate) fn after(schema: &[i64]) -> impl Iterator<Item = &'static str> {
    let missing = AMENDMENTS
        .iter()
        .filter(|(version, _)| !schema.contains(version));
    missing.flat_map(|(_, changes)| changes.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Whether a migration changes rows that are there, by how its statements begin.
    fn changes_rows(text: &str) -> bool {
        text.lines().any(|line| {
            ["UPDATE ", "INSERT ", "DELETE "]
                .iter()
                .any(|verb| line.starts_with(verb))
        })
    }

    #[test]
    fn every_migration_that_changes_rows_does_so_to_those_of_an_older_backup_too() {
        let known: BTreeSet<i64> = AMENDMENTS.iter().map(|(version, _)| *version).collect();
        for database in ["sqlite", "postgres"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(database);
            let mut found = BTreeSet::new();
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if changes_rows(&fs::read_to_string(&path).unwrap()) {
                    found.insert(name[..4].parse().unwrap());
                }
            }
            assert_eq!(found, known, "{database}");
        }
    }
}
