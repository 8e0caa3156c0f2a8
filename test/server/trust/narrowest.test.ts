/** What looks like an id that stays, and what does not. */
import { expect } from 'chai'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { narrowest } from '../../../src/server/trust/narrowest.ts'

const pinned: [claims: JsonObject, claim: string][] = [
  [{ repository_id: '1' }, 'repository_id'],
  [{ workspaceUuid: '{1}' }, 'workspaceUuid'],
  [{ project_id: 7 }, 'project_id'],
  [{ oid: 'a' }, 'oid'],
  [{ tid: 'a' }, 'tid'],
  [{ 'oidc.example.com/project-id': 'a' }, 'oidc.example.com/project-id'],
  [{ 'https://sts.example.com/account_id': 'a' }, 'https://sts.example.com/account_id'],
  [{ 'kubernetes.io': { serviceaccount: { uid: 'u' } } }, '/kubernetes.io/serviceaccount/uid'],
  [{ 'a/b': { 'c~d': { id: 'u' } } }, '/a~1b/c~0d/id'],
  [{ '/odd_id': 'a' }, '/~1odd_id'],
]
const left: JsonObject[] = [
  ...['jti', 'sid', 'run_id', 'job_id', 'build_id', 'pipeline_id', 'check_suite_id', 'workflow_run_id', 'commit_id'],
  ...[
    'actor_id',
    'user_id',
    'actorId',
    'userId',
    'sender_id',
    'session_id',
    'runner_id',
    'stepUuid',
    'pod_uid',
    'event_id',
  ],
  ...[
    'terraform_run_id',
    'deployment_id',
    'instance_id',
    'trace_id',
    'request_id',
    'sha',
    'ref',
    'actor',
    'name',
    'paid',
    'valid',
  ],
].map((name) => ({ [name]: 'x' }))
const unfit: JsonObject[] = [
  { org_id: '' },
  { org_id: 'x'.repeat(257) },
  { org_id: ['a'] },
  { org_id: null },
  { org_id: 2 ** 53 },
  { 'kubernetes.io': { pod: { uid: 'u' } } },
  { a: { b: { c: { id: 'deep' } } } },
  { list: [{ id: 'x' }] },
]

describe('trust/narrowest', () => {
  for (const [claims, claim] of pinned)
    it(`pins ${claim}`, () => {
      expect(narrowest(claims).map((condition) => condition.claim)).to.deep.equal([claim])
    })
  for (const claims of [...left, ...unfit])
    it(`leaves ${JSON.stringify(claims).slice(0, 60)}`, () => {
      expect(narrowest(claims)).to.deep.equal([])
    })
  it('pins at most eight', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a${i}_id`, 'x']))
    expect(narrowest(many)).to.have.length(8)
  })
})
