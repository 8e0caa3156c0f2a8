import type { JsonObject } from '../../protocol/json.ts'
import { printable } from '../cell.ts'
import type { Fill } from '../commands.ts'
import { misuse } from '../failure.ts'
import { findingsText } from '../findings-text.ts'
import { aligned, member } from '../output.ts'
import type { Session } from '../session.ts'
import { exit } from '../terminal.ts'
import { issuerMembers, issuerNameFor, issuerOptions } from './issuer-members.ts'
import {
  deleteVerb,
  getVerb,
  given,
  listVerb,
  type Noun,
  type Options,
  overriding,
  reasonIn,
  revokeVerb,
  switchVerbs,
  updateVerb,
} from './verbs.ts'

export const issuer: Fill = (noun, act) => {
  const about: Noun = {
    act,
    is: 'issuer',
    columns: ['name', 'issuer', ['health', 'health.state'], 'preset', 'enabled', 'id', ['created', 'created_at']],
    collection: (session) => session.inOrg('issuers'),
    one: (session, name) => session.inOrg('issuers', name),
  }
  noun.description('issuers: whose tokens are believed')
  listVerb(noun, about)
  overriding(issuerOptions(noun.command('add').alias('create')))
    .description('trust one; its keys are fetched once, and the answer says how that went')
    .argument('[url]', 'its `iss`; none with the preset of a platform that has one URL')
    .option('--name <name>', 'a slug; else after the preset or the host')
    .option('--verify', 'register it only if its keys can be fetched')
    .option('--disabled', 'its tokens get nothing yet')
    .addHelpText('after', examples)
    .action(act(add))
  getVerb(noun, about)
  issuerOptions(
    overriding(
      updateVerb(noun, about, async (options, session) => ({
        ...given({ name: options.name as string }),
        ...(await issuerMembers(session, options)),
        ...(options.discovery ? { jwks_uri: null, jwks: null } : {}),
      })),
    ),
  )
    .option('--name <name>', 'a new name')
    .option('--discovery', 'its keys are found by discovery again')
  switchVerbs(noun, about, { enable: 'believe its tokens', disable: 'no more; tokens handed out by it end' })
  noun
    .command('check')
    .description('fetch its keys now, and report each step')
    .argument('<issuer>', 'its name or id')
    .action(
      act(async (session, name: string) => {
        const path = await session.inOrg('issuers', name, 'check')
        const answer = await session.client().call('POST', path, { body: {} })
        if (session.isForPrograms) await session.show(answer)
        else session.data(steps(answer))
        return answer.ok === true ? exit.done : exit.failed
      }),
    )
  noun
    .command('refresh')
    .description('drop its cached keys everywhere, and fetch')
    .argument('<issuer>', 'its name or id')
    .action(
      act(async (session, name: string) => {
        const path = await session.inOrg('issuers', name, 'refresh')
        await session.tell(await session.client().call('POST', path, { body: {} }))
      }),
    )
  revokeVerb(noun, about)
  deleteVerb(noun, about, 'delete; nothing that it signs is believed any more')
}

async function add(session: Session, given: string | undefined, options: Options): Promise<void> {
  const preset = options.preset as string | undefined
  const url = given ?? (await urlOf(session, preset))
  const name = typeof options.name === 'string' ? options.name : issuerNameFor(url, preset)
  const enabled = options.disabled ? { enabled: false } : {}
  const body = { name, issuer: url, ...(await issuerMembers(session, options)), ...enabled, ...reasonIn(options) }
  const query = options.verify ? { verify: 'require' } : {}
  const made = await session.client().call('POST', await session.inOrg('issuers'), { body, query })
  if (session.isForPrograms) return session.show(made)
  const { findings, health, jwks: _, ...shown } = made
  await session.show({ ...shown, health: member(health ?? null, 'state') })
  const message = member(health ?? null, 'message')
  if (message !== null) session.note(`health: ${message}`)
  for (const line of findingsText(findings)) session.note(line)
  session.note(`\nNext: countersign sa create TEAM/NAME --issuer ${made.name} --subject SUBJECT`)
}

/** Of a platform that has one URL for everybody. Throws Failure for any other. */
async function urlOf(session: Session, preset: string | undefined): Promise<string> {
  if (preset === undefined) throw misuse('which issuer?', 'give its URL, or --preset github')
  const { issuers } = await session.client().call('GET', await session.inOrg('presets', preset))
  const urls = (Array.isArray(issuers) ? issuers : []).map((each) => String(member(each, 'url')))
  const [only] = urls
  if (only !== undefined && urls.filter((url) => !url.includes('{')).length === 1 && !only.includes('{')) return only
  throw misuse(`${preset} has no URL that is the same for everybody: give yours`, urls.join(', ') || undefined)
}

type Step = { step: string; ok: boolean; message: string; milliseconds: number }

const steps = (answer: JsonObject) =>
  aligned(
    (answer.steps as unknown as Step[]).map(({ step, ok, message, milliseconds }) => [
      ok ? 'ok' : 'FAILED',
      printable(step),
      `${Math.round(milliseconds)} ms`,
      printable(message),
    ]),
  )

const examples = `
Examples:
  countersign issuer add --preset github
  countersign issuer add https://gitlab.corp.example --preset gitlab --name corp-gitlab
  countersign issuer add https://kubernetes.default.svc --jwks-file keys.json`
