import { InvalidArgumentError } from 'commander'
import { misuse } from '../failure.ts'

const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds: `90`, `90s`, `15m`, `24h`, `30d`. */
export function secondsOf(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  if (count === undefined) throw new InvalidArgumentError('Give a duration as 90s, 15m, 24h or 30d.')
  return Number(count) * (units[unit] ?? 1)
}

/** When something ends, RFC 3339: `--expires-in` or `--expires-at`; undefined when neither is given. */
export function expiryOf(
  { expiresIn, expiresAt }: { expiresIn?: number; expiresAt?: string },
  now: number,
): string | undefined {
  if (expiresIn !== undefined && expiresAt !== undefined) throw misuse('give --expires-in or --expires-at, not both')
  return expiresIn === undefined ? expiresAt : new Date(now + expiresIn * 1000).toISOString()
}
