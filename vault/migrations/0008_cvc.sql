-- What has become of a token's security code: none came, one was captured, a processor has answered to it. The code
-- itself is never here.
ALTER TABLE tokens ADD COLUMN cvc TEXT NOT NULL DEFAULT 'none' CHECK (cvc IN ('none', 'captured', 'spent'));

UPDATE tokens SET cvc = 'captured' WHERE has_cvc = 1;

ALTER TABLE tokens DROP COLUMN has_cvc;

-- The answers that go with a deleted token: of its card and of each security code captured for it.
ALTER TABLE idempotency_keys ADD COLUMN token TEXT NOT NULL DEFAULT '';

UPDATE idempotency_keys
SET token = coalesce((SELECT id FROM tokens WHERE tokens.context = idempotency_keys.context), '');

DROP INDEX idempotency_keys_by_context;

CREATE INDEX idempotency_keys_by_token ON idempotency_keys (token);
