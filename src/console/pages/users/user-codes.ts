import type { Code } from '../../parts/code-panel.tsx'
import { curlOf } from '../../parts/curl.ts'
import { word } from '../../parts/quoted.ts'

/** People are in no file. */
export function newUserCodes(org: string, username: string, email: string, role: string): Code[] {
  return [
    { title: 'curl', text: curlOf('POST', `/orgs/${org}/users`, { username, email, role }) },
    {
      title: 'CLI',
      text: `countersign user create ${word(username)} --email ${word(email)} --role ${role}`,
    },
  ]
}
