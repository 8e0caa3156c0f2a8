/** The fields of an issuer in options. */
import { type Command, Option } from 'commander'
import type { Json, JsonObject } from '../../protocol/json.ts'
import { misuse } from '../failure.ts'
import { fileText } from '../file-text.ts'
import type { Session } from '../session.ts'
import { secondsOf } from './durations.ts'
import { given, type Options } from './verbs.ts'

const repeated = (text: string, before: string[] = []) => [...before, text]

export function issuerOptions(command: Command): Command {
  return command
    .option('--audience <audience>', 'accept tokens that are meant for it; more than once', repeated)
    .option('--jwks-uri <url>', 'its keys are here: no discovery')
    .option('--jwks-file <file>', 'its keys are these: nothing is fetched')
    .option('--algorithm <alg>', 'accept this one; more than once', repeated)
    .option('--clock-tolerance <duration>', 'to 5m', secondsOf)
    .option('--max-token-age <duration>', 'from a minute on', secondsOf)
    .option('--single-use', 'a token gets one access token')
    .option('--no-single-use')
    .option('--single-use-grace <duration>', 'the same token again within it gets one too', secondsOf)
    .option('--bound-lifetime', 'an access token ends with the token that it was got with')
    .option('--no-bound-lifetime')
    .option('--extra-audiences', 'accept tokens that are meant for others besides')
    .option('--no-extra-audiences')
    .option('--users', 'its tokens stand for users too')
    .option('--no-users')
    .addOption(new Option('--user-claim <claim>', 'what a user is known by').choices(['sub', 'email']))
    .option('--preset <name>', 'what it is: github, gitlab, kubernetes, …')
}

export async function issuerMembers({ io }: Session, options: Options): Promise<JsonObject> {
  const { audience, jwksUri, jwksFile, algorithm, clockTolerance, maxTokenAge, singleUseGrace, userClaim, preset } =
    options as Record<string, never>
  return given({
    audiences: audience,
    jwks_uri: jwksUri,
    jwks: jwksFile === undefined ? undefined : keysIn(await fileText(io, jwksFile)),
    algorithms: algorithm,
    clock_tolerance: clockTolerance,
    max_token_age: maxTokenAge,
    single_use: options.singleUse as boolean,
    single_use_grace: singleUseGrace,
    bound_lifetime: options.boundLifetime as boolean,
    extra_audiences: options.extraAudiences as boolean,
    users: options.users as boolean,
    user_claim: userClaim,
    preset,
  })
}

function keysIn(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw misuse(`--jwks-file: ${(error as Error).message}`)
  }
}

/** What it is called when nobody says: by the preset, else by the host of its URL. */
export function issuerNameFor(url: string, preset: string | undefined): string {
  if (preset !== undefined && preset !== 'custom') return preset
  const text = URL.canParse(url) ? new URL(url).host : url
  const slug = text.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return slug.replace(/^-+|-+$/g, '').slice(0, 64) || 'issuer'
}
