/**
 * What the demo shows: numbered steps, the requests as curl would make them, answers, decoded claims.
 * Rules: no token, key or secret is ever shown whole; a line says one thing.
 */
import { setTimeout } from 'node:timers/promises'
import pc from 'picocolors'
import { terminal } from '../terminal.ts'

export type Call = {
  method?: 'GET' | 'POST'
  url: string
  bearer?: string
  basic?: { user: string; password: string }
  json?: unknown
  form?: Record<string, string>
}
export type Answer = { status: number; body: Record<string, unknown> }

export type Page = {
  step(title: string): void
  say(text: string): void
  wait(ms: number): Promise<void>
  /** Makes the call and shows it. Of a JSON answer only the members `show` (default: all). */
  call(call: Call, show?: readonly string[]): Promise<Answer>
  claims(title: string, jwt: string): Record<string, unknown>
}

const { bold, dim, cyan } = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported)

/** Once `interrupted`, whatever comes next throws its reason. */
export function openPage(interrupted: AbortSignal): Page {
  let number = 0
  const line = (text: string) => {
    interrupted.throwIfAborted()
    terminal.data(`    ${text}`)
  }
  return {
    step(title) {
      number += 1
      terminal.data('')
      terminal.data(bold(`${String(number).padStart(2)}. ${title}`))
    },
    say: line,
    wait: async (ms) => void (await setTimeout(Math.max(ms, 0), undefined, { signal: interrupted })),
    async call(call, show) {
      const [first, ...rest] = written(call)
      line(cyan(`$ ${[first, ...rest.map((part) => `    ${part}`)].join(' \\\n      ')}`))
      const answer = await made(call, interrupted)
      const shown = show ? Object.fromEntries(show.map((name) => [name, answer.body[name]])) : answer.body
      line(dim(`${answer.status} ${shortened(JSON.stringify(shown))}`))
      return answer
    },
    claims(title, jwt) {
      const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
      line(`${title}:`)
      for (const [name, value] of Object.entries(claims)) line(`  ${name.padEnd(9)}  ${readable(name, value)}`)
      return claims
    },
  }
}

/** Tokens and keys are cut to what lets one tell them apart. */
export function shortened(text: string): string {
  return text
    .replace(/\beyJ[\w-]{4,}\.[\w-]+\.[\w-]+/g, (jwt) => `${jwt.slice(0, 8)}…${jwt.slice(-4)}`)
    .replace(/\bcsk_\w{12,}/g, (key) => `${key.slice(0, 8)}…${key.slice(-4)}`)
}

function readable(name: string, value: unknown): string {
  const text = shortened(typeof value === 'string' ? value : JSON.stringify(value))
  if (!['exp', 'iat', 'nbf'].includes(name)) return text
  return `${text}  ${dim(`(${new Date(Number(value) * 1000).toISOString().slice(11, 19)} UTC)`)}`
}

function written({ method, url, bearer, basic, json, form }: Call): string[] {
  const quoted = (text: string) => (/^[\w:/.=@…-]+$/.test(text) ? text : `'${text}'`)
  const shownKey = (secret: string) => (/^(eyJ|csk_)/.test(secret) ? shortened(secret) : '$OPERATOR_KEY')
  return [
    `curl ${method && method !== 'GET' && !json && !form ? `-X ${method} ` : ''}${quoted(url)}`,
    ...(bearer === undefined ? [] : [`-H "Authorization: Bearer ${shownKey(bearer)}"`]),
    ...(basic === undefined ? [] : [`-u ${basic.user}:$SECRET`]),
    ...(json === undefined ? [] : [`--json '${JSON.stringify(json)}'`]),
    ...Object.entries(form ?? {}).map(([name, value]) => `-d ${quoted(shortened(`${name}=${value}`))}`),
  ]
}

async function made({ method, url, bearer, basic, json, form }: Call, interrupted: AbortSignal): Promise<Answer> {
  const authorization = bearer
    ? `Bearer ${bearer}`
    : basic && `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`
  const body = form ? new URLSearchParams(form) : json === undefined ? undefined : JSON.stringify(json)
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(authorization ? { authorization } : {}),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.any([interrupted, AbortSignal.timeout(10_000)]),
  })
  const text = await response.text()
  try {
    return { status: response.status, body: JSON.parse(text) }
  } catch {
    return { status: response.status, body: { text } }
  }
}
