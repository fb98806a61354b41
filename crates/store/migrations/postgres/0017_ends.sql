-- How many bytes of a file travelled; null where none did, and in lines of before, which are hashed without them.
ALTER TABLE activities ADD COLUMN bytes_sent BIGINT;
ALTER TABLE activities ADD COLUMN bytes_received BIGINT;
