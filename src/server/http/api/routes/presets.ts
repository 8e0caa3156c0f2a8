import type { JsonObject } from '../../../../protocol/json.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { filled, type SnippetValues } from '../../../trust/filled.ts'
import type { Preset } from '../../../trust/preset.ts'
import { afterOf, cursorOf } from '../crud.ts'
import type { Rooms, Route } from '../route.ts'
import { route } from '../route.ts'
import * as schemas from '../schemas.ts'

const path = '/orgs/{org}/presets'
const tag = 'Presets'
/** Stands where nobody has said who. */
const anybody = 'TEAM/ACCOUNT'

export function presetRoutes({ presets, publicUrl }: Rooms): Route[] {
  const valuesFor = (organization: string, account = anybody): SnippetValues => ({
    url: publicUrl(),
    token_endpoint: `${publicUrl()}/oauth/token`,
    organization,
    audience: `${publicUrl()}/orgs/${organization}`,
    service_account: account,
  })
  return [
    route({
      method: 'get',
      path,
      tag,
      summary: 'What is known of identity providers, with snippets for this organization',
      right: 'orgMember',
      query: schemas.presetListQuery,
      answer: schemas.listOf(schemas.preset),
      async run({ place, query }) {
        const values = valuesFor(place.org.name, query.service_account)
        const { after } = afterOf(query.cursor)
        // An unknown one is none of ours, and starts from the beginning.
        const from = presets.all.findIndex(({ name }) => name === after) + 1
        const page = presets.all.slice(from, from + query.limit)
        const last = from + page.length < presets.all.length ? page.at(-1)?.name : undefined
        return { body: { items: page.map((preset) => shown(preset, values)), next_cursor: cursorOf(last ?? null) } }
      },
    }),
    route({
      method: 'get',
      path: `${path}/{preset}`,
      tag,
      summary: 'Read',
      right: 'orgMember',
      query: schemas.presetQuery,
      answer: schemas.preset,
      async run({ place, params, query }) {
        const preset = presets.find(params.preset ?? '')
        if (!preset) throw new Refusal('not_found')
        return { body: shown(preset, valuesFor(place.org.name, query.service_account)) }
      },
    }),
  ]
}

function shown(
  { requiredPins, maxTokenAge, recommended, snippets, ...preset }: Preset,
  values: SnippetValues,
): JsonObject {
  const { whenPresent, ...policy } = recommended
  return {
    ...preset,
    required_pins: requiredPins,
    max_token_age: maxTokenAge,
    recommended: { ...policy, when_present: whenPresent },
    snippets: snippets.map((snippet) => filled(snippet, values)),
  } as unknown as JsonObject
}
