/** What is wrong with a file, and where. */
import type { z } from 'zod'
import { withoutSecrets } from '../../protocol/secret-text.ts'

export type Path = readonly (string | number)[]
/**
 * `path`: the names that lead there. `line` and `column` count from 1, and are there when it was read from text;
 * `caret`: the line, and below it a caret.
 */
export type Fault = { path: Path; message: string; line?: number; column?: number; caret?: string }

/** As people read it: `teams/ml/service_accounts/trainer`. */
export const pathText = (path: Path): string => path.map(String).join('/')

/** What a schema says of a value, in words for whoever writes files. */
export function faultsOf(value: unknown, issues: readonly z.core.$ZodIssue[]): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = issue.path as Path
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n')
      return issue.keys.map((key, i) => ({
        path: [...path, key],
        message: withoutSecrets(messages[i] ?? issue.message),
      }))
    }
    if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }]
    return [{ path, message: withoutSecrets(messageOf(issue, valueAt(value, path))) }]
  })
}

function messageOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (given === undefined) return 'is missing'
  if (issue.code !== 'invalid_type') return plain(issue.message)
  const { expected } = issue
  if (expected === 'never') return issue.message
  if (given === null)
    return `is empty: ${isMap(expected) ? 'write {} or leave it out' : 'say what it is, or leave it out'}`
  if (expected === 'string' && (typeof given === 'number' || typeof given === 'boolean'))
    return `must be a text: write it in quotes, "${given}"`
  if (expected === 'boolean')
    return typeof given === 'string' && /^(yes|no|on|off|y|n)$/i.test(given)
      ? 'must be true or false: yes, no, on and off are texts in YAML 1.2'
      : 'must be true or false'
  return `must be ${nameOf(expected)}`
}

const isMap = (expected: string) => expected === 'record' || expected === 'object'
const plain = (message: string) => message.replace(/^Invalid (?:input|option): (?=expected)/, '')
const nameOf = (expected: string) =>
  isMap(expected)
    ? 'a map of NAME: value'
    : ({ array: 'a list', string: 'a text', int: 'a whole number' }[expected] ?? `a ${expected}`)

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null | undefined)?.[step], value)
}
