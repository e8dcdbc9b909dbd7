CREATE VIEW reporting.device_link AS
SELECT device_id, linked_device_id AS stands_for_device_id, via
FROM device_link
