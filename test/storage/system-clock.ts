/** The time that requests are signed with, for access to a bucket. */
export const SYSTEM_CLOCK = { now: () => new Date() };
