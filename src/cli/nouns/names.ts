/** How an account and a project are named: `team/name`, or the name with `--team`, or an id. */
import type { Command } from 'commander'
import { misuse } from '../failure.ts'
import type { Session } from '../session.ts'
import type { Options } from './verbs.ts'

export const withTeam = (command: Command): Command =>
  command.option('-t, --team <team>', 'its team (COUNTERSIGN_TEAM)')

export type InTeam = { team: string | undefined; name: string }

export function named(text: string, team: string | undefined): InTeam {
  const [before, after, ...rest] = text.split('/')
  if (after === undefined) return { team, name: text }
  if (rest.length > 0 || !before || !after) throw misuse(`${text}: it is TEAM/NAME, a name, or an id`)
  if (team !== undefined && team !== before) throw misuse(`${text} and --team ${team} contradict each other`)
  return { team: before, name: after }
}

export const teamOf = ({ io }: Session, { team }: Options): string | undefined =>
  typeof team === 'string' ? team : io.env.COUNTERSIGN_TEAM || undefined

/** Throws Failure without a team. */
export function teamFor(session: Session, options: Options): string {
  const team = teamOf(session, options)
  if (team === undefined) throw misuse('which team?', 'name it with --team or COUNTERSIGN_TEAM')
  return team
}

/** Without a team: an organization-scoped account, or any by its id. */
export function accountPath(session: Session, text: string, options: Options, ...below: string[]): Promise<string> {
  const { team, name } = namedHere(session, text, options)
  const place = team === undefined ? [] : ['teams', team]
  return session.inOrg(...place, 'service-accounts', name, ...below)
}

/** A team that is only in the environment gives way to what the name itself says. */
function namedHere(session: Session, text: string, { team }: Options): InTeam {
  if (typeof team === 'string' || text.includes('/')) return named(text, team as string | undefined)
  // An id says where it is by itself.
  return /^sa_[0-9a-z]{26}$/.test(text) ? { team: undefined, name: text } : named(text, teamOf(session, {}))
}

export function projectPath(session: Session, text: string, options: Options, ...below: string[]): Promise<string> {
  const { team, name } = named(
    text,
    text.includes('/') ? (options.team as string | undefined) : teamFor(session, options),
  )
  return session.inOrg('teams', team as string, 'projects', name, ...below)
}
