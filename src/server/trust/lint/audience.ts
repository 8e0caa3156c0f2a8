/**
 * For whom tokens were made. The issuer judges it for every policy; a condition on `aud` only ever opens what was meant
 * for others.
 */

import type { Finding } from '../finding.ts'
import { compileGlob } from '../glob.ts'
import type { Preset } from '../preset.ts'
import { asksOf, type Reading } from './reading.ts'
import { type AboutIssuer, type LintedRegistration, presetOf } from './registration.ts'
import { notAsking, quoted, say } from './say.ts'

export function audienceFindingsOfIssuer(issuer: LintedRegistration, about: AboutIssuer): Finding[] {
  return [...defaultAudience(issuer, about), ...manyAudiences(issuer, about), ...webClient(issuer)]
}

export function audienceFindings(reading: Reading): Finding[] {
  return asksOf(reading, 'aud').flatMap(({ values }) => {
    const wrong = values.map(String).find((value) => defaultAudienceOf(value, reading.preset))
    if (wrong === undefined) return []
    return [
      say(
        'LR14',
        'error',
        `the condition on aud wants ${quoted(wrong)}, which is in tokens that were made for others`,
        notAsking(reading.policy, 'aud'),
      ),
    ]
  })
}

/** Of platforms that everybody uses, whichever issuer it is. */
export const everybodysAudiences = [
  'https://github.com/*',
  'api://AzureADTokenExchange',
  'sts.amazonaws.com',
  'sigstore',
  'https://gitlab.com',
]

/** The pattern of the audience that anybody's token has; undefined when it is none. */
export function defaultAudienceOf(audience: string, preset: Preset | undefined): string | undefined {
  return [...everybodysAudiences, ...(preset?.audience.defaults ?? [])].find((one) => compileGlob(one)(audience))
}

function defaultAudience(issuer: LintedRegistration, about: AboutIssuer): Finding[] {
  const preset = presetOf(issuer, about)
  const wrong = issuer.audiences.find(
    (audience) =>
      !about.ownAudiences.includes(audience) && defaultAudienceOf(audience, preset) && !isWebClient(audience),
  )
  if (wrong === undefined) return []
  return [
    say(
      'LR14',
      'error',
      `the audience ${quoted(wrong)} is in tokens that were made for others: whoever gets hold of one gets in`,
      { audiences: [...about.ownAudiences] },
    ),
  ]
}

function manyAudiences({ audiences }: LintedRegistration, { ownAudiences }: AboutIssuer): Finding[] {
  const wild = audiences.find((audience) => audience.includes('*'))
  if (wild !== undefined)
    return [
      say('LR15', 'warn', `the audience ${quoted(wild)} is compared as it stands; its * is no wildcard`, {
        audiences: [...ownAudiences],
      }),
    ]
  if (audiences.length < 2 || audiences.every((audience) => ownAudiences.includes(audience))) return []
  return [
    say(
      'LR15',
      'warn',
      `tokens for any of ${audiences.length} audiences are taken (${audiences.map(quoted).join(', ').slice(0, 200)})`,
      {
        audiences: [...ownAudiences],
      },
    ),
  ]
}

export const isWebClient = (audience: string) => /^[\w-]+\.apps\.googleusercontent\.com$/.test(audience)
const isGoogle = (url: string) => /^https:\/\/accounts\.google\.com\/?$/.test(url)

function webClient({ url, audiences, users }: LintedRegistration): Finding[] {
  const client = isGoogle(url) && !users ? audiences.find(isWebClient) : undefined
  if (client === undefined) return []
  return [
    say('LR26', 'error', `${quoted(client)} is a web client, whose tokens people get by signing in, not workloads`, {
      audiences: audiences.filter((audience) => !isWebClient(audience)),
    }),
  ]
}
