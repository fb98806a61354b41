-- What one try at consent asks for beyond what its connection asks for, as JSON; the connection takes it over when the try is
-- confirmed.
ALTER TABLE attempts ADD COLUMN permissions TEXT;

-- An administrator of Microsoft's tenant was asked to consent. One a connection: a later one replaces it.
CREATE TABLE consent_requests (
    workspace_id  TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    connection_id TEXT    NOT NULL,
    requested_by  TEXT    NOT NULL,
    -- Of the page where whoever could not consent waits.
    secret_hash   BLOB    UNIQUE,
    -- What Microsoft's answer is recognised by. Knowing it grants nothing.
    state         TEXT    NOT NULL UNIQUE,
    -- JSON.
    permissions   TEXT    NOT NULL,
    code          TEXT    NOT NULL,
    answer        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    answered_at   INTEGER,
    expires_at    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, connection_id),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, requested_by) REFERENCES members (workspace_id, id)
) STRICT;
CREATE INDEX consent_requests_by_end ON consent_requests (expires_at);
