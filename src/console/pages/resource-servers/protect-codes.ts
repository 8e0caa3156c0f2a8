import { word } from '../../parts/quoted.ts'

type Code = { title: string; text: string; note: string }

/** How an API asks about its callers; `url`: of the service. `$SERVER` is its own key. */
export function protectCodes(url: string, org: string, audience: string): Code[] {
  return [
    {
      title: 'curl',
      note: 'May whoever shows $TOKEN write to the project vision? Without its team it is one of theirs.',
      text: `curl ${word(`${url}/access/v1/evaluation`)} \\
  -H "Authorization: Bearer $SERVER" -H 'Content-Type: application/json' \\
  -d '{"subject":{"type":"token","id":"'"$TOKEN"'"},"action":{"name":"write"},"resource":{"type":"project","id":"vision"}}'`,
    },
    {
      title: 'Node.js',
      note: 'With @countersign/verify, in Express',
      text: [
        "import { env } from 'node:process'",
        "import { createVerifier } from '@countersign/verify'",
        "import express from 'express'",
        '',
        'const { requireAccess } = createVerifier({',
        `  url: ${quote(url)},`,
        `  organization: ${quote(org)},`,
        `  audience: ${quote(audience)},`,
        '  key: env.SERVER, // its own API key',
        '})',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code that is shown
        'const project = ({ params }) => `${params.team}/${params.project}`',
        'const app = express()',
        "app.post('/:team/:project/runs', requireAccess({ action: 'write', project }), (req, res) => {",
        '  res.status(201).json({ by: req.caller.name, in: req.access.project })',
        '})',
        'app.listen(env.PORT ?? 3000)',
      ].join('\n'),
    },
    {
      title: 'Introspection',
      note: 'Who is it, and is it alive (RFC 7662)?',
      text: `curl ${word(`${url}/oauth/introspect`)} -H "Authorization: Bearer $SERVER" -d "token=$TOKEN"`,
    },
  ]
}

/** As JavaScript has it, and nothing in the text ends it. */
const quote = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
