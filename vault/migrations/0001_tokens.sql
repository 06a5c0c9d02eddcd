-- Private keys (PKCS#8) sealed under the key-encryption key. The newest of a purpose is used, all are honoured.
CREATE TABLE keys (
    kid TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('capture', 'context', 'access')),
    pkcs8 BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Data keys sealed under the key-encryption key. The highest version of a merchant seals, all open.
CREATE TABLE data_keys (
    merchant TEXT NOT NULL,
    version INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (merchant, version)
) STRICT;

-- Stored cards. Everything of the card but brand and last four is inside the sealed column; a security code never is.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    merchant TEXT NOT NULL,
    context TEXT NOT NULL UNIQUE,
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL,
    ref TEXT,
    key_version INTEGER NOT NULL,
    card BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (merchant, key_version) REFERENCES data_keys (merchant, version)
) STRICT;

CREATE INDEX tokens_by_ref ON tokens (merchant, ref) WHERE ref IS NOT NULL;

-- Contexts that made their token, kept until long after they expire.
CREATE TABLE spent_contexts (
    jti TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX spent_contexts_by_expiry ON spent_contexts (expires_at);

-- Answers to be given again. The digest is SHA-256 of the sealed card, which is ciphertext.
CREATE TABLE idempotency_keys (
    merchant TEXT NOT NULL,
    key TEXT NOT NULL,
    context TEXT NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (merchant, key)
) STRICT;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Who did what to what. Rows are only ever added.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    result TEXT NOT NULL,
    request_id TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit table is append-only');
END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE (ABORT, 'the audit table is append-only');
END;
