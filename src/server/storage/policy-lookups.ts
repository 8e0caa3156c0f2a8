/** Policies with their accounts, of one registration. */
import { setImmediate as soon } from 'node:timers/promises'
import type { CandidateAccount, WrittenCandidate } from '../trust/policy.ts'
import type { WrittenPolicyLookups } from '../trust/store.ts'
import { columnsOf } from './columns-of.ts'
import type { Database } from './database.ts'
import { policies } from './nouns.ts'
import { prepared } from './prepared.ts'

type AccountRow = Omit<CandidateAccount, 'enabled' | 'dpopBound'> & { enabled: number; dpopBound: number }

/** As they are kept (nouns.ts), in the order in which they are paged through. */
const keptMatches = ['exact', 'exact_if', 'glob'] as const

/** A few milliseconds of work, after which others have their turn. What changes meanwhile is heard of (cached-lookups.ts). */
const globsAtOnce = 250

export function policyLookups(db: Database): WrittenPolicyLookups {
  const found = (from: Database, issuerId: string) =>
    from
      .selectFrom('trust_policies as p')
      .innerJoin('service_accounts as s', 's.id', 'p.account_id')
      .innerJoin('organizations as o', 'o.id', 's.org_id')
      .innerJoin('teams as t', 't.id', 's.team_id')
      .where('p.issuer_id', '=', issuerId)
      .orderBy('p.id')
      .select(columnsOf(policies, 'p'))
      .select(['s.id', 's.name', 's.enabled', 's.access', 's.token_ttl as tokenTtl', 's.dpop_bound as dpopBound'])
      .select(['s.org_id as orgId', 'o.name as org', 't.id as teamId', 't.name as team'])
      .$castTo<AccountRow & Record<string, unknown>>()
  const exact = prepared(db, (from, args: { issuerId: string; subject: string }) =>
    found(from, args.issuerId).where('p.subject', '=', args.subject).where('p.match', '!=', 'glob'),
  )
  const globs = prepared(db, (from, args: { issuerId: string; after: string }) =>
    found(from, args.issuerId).where('p.match', '=', 'glob').where('p.id', '>', args.after).limit(globsAtOnce),
  )
  const candidate = (row: AccountRow & Record<string, unknown>): WrittenCandidate => {
    const { id, name, version, issuerId, subject, match, conditions, cel, state } = policies.object(row, 'p_')
    const { access, tokenTtl, orgId, org, teamId, team } = row
    const flags = { enabled: row.enabled === 1, dpopBound: row.dpopBound === 1 }
    const account = { id: row.id, name: row.name, access, tokenTtl, orgId, org, teamId, team, ...flags }
    return { policy: { id, name, version, issuerId, subject, match, conditions, cel, state }, account }
  }
  return {
    exactPolicies: async (issuerId, subject) => (await exact({ issuerId, subject })).map(candidate),
    async globPolicies(issuerId) {
      const all: WrittenCandidate[] = []
      for (let after = ''; ; await soon()) {
        const page = await globs({ issuerId, after })
        for (const row of page) all.push(candidate(row))
        if (page.length < globsAtOnce) return all
        after = String(page.at(-1)?.p_id)
      }
    },
    async *allPolicies(issuerId, atOnce) {
      for (const match of keptMatches)
        for (let after = '', rows = atOnce; rows === atOnce; ) {
          const page = await found(db, issuerId)
            .where('p.match', '=', match as 'exact')
            .where('p.id', '>', after)
            .limit(atOnce)
            .execute()
          rows = page.length
          after = String(page.at(-1)?.p_id)
          if (rows > 0) yield page.map(candidate)
        }
    },
  }
}
