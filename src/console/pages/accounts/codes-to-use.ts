import type { Code } from '../../parts/code-panel.tsx'
import { serviceUrl } from '../../wire/base.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { sdkOf, shellOf } from './account-draft.ts'

/** How a workload becomes the account. */
export function codesToUse(org: string, account: Pick<ServiceAccount, 'scope' | 'team' | 'name' | 'method'>): Code[] {
  const url = `${serviceUrl}/orgs/${org}`
  return [
    { title: 'SDK', text: sdkOf(url, account), note: 'JavaScript' },
    {
      title: 'CLI',
      text: `export COUNTERSIGN_URL=${url}\n${account.method === 'federated' ? `export COUNTERSIGN_SERVICE_ACCOUNT=${account.team}/${account.name}\n` : '# COUNTERSIGN_API_KEY is set\n'}countersign token`,
      note: 'An access token for a script',
    },
    { title: 'curl', text: shellOf(url, account), note: 'The exchange itself' },
  ]
}
