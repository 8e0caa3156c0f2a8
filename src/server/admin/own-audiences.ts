/** The organization's name, and its URL. */
export const ownAudiences = (org: { name: string }, publicUrl: string): readonly string[] => [
  org.name,
  `${publicUrl}/orgs/${org.name}`,
]
