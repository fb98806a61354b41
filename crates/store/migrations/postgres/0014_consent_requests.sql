-- What one try at consent asks for beyond what its connection asks for, as JSON; the connection takes it over when the try is
-- confirmed.
ALTER TABLE attempts ADD COLUMN permissions TEXT COLLATE "C";

-- An administrator of Microsoft's tenant was asked to consent. One a connection: a later one replaces it.
CREATE TABLE consent_requests (
    workspace_id  TEXT COLLATE "C" NOT NULL,
    id            TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    requested_by  TEXT COLLATE "C" NOT NULL,
    -- Of the page where whoever could not consent waits.
    secret_hash   BYTEA CONSTRAINT "consent_requests.secret_hash" UNIQUE,
    -- What Microsoft's answer is recognised by. Knowing it grants nothing.
    state         TEXT COLLATE "C" NOT NULL CONSTRAINT "consent_requests.state" UNIQUE,
    -- JSON.
    permissions   TEXT COLLATE "C" NOT NULL,
    code          TEXT COLLATE "C" NOT NULL,
    answer        TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    answered_at   BIGINT,
    expires_at    BIGINT NOT NULL,
    CONSTRAINT "consent_requests.connection_id" PRIMARY KEY (workspace_id, connection_id),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, requested_by) REFERENCES members (workspace_id, id)
);
CREATE INDEX consent_requests_by_end ON consent_requests (expires_at);
