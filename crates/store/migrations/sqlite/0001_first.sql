-- The first schema.
--
-- Never edit a migration that was released. A new one must be safe while the previous version still runs beside it:
-- first expand (add tables, add columns that may be null), and contract in a later release, when nobody reads the old.
--
-- Portable columns: ids are text that sorts by age, instants are 64-bit microseconds since 1970, structures are JSON
-- text, hashes and seals are bytes. `migrations/postgres` holds the same tables under the same names.
-- Keys lead with the workspace, so that references cannot cross from one workspace into another.

CREATE TABLE workspaces (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    workspace_id  TEXT    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id            TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    -- In lower case: addresses compare without case, and not every database folds letters alike.
    email_folded  TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    password_hash TEXT,
    disabled_at   INTEGER,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, email_folded)
) STRICT;
-- Sign-in knows an address, not a workspace.
CREATE INDEX members_by_email ON members (email_folded);

CREATE TABLE sign_in_links (
    secret_hash  BLOB    NOT NULL PRIMARY KEY,
    workspace_id TEXT    NOT NULL,
    member_id    TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL,
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sign_in_links_by_member ON sign_in_links (workspace_id, member_id);
CREATE INDEX sign_in_links_by_end ON sign_in_links (expires_at);

CREATE TABLE sessions (
    workspace_id TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    member_id    TEXT    NOT NULL,
    secret_hash  BLOB    NOT NULL UNIQUE,
    expires_at   INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_by_member ON sessions (workspace_id, member_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE api_keys (
    workspace_id TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    member_id    TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    secret_hash  BLOB    NOT NULL UNIQUE,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX api_keys_by_member ON api_keys (workspace_id, member_id);

-- Data keys, wrapped. Removing one shreds what it sealed, so nothing refers to them by foreign key: a record may outlive
-- its key. `owner` is the id of a connection or of an app registration.
CREATE TABLE data_keys (
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id            TEXT NOT NULL,
    owner         TEXT NOT NULL,
    master_key_id TEXT NOT NULL,
    wrapped       BLOB NOT NULL,
    PRIMARY KEY (workspace_id, id)
) STRICT;
-- Rotation goes through every workspace.
CREATE INDEX data_keys_by_id ON data_keys (id);
CREATE INDEX data_keys_by_owner ON data_keys (workspace_id, owner);

-- Facts about the installation.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE app_registrations (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    cloud        TEXT    NOT NULL,
    tenant_id    TEXT    NOT NULL,
    client_id    TEXT    NOT NULL,
    created_by   TEXT    NOT NULL,
    data_key_id  TEXT,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name),
    FOREIGN KEY (workspace_id, created_by) REFERENCES members (workspace_id, id)
) STRICT;

CREATE TABLE proofs (
    workspace_id        TEXT    NOT NULL,
    id                  TEXT    NOT NULL,
    app_registration_id TEXT    NOT NULL,
    kind                TEXT    NOT NULL,
    hint                TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    expires_at          INTEGER,
    generation          INTEGER NOT NULL,
    sealed              BLOB    NOT NULL,
    created_at          INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, app_registration_id) REFERENCES app_registrations (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX proofs_by_app ON proofs (workspace_id, app_registration_id, created_at);

-- An app registration cannot be removed while a connection uses it.
CREATE TABLE connections (
    workspace_id        TEXT    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id                  TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    service             TEXT    NOT NULL,
    method              TEXT    NOT NULL,
    app_registration_id TEXT    NOT NULL,
    owner               TEXT    NOT NULL,
    shared              INTEGER NOT NULL,
    identity            TEXT,
    requested           TEXT    NOT NULL,
    granted             TEXT,
    policy              TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    diagnosis           TEXT,
    data_key_id         TEXT,
    version             INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name),
    FOREIGN KEY (workspace_id, app_registration_id) REFERENCES app_registrations (workspace_id, id),
    FOREIGN KEY (workspace_id, owner) REFERENCES members (workspace_id, id)
) STRICT;
CREATE INDEX connections_by_app ON connections (workspace_id, app_registration_id);

-- What a restore from backup has to remove again. It outlives the connection.
CREATE TABLE deletions (
    workspace_id  TEXT    NOT NULL,
    connection_id TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, connection_id)
) STRICT;
CREATE INDEX deletions_by_time ON deletions (at);

CREATE TABLE attempts (
    workspace_id  TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    connection_id TEXT    NOT NULL,
    requested_by  TEXT    NOT NULL,
    secret_hash   BLOB    NOT NULL UNIQUE,
    state_hash    BLOB    UNIQUE,
    cookie_hash   BLOB,
    sealed        BLOB,
    state         TEXT    NOT NULL,
    note          TEXT,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, requested_by) REFERENCES members (workspace_id, id)
) STRICT;
CREATE INDEX attempts_by_connection ON attempts (workspace_id, connection_id);
CREATE INDEX attempts_by_end ON attempts (expires_at);

-- Access tokens that replicas share, and the lease on renewing each. `lease_until` is in the database's own time.
CREATE TABLE access_tokens (
    workspace_id  TEXT    NOT NULL,
    connection_id TEXT    NOT NULL,
    audience      TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    sealed        BLOB,
    expires_at    INTEGER,
    renew_at      INTEGER,
    lease_owner   TEXT,
    lease_until   INTEGER,
    PRIMARY KEY (workspace_id, connection_id, audience),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX access_tokens_due ON access_tokens (renew_at) WHERE renew_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    workspace_id  TEXT    NOT NULL,
    connection_id TEXT    NOT NULL,
    sealed        BLOB    NOT NULL,
    generation    INTEGER NOT NULL,
    stored_at     INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, connection_id),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE
) STRICT;

