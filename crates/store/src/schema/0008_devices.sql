-- A contact is a person. Each row of contacts is one of its devices: the first has the person's name, the
-- others name it in person. Rows with own are further devices of this home's own person.
ALTER TABLE contacts ADD COLUMN person BLOB REFERENCES contacts (id) ON DELETE CASCADE;
ALTER TABLE contacts ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN device_name TEXT NOT NULL DEFAULT '';
-- What the person's devices signed, in the row of its first device, and what our own did.
ALTER TABLE contacts ADD COLUMN roster BLOB;
ALTER TABLE identity ADD COLUMN roster BLOB;

DROP INDEX contacts_by_device;
CREATE UNIQUE INDEX contacts_by_device ON contacts (device) WHERE name_key IS NOT NULL OR person IS NOT NULL;
CREATE INDEX contacts_by_person ON contacts (person) WHERE person IS NOT NULL;

-- What a device must be told, until it says that it was. Numbers are never given twice.
CREATE TABLE notices (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    contact BLOB    NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    sealed  BLOB    NOT NULL
) STRICT;

CREATE INDEX notices_by_contact ON notices (contact);
