/** Are our stand-ins of platforms true? The vendors' own libraries, unmodified, find what they look for there. */
import { ManagedIdentityCredential } from '@azure/identity'
import { expect } from 'chai'
import { Compute } from 'google-auth-library'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { startAppService, startAzureMachine } from '../../support/platforms/azure.ts'
import { startGcp } from '../../support/platforms/gcp.ts'
import { audience } from './asked.ts'

describe('client/sources: stand-ins', () => {
  let provider: Provider
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())

  /** The libraries read the environment of the process. */
  async function withEnv<T>(env: Readonly<Record<string, string | undefined>>, work: () => Promise<T>): Promise<T> {
    const before = Object.keys(env).map((name) => [name, process.env[name]] as const)
    Object.assign(process.env, env)
    try {
      return await work()
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
    }
  }

  it("of Google's metadata server: google-auth-library", async () => {
    const google = await startGcp(provider)
    try {
      const env = { GCE_METADATA_HOST: new URL(google.origin).host }
      const token = await withEnv(env, () => new Compute().fetchIdToken(audience))
      expect(claimsOf(token)).to.include({ aud: audience }).and.to.have.nested.property('google.compute_engine')
    } finally {
      await google.close()
    }
  })

  for (const [what, start, variable] of [
    ['App Service', startAppService, 'IDENTITY_ENDPOINT'],
    ["the metadata service of Azure's machines", startAzureMachine, 'AZURE_POD_IDENTITY_AUTHORITY_HOST'],
  ] as const)
    it(`of ${what}: @azure/identity`, async () => {
      const azure = await start(provider, { applications: [audience] })
      const env = { [variable]: azure.origin, ...azure.surroundings.env }
      try {
        const { token } = await withEnv(env, () => new ManagedIdentityCredential().getToken(`${audience}/.default`))
        expect(claimsOf(token)?.aud).to.equal(audience)
      } finally {
        await azure.close()
      }
    })
})
