-- What happened to connections, told to whoever asked to be told; jobs that one replica at a time does.

-- Written in the transaction of the change that it tells of. It outlives the connection.
CREATE TABLE events (
    workspace_id  TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id            TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    at            BIGINT NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    data          TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "events.id" PRIMARY KEY (workspace_id, id)
);
CREATE INDEX events_by_time ON events (at);

CREATE TABLE webhooks (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           TEXT COLLATE "C" NOT NULL,
    url          TEXT COLLATE "C" NOT NULL,
    -- JSON; null for every kind.
    kinds        TEXT COLLATE "C",
    disabled_at  BIGINT,
    data_key_id  TEXT COLLATE "C",
    sealed       BYTEA NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT "webhooks.id" PRIMARY KEY (workspace_id, id)
);

-- An event on its way to a webhook: the outbox. A row goes when the event has arrived or is given up.
CREATE TABLE deliveries (
    workspace_id TEXT COLLATE "C" NOT NULL,
    webhook_id   TEXT COLLATE "C" NOT NULL,
    event_id     TEXT COLLATE "C" NOT NULL,
    attempts     BIGINT NOT NULL,
    -- When it is tried next; moved ahead by whoever tries it.
    next_at      BIGINT NOT NULL,
    CONSTRAINT "deliveries.event_id" PRIMARY KEY (workspace_id, webhook_id, event_id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhooks (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, event_id) REFERENCES events (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX deliveries_by_event ON deliveries (workspace_id, event_id);
CREATE INDEX deliveries_due ON deliveries (next_at);

-- Leases on jobs. `until` is in the database's own time.
CREATE TABLE job_leases (
    name  TEXT COLLATE "C" NOT NULL CONSTRAINT "job_leases.name" PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL
);

-- When a connection was last looked after without anybody asking. It is no change of the connection.
ALTER TABLE connections ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX connections_to_check ON connections (checked_at);

-- Of how many days before its end a proof was warned last.
ALTER TABLE proofs ADD COLUMN warned_days BIGINT;
CREATE INDEX proofs_by_end ON proofs (expires_at) WHERE expires_at IS NOT NULL;
