CREATE VIEW reporting.network_type_interval AS
SELECT device_id, from_at, to_at, value AS connected_network_type, because AS unknown_because
FROM axis_interval
WHERE axis = 'network-type'
