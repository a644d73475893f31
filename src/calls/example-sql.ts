/** SQL over `api_calls`: whether a call failed; never NULL. */
export const FAILED_SQL = '(error_code IS NOT NULL OR coalesce(status_code >= 400, false))';

/** What is shown of a call as an example, by name, each as SQL over `api_calls`: of long texts only the beginning. The least in this order is the earliest call. */
export const EXAMPLE_SQL: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['timestamp', 'service', 'operation', 'region', 'principal', 'status_code', 'error_code'].map((name) => [
      name,
      `"${name}"`,
    ]),
  ),
  error_message: 'left(error_message, 500)',
  request: 'left(request, 2000)',
};
