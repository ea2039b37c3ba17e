-- When a device was heard of last, and when words were compared with its person; NULL where that is not known.
CREATE TABLE contact_moments (
    contact     BLOB    PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    seen_at     INTEGER,
    verified_at INTEGER
) STRICT;
