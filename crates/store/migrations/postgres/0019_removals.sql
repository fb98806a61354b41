-- Issuer keys, proofs, app registrations and webhooks that were removed: a restore from an older backup removes them again. One
-- that is not noted comes back.
CREATE TABLE removals (
    workspace_id TEXT COLLATE "C" NOT NULL,
    -- Its prefix says what it is of.
    id           TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    CONSTRAINT "removals.id" PRIMARY KEY (workspace_id, id)
);
