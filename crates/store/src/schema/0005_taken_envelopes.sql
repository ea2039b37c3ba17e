-- The newest envelopes taken from each contact: another one of the same number betrays a copied identity.
CREATE TABLE taken_envelopes (
    contact BLOB    NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    counter INTEGER NOT NULL,
    digest  BLOB    NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (contact, counter)
) STRICT, WITHOUT ROWID;
