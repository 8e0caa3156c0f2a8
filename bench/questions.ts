/** What resource servers ask: 100 keys and 100 access tokens of each organization, over all its teams. */
import { call } from '../test/support/server.ts'
import { forms } from './assertions.ts'
import type { Sent } from './load.ts'
import { type External, type Populated, writable } from './population.ts'
import type { Large } from './service.ts'

export type Questions = {
  /** For introspection. */
  keys: Sent[]
  tokens: Sent[]
  /** For evaluation: each token with four projects of its team, and with more than anybody remembers. */
  usual: Sent[]
  wide: Sent[]
  /** An answer to the first of the keys, and of the tokens. */
  answers: { key: string; token: string }
}
type Key = Parameters<typeof forms>[1]

const perOrganization = 100
/** Projects that each token asks about. With 1,000 tokens 12 is more than the 10,000 that are remembered of a kind. */
const few = 4
const many = 12

export async function questions(service: Large, key: Key): Promise<Questions> {
  const asked: Omit<Questions, 'answers'> = { keys: [], tokens: [], usual: [], wide: [] }
  for (const organization of service.organizations) {
    const bearer = organization.serverKey
    for (const { apiKey } of spread(organization.builtin)) asked.keys.push({ body: `token=${apiKey}`, bearer })
    for (const [i, { team, token }] of (await tokensOf(service, organization, key)).entries()) {
      asked.tokens.push({ body: `token=${token}`, bearer })
      for (let p = 0; p < many; p++) {
        const project = `${team}/${writable[(i + p) % writable.length]}`
        const question = { body: JSON.stringify(evaluation(token, project)), bearer }
        asked.wide.push(question)
        if (p < few) asked.usual.push(question)
      }
    }
  }
  const answers = { key: await answerTo(service, asked.keys[0]), token: await answerTo(service, asked.tokens[0]) }
  return { ...asked, answers }
}

const evaluation = (token: string, project: string) => ({
  subject: { type: 'token', id: token },
  action: { name: 'write' },
  resource: { type: 'project', id: project },
})

/** So many of them, from all over the list: 51 has no divisor in common with its length. */
const spread = <T>(list: readonly T[]): T[] =>
  Array.from({ length: perOrganization }, (_, i) => list[(i * 51) % list.length] as T)

/** Obtained as a workload would, ten at a time. */
async function tokensOf(service: Large, { external }: Populated, key: Key): Promise<(External & { token: string })[]> {
  const workloads = spread(external)
  const asked = await forms(workloads.length, key, workloads)
  const found: (External & { token: string })[] = []
  for (let i = 0; i < workloads.length; i += 10) {
    const some = workloads.slice(i, i + 10).map(async (workload, j) => {
      const form = Object.fromEntries(new URLSearchParams(asked[i + j]))
      const { status, body } = await call(service, 'POST', '/oauth/token', { form })
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`)
      return { ...workload, token: String(body.access_token) }
    })
    found.push(...(await Promise.all(some)))
  }
  return found
}

async function answerTo(service: Large, sent: Sent | undefined): Promise<string> {
  if (typeof sent !== 'object') throw new Error('nothing to ask')
  const form = Object.fromEntries(new URLSearchParams(sent.body))
  const { body } = await call(service, 'POST', '/oauth/introspect', { secret: sent.bearer, form })
  return JSON.stringify(body)
}
