-- A keyed hash of the card's number, so that a merchant can see that two of its tokens are the same card. Its key is
-- derived from the data key that seals the row, so only those of one key version can be compared.
ALTER TABLE tokens ADD COLUMN fingerprint BLOB NOT NULL DEFAULT x'';

CREATE INDEX tokens_by_fingerprint ON tokens (merchant, key_version, fingerprint);
