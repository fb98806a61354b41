-- Where a delta query is: what a caller reads changes since. Microsoft's link is sealed by the connection's data key; it goes with
-- the connection. `round` counts how often it was moved.
CREATE TABLE cursors (
    workspace_id  TEXT    NOT NULL,
    connection_id TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    operation     TEXT    NOT NULL,
    round         INTEGER NOT NULL,
    sealed        BLOB    NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, connection_id, name),
    FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id) ON DELETE CASCADE
) STRICT;
