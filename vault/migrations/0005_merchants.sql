-- Merchants with their clients, origins and settings: one document each, sealed under the key-encryption key, so that
-- whoever can write here can make nobody a client.
CREATE TABLE merchants (
    id TEXT NOT NULL PRIMARY KEY,
    record BLOB NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Counts up with every change of a merchant, so that a vault that serves knows when to read them again.
CREATE TABLE revision (value INTEGER NOT NULL) STRICT;

INSERT INTO revision (value) VALUES (0);
