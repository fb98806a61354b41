-- Rows like the one that is there, from number :from to number :to. Run by `cargo xtask bench --rows`.
-- However many there are, as many are due: the first hundred of each kind.
INSERT INTO app_registrations (workspace_id, id, name, cloud, tenant_id, client_id, created_by, data_key_id, version, created_at, auto_rotate)
SELECT workspace_id, 'app_' || substr(encode(sha256(convert_to('app' || i, 'UTF8')), 'hex'), 1, 32), 'app ' || i, cloud, tenant_id, client_id, created_by, data_key_id, version, created_at,
    CASE WHEN i <= 100 THEN 1 ELSE 0 END
FROM app_registrations, generate_series(:from, :to) AS i WHERE name = 'bench';

INSERT INTO proofs (workspace_id, id, app_registration_id, kind, hint, state, expires_at, generation, sealed, created_at, details, warn_at)
SELECT workspace_id, 'proof_' || substr(encode(sha256(convert_to('proof' || i, 'UTF8')), 'hex'), 1, 32), 'app_' || substr(encode(sha256(convert_to('app' || i, 'UTF8')), 'hex'), 1, 32), kind, hint, state,
    created_at + (CASE WHEN i <= 100 THEN 10 ELSE 200 + i % 300 END)::bigint * 86400000000, generation, sealed, created_at, details,
    created_at + (CASE WHEN i <= 100 THEN -20 ELSE 170 + i % 300 END)::bigint * 86400000000
FROM (SELECT * FROM proofs ORDER BY created_at LIMIT 1) AS one, generate_series(:from, :to) AS i;

INSERT INTO connections (workspace_id, id, name, service, method, app_registration_id, owner, shared, identity, requested, granted, policy,
    state, diagnosis, data_key_id, version, created_at, updated_at, place, checked_at)
SELECT workspace_id, 'conn_' || substr(encode(sha256(convert_to('conn' || i, 'UTF8')), 'hex'), 1, 32), 'twin ' || i, service, method, 'app_' || substr(encode(sha256(convert_to('app' || i, 'UTF8')), 'hex'), 1, 32), owner, shared, identity, requested,
    granted, policy, CASE WHEN i % 10 = 0 AND i > 100 THEN 'needs_admin' ELSE state END, diagnosis, data_key_id, version, created_at,
    updated_at, place, CASE WHEN i <= 100 THEN 1 WHEN i % 10 = 0 THEN 2 ELSE created_at + i END
FROM connections, generate_series(:from, :to) AS i WHERE name = 'bench';

INSERT INTO access_tokens (workspace_id, connection_id, audience, version, sealed, expires_at, renew_at)
SELECT workspace_id, 'conn_' || substr(encode(sha256(convert_to('conn' || i, 'UTF8')), 'hex'), 1, 32), audience, version, sealed, expires_at, renew_at
FROM (SELECT * FROM access_tokens LIMIT 1) AS one, generate_series(:from, :to) AS i;

ANALYZE;
