-- How far a set-up without the portal is, so that it is known after the process that did it, and to the others. Nothing of the
-- administrator who signed in.
CREATE TABLE bootstraps (
    workspace_id TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    begun_by     TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    -- The sign-in that goes on with it; whoever has another one stops.
    holder       TEXT COLLATE "C" NOT NULL,
    -- JSON.
    wanted       TEXT COLLATE "C" NOT NULL,
    progress     TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    CONSTRAINT "bootstraps.id" PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, begun_by) REFERENCES members (workspace_id, id)
);
CREATE INDEX bootstraps_by_end ON bootstraps (updated_at);
