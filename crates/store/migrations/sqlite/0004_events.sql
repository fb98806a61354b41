-- What happened to connections, told to whoever asked to be told; jobs that one replica at a time does.

-- Written in the transaction of the change that it tells of. It outlives the connection.
CREATE TABLE events (
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id            TEXT NOT NULL,
    kind          TEXT NOT NULL,
    at            INTEGER NOT NULL,
    connection_id TEXT NOT NULL,
    data          TEXT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) STRICT;
CREATE INDEX events_by_time ON events (at);

CREATE TABLE webhooks (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           TEXT NOT NULL,
    url          TEXT NOT NULL,
    -- JSON; null for every kind.
    kinds        TEXT,
    disabled_at  INTEGER,
    data_key_id  TEXT,
    sealed       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id)
) STRICT;

-- An event on its way to a webhook: the outbox. A row goes when the event has arrived or is given up.
CREATE TABLE deliveries (
    workspace_id TEXT NOT NULL,
    webhook_id   TEXT NOT NULL,
    event_id     TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    -- When it is tried next; moved ahead by whoever tries it.
    next_at      INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, webhook_id, event_id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhooks (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, event_id) REFERENCES events (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX deliveries_by_event ON deliveries (workspace_id, event_id);
CREATE INDEX deliveries_due ON deliveries (next_at);

-- Leases on jobs. `until` is in the database's own time.
CREATE TABLE job_leases (
    name  TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

-- When a connection was last looked after without anybody asking. It is no change of the connection.
ALTER TABLE connections ADD COLUMN checked_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX connections_to_check ON connections (checked_at);

-- Of how many days before its end a proof was warned last.
ALTER TABLE proofs ADD COLUMN warned_days INTEGER;
CREATE INDEX proofs_by_end ON proofs (expires_at) WHERE expires_at IS NOT NULL;
