-- A key is retired when nothing alive can have been signed by it or name it: its private part is deleted, the row stays.
CREATE TABLE keys_with_retirement (
    kid TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('capture', 'context', 'access', 'audit')),
    pkcs8 BLOB,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    CHECK ((pkcs8 IS NULL) = (retired_at IS NOT NULL))
) STRICT;

INSERT INTO keys_with_retirement (kid, purpose, pkcs8, created_at)
SELECT kid, purpose, pkcs8, created_at FROM keys;

DROP TABLE keys;

ALTER TABLE keys_with_retirement RENAME TO keys;
