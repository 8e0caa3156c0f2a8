import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { organizationDocument } from '../../../src/server/files/document.ts'
import { judgeDocument } from '../../../src/server/files/judge-document.ts'
import { createRunCase, policyTests } from '../../../src/server/files/policy-test.ts'
import { readYaml } from '../../../src/server/files/read.ts'
import { loadPresets } from '../../../src/server/presets.ts'
import { root } from '../../support/server.ts'

const needs = { presets: loadPresets(), stopwatch: () => performance.now(), now: Date.UTC(2026, 0, 1) }
const valueIn = (file: string) => {
  const read = readYaml(readFileSync(join(root, 'deploy/examples', file), 'utf8'))
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.value
}

describe('files/policy-test', () => {
  describe('of the repository’s own example', () => {
    for (const one of policyTests.parse(valueIn('organization.test.yaml')).cases)
      it(one.name, async () => {
        const judged = await judgeDocument(valueIn('organization.yaml'))
        if (!judged.ok) throw new Error(JSON.stringify(judged.faults))
        const run = await createRunCase(judged.document, needs)
        expect(run(one)).to.include({ ok: true })
      })
  })

  const document = organizationDocument.parse({
    organization: 'acme',
    issuers: {
      ci: { issuer: 'https://ci.example' },
      off: { issuer: 'https://off.example', enabled: false },
      any: { issuer: 'https://any.example' },
    },
    teams: {
      ml: {
        service_accounts: {
          a: {
            method: 'federated',
            trust_policies: {
              one: { issuer: 'ci', subject: 'a', conditions: [{ claim: '/n/id', op: 'equals', value: 1 }] },
              off: { issuer: 'off', subject: 'a' },
              any: { issuer: 'any', subject: '*', match: 'glob' },
              timed: {
                issuer: 'ci',
                subject: 'late',
                cel: "claims.a == 'x' && now > timestamp('2030-01-01T00:00:00Z')",
              },
            },
          },
          b: { method: 'federated', trust_policies: { one: { issuer: 'ci', subject: 'both' } } },
          c: { method: 'federated', trust_policies: { one: { issuer: 'ci', subject: 'both' } } },
          gone: { method: 'federated', enabled: false, trust_policies: { one: { issuer: 'ci', subject: 'gone' } } },
        },
      },
    },
  })
  const cases: [why: string, one: object, ok: boolean, got: string][] = [
    [
      'grants',
      { claims: { sub: 'a', n: { id: 1 } }, expect: 'granted', as: 'ml/a', because: 'one' },
      true,
      'granted as ml/a (one)',
    ],
    [
      'tells a text from a number',
      { claims: { sub: 'a', n: { id: '1' } }, expect: 'granted' },
      false,
      'refused (the claim /n/id)',
    ],
    [
      'refuses for the claim that is named',
      { claims: { sub: 'a' }, expect: 'refused', because: '/n/id' },
      true,
      'refused (the claim /n/id)',
    ],
    [
      'does not take another reason',
      { claims: { sub: 'a' }, expect: 'refused', because: 'environment' },
      false,
      'refused (the claim /n/id)',
    ],
    [
      'does not take another account',
      { claims: { sub: 'a', n: { id: 1 } }, expect: 'granted', as: 'ml/b' },
      false,
      'granted as ml/a (one)',
    ],
    [
      'is ambiguous for two',
      { claims: { sub: 'both' }, expect: 'refused', because: 'account_ambiguous' },
      true,
      'refused (several accounts fit)',
    ],
    [
      'is not, when one is named',
      { claims: { sub: 'both' }, service_account: 'ml/b', expect: 'granted', as: 'ml/b' },
      true,
      'granted as ml/b (one)',
    ],
    [
      'knows a disabled account',
      { claims: { sub: 'gone' }, expect: 'refused', because: 'disabled' },
      true,
      'refused (the account is disabled)',
    ],
    [
      'knows a disabled issuer',
      { issuer: 'off', claims: { sub: 'a' }, expect: 'refused' },
      true,
      'refused (no policy at this issuer)',
    ],
    [
      'lets nobody in without a subject, as the exchange, whatever fits',
      { issuer: 'any', claims: { a: 'x' }, expect: 'refused', because: 'subject_missing' },
      true,
      'refused (the claims have no sub)',
    ],
    [
      'nor with a subject that is no text',
      { issuer: 'any', claims: { sub: 5 }, expect: 'granted' },
      false,
      'refused (the claims have no sub)',
    ],
    [
      'asks the expression at its time',
      { claims: { sub: 'late', a: 'x' }, now: '2031-01-01T00:00:00Z', expect: 'granted' },
      true,
      'granted as ml/a (timed)',
    ],
    [
      'and at another',
      { claims: { sub: 'late', a: 'x' }, expect: 'refused', because: 'cel' },
      true,
      'refused (the expression is not true)',
    ],
    [
      'starts from a preset’s example, and takes a claim away',
      { from: 'github', claims: { sub: 'a', repository_id: null }, expect: 'refused' },
      true,
      'refused (the claim /n/id)',
    ],
  ]
  for (const [why, one, ok, got] of cases)
    it(why, async () => {
      const [parsed] = policyTests.parse({ cases: [{ name: why, issuer: 'ci', ...one }] }).cases
      const result = (await createRunCase(document, needs))(parsed as never)
      expect({ ok: result.ok, got: result.got }).to.deep.equal({ ok, got })
    })
})
