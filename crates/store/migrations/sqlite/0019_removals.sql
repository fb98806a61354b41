-- Issuer keys, proofs, app registrations and webhooks that were removed: a restore from an older backup removes them again. One
-- that is not noted comes back.
CREATE TABLE removals (
    workspace_id TEXT    NOT NULL,
    -- Its prefix says what it is of.
    id           TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id)
) STRICT;
