-- What a person said about a transfer's turn. position orders transfers of one priority.
CREATE TABLE queue (
    transfer          BLOB    NOT NULL PRIMARY KEY REFERENCES transfers (id) ON DELETE CASCADE,
    priority          INTEGER NOT NULL,
    position          INTEGER NOT NULL,
    limit_bytes_per_s INTEGER,
    held              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- name_key is what makes two names the same, as with contacts.
CREATE TABLE contact_groups (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT    NOT NULL,
    name_key TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE group_members (
    group_id INTEGER NOT NULL REFERENCES contact_groups (id) ON DELETE CASCADE,
    contact  BLOB    NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, contact)
) STRICT, WITHOUT ROWID;
