DROP TABLE audit_chain;
DELETE FROM settings WHERE key = 'audit_tip';
