-- Proofs of every kind, and the installation as an issuer of federated credentials.

-- What may be shown of a proof, as JSON; rows of before have none.
ALTER TABLE proofs ADD COLUMN details TEXT COLLATE "C";
-- Entra's code, when it refused the proof for good.
ALTER TABLE proofs ADD COLUMN refused_code TEXT COLLATE "C";

-- Keys by which the installation signs. The private half is sealed by a data key of its own.
CREATE TABLE issuer_keys (
    number       BIGINT NOT NULL CONSTRAINT "issuer_keys.number" PRIMARY KEY,
    id           TEXT COLLATE "C" NOT NULL,
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id),
    data_key_id  TEXT COLLATE "C" NOT NULL,
    public       TEXT COLLATE "C" NOT NULL,
    sealed       BYTEA NOT NULL,
    created_at   BIGINT NOT NULL,
    signs_from   BIGINT NOT NULL
);
