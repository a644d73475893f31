/** A span of time in epoch milliseconds UTC; `from` is inclusive, `to` exclusive. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}
