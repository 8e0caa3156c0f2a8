/**
 * Secrets of ours that somebody found lying open: they end at once, and the trail of their organization says where they
 * were found. Whoever reports has proven who they are; the secret itself is kept nowhere.
 */
import { hash } from 'node:crypto'
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

export function createEndLeaked({ perform, findOwn, isOperators }: Needs): EndLeaked {
  /** One after the other: each is an admin's deed, and those wait for each other anyway. */
  const end = async ({ token, type, url, source }: Finding, origin: Origin): Promise<boolean> => {
    const detail = { source: redactedText(source, 64), type: redactedText(type, 64), url: redactedText(url, 512) }
    if (isOperators(token)) {
      // Only whoever runs the installation can change it.
      await perform({ actor: scanner, ...origin }, async (work) => {
        await work.record('operator_key.leak', {}, { type: 'operator_key', id: installation }, detail)
        return {}
      })
      return true
    }
    const found = await findOwn(token)
    if (!found) return false
    await perform({ actor: scanner, ...origin }, async (work) => {
      await work.record(`${found.target.type}.leak`, found.where, found.target, detail)
      await found.end(work)
      return {}
    })
    return true
  }
  return async (findings, origin) => {
    const ours = new Map<string, boolean>()
    for (const finding of findings) if (!ours.has(finding.token)) ours.set(finding.token, await end(finding, origin))
    return findings.map(({ token, type }) => ({
      tokenHash: hash('sha256', token, 'base64'),
      type,
      isOurs: ours.get(token) === true,
    }))
  }
}
