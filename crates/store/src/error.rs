/// Why the database could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was changed; free space helps.
    #[error("the disk that holds Wherry's home is full")]
    DiskFull,
    /// SQLite refused.
    #[error("Wherry's database cannot be used")]
    Database(#[source] rusqlite::Error),
    /// What lies in the database was not written by this program with this key.
    #[error("Wherry's database is damaged: {what}")]
    Damaged {
        /// Which part.
        what: &'static str,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Damaged { what: "the file" }
            }
            Some(_) | None => Self::Database(error),
        }
    }
}
