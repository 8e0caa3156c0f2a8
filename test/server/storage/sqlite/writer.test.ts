/** A writing thread that dies: whoever waited for it hears so, and whoever comes next has another one. */
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import type { Mode } from '../../../../src/server/storage/sqlite/wire.ts'
import { openWriter, type Writer } from '../../../../src/server/storage/sqlite/writer.ts'
import { reasonOf } from '../../../support/refused.ts'
import { tempDir } from '../../../support/temp-dir.ts'

/** Some 100 ms of work for the thread. */
const long = 'with recursive n(i) as (values(1) union all select i + 1 from n limit 500000) select count(*) from n'

describe('storage/sqlite/writer', () => {
  const dir = tempDir()
  let writer: Writer
  let threads: Worker[]
  const started = (thread: Worker) => void threads.push(thread)
  beforeEach(async () => {
    threads = []
    process.on('worker', started)
    writer = openWriter({ path: join(dir(), 'countersign.db'), busyTimeoutMs: 100 })
    await ask('alone', 'create table deeds (name text not null)')
  })
  afterEach(async () => {
    await writer.close()
    process.off('worker', started)
  })

  const ask = (mode: Mode, sql: string) => writer.ask(mode, [{ sql, rows: [[]] }])
  const write = (mode: Mode, name: string) => ask(mode, `insert into deeds (name) values ('${name}')`)
  const kept = async () => (await ask('alone', 'select name from deeds'))?.[0]?.rows.map(({ name }) => name)
  const thread = () => threads.at(-1) as Worker
  /** An error of the thread is told to the writer; here it is its end that counts. */
  const ended = (worker: Worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const outcome = async (work: Promise<unknown>) => {
    const cause = work.then(
      () => '',
      (error: { cause?: Error }) => String(error.cause?.message),
    )
    return `${await reasonOf(work)}: ${await cause}`
  }

  const deaths: [how: string, kill: () => unknown, cause: string][] = [
    ['is ended', () => thread().terminate(), 'the writing thread ended (1)'],
    ['fails', () => thread().postMessage(null), "Cannot read properties of null (reading 'mode')"],
  ]
  for (const [how, kill, cause] of deaths) {
    it(`refuses all who wait for a thread that ${how}, and goes on with another`, async () => {
      kill()
      const waiting = [ask('alone', long), write('alone', 'a'), writer.script([]), writer.ask('begin')]
      const died = ended(thread())
      expect(await Promise.all(waiting.map(outcome))).to.deep.equal(waiting.map(() => `storage_unavailable: ${cause}`))
      await died
      await write('alone', 'b')
      expect(await kept()).to.deep.equal(['b'])
      expect(threads).to.have.length(2)
    })
  }

  it('refuses whoever it was working for, and keeps nothing of their transaction', async () => {
    await writer.ask('begin')
    await write('within', 'a')
    const working = ask('within', long)
    const behind = write('within', 'b')
    void thread().terminate()
    for (const one of [working, behind]) expect(await reasonOf(one)).to.equal('storage_unavailable')
    expect(await outcome(write('within', 'c'))).to.equal('storage_unavailable: the transaction was lost')
    expect(await outcome(writer.ask('commit'))).to.equal('storage_unavailable: the transaction was lost')
    expect(await kept()).to.deep.equal([])
  })

  it('gives the turn of a script that failed with its thread to the next one', async () => {
    const first = writer.script([{ sql: long, rows: [[]] }])
    const second = writer.script([{ sql: `insert into deeds (name) values ('second')`, rows: [[]] }])
    void thread().terminate()
    expect(await reasonOf(first)).to.equal('storage_unavailable')
    await second
    expect(await kept()).to.deep.equal(['second'])
  })

  it('can be closed when its thread is gone', async () => {
    const died = ended(thread())
    void thread().terminate()
    await died
    await writer.close()
    expect(await outcome(write('alone', 'a'))).to.equal('storage_unavailable: the storage is closed')
    expect(threads).to.have.length(1)
  })
})