-- The log refers to nothing: it outlives what it speaks of, and a line costs no look-up.
CREATE TABLE activities (
    workspace_id  TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    actor_type    TEXT    NOT NULL,
    actor_id      TEXT,
    kind          TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    connection_id TEXT,
    target        TEXT,
    phase         TEXT    NOT NULL,
    intent_id     TEXT,
    outcome       TEXT    NOT NULL,
    status        INTEGER,
    code          TEXT,
    duration_us   INTEGER,
    remote        TEXT    NOT NULL,
    writer        TEXT    NOT NULL,
    seq           INTEGER NOT NULL,
    prev_hash     BLOB    NOT NULL,
    hash          BLOB    NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, writer, seq)
) STRICT;
CREATE INDEX activities_by_connection ON activities (workspace_id, connection_id, id) WHERE connection_id IS NOT NULL;
CREATE INDEX activities_by_intent ON activities (workspace_id, intent_id, id) WHERE intent_id IS NOT NULL;

-- Intents whose result is not written yet: a few rows, where the log has millions.
CREATE TABLE open_intents (
    workspace_id TEXT NOT NULL,
    activity_id  TEXT NOT NULL,
    writer       TEXT NOT NULL,
    PRIMARY KEY (workspace_id, activity_id)
) STRICT;
CREATE INDEX open_intents_by_age ON open_intents (activity_id);

-- Signed heads of the chains.
CREATE TABLE checkpoints (
    workspace_id TEXT    NOT NULL,
    writer       TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    hash         BLOB    NOT NULL,
    signature    BLOB    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, writer, seq)
) STRICT;

-- Answers are sealed by the connection's data key: without the connection nobody can read them.
CREATE TABLE idempotency (
    workspace_id  TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    request_hash  BLOB    NOT NULL,
    connection_id TEXT    NOT NULL,
    writer        TEXT    NOT NULL,
    intent_id     TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    answer_status INTEGER,
    answer_sealed BLOB,
    PRIMARY KEY (workspace_id, key),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idempotency_by_connection ON idempotency (workspace_id, connection_id);
CREATE INDEX idempotency_by_end ON idempotency (expires_at);

-- Processes that run. `beat_at` is in the database's own time.
CREATE TABLE writers (
    id         TEXT    NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    beat_at    INTEGER NOT NULL
) STRICT;
