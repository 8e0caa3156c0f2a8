/**
 * The one connection that writes, in a thread of its own: a commit waits for the disk, and nobody else should.
 * Whatever fails, no transaction stays open: a failed script is rolled back before it is answered, and an ask that
 * stands alone first clears away what a lost one left behind.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { Answer, Ask, Failure, Mode, Result, Row, Statement, Value, WorkerOptions } from './wire.ts'

type Prepared = { statement: StatementSync; reads: boolean }

const { path, busyTimeoutMs } = workerData as WorkerOptions
const port = parentPort
const maxPrepared = 500
const busy = 5
/** Result codes after which the connection is opened anew: read-only, I/O error, corrupt, cannot open, not a database. */
const fatal = new Set([8, 10, 11, 14, 26])

let connection: DatabaseSync | undefined
const prepared = new Map<string, Prepared>()

/** Two processes that turn on the write-ahead log at once are told `busy` at once, whatever the time-out. */
function useWriteAheadLog(db: DatabaseSync): void {
  const until = Date.now() + busyTimeoutMs
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if ((failureOf(error).errcode & 0xff) !== busy || Date.now() > until) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

function open(): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    useWriteAheadLog(db)
    db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -2048')
    // 32 MB of log: folding it in makes all wait who write, some 30 to 80 ms, and has to be rarer than one exchange in a hundred.
    db.exec('PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function shut(): void {
  prepared.clear()
  connection?.close()
  connection = undefined
}

function failureOf(error: unknown): Failure {
  const { message, errcode } = error as { message?: string; errcode?: number }
  return { message: message ?? String(error), errcode: errcode ?? 0 }
}

function prepare(db: DatabaseSync, sql: string): Prepared {
  const kept = prepared.get(sql)
  if (kept) return kept
  const statement = db.prepare(sql)
  const fresh = { statement, reads: statement.columns().length > 0 }
  if (prepared.size >= maxPrepared) prepared.clear()
  prepared.set(sql, fresh)
  return fresh
}

/** The results of all statements, or undefined when one did not affect the rows that it had to. */
function runAll(db: DatabaseSync, statements: readonly Statement[]): Result[] | undefined {
  const results: Result[] = []
  for (const { sql, rows, expect } of statements) {
    const { statement, reads } = prepare(db, sql)
    for (const params of rows as readonly Value[][]) {
      if (reads) {
        const found = statement.all(...params) as Row[]
        results.push({ rows: found, changes: found.length })
      } else {
        const changes = Number(statement.run(...params).changes)
        if (expect !== undefined && changes !== expect) return undefined
        results.push({ rows: [], changes })
      }
    }
  }
  return results
}

function script(db: DatabaseSync, statements: readonly Statement[]): Answer {
  db.exec('BEGIN IMMEDIATE')
  const results = runAll(db, statements)
  db.exec(results ? 'COMMIT' : 'ROLLBACK')
  return results ? { results } : { moved: true }
}

const nothing: Answer = { results: [] }
const lost: Answer = { failure: { message: 'the transaction was lost', errcode: 0, lost: true } }

function answerTo({ mode, statements }: Ask): Answer {
  connection ??= open()
  const db = connection
  const inside = mode === 'within' || mode === 'commit'
  if (inside && !db.isTransaction) return lost
  if (!inside && db.isTransaction) db.exec('ROLLBACK')
  switch (mode) {
    case 'script':
      return script(db, statements)
    case 'alone':
    case 'within':
      return { results: runAll(db, statements) ?? [] }
    case 'begin':
      db.exec('BEGIN IMMEDIATE')
      return nothing
    case 'commit':
      db.exec('COMMIT')
      return nothing
    default:
      return nothing
  }
}

/** A statement that fails inside a transaction leaves it to its owner, who will roll it back. */
function clearUp(mode: Mode, errcode: number): void {
  try {
    if (fatal.has(errcode & 0xff)) shut()
    else if (mode !== 'within' && connection?.isTransaction) connection.exec('ROLLBACK')
  } catch {
    connection = undefined
    prepared.clear()
  }
}

port?.on('message', (ask: Ask) => {
  if (ask.mode === 'close') {
    clearUp('rollback', 0)
    try {
      shut()
    } finally {
      port.close()
    }
    return
  }
  let answer: Answer
  try {
    answer = answerTo(ask)
  } catch (error) {
    const failure = failureOf(error)
    clearUp(ask.mode, failure.errcode)
    answer = { failure }
  }
  port.postMessage(answer)
})
