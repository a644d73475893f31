-- summary: the programs that called, by how many sessions
-- column: user_agent text: user agent
-- column: number_of_sessions integer: different sessions; calls without a session count for none
-- column: calls integer: calls
-- example: awsusage query user-agents ./logs
-- note: Most sessions first, then most calls, then by user agent.

SELECT
  user_agent,
  count(DISTINCT session_id) AS number_of_sessions,
  CAST(sum(calls) AS bigint) AS calls
FROM api_calls
GROUP BY user_agent
ORDER BY number_of_sessions DESC, calls DESC, user_agent
