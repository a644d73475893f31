"""The same question asked by hand of chDB: `python top_operations.py LOCATION`."""

import json
import sys

import chdb
from chdb_source import source_of

COLUMNS = """timestamp String, session_id Nullable(String), service String, operation String, region Nullable(String),
request Nullable(String), response Nullable(String), status_code Nullable(Int32), err_type Nullable(String),
err_msg Nullable(String), user_agent Nullable(String)"""

answer = chdb.query(
    f"""SELECT service, operation, toUInt32(uniqExact(session_id)) AS number_of_sessions, toUInt32(count()) AS calls,
    toUInt32(countIf(err_type IS NOT NULL OR status_code >= 400)) AS errors
    FROM {source_of(sys.argv[1], "JSONEachRow", COLUMNS)}
    GROUP BY service, operation
    ORDER BY number_of_sessions DESC, calls DESC, service, operation
    LIMIT 20""",
    "JSON",
)
print(json.dumps(json.loads(str(answer))["data"]))
