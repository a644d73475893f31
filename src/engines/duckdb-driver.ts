/** What is used of DuckDB's package, in a module of its own: the build makes one file of it and of the package's many. */
export { DuckDBInstance } from '@duckdb/node-api';
