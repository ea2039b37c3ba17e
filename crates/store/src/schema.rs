use rusqlite::{Connection, TransactionBehavior};

use crate::store::OpenError;

/// Brings the database to the newest schema, one transaction per step.
///
/// Refuses a database of a newer program and one that is not Wherry's, and changes neither.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let found = version(connection)?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    check_ours(connection, found)?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (number, sql) in (1u32..).zip(MIGRATIONS) {
        if number > found {
            apply(connection, number, sql)?;
        }
    }
    Ok(())
}

fn apply(connection: &mut Connection, number: u32, sql: &str) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()?;
    Ok(())
}

fn check_ours(connection: &Connection, version: u32) -> Result<(), OpenError> {
    let application: i32 = pragma(connection, "application_id")?;
    if application == APPLICATION_ID {
        return Ok(());
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application == 0 && version == 0 && tables == 0 {
        return Ok(());
    }
    Err(OpenError::NotOurs)
}

fn version(connection: &Connection) -> Result<u32, OpenError> {
    let version: i32 = pragma(connection, "user_version")?;
    u32::try_from(version).map_err(|_| OpenError::NotOurs)
}

fn pragma(connection: &Connection, name: &str) -> Result<i32, rusqlite::Error> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Step `n` of this list makes schema version `n`; a released step never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001_first.sql"),
    include_str!("schema/0002_contact_marks.sql"),
    include_str!("schema/0003_settings_are_a_file.sql"),
    include_str!("schema/0004_figures.sql"),
    include_str!("schema/0005_taken_envelopes.sql"),
    include_str!("schema/0006_queue_and_groups.sql"),
    include_str!("schema/0007_receipts.sql"),
    include_str!("schema/0008_devices.sql"),
    include_str!("schema/0009_arrivals.sql"),
    include_str!("schema/0010_name_rules.sql"),
    include_str!("schema/0011_rules.sql"),
    include_str!("schema/0012_relay_wish.sql"),
    include_str!("schema/0013_folders.sql"),
    include_str!("schema/0014_moments.sql"),
    include_str!("schema/0015_lan_doors.sql"),
    include_str!("schema/0016_placed_names.sql"),
];

/// Tells our databases from others in the file header: `Whry` in ASCII.
const APPLICATION_ID: i32 = 0x5768_7279;
