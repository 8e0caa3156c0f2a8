/** A request's parameters, by form or by JSON, as they were sent: in order, repeated ones too. */
import { isUtf8 } from 'node:buffer'
import { type Request, type RequestHandler, text } from 'express'
import { parseStrictJson } from '../../protocol/strict-json.ts'
import { Refusal } from '../errors/refusal.ts'
import { plainBody, refused } from './plain-body.ts'

export type Parameters = readonly (readonly [name: string, value: string])[]

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

const limit = 65_536
/** UTF-8, and what old clients call the ASCII that they send. */
const charsets = new Set(['utf-8', 'utf8', 'us-ascii', 'iso-8859-1'])

function judgeText(body: Buffer): void {
  if (!isUtf8(body)) throw refused(400, 'not UTF-8')
}

/** 64 KiB, as the contract says. Compressed bodies are not taken: they would make the limit a lie. */
const anyBody: RequestHandler = text({
  type: [form, json],
  limit,
  defaultCharset: 'utf-8',
  inflate: false,
  verify(_req, _res, body, charset) {
    if (!charsets.has(charset)) throw refused(415, `charset ${charset}`)
    judgeText(body)
  },
})

export const parameterBody = plainBody({ type: form, limit, judge: judgeText, otherwise: anyBody })

/** Throws Refusal: unsupported_media_type, malformed_request, parameter_repeated. */
export function parametersOf(req: Request): Parameters {
  if (typeof req.body !== 'string') {
    if (req.get('content-type') === undefined && (req.get('content-length') ?? '0') === '0') return []
    throw new Refusal('unsupported_media_type')
  }
  const isForm = req.headers['content-type'] === form || !req.is(json)
  return isForm ? [...new URLSearchParams(req.body)] : ofJson(req.body)
}

/** Each by its name. Throws Refusal('parameter_repeated'). */
export function once(parameters: Parameters): Map<string, string> {
  const given = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (given.has(name)) throw new Refusal('parameter_repeated', { says: 'a parameter is given more than once' })
    given.set(name, value)
  }
  return given
}

/** Throws Refusal('parameter_missing'). */
export function need(parameters: Map<string, string>, name: string): string {
  const value = parameters.get(name)?.trim()
  if (!value) throw new Refusal('parameter_missing', { says: `the parameter ${name} is missing` })
  return value
}

function ofJson(body: string): Parameters {
  const read = object(body)
  return Object.entries(read).flatMap(([name, value]): [string, string][] => {
    if (value === null) return []
    if (typeof value === 'string') return [[name, value]]
    if (typeof value === 'number') return [[name, String(value)]]
    // What we do not know is ignored whatever it is; what we know is text.
    if (!known.has(name)) return []
    if (Array.isArray(value)) throw new Refusal('parameter_repeated', { says: `${name} must be one text, not a list` })
    throw new Refusal('malformed_request', { says: `${name} must be a text` })
  })
}

function object(body: string): Readonly<Record<string, unknown>> {
  const parsed = parseStrictJson(body.trimStart())
  if (parsed.ok) return parsed.value
  if (parsed.fault === 'duplicate') throw new Refusal('parameter_repeated')
  throw new Refusal('malformed_request', { says: 'the body is not one JSON object' })
}

const known = new Set([
  'grant_type',
  'assertion',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'requested_token_ttl',
  'actor_token',
  'actor_token_type',
  'audience',
  'resource',
  'scope',
  'service_account',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'client_id',
  'token',
])
