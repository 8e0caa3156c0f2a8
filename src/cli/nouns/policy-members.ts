/** A trust policy in options: `--issuer`, `--subject`, `--match`, `--condition`, `--cel`, `--draft`. */
import { type Command, Option } from 'commander'
import type { Json, JsonObject } from '../../protocol/json.ts'
import { misuse } from '../failure.ts'
import { given } from './verbs.ts'

export type PolicyOptions = {
  issuer?: string
  subject?: string
  match?: string
  condition?: JsonObject[]
  cel?: string
  draft?: boolean
  live?: boolean
}

export function policyOptions(command: Command): Command {
  return command
    .option('--issuer <issuer>', 'its name or id: who signs the tokens')
    .option('--subject <subject>', 'the `sub` of the tokens')
    .addOption(new Option('--match <kind>', 'how the subject is compared').choices(['exact', 'glob']))
    .option('--condition <test>', `'claim equals|glob TEXT', 'claim in A,B', 'claim exists'; more than once`, collected)
    .option('--cel <expression>', 'over claims; it must be true as well')
    .addOption(new Option('--draft', 'record what it would grant, and grant nothing').conflicts('live'))
    .option('--live', 'let it grant')
}

export function policyMembers({ issuer, subject, match, condition, cel, draft, live }: PolicyOptions): JsonObject {
  return given({
    issuer,
    subject,
    match,
    conditions: condition,
    cel: cel === '' ? null : cel,
    state: draft ? 'draft' : live ? 'live' : undefined,
  })
}

const collected = (text: string, before: JsonObject[] = []) => [...before, conditionOf(text)]

/**
 * `claim op value`, the value as it stands: text is never taken for a number. `json:` before it makes it JSON
 * (`build_number equals json:7`); a list for `in` is separated by commas, or JSON. All of it may be a JSON object.
 */
export function conditionOf(text: string): JsonObject {
  if (text.trimStart().startsWith('{')) return object(text)
  const [, claim, op, value = ''] = /^\s*(\S+)\s+(\S+)(?:\s(.*))?$/s.exec(text) ?? []
  if (claim === undefined || op === undefined) throw wrong(text)
  switch (op) {
    case 'exists':
      if (!['', 'true', 'false'].includes(value.trim())) throw wrong(text)
      return { claim, op, value: value.trim() !== 'false' }
    case 'in':
      return { claim, op, value: list(value) }
    case 'equals':
    case 'glob':
      if (value === '') throw wrong(text)
      return { claim, op, value: scalar(value) }
    default:
      throw wrong(text)
  }
}

function list(value: string): Json[] {
  if (value.trimStart().startsWith('[')) return json(value) as Json[]
  return value.split(',').map((each) => scalar(each.trim()))
}

const scalar = (value: string): Json => (value.startsWith('json:') ? json(value.slice('json:'.length)) : value)

function object(text: string): JsonObject {
  const read = json(text)
  if (Array.isArray(read)) throw wrong(text)
  return read as JsonObject
}

function json(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw misuse(`${text}: ${(error as Error).message}`)
  }
}

const wrong = (text: string) =>
  misuse(
    `'${text}' is no condition`,
    `'claim equals TEXT', 'claim glob PATTERN', 'claim in A,B' or 'claim exists'; json:7 for what is no text`,
  )
