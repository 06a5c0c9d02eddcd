-- The heads of the audit are signed by a key of their own: one more purpose.
CREATE TABLE keys_with_audit (
    kid TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('capture', 'context', 'access', 'audit')),
    pkcs8 BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO keys_with_audit (kid, purpose, pkcs8, created_at)
SELECT kid, purpose, pkcs8, created_at FROM keys;

DROP TABLE keys;

ALTER TABLE keys_with_audit RENAME TO keys;

-- The name of this node, made at its first start. There is one row.
CREATE TABLE node (id TEXT NOT NULL PRIMARY KEY) STRICT;

-- Who did what to what. Rows are only ever added, and each carries the hash of the one before it. The records of the
-- first form had no hashes; no release wrote them.
DROP TABLE audit;

CREATE TABLE audit (
    node TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    origin TEXT NOT NULL,
    result TEXT NOT NULL,
    reason TEXT NOT NULL,
    request_id TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (node, seq)
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit table is append-only');
END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit table is append-only');
END;
