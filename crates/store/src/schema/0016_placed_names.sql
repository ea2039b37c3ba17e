-- Outermost names that a transfer got here, one a line: not always those the sender gave them.
ALTER TABLE transfers ADD COLUMN placed_names TEXT NOT NULL DEFAULT '';
