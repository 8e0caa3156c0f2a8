import type { Code } from '../../parts/code-panel.tsx'
import { curlOf } from '../../parts/curl.ts'
import { word } from '../../parts/quoted.ts'
import { yamlOf } from '../../parts/yaml.ts'

export function newServerCodes(org: string, name: string, audience: string): Code[] {
  return [
    { title: 'curl', text: curlOf('POST', `/orgs/${org}/resource-servers`, { name, audience }) },
    { title: 'CLI', text: `countersign resource-server create ${word(name)} --audience ${word(audience)}` },
    {
      title: 'YAML',
      text: yamlOf({ organization: org, resource_servers: { [name]: { audience } } }),
      note: `A file gives no key: countersign key create --resource-server ${name}`,
    },
  ]
}
