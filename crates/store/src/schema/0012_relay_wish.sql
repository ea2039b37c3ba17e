-- What a person wants of relays for one contact; without it, what the setting says.
ALTER TABLE contacts ADD COLUMN relay TEXT;
