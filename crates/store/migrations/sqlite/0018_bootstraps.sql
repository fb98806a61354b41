-- How far a set-up without the portal is, so that it is known after the process that did it, and to the others. Nothing of the
-- administrator who signed in.
CREATE TABLE bootstraps (
    workspace_id TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    begun_by     TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    -- The sign-in that goes on with it; whoever has another one stops.
    holder       TEXT    NOT NULL,
    -- JSON.
    wanted       TEXT    NOT NULL,
    progress     TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, begun_by) REFERENCES members (workspace_id, id)
) STRICT;
CREATE INDEX bootstraps_by_end ON bootstraps (updated_at);
