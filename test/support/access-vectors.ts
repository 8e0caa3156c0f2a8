/** test/vectors/access.json, each row under the names of its columns. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './server.ts'

type Asked = {
  project: 'team' | 'restricted' | 'open' | 'public' | 'missing' | 'deleted'
  projectRole: 'none' | 'viewer' | 'editor' | 'admin'
  action: 'read' | 'write'
  /** Null: the principal is named by its id. */
  tokenScope: string | null
  decision: boolean
  reason: string
}
export type AccountRow = Asked & {
  scope: 'organization' | 'team'
  method: 'api_key' | 'federated'
  /** Of an organization-scoped account the own team is its default team. */
  team: 'own' | 'other'
  access: 'read' | 'write'
  enabled: boolean
}
export type UserRow = Asked & {
  orgRole: 'admin' | 'member' | 'viewer'
  teamRole: 'none' | 'viewer' | 'member' | 'admin'
}

type Table = { columns: string[]; rows: unknown[][] }
const rowsOf = <R>({ columns, rows }: Table): R[] =>
  rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])) as R)

const read = JSON.parse(readFileSync(join(root, 'test/vectors/access.json'), 'utf8')) as Record<string, Table>
export const accessVectors = {
  accounts: rowsOf<AccountRow>(read.accounts as Table),
  users: rowsOf<UserRow>(read.users as Table),
}
