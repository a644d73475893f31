/** What became of tests, for formats that CI systems show. */
export interface TestReport {
  /** What was tested. */
  readonly name: string;
  readonly seconds: number;
  readonly tests: readonly ReportedTest[];
}

export interface ReportedTest {
  readonly name: string;
  readonly isPassed: boolean;
  /** What came out, in one line. */
  readonly message: string;
  /** More about it, one line each. */
  readonly details: readonly string[];
}
