import { Empty } from '../../parts/empty.tsx'

/** To those who administer nothing. */
export const MayNotSee = () => (
  <Empty title="Exchanges are for admins">
    Who exchanged a token, and why one was refused, is shown to the organization's admins, and of a team's accounts to
    that team's admins. Give one of them the request id of what you look for.
  </Empty>
)
