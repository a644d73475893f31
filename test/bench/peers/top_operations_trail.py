"""The same question asked of a trail by hand of chDB: `python top_operations_trail.py LOCATION`."""

import json
import sys

import chdb
from chdb_source import source_of

answer = chdb.query(
    f"""SELECT replaceOne(source, '.amazonaws.com', '') AS service, operation,
    toUInt32(uniqExactIf(key, key LIKE 'ASIA%')) AS number_of_sessions, toUInt32(count()) AS calls,
    toUInt32(countIf(error != '')) AS errors
    FROM (
      SELECT JSONExtractString(event, 'eventID') AS id, JSONExtractString(event, 'eventSource') AS source,
        JSONExtractString(event, 'eventName') AS operation, JSONExtractString(event, 'errorCode') AS error,
        JSONExtractString(event, 'userIdentity', 'accessKeyId') AS key
      FROM (
        SELECT arrayJoin(JSONExtractArrayRaw(raw, 'Records')) AS event
        FROM {source_of(sys.argv[1], "RawBLOB", "raw String")}
      )
      LIMIT 1 BY id
    )
    GROUP BY service, operation
    ORDER BY number_of_sessions DESC, calls DESC, service, operation
    LIMIT 20""",
    "JSON",
)
print(json.dumps(json.loads(str(answer))["data"]))
