/** Three tokens that must not get through, each really issued by the platform, and what the audit trail says of them. */
import { audienceOf, exchange, expect, type Stage, StepFailed, tokenOf, trailOf } from './story.ts'

export async function refuse(stage: Stage): Promise<void> {
  const { page, instance, provider, jobs } = stage
  const audience = audienceOf(instance)

  page.step('Refused: an expired token')
  page.say('This job’s tokens live for one second, and this issuer was registered without tolerance for clocks.')
  const brief = await tokenOf(page, provider, jobs.brief, audience)
  const { exp } = page.claims('The platform signed', brief)
  const wait = Number(exp) * 1000 - Date.now() + 50
  page.say(`Waiting ${(Math.max(wait, 0) / 1000).toFixed(1)} s, until it has expired.`)
  await page.wait(wait)
  await refused(stage, brief, 'token_expired')

  page.step('Refused: a token that was meant for somebody else')
  page.say(
    'Genuine, and from the right job, but with another audience: whoever got it must not be able to use it here.',
  )
  const elsewhere = await tokenOf(page, provider, jobs.trainer, 'https://warehouse.example')
  page.claims('The platform signed', elsewhere)
  await refused(stage, elsewhere, 'audience_not_accepted')

  page.step('Refused: another job of the same platform')
  page.say('Genuine and meant for us, but no trust policy has its subject.')
  const stranger = await tokenOf(page, provider, jobs.stranger, audience)
  page.claims('The platform signed', stranger)
  await refused(stage, stranger, 'no_account_matches')
}

type Event = {
  at: string
  type: string
  result: string
  reason?: string
  org: string
  detail: { issuer?: string; subject?: string }
}

async function refused({ page, instance }: Stage, token: string, reason: string): Promise<void> {
  const answer = await page.call(exchange(instance, token), ['error', 'reason', 'error_description'])
  const body = expect(answer, 400)
  if (body.reason !== reason) throw new StepFailed(`expected the reason ${reason}, got ${String(body.reason)}`)
  // A token whose audience is no organization's is recorded in the installation's own trail.
  const trail = trailOf(instance, reason === 'audience_not_accepted')
  const response = await fetch(`${trail}?request_id=${String(body.request_id)}`, {
    headers: { authorization: `Bearer ${instance.operatorKey}` },
  })
  const [event, ...others] = ((await response.json()) as { items?: Event[] }).items ?? []
  if (!event || others.length > 0 || event.reason !== reason)
    throw new StepFailed(`the audit trail does not hold exactly this refusal (${String(body.request_id)})`)
  const { at, type, result, org, detail } = event
  page.say(`Audit trail: ${at}  ${type}  ${result}  ${reason}  org ${org}  sub ${detail.subject ?? '-'}`)
}
