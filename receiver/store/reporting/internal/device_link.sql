CREATE VIEW device_link AS
SELECT device_id, linked_device_id, 'subscription' AS via
FROM subscription_link
UNION ALL
SELECT device_id, linked_device_id, 'network-access-identifier'
FROM identifier_link
