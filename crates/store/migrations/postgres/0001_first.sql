-- The first schema.
--
-- Never edit a migration that was released. A new one must be safe while the previous version still runs beside it:
-- first expand (add tables, add columns that may be null), and contract in a later release, when nobody reads the old.
--
-- Portable columns: ids are text that sorts by age, instants are 64-bit microseconds since 1970, structures are JSON
-- text, hashes and seals are bytes. `migrations/sqlite` holds the same tables under the same names. Text is
-- compared byte by byte (collation "C"), as SQLite does. Unique constraints are named after the column that was taken,
-- since that name is what `Error::Exists` tells.
-- Keys lead with the workspace, so that references cannot cross from one workspace into another.

CREATE TABLE workspaces (
    id         TEXT COLLATE "C" NOT NULL CONSTRAINT "workspaces.id" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE members (
    workspace_id  TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id            TEXT COLLATE "C" NOT NULL,
    email         TEXT COLLATE "C" NOT NULL,
    -- In lower case: addresses compare without case, and not every database folds letters alike.
    email_folded  TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C",
    disabled_at   BIGINT,
    created_at    BIGINT NOT NULL,
    CONSTRAINT "members.id" PRIMARY KEY (workspace_id, id),
    CONSTRAINT "members.email_folded" UNIQUE (workspace_id, email_folded)
);
-- Sign-in knows an address, not a workspace.
CREATE INDEX members_by_email ON members (email_folded);

CREATE TABLE sign_in_links (
    secret_hash  BYTEA NOT NULL CONSTRAINT "sign_in_links.secret_hash" PRIMARY KEY,
    workspace_id TEXT COLLATE "C" NOT NULL,
    member_id    TEXT COLLATE "C" NOT NULL,
    expires_at   BIGINT NOT NULL,
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX sign_in_links_by_member ON sign_in_links (workspace_id, member_id);
CREATE INDEX sign_in_links_by_end ON sign_in_links (expires_at);

CREATE TABLE sessions (
    workspace_id TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    member_id    TEXT COLLATE "C" NOT NULL,
    secret_hash  BYTEA NOT NULL CONSTRAINT "sessions.secret_hash" UNIQUE,
    expires_at   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT "sessions.id" PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_member ON sessions (workspace_id, member_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE api_keys (
    workspace_id TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    member_id    TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    scope        TEXT COLLATE "C" NOT NULL,
    secret_hash  BYTEA NOT NULL CONSTRAINT "api_keys.secret_hash" UNIQUE,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    created_at   BIGINT NOT NULL,
    CONSTRAINT "api_keys.id" PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX api_keys_by_member ON api_keys (workspace_id, member_id);

-- Data keys, wrapped. Removing one shreds what it sealed, so nothing refers to them by foreign key: a record may outlive
-- its key. `owner` is the id of a connection or of an app registration.
CREATE TABLE data_keys (
    workspace_id  TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id            TEXT COLLATE "C" NOT NULL,
    owner         TEXT COLLATE "C" NOT NULL,
    master_key_id TEXT COLLATE "C" NOT NULL,
    wrapped       BYTEA NOT NULL,
    CONSTRAINT "data_keys.id" PRIMARY KEY (workspace_id, id)
);
-- Rotation goes through every workspace.
CREATE INDEX data_keys_by_id ON data_keys (id);
CREATE INDEX data_keys_by_owner ON data_keys (workspace_id, owner);

-- Facts about the installation.
CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL CONSTRAINT "meta.name" PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE app_registrations (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    cloud        TEXT COLLATE "C" NOT NULL,
    tenant_id    TEXT COLLATE "C" NOT NULL,
    client_id    TEXT COLLATE "C" NOT NULL,
    created_by   TEXT COLLATE "C" NOT NULL,
    data_key_id  TEXT COLLATE "C",
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT "app_registrations.id" PRIMARY KEY (workspace_id, id),
    CONSTRAINT "app_registrations.name" UNIQUE (workspace_id, name),
    FOREIGN KEY (workspace_id, created_by) REFERENCES members (workspace_id, id)
);

CREATE TABLE proofs (
    workspace_id        TEXT COLLATE "C" NOT NULL,
    id                  TEXT COLLATE "C" NOT NULL,
    app_registration_id TEXT COLLATE "C" NOT NULL,
    kind                TEXT COLLATE "C" NOT NULL,
    hint                TEXT COLLATE "C" NOT NULL,
    state               TEXT COLLATE "C" NOT NULL,
    expires_at          BIGINT,
    generation          BIGINT NOT NULL,
    sealed              BYTEA NOT NULL,
    created_at          BIGINT NOT NULL,
    CONSTRAINT "proofs.id" PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, app_registration_id) REFERENCES app_registrations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX proofs_by_app ON proofs (workspace_id, app_registration_id, created_at);

-- An app registration cannot be removed while a connection uses it.
CREATE TABLE connections (
    workspace_id        TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id                  TEXT COLLATE "C" NOT NULL,
    name                TEXT COLLATE "C" NOT NULL,
    service             TEXT COLLATE "C" NOT NULL,
    method              TEXT COLLATE "C" NOT NULL,
    app_registration_id TEXT COLLATE "C" NOT NULL,
    owner               TEXT COLLATE "C" NOT NULL,
    shared              BIGINT NOT NULL,
    identity            TEXT COLLATE "C",
    requested           TEXT COLLATE "C" NOT NULL,
    granted             TEXT COLLATE "C",
    policy              TEXT COLLATE "C" NOT NULL,
    state               TEXT COLLATE "C" NOT NULL,
    diagnosis           TEXT COLLATE "C",
    data_key_id         TEXT COLLATE "C",
    version             BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    CONSTRAINT "connections.id" PRIMARY KEY (workspace_id, id),
    CONSTRAINT "connections.name" UNIQUE (workspace_id, name),
    FOREIGN KEY (workspace_id, app_registration_id) REFERENCES app_registrations (workspace_id, id),
    FOREIGN KEY (workspace_id, owner) REFERENCES members (workspace_id, id)
);
CREATE INDEX connections_by_app ON connections (workspace_id, app_registration_id);

-- What a restore from backup has to remove again. It outlives the connection.
CREATE TABLE deletions (
    workspace_id  TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    at            BIGINT NOT NULL,
    CONSTRAINT "deletions.connection_id" PRIMARY KEY (workspace_id, connection_id)
);
CREATE INDEX deletions_by_time ON deletions (at);

CREATE TABLE attempts (
    workspace_id  TEXT COLLATE "C" NOT NULL,
    id            TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    requested_by  TEXT COLLATE "C" NOT NULL,
    secret_hash   BYTEA NOT NULL CONSTRAINT "attempts.secret_hash" UNIQUE,
    state_hash    BYTEA CONSTRAINT "attempts.state_hash" UNIQUE,
    cookie_hash   BYTEA,
    sealed        BYTEA,
    state         TEXT COLLATE "C" NOT NULL,
    note          TEXT COLLATE "C",
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    CONSTRAINT "attempts.id" PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, requested_by) REFERENCES members (workspace_id, id)
);
CREATE INDEX attempts_by_connection ON attempts (workspace_id, connection_id);
CREATE INDEX attempts_by_end ON attempts (expires_at);

-- Access tokens that replicas share, and the lease on renewing each. `lease_until` is in the database's own time.
CREATE TABLE access_tokens (
    workspace_id  TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    audience      TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    sealed        BYTEA,
    expires_at    BIGINT,
    renew_at      BIGINT,
    lease_owner   TEXT COLLATE "C",
    lease_until   BIGINT,
    CONSTRAINT "access_tokens.audience" PRIMARY KEY (workspace_id, connection_id, audience),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX access_tokens_due ON access_tokens (renew_at) WHERE renew_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    workspace_id  TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    sealed        BYTEA NOT NULL,
    generation    BIGINT NOT NULL,
    stored_at     BIGINT NOT NULL,
    CONSTRAINT "refresh_tokens.connection_id" PRIMARY KEY (workspace_id, connection_id),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE
);

-- The log refers to nothing: it outlives what it speaks of, and a line costs no look-up.
CREATE TABLE activities (
    workspace_id  TEXT COLLATE "C" NOT NULL,
    id            TEXT COLLATE "C" NOT NULL,
    at            BIGINT NOT NULL,
    actor_type    TEXT COLLATE "C" NOT NULL,
    actor_id      TEXT COLLATE "C",
    kind          TEXT COLLATE "C" NOT NULL,
    action        TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C",
    target        TEXT COLLATE "C",
    phase         TEXT COLLATE "C" NOT NULL,
    intent_id     TEXT COLLATE "C",
    outcome       TEXT COLLATE "C" NOT NULL,
    status        BIGINT,
    code          TEXT COLLATE "C",
    duration_us   BIGINT,
    remote        TEXT COLLATE "C" NOT NULL,
    writer        TEXT COLLATE "C" NOT NULL,
    seq           BIGINT NOT NULL,
    prev_hash     BYTEA NOT NULL,
    hash          BYTEA NOT NULL,
    CONSTRAINT "activities.id" PRIMARY KEY (workspace_id, id),
    CONSTRAINT "activities.seq" UNIQUE (workspace_id, writer, seq)
);
CREATE INDEX activities_by_connection ON activities (workspace_id, connection_id, id) WHERE connection_id IS NOT NULL;
CREATE INDEX activities_by_intent ON activities (workspace_id, intent_id, id) WHERE intent_id IS NOT NULL;

-- Intents whose result is not written yet: a few rows, where the log has millions.
CREATE TABLE open_intents (
    workspace_id TEXT COLLATE "C" NOT NULL,
    activity_id  TEXT COLLATE "C" NOT NULL,
    writer       TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "open_intents.activity_id" PRIMARY KEY (workspace_id, activity_id)
);
CREATE INDEX open_intents_by_age ON open_intents (activity_id);

-- Signed heads of the chains.
CREATE TABLE checkpoints (
    workspace_id TEXT COLLATE "C" NOT NULL,
    writer       TEXT COLLATE "C" NOT NULL,
    seq          BIGINT NOT NULL,
    hash         BYTEA NOT NULL,
    signature    BYTEA NOT NULL,
    at           BIGINT NOT NULL,
    CONSTRAINT "checkpoints.seq" PRIMARY KEY (workspace_id, writer, seq)
);

-- Answers are sealed by the connection's data key: without the connection nobody can read them.
CREATE TABLE idempotency (
    workspace_id  TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    request_hash  BYTEA NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    writer        TEXT COLLATE "C" NOT NULL,
    intent_id     TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    answer_status BIGINT,
    answer_sealed BYTEA,
    CONSTRAINT "idempotency.key" PRIMARY KEY (workspace_id, key),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idempotency_by_connection ON idempotency (workspace_id, connection_id);
CREATE INDEX idempotency_by_end ON idempotency (expires_at);

-- Processes that run. `beat_at` is in the database's own time.
CREATE TABLE writers (
    id         TEXT COLLATE "C" NOT NULL CONSTRAINT "writers.id" PRIMARY KEY,
    started_at BIGINT NOT NULL,
    beat_at    BIGINT NOT NULL
);
