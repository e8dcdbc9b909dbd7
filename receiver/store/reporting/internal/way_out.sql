CREATE VIEW way_out AS
SELECT axis, value, other_than, names
FROM (VALUES
    ('connectivity', NULL::text, NULL::text, 15),
    ('connectivity', 'CONNECTED_DATA', NULL, 2),
    ('connectivity', 'CONNECTED_DATA', NULL, 4),
    ('connectivity', 'CONNECTED_SMS', NULL, 9),
    ('connectivity', 'CONNECTED_SMS', NULL, 4),
    ('connectivity', 'CONNECTED', NULL, 4),
    ('connectivity', 'NOT_CONNECTED', NULL, 9),
    ('connectivity', 'NOT_CONNECTED', NULL, 10),
    ('roaming', NULL, NULL, 240),
    ('roaming', 'true', NULL, 80),
    ('roaming', 'false', NULL, 48),
    ('country', NULL, NULL, 240),
    ('country', '', NULL, 48),
    ('country', NULL, '', 80),
    ('country', NULL, '', 128),
    ('network-type', NULL, NULL, 256),
    ('network-type', NULL, NULL, 256)
) AS way (axis, value, other_than, names)
