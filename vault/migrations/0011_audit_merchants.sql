-- Whose business a record is: that merchant may read it; empty where it is the operator's alone. The hash covers it, so
-- that the records of the form before do not verify any more; no release wrote them.
ALTER TABLE audit ADD COLUMN merchant TEXT NOT NULL DEFAULT '';

CREATE INDEX audit_by_merchant ON audit (merchant, node, seq);
