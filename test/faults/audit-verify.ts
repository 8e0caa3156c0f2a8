/** `countersign audit verify`, as an operator runs it: its exit code, and what it complains of. */
import { countersign } from '../support/command.ts'
import { markedMasterKey } from '../support/server.ts'
import type { Fleet } from './support.ts'

export async function auditVerify({ databaseUrl }: Pick<Fleet, 'databaseUrl'>) {
  const { code, stdout, stderr } = await countersign(['audit', 'verify'], {
    DATABASE_URL: databaseUrl,
    MASTER_KEY: markedMasterKey,
  })
  if (code !== 0 && code !== 1) throw new Error(stderr)
  const lines = stdout.split('\n').filter((line) => line !== '')
  return { code, broken: lines.filter((line) => !line.startsWith('ok ')) }
}

export const holds = { code: 0, broken: [] }
