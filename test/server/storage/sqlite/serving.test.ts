/** One process serves a database; what else opens it is not kept from it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { StorageUnavailable } from '../../../../src/server/errors/refusal.ts'
import { openStorage } from '../../../../src/server/storage/open.ts'
import { AlreadyServed } from '../../../../src/server/storage/sqlite/serving.ts'
import { tempDir } from '../../../support/temp-dir.ts'

describe('storage/sqlite/serving', () => {
  const dir = tempDir()
  const database = () => join(dir(), 'countersign.db')
  const serve = (patienceMs = 0, dataDir = dir()) => openStorage({ dataDir, serving: true, patienceMs })
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => 'served',
      (error: unknown) => error,
    )

  it('refuses a second who would serve, until the first has closed', async () => {
    const first = await serve()
    const error = await refused(serve())
    expect(error).to.be.instanceOf(AlreadyServed)
    expect((error as Error).message).to.equal(`another process serves this database (${database()})`)
    await first.writing.values.set('a', 'b')
    await first.close()
    const second = await serve()
    await first.close()
    expect(await refused(serve()), 'closed twice').to.be.instanceOf(AlreadyServed)
    await second.close()
  })

  it('lets others open it, who do not serve', async () => {
    const first = await serve()
    const other = await openStorage({ dataDir: dir() })
    await other.writing.values.set('a', 'b')
    expect(await first.reading.values.get('a')).to.equal('b')
    await other.close()
    expect(await refused(serve())).to.be.instanceOf(AlreadyServed)
    await first.close()
  })

  it('waits for a predecessor that is ending', async () => {
    const first = await serve()
    // It has met the lock once when the call returns.
    const second = serve(5000)
    await first.close()
    await (await second).close()
  })

  it('knows the database by another name', async () => {
    const first = await serve()
    const other = join(dir(), 'other')
    mkdirSync(other)
    symlinkSync(database(), join(other, 'countersign.db'))
    expect(await refused(serve(0, other))).to.be.instanceOf(AlreadyServed)
    await first.close()
  })

  it('lets go when the start fails later', async () => {
    writeFileSync(database(), 'this was a database once, and has been overwritten '.repeat(100))
    expect(await refused(serve())).to.be.an('error')
    rmSync(database())
    await (await serve()).close()
  })

  it('keeps its file to itself, and says so when it cannot have it', async () => {
    await (await serve()).close()
    expect(statSync(`${database()}.lock`).mode & 0o777).to.equal(0o600)
    rmSync(`${database()}.lock`)
    mkdirSync(`${database()}.lock`)
    expect(await refused(serve())).to.be.instanceOf(StorageUnavailable)
  })

  it('lets go at once when the process is killed', async () => {
    const program = join(import.meta.dirname, '../../../support/serving.ts')
    const child = spawn(process.execPath, [program, dir()], { stdio: ['pipe', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    await once(child.stdout, 'data')
    expect(await refused(serve())).to.be.instanceOf(AlreadyServed)
    child.kill('SIGKILL')
    await exited
    const next = await serve()
    expect(await next.reading.values.get('a')).to.equal('b')
    await next.close()
  })
})
