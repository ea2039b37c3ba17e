-- A muted contact's offers are declined without asking; changed keys are shown until words are compared.
ALTER TABLE contacts ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN key_changed INTEGER NOT NULL DEFAULT 0;
