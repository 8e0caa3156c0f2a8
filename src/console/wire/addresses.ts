/** Names that an address of the console cannot bear in this place, since something else stands there: the id is used. */
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

type Named = { id: string; name: string }

/** How the object is called in an address. */
export const addressOf = (kind: keyof typeof taken, { id, name }: Named): string => (taken[kind].has(name) ? id : name)
