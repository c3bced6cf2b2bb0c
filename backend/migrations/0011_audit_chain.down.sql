INSERT INTO audit_log (id, at, actor, request_id, action, object, detail)
SELECT id, at, actor, request_id, action, object, detail FROM audit_chain;
DROP TABLE audit_chain;
DELETE FROM settings WHERE key = 'audit_tip';
