import { List, Text } from '@mantine/core'
import { subjectAlgorithms } from '../../../protocol/oauth.ts'
import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { Issuer } from '../../wire/shapes.ts'
import { PresetName } from './preset-name.tsx'

/** What a token has to be like to be believed. */
export function IssuerFacts({ org, issuer }: { org: string; issuer: Issuer }) {
  const { audiences, algorithms, jwks, jwks_uri } = issuer
  const hasAll = subjectAlgorithms.every((alg) => algorithms.includes(alg))
  return (
    <Facts
      rows={[
        ['Issuer URL', <Copyable key="url" text={issuer.issuer} what="issuer URL" />],
        ['Preset', <PresetName key="preset" org={org} preset={issuer.preset} />],
        [
          'Audiences',
          <List key="audiences" size="sm" listStyleType="none">
            {audiences.map((audience) => (
              <List.Item key={audience}>
                <Copyable text={audience} what={`audience ${audience}`} />
              </List.Item>
            ))}
          </List>,
        ],
        ['Others besides', issuer.extra_audiences ? 'taken: a token may be meant for others too' : 'refused'],
        ['Keys', jwks ? 'uploaded; nothing is fetched' : (jwks_uri ?? 'found by discovery')],
        ['Algorithms', hasAll ? 'all that are safe' : algorithms.join(', ')],
        ['Oldest token', seconds(issuer.max_token_age)],
        ['Clock tolerance', seconds(issuer.clock_tolerance)],
        [
          'Each token',
          issuer.single_use
            ? `once only${issuer.single_use_grace > 0 ? `, with ${seconds(issuer.single_use_grace)} of grace` : ''}`
            : 'as often as it lives',
        ],
        ['Access tokens', issuer.bound_lifetime ? 'end with the token that they were got with' : 'live on their own'],
        ['People', issuer.users ? `its tokens stand for users too, by ${issuer.user_claim}` : 'no'],
        ['Id', <Copyable key="id" text={issuer.id} what="id" />],
        [
          'Registered',
          <Text key="at" size="sm">
            <RelativeTime at={issuer.created_at} />, changed <RelativeTime at={issuer.updated_at} />
          </Text>,
        ],
      ]}
    />
  )
}

const units = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const

function seconds(count: number): string {
  const [length, unit] = units.find(([length]) => count >= length && count % length === 0) ?? [1, 'second']
  const times = count / length
  return `${times} ${unit}${times === 1 ? '' : 's'}`
}
