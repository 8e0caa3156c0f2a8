/** Where the API has the trust policies of an account. */
export type AccountPlace = { org: string; team: string; account: string }

export const accountAt = ({ org, team, account }: AccountPlace): string =>
  `/orgs/${org}/teams/${team}/service-accounts/${account}`
export const policiesAt = (place: AccountPlace): string => `${accountAt(place)}/trust-policies`
