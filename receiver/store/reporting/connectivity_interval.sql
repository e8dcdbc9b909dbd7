CREATE VIEW reporting.connectivity_interval AS
SELECT device_id, from_at, to_at, value AS connectivity, because AS unknown_because
FROM axis_interval
WHERE axis = 'connectivity'
