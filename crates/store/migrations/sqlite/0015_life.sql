-- The life of connections at scale, and under keys that are replaced.

-- The order in which events were committed, which their ids do not tell: a transaction may take long. Whoever adds one takes
-- the next position of the workspace, and the next one waits until that is committed.
CREATE TABLE event_positions (
    workspace_id TEXT NOT NULL PRIMARY KEY
        REFERENCES workspaces (id) ON DELETE CASCADE,
    last         INTEGER NOT NULL
) STRICT;
ALTER TABLE events ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
UPDATE events SET position = numbered.position
FROM (SELECT workspace_id, id, row_number() OVER (PARTITION BY workspace_id ORDER BY id) AS position FROM events) AS numbered
WHERE events.workspace_id = numbered.workspace_id AND events.id = numbered.id;
INSERT INTO event_positions SELECT workspace_id, max(position) FROM events GROUP BY workspace_id;
CREATE INDEX events_by_position ON events (workspace_id, position);

-- By which master key a process wraps. Null for one of the version before: then nobody knows.
ALTER TABLE writers ADD COLUMN master_key TEXT;

-- A data key that was replaced. It stays a while, for what was sealed by whoever did not know yet.
ALTER TABLE data_keys ADD COLUMN retired_at INTEGER;
CREATE INDEX data_keys_retired ON data_keys (retired_at) WHERE retired_at IS NOT NULL;
CREATE INDEX data_keys_by_master_key ON data_keys (master_key_id);

-- Sweeps look at what is due and at nothing else. Connections that wait for somebody are never due.
DROP INDEX connections_to_check;
CREATE INDEX connections_to_check ON connections (checked_at) WHERE state IN ('active', 'degraded', 'expiring');
-- When it is next to be looked at whether a warning of the proof's end is due: thirty days ahead at first.
ALTER TABLE proofs ADD COLUMN warn_at INTEGER;
UPDATE proofs SET warn_at = expires_at - 2592000000000 WHERE expires_at IS NOT NULL;
CREATE INDEX proofs_to_warn ON proofs (warn_at) WHERE state = 'active';
CREATE INDEX app_registrations_to_rotate ON app_registrations (workspace_id, id) WHERE auto_rotate = 1;
-- What is due for renewal is known from memory.
DROP INDEX access_tokens_due;

-- The last line of each chain of the log, and how far checkpoints vouch for it.
CREATE TABLE chain_heads (
    workspace_id TEXT NOT NULL,
    writer       TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    hash         BLOB NOT NULL,
    vouched      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, writer)
) STRICT;
INSERT INTO chain_heads (workspace_id, writer, seq, hash)
SELECT workspace_id, writer, seq, hash FROM activities
WHERE (workspace_id, writer, seq) IN (SELECT workspace_id, writer, max(seq) FROM activities GROUP BY workspace_id, writer);
CREATE INDEX chain_heads_moved ON chain_heads (workspace_id, writer) WHERE seq > vouched;

-- Signed heads of chains, each checkpoint joined to the one before. The table of before was never written.
DROP TABLE checkpoints;
CREATE TABLE checkpoints (
    workspace_id TEXT NOT NULL,
    number       INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    -- JSON: writer, seq and hash of each chain that went on since the one before.
    heads        TEXT NOT NULL,
    prev_hash    BLOB NOT NULL,
    hash         BLOB NOT NULL,
    key_id       TEXT NOT NULL,
    signature    BLOB NOT NULL,
    PRIMARY KEY (workspace_id, number)
) STRICT;
