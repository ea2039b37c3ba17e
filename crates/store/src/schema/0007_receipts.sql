-- kind is 0 for files, 1 for a text. first_names are outermost names, one a line.
ALTER TABLE transfers ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfers ADD COLUMN first_names TEXT NOT NULL DEFAULT '';

-- What both sides sign of a transfer. Outlives the history. statement is the sender's half; receipt is both.
CREATE TABLE receipts (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    transfer   BLOB    NOT NULL UNIQUE CHECK (length(transfer) = 16),
    contact    BLOB    NOT NULL CHECK (length(contact) = 16),
    outgoing   INTEGER NOT NULL,
    contents   BLOB    NOT NULL,
    statement  BLOB,
    receipt    BLOB,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX receipts_by_contact ON receipts (contact);
