-- What a merchant's backend said of a purchase, until its context expires: what the rules about cards judge by.
CREATE TABLE context_facts (
    jti TEXT NOT NULL PRIMARY KEY,
    amount INTEGER,
    currency TEXT,
    shipping_country TEXT,
    expires_at INTEGER NOT NULL,
    CHECK ((amount IS NULL) = (currency IS NULL))
) STRICT;

CREATE INDEX context_facts_by_expiry ON context_facts (expires_at);

-- Why a token's merchant should look at its order first: a JSON list of names, mostly empty.
ALTER TABLE tokens ADD COLUMN review TEXT NOT NULL DEFAULT '[]';
