import { Page } from '../../parts/page.tsx'

export function InstallationPage() {
  return <Page title="Installation">{null}</Page>
}
