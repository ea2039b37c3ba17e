-- Shared folders of this device. place is where it lies, as bytes; roster is who belongs, signed; the index lies in a
-- database of its own.
CREATE TABLE folders (
    folder    BLOB    NOT NULL PRIMARY KEY,
    name      TEXT    NOT NULL,
    name_key  TEXT    NOT NULL UNIQUE,
    place     BLOB    NOT NULL,
    roster    BLOB    NOT NULL,
    direction INTEGER NOT NULL,
    paused    INTEGER NOT NULL,
    version_s INTEGER
) STRICT, WITHOUT ROWID;

-- Folders that contacts ask this device to join.
CREATE TABLE folder_invitations (
    folder  BLOB    NOT NULL PRIMARY KEY,
    contact BLOB    NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    roster  BLOB    NOT NULL,
    invited INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
