-- Where a contact's door on a local network was the last time, as address:port.
ALTER TABLE contacts ADD COLUMN door TEXT;
