/**
 * Which of an organization's issuers a token is of, or why of none. A token that is another organization's is told from
 * one that is nobody's by nothing that is said here.
 */
import type { Json } from '../../protocol/json.ts'
import type { Collection } from '../accounts/store.ts'
import { Refusal, StorageUnavailable } from '../errors/refusal.ts'
import { audienceNotAccepted, type FindRegistration, type Found } from '../issuers/find-registration.ts'
import { longestIssuer, type Registration } from '../issuers/model.ts'
import { type Hint, hint } from '../trust/hints.ts'
import { audienceHints, issuerHints } from '../trust/token-hints.ts'
import type { Seen } from './explain-source.ts'
import { StepFailed, type Told } from './explained.ts'

type Needs = {
  findRegistration: FindRegistration
  issuers: Pick<Collection<Registration>, 'list'>
  publicUrl: () => string
}
type Org = { id: string; name: string }

export type IssuerStep = {
  /** Throws StepFailed. */
  find(seen: Seen, org: Org): Promise<{ value: Found; told: Told }>
  /** The organization's registrations of this issuer URL, disabled ones too. */
  ownOf(seen: Seen, org: Org): Promise<readonly Registration[]>
}

/** Registrations that are looked at. */
const mostOfOne = 20
const mostOfAll = 200
/** Of them, and of audiences, that are shown. */
const mostShown = 20

export function createIssuerStep({ findRegistration, issuers, publicUrl }: Needs): IssuerStep {
  const ownOf: IssuerStep['ownOf'] = async ({ issuer }, { id: orgId }) =>
    issuer.length > longestIssuer ? [] : (await issuers.list({ orgId, issuer }, { limit: mostOfOne })).items

  const failure = async (seen: Seen, org: Org, refusal: Refusal): Promise<StepFailed> => {
    const own = await ownOf(seen, org)
    if (own.length === 0) {
      const { items } = await issuers.list({ orgId: org.id }, { limit: mostOfAll })
      const registered = [...new Set(items.map(({ issuer }) => issuer))]
      const hints = issuerHints(registered, seen.issuer)
      return new StepFailed(refusal, { expected: registered.slice(0, mostShown), received: seen.issuer, hints })
    }
    const audiences = [...new Set(own.flatMap((one) => one.audiences))]
    const told = { expected: audiences.slice(0, mostShown), received: seen.audiences as Json }
    return new StepFailed(refusal, {
      ...told,
      hints: hintsOf(own, seen, audiences, { org: org.name, publicUrl: publicUrl() }),
    })
  }

  return {
    ownOf,
    async find(seen, org) {
      let refusal: Refusal
      try {
        const found = await findRegistration(seen)
        const { registration } = found
        if (registration.orgId === org.id) {
          const message = `the issuer ${registration.name}, and an audience of it`
          const told = { message, expected: registration.audiences, received: seen.audiences }
          return { value: found, told }
        }
        refusal = audienceNotAccepted(seen.audiences, 'another organization')
      } catch (error) {
        if (!(error instanceof Refusal) || error instanceof StorageUnavailable) throw error
        refusal = error
      }
      throw await failure(seen, org, refusal)
    },
  }
}

function hintsOf(
  own: readonly Registration[],
  { audiences: received }: Seen,
  audiences: readonly string[],
  ours: { org: string; publicUrl: string },
): Hint[] {
  const fitting = own.filter((one) => one.audiences.some((audience) => received.includes(audience)))
  const disabled = (fitting.length > 0 ? fitting : own).filter(({ enabled }) => !enabled)
  const hints = disabled.map(({ name }) => hint('disabled', `the issuer ${name} is disabled`))
  const enabled = fitting.filter((one) => one.enabled)
  if (enabled.length > 1)
    return [
      ...hints,
      hint(
        'audience_form',
        `the token's audiences fit more than one issuer: ${enabled.map(({ name }) => name).join(', ')}`,
      ),
    ]
  if (disabled.length > 0 && enabled.length === 0 && fitting.length > 0) return hints
  return [...hints, ...audienceHints(enabled[0]?.audiences ?? audiences, received, ours)]
}
