-- Whether a security code came with the card; the code itself is never here.
ALTER TABLE tokens ADD COLUMN has_cvc INTEGER NOT NULL DEFAULT 1 CHECK (has_cvc IN (0, 1));

-- For the sweeper, which looks for a merchant's oldest tokens.
CREATE INDEX tokens_by_age ON tokens (merchant, created_at);

-- For the stored answer that goes with a deleted token.
CREATE INDEX idempotency_keys_by_context ON idempotency_keys (context);
