-- Where a long write is, sealed by the connection's data key: an upload session's address, so that a repetition under the same
-- key goes on after the process that began it died.
ALTER TABLE idempotency ADD COLUMN progress_sealed BYTEA;
