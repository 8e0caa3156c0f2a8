import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory of its own for every test of the suite that calls this; gone after the test. */
export function tempDir(): () => string {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'countersign-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))
  return () => dir
}
