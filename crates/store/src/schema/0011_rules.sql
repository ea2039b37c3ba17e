-- What becomes of offers while nobody answers; NULL in contact is the rule for everybody, NULL elsewhere leaves
-- it to that rule. existing is as in arrivals.
CREATE TABLE receive_rules (
    id            INTEGER PRIMARY KEY,
    contact       BLOB    REFERENCES contacts (id) ON DELETE CASCADE,
    accept        INTEGER,
    ceiling_bytes INTEGER,
    executables   INTEGER,
    folder        TEXT,
    existing      INTEGER
) STRICT;

CREATE UNIQUE INDEX receive_rules_of ON receive_rules (coalesce(contact, x''));

-- Whether programs are left out.
ALTER TABLE arrivals ADD COLUMN no_programs INTEGER NOT NULL DEFAULT 0;
