/** A plan, for people: one line an object, one for each member that changes. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { placeInFile } from '../../server/files/members.ts'
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

/** `written`: the file, since of what is made only that is shown which it says. */
export function planText(changes: readonly Change[], written: Json): string {
  return changes.map((change) => changeText(change, written)).join('\n')
}

function changeText({ action, path, before = {}, after = {}, ...more }: Change, written: Json): string {
  const remarks = [more.adopted && 'is in no file so far', more.ends_tokens && 'its tokens end', ...(more.notes ?? [])]
  const told = remarks.filter((remark) => typeof remark === 'string')
  const head = `${marks[action]} ${path}${told.length > 0 ? `  (${told.join('; ')})` : ''}`
  if (action === 'delete') return head
  const said = saidAt(written, placeInFile(path))
  const members = Object.keys(after).filter((name) => action === 'update' || name in said)
  const lines = members.map((name) => {
    const was = action === 'update' ? `${valueText(before[name])} -> ` : ''
    return `    ${name}: ${was}${valueText(after[name])}`
  })
  return [head, ...lines].map(printable).join('\n')
}

function saidAt(written: Json, place: readonly string[]): object {
  let at: Json | undefined = written
  for (const step of place) at = (at as JsonObject | undefined)?.[step]
  return (at as JsonObject | undefined) ?? {}
}

const valueText = (value: Json | undefined) => JSON.stringify(value ?? null)

export function summaryText({ created, updated, deleted, unchanged }: Summary): string {
  return `${created} to create, ${updated} to change, ${deleted} to delete; ${unchanged} as the file says`
}
