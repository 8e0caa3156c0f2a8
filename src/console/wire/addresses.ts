/**
 * Names in the console's addresses. Where something of the console's own stands in the place of a name (`/docs`,
 * `/{org}/issuers`), the name is written with a `~` before it, which no name has; the routes write and read it so.
 */
const taken = {
  organization: new Set(
    'api docs oauth oidc v1 access setup login session sessions sign-in profile installation assets orgs livez readyz metrics'.split(
      ' ',
    ),
  ),
  team: new Set(
    'service-accounts teams users issuers resource-servers exchanges audit hygiene settings explain start'.split(' '),
  ),
}

/** How the organization or team of this name (or id) is called in an address. */
export const inAddress = (kind: keyof typeof taken, name: string): string => (taken[kind].has(name) ? `~${name}` : name)

/** The name (or id) that an address calls so. */
export const fromAddress = (text: string): string => text.replace(/^~/, '')
