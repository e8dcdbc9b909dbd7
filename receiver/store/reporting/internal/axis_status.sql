CREATE VIEW axis_status AS
SELECT DISTINCT ON (latest.device_id, latest.axis)
    latest.device_id,
    latest.axis,
    latest.value,
    latest.country_code,
    latest.country_name,
    latest.effective_at,
    latest.specificity,
    latest.digest,
    uncovered.at AS unknown_since,
    uncovered.because
FROM (
    SELECT DISTINCT ON (member.device_id, said.axis)
        member.device_id,
        said.axis,
        said.value,
        said.country_code,
        said.country_name,
        said.effective_at,
        said.specificity,
        said.digest
    FROM device_member AS member
    JOIN device_status AS said ON said.device_id = member.member_id AND said.axis <> 'seen'
    ORDER BY
        member.device_id, said.axis, said.effective_at DESC, said.specificity DESC, said.digest DESC
) AS latest
LEFT JOIN uncovered
    ON uncovered.device_id = latest.device_id
    AND uncovered.at >= latest.effective_at
    AND EXISTS (
        SELECT FROM way_out
        WHERE way_out.axis = latest.axis
            AND (way_out.value IS NULL OR way_out.value = latest.value)
            AND (way_out.other_than IS NULL OR way_out.other_than <> latest.value)
            AND uncovered.lost & way_out.names <> 0
            AND uncovered.told & way_out.names = 0
    )
ORDER BY latest.device_id, latest.axis, uncovered.at, uncovered.because
