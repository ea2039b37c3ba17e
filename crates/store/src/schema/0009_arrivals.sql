-- What was decided when a transfer was accepted, for later runs. existing is 0 keep both, 1 skip, 2 replace.
CREATE TABLE arrivals (
    transfer BLOB    NOT NULL PRIMARY KEY REFERENCES transfers (id) ON DELETE CASCADE,
    existing INTEGER NOT NULL,
    rename   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Chunk bytes that crossed, repetitions included.
ALTER TABLE transfers ADD COLUMN carried_bytes INTEGER NOT NULL DEFAULT 0;
