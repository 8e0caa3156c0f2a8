/** A plan, for people: one line an object, one for each member that changes. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { printable } from '../cell.ts'

export type Change = {
  action: 'create' | 'update' | 'delete'
  kind: string
  path: string
  before?: JsonObject
  after?: JsonObject
  adopted?: true
  ends_tokens?: true
  notes?: readonly string[]
}
export type Summary = { created: number; updated: number; deleted: number; unchanged: number }

const marks = { create: '+', update: '~', delete: '-' } as const

export function planText(changes: readonly Change[]): string {
  return changes.map(changeText).join('\n')
}

function changeText({ action, path, before = {}, after = {}, ...more }: Change): string {
  const remarks = [more.adopted && 'is in no file so far', more.ends_tokens && 'its tokens end', ...(more.notes ?? [])]
  const said = remarks.filter((remark) => typeof remark === 'string')
  const head = `${marks[action]} ${path}${said.length > 0 ? `  (${said.join('; ')})` : ''}`
  if (action === 'delete') return head
  const members = Object.keys(after).filter((name) => action === 'update' || isSaid(after[name]))
  const lines = members.map((name) => {
    const was = action === 'update' ? `${valueText(before[name])} -> ` : ''
    return `    ${name}: ${was}${valueText(after[name])}`
  })
  return [head, ...lines].map(printable).join('\n')
}

const isSaid = (value: Json | undefined) => value !== null && !(Array.isArray(value) && value.length === 0)
const valueText = (value: Json | undefined) => JSON.stringify(value ?? null)

export function summaryText({ created, updated, deleted, unchanged }: Summary): string {
  return `${created} to create, ${updated} to change, ${deleted} to delete; ${unchanged} as the file says`
}
