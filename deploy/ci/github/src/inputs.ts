import { ConfigError } from '../../../../src/client/federation-error.ts'
import type { Runner } from './runner.ts'

const exportForms = ['env', 'output', 'file', 'none'] as const
export type ExportForm = (typeof exportForms)[number]
export type Inputs = {
  url: string
  serviceAccount: string | undefined
  scope: string | undefined
  audience: string | undefined
  target: string | undefined
  ttl: number | undefined
  exportForm: ExportForm
  expected: string | undefined
  isRevoked: boolean
}

/** Throws ConfigError. */
export function readInputs(runner: Pick<Runner, 'input'>): Inputs {
  const given = (name: string) => runner.input(name) || undefined
  const url = given('url')
  if (url === undefined)
    throw new ConfigError('the input url is empty', {
      hint: 'Give the organization’s URL, as in https://countersign.example/orgs/acme. A secret or variable that is not set is empty.',
    })
  return {
    url,
    serviceAccount: given('service-account'),
    scope: given('scope'),
    audience: given('audience'),
    target: given('target'),
    ttl: seconds(given('token-ttl')),
    exportForm: oneOf('export', exportForms, given('export') ?? 'env'),
    expected: given('expected-service-account'),
    isRevoked:
      oneOf('revoke-on-finish', ['true', 'false'], given('revoke-on-finish')?.toLowerCase() ?? 'true') === 'true',
  }
}

function oneOf<Word extends string>(name: string, words: readonly Word[], given: string): Word {
  const word = words.find((one) => one === given)
  if (word === undefined) throw new ConfigError(`the input ${name} is one of ${words.join(', ')}`)
  return word
}

function seconds(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new ConfigError('the input token-ttl is a number of seconds')
  return Number(given)
}
