-- Whether names are judged as Windows would.
ALTER TABLE arrivals ADD COLUMN windows INTEGER NOT NULL DEFAULT 0;
