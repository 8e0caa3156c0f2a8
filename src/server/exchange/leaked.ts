/**
 * Secrets of ours that somebody found lying open: they end at once, and the trail of their organization says where they
 * were found, wherever that is. Whoever reports has proven who they are; the secret itself is kept nowhere.
 */
import { hash } from 'node:crypto'
import type { JsonObject } from '../../protocol/json.ts'
import type { Perform } from '../admin/perform.ts'
import { type Actor, installation } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import { redactedText } from './redact.ts'
import type { FindOwn } from './revoke.ts'

/** As the partner reports it. `url`: where it was found; `source`: in what kind of place. */
export type Finding = { token: string; type: string; url: string; source: string }
/** Whether it was one of ours; `tokenHash`: base64 of the SHA-256. */
export type Feedback = { tokenHash: string; type: string; isOurs: boolean }
/** Durable when it resolves. Throws StorageUnavailable. */
export type EndLeaked = (findings: readonly Finding[], origin: Origin) => Promise<Feedback[]>

type Needs = { perform: Perform; findOwn: FindOwn; isOperators: (secret: string) => boolean }

const scanner: Actor = { type: 'system', name: 'secret-scanning' }
/** Digests of what was ended here, so that a report that comes again is not called a false alarm. */
const mostEnded = 10_000

export function createEndLeaked({ perform, findOwn, isOperators }: Needs): EndLeaked {
  const ended = new Set<string>()
  const remember = (tokenHash: string): void => {
    ended.add(tokenHash)
    if (ended.size > mostEnded) ended.delete(ended.values().next().value as string)
  }
  /** One after the other: each is an admin's deed, and those wait for each other anyway. */
  const end = async (token: string, places: readonly JsonObject[], origin: Origin): Promise<boolean> => {
    const own = isOperators(token) ? undefined : await findOwn(token)
    // Of the operator's key only whoever runs the installation can make an end.
    const target = own?.target ?? { type: 'operator_key', id: installation }
    if (!own && !isOperators(token)) return false
    await perform({ actor: scanner, ...origin }, async (work) => {
      for (const detail of places) await work.record(`${target.type}.leak`, own?.where ?? {}, target, detail)
      await own?.end(work)
      return {}
    })
    return true
  }
  return async (findings, origin) => {
    const ours = new Set<string>()
    for (const [token, found] of Map.groupBy(findings, (finding) => finding.token)) {
      const tokenHash = hashOf(token)
      if (await end(token, placesOf(found), origin)) remember(tokenHash)
      if (ended.has(tokenHash)) ours.add(token)
    }
    return findings.map(({ token, type }) => ({ tokenHash: hashOf(token), type, isOurs: ours.has(token) }))
  }
}

const hashOf = (token: string): string => hash('sha256', token, 'base64')

/** Each once, however often it was found there. */
function placesOf(found: readonly Finding[]): JsonObject[] {
  const places = found.map(({ type, url, source }) => ({
    source: redactedText(source, 64),
    type: redactedText(type, 64),
    url: redactedText(url, 512),
  }))
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}
