-- The figures of a transfer that came to its end, as they were told then. path is 0 local, 1 direct, 2 relay.
-- resent_bytes and skipped_total are older and stay where they are.
ALTER TABLE transfers ADD COLUMN path INTEGER;
ALTER TABLE transfers ADD COLUMN active_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfers ADD COLUMN arrived_entries INTEGER;
ALTER TABLE transfers ADD COLUMN arrived_bytes INTEGER;
