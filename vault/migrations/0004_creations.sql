-- Answers of creating calls of merchants' backends, to be given again. A row without an answer is a request under way,
-- and its lease says until when its holder is believed to be alive. An answer holds a context, which is a bearer secret:
-- it is sealed under the merchant's data key.
CREATE TABLE creations (
    client TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    holder TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    key_version INTEGER,
    answer BLOB,
    PRIMARY KEY (client, key)
) STRICT;

CREATE INDEX creations_by_expiry ON creations (expires_at);
