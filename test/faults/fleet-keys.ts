/** What tests of signing keys ask of a fleet. */
import type { JSONWebKeySet } from 'jose'
import { call, type Service } from '../support/server.ts'
import { must } from '../support/world.ts'
import { ask, type Fleet, freshToken } from './support.ts'

/** `fleet`: the one that runs by then. */
export function fleetKeys(fleet: () => Fleet) {
  const replica = (i: number) => fleet().replicas[i] as Service
  return {
    replica,
    tokenAt: async (at: Service, token = freshToken(fleet())): Promise<string> =>
      String((await ask(fleet(), at, token))?.body.access_token),
    rotate: (json: object) =>
      must(call(replica(0), 'POST', '/api/v1/signing-keys/rotate', { secret: replica(0).operatorKey, json })),
    keySetOf: async (at: Service) => (await must(call(at, 'GET', '/oauth/jwks'))) as unknown as JSONWebKeySet,
    headerOf: (token: string) =>
      JSON.parse(Buffer.from(String(token.split('.')[0]), 'base64url').toString()) as { kid: string },
  }
}
