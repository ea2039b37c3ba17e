-- Ids, keys and digests are blobs of their exact bytes. Times are nanoseconds since 1970.
-- Unsigned 64-bit numbers are kept as the signed number of the same bits.

CREATE TABLE store_key (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    name     BLOB    NOT NULL CHECK (length(name) = 16),
    place    INTEGER NOT NULL,
    proof    BLOB    NOT NULL
) STRICT;

CREATE TABLE identity (
    only_row       INTEGER PRIMARY KEY CHECK (only_row = 1),
    sealed_secrets BLOB    NOT NULL
) STRICT;

-- name_key is what makes two names the same; code sessions have none and clash with nobody.
CREATE TABLE contacts (
    id                BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name              TEXT    NOT NULL,
    name_key          TEXT    UNIQUE,
    device            BLOB    NOT NULL CHECK (length(device) = 32),
    keys              BLOB    NOT NULL,
    verified          INTEGER NOT NULL,
    blocked           INTEGER NOT NULL DEFAULT 0,
    sealed_chain      BLOB    NOT NULL,
    added_at          INTEGER NOT NULL,
    outgoing_reserved INTEGER NOT NULL DEFAULT 0,
    last_incoming     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX contacts_by_device ON contacts (device) WHERE name_key IS NOT NULL;

CREATE TABLE code_sessions (
    contact    BLOB    NOT NULL PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    role       INTEGER NOT NULL,
    code       BLOB    NOT NULL CHECK (length(code) = 32),
    expires_at INTEGER NOT NULL,
    UNIQUE (code, role)
) STRICT, WITHOUT ROWID;

-- position gives the order in which transfers were added.
CREATE TABLE transfers (
    position       INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    contact        BLOB    NOT NULL CHECK (length(contact) = 16),
    peer_name      TEXT    NOT NULL,
    direction      INTEGER NOT NULL,
    paths          BLOB    NOT NULL,
    sources_digest BLOB,
    state          INTEGER NOT NULL,
    state_detail   TEXT,
    name           TEXT    NOT NULL,
    entries        INTEGER NOT NULL,
    files          INTEGER NOT NULL,
    bytes          INTEGER NOT NULL,
    stream         INTEGER NOT NULL,
    token          INTEGER,
    created_at     INTEGER NOT NULL,
    finished_at    INTEGER,
    digest         BLOB,
    resent_bytes   INTEGER NOT NULL,
    skipped_total  INTEGER NOT NULL DEFAULT 0,
    resume_note    BLOB
) STRICT;

CREATE INDEX transfers_by_contact ON transfers (contact);
CREATE INDEX transfers_by_sources ON transfers (sources_digest) WHERE sources_digest IS NOT NULL;

-- Outlives the row in transfers when a person clears the history.
CREATE TABLE finished_transfers (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    contact      BLOB    NOT NULL,
    state        INTEGER NOT NULL,
    state_detail TEXT,
    digest       BLOB,
    finished_at  INTEGER NOT NULL,
    skipped      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_intents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    transfer BLOB    NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    intent   BLOB    NOT NULL
) STRICT;

CREATE INDEX commit_intents_by_transfer ON commit_intents (transfer);

CREATE TABLE skipped_entries (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    transfer BLOB    NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    path     TEXT    NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;

CREATE INDEX skipped_entries_by_transfer ON skipped_entries (transfer);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
