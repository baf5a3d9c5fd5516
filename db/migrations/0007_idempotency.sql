-- Idempotency-Keys and bodies are hashed with the secret beside the database from now on, which no copy of it contains. What was hashed
-- with a secret in this file would confirm a guess at what an erased person had sent, so it goes, together with that secret.
DELETE FROM idempotency;
DELETE FROM setting WHERE name = 'idempotency_secret';
