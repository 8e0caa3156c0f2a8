/**
 * Whether what a policy names is what the token names by another name: the trail may remember the same id under that name.
 * Looked for among the last events alone, so that it costs little.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'
import type { Entry, TrailStore } from '../audit/store.ts'
import { hint } from '../trust/hints.ts'
import type { Judged, JudgedTest } from '../trust/judged.ts'

/** Claims that stay when the others are given another name. */
const names: Readonly<Record<string, string>> = {
  repository_id: 'repository',
  repository_owner_id: 'repository_owner',
  project_id: 'project_path',
  namespace_id: 'namespace_path',
  organization_id: 'organization_slug',
  pipeline_id: 'pipeline_slug',
}
const mostEvents = 500

type Needs = { trail: Pick<TrailStore, 'list'> }
/** `teams`: whose events the caller may read. */
type Ask = { orgId: string; teams: 'all' | readonly string[]; issuer: string; claims: JsonObject }

export function createFormerNames({ trail }: Needs) {
  /** By the claim that has it now. */
  return async ({ orgId, teams, issuer, claims }: Ask): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
    const former = new Map<string, Set<string>>()
    const ids = Object.entries(names).filter(([id, name]) => isId(claims[id]) && typeof claims[name] === 'string')
    if (ids.length === 0) return former
    for (const entry of await trail.list({ orgId, order: 'newest', limit: mostEvents })) {
      if (entry.type !== 'token.exchange' || !isSeen(entry, teams)) continue
      const { detail } = JSON.parse(entry.body) as { detail: JsonObject }
      const then = detail.claims
      if (detail.issuer !== issuer || typeof then !== 'object' || then === null || Array.isArray(then)) continue
      for (const [id, name] of ids) {
        const { [id]: sameId, [name]: called } = then as JsonObject
        if (sameId !== claims[id] || typeof called !== 'string' || called === claims[name]) continue
        former.set(name, (former.get(name) ?? new Set()).add(called))
      }
    }
    return former
  }
}

const isId = (value: Json | undefined) => typeof value === 'string' || typeof value === 'number'
const isSeen = ({ teamId }: Entry, teams: Ask['teams']) =>
  teams === 'all' || (teamId !== null && teams.includes(teamId))

/** Whether there is anything for which a former name would be the explanation. */
export const mayBeRenamed = (judged: readonly Judged[]): boolean =>
  judged.some(({ tests }) => tests.some((test) => !test.holds && isName(test)))

const isName = ({ claim, hints }: JudgedTest) =>
  (claim === 'sub' || Object.values(names).includes(claim)) &&
  hints.every(({ kind }) => kind === 'fork_or_pull_request')

export function withFormerNames(judged: Judged, former: ReadonlyMap<string, ReadonlySet<string>>): Judged {
  const tests = judged.tests.map((test) => {
    if (test.holds || !isName(test)) return test
    for (const [claim, called] of former)
      for (const name of called)
        if (isMeant(test, claim, name))
          return { ...test, hints: [...test.hints, hint('renamed', `${claim} was ${name} before, with the same id`)] }
    return test
  })
  return { ...judged, tests }
}

/** The policy's own text has the former name. */
function isMeant({ claim, expected }: JudgedTest, named: string, name: string): boolean {
  const texts = Array.isArray(expected) ? expected : [expected]
  if (claim === named) return texts.includes(name)
  if (claim !== 'sub') return false
  return texts.some((text) => typeof text === 'string' && text.split(/[:@]/).some((part) => part === name))
}
