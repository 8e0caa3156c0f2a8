/**
 * What a command has in hand: whom to call, as whom, for which organization, and how to say what it found. Each setting
 * comes from the option, else the environment, else the current context, else its default.
 */
import pc from 'picocolors'
import type { Json, JsonObject } from '../protocol/json.ts'
import { type Aim, aimOf } from './aim.ts'
import { cellWith } from './cell.ts'
import { type Client, createClient } from './client.ts'
import { confirmed } from './confirmation.ts'
import { Failure, misuse, notLoggedIn } from './failure.ts'
import { findingsText } from './findings-text.ts'
import type { Io } from './io.ts'
import { type Column, type Format, formatOf, rendered } from './output.ts'
import { exit } from './terminal.ts'
import { versionText } from './version.ts'

/** The options that every command takes. */
export type Globals = {
  output?: string
  json?: boolean
  url?: string
  org?: string
  context?: string
  input?: boolean
  yes?: boolean
  utc?: boolean
  headers?: boolean
  columns?: string
}

export type Session = {
  io: Io
  options: Globals
  format: Format
  /** Whether a program reads: what people alone need is then left out. */
  isForPrograms: boolean
  aim(): Aim
  client(): Client
  /** The organization's name. Throws Failure when nothing says which. */
  org(): Promise<string>
  /** A path below the organization at hand, its parts escaped: `/api/v1/orgs/acme/teams/ml`. */
  inOrg(...parts: readonly string[]): Promise<string>
  /** On stdout, as `-o` asks for it. */
  show(value: Json, columns?: readonly Column[]): Promise<void>
  /** One object of the service, and what lint says of it. */
  tell(object: JsonObject): Promise<void>
  data(text: string): void
  /** On stderr, for people: nothing where a program reads. */
  note(line: string): void
  /** Returns when the deed may be done. Throws Failure when it may not. */
  confirm(deed: string, name: string): Promise<void>
}

/** `own`: further formats of this command. */
export function createSession(io: Io, options: Globals, own: readonly string[] = []): Session {
  const format = formatFor(options, io.env, own)
  const isForPrograms = format.kind !== 'table'
  let client: Client | undefined
  let org: Promise<string> | undefined
  let aim: Aim | undefined
  const session: Session = {
    io,
    options,
    format,
    isForPrograms,
    aim: () => {
      aim ??= aimOf(io, options)
      return aim
    },
    client() {
      const { url, secret } = session.aim()
      client ??= createClient({ url, secret, agent: `countersign-cli/${versionText()}` })
      return client
    },
    org() {
      org ??= whichOrg(session)
      return org
    },
    inOrg: async (...parts) => at('orgs', await session.org(), ...parts),
    async show(value, columns = []) {
      const cell = cellWith({ now: io.now(), utc: options.utc === true })
      const headers = options.headers !== false
      const picked = options.columns?.split(',').map((name) => name.trim())
      const text = await rendered(value, format, columns, { headers, cell, ...(picked ? { columns: picked } : {}) })
      if (text !== '') session.data(text)
    },
    async tell(object) {
      const { findings, ...shown } = object
      await session.show(isForPrograms ? object : withoutFindings(shown))
      for (const line of findingsText(findings)) session.note(line)
    },
    data: (text) => io.stdout.write(`${text}\n`),
    note: (line) => {
      if (!isForPrograms) io.stderr.write(`${line}\n`)
    },
    confirm: (deed, name) => confirmed(io, options, deed, name),
  }
  return session
}

export function formatFor({ json, output }: Globals, env: Io['env'], own: readonly string[] = []): Format {
  if (json && output !== undefined && output !== 'json') throw misuse(`--json and -o ${output} contradict each other`)
  return formatOf(json ? 'json' : output || env.COUNTERSIGN_OUTPUT || 'table', own)
}

/** A path of the API. A part that would climb out of it is refused: `team delete ..` is no deletion of the organization. */
export function at(...parts: readonly string[]): string {
  const bad = parts.find((part) => part === '' || part === '.' || part === '..')
  if (bad !== undefined) throw misuse(bad === '' ? 'a name must not be empty' : `${bad} is no name`)
  return `/api/v1/${parts.map(encodeURIComponent).join('/')}`
}

async function whichOrg(session: Session): Promise<string> {
  const { url, org, secret } = session.aim()
  if (org !== undefined) return org
  const hint = 'name it with --org, COUNTERSIGN_ORG, or as the URL: …/orgs/NAME'
  if (secret === undefined) throw notLoggedIn(url)
  const me = await session.client().call('GET', at('me'))
  if (typeof me.org === 'string') return me.org
  throw new Failure('which organization? the operator has none of its own', { exit: exit.usage, code: 'usage', hint })
}

/** Of the policy in an account: they are the account's, too. */
function withoutFindings({ trust, ...shown }: JsonObject): JsonObject {
  if (typeof trust !== 'object' || trust === null || Array.isArray(trust))
    return trust === undefined ? shown : { ...shown, trust }
  const { findings: _, ...policy } = trust as JsonObject
  return { ...shown, trust: policy }
}

/** Colours for where somebody looks. */
export const coloursFor = ({ stderr, env }: Io) =>
  pc.createColors(stderr.isTTY && env.NO_COLOR === undefined && env.TERM !== 'dumb')
