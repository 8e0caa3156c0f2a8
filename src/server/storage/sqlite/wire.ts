/** What the threads say to each other. One answer per ask, in the order of the asks. */
export type Value = string | number | bigint | null | Uint8Array

/** Run once for each of `rows`. `expect`: how many rows each run must affect, or everything is undone. */
export type Statement = { sql: string; rows: readonly (readonly Value[])[]; expect?: number }

/**
 * `alone`: statements outside any transaction. `script`: BEGIN IMMEDIATE, all statements, COMMIT. `within`: inside the
 * transaction that `begin` opened; refused when that one is gone, so that nothing of a lost one is written by itself.
 */
export type Mode = 'alone' | 'script' | 'begin' | 'within' | 'commit' | 'rollback' | 'close'
export type Ask = { mode: Mode; statements: readonly Statement[] }

export type Row = { [column: string]: unknown }
export type Result = { rows: Row[]; changes: number }
/** `errcode` is SQLite's extended result code; 0 when the failure is not SQLite's. */
export type Failure = { message: string; errcode: number; lost?: boolean }
export type Answer = { results: Result[] } | { moved: true } | { failure: Failure }

export type WorkerOptions = { path: string; busyTimeoutMs: number }
