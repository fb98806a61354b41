-- Proofs of every kind, and the installation as an issuer of federated credentials.

-- What may be shown of a proof, as JSON; rows of before have none.
ALTER TABLE proofs ADD COLUMN details TEXT;
-- Entra's code, when it refused the proof for good.
ALTER TABLE proofs ADD COLUMN refused_code TEXT;

-- Keys by which the installation signs. The private half is sealed by a data key of its own.
CREATE TABLE issuer_keys (
    number       INTEGER NOT NULL PRIMARY KEY,
    id           TEXT NOT NULL,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    data_key_id  TEXT NOT NULL,
    public       TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    signs_from   INTEGER NOT NULL
) STRICT;
