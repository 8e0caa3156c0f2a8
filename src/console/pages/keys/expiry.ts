/** When a new key ends: so many days from now, on a day that is named, or never. */
export const lives = ['30', '60', '90', '180', '365', 'date', 'never'] as const
export type Life = (typeof lives)[number]
export type Expiry = { life: Life; date: string }

export const usual: Expiry = { life: '90', date: '' }
const day = 86_400_000

/** Null: never. Undefined: no day is named yet, or it is over. A day that is named is meant whole, where one is. */
export function endOf({ life, date }: Expiry, now: number): string | null | undefined {
  if (life === 'never') return null
  if (life !== 'date') return new Date(now + Number(life) * day).toISOString()
  const end = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T23:59:59`).getTime() : Number.NaN
  return end > now ? new Date(end).toISOString() : undefined
}

type Ending = { created_at: string; expires_at: string | null; replaced_by: string | null }

export type KeyState = 'active' | 'replaced' | 'expired'
export const stateOf = ({ expires_at, replaced_by }: Ending, now: number): KeyState => {
  if (expires_at !== null && Date.parse(expires_at) <= now) return 'expired'
  return replaced_by === null ? 'active' : 'replaced'
}

/** As the service has it: the old key ends after the overlap, the new one lives as long as the old one was made for. */
export function rotation({ created_at, expires_at }: Ending, overlapSeconds: number, now: number) {
  const end = now + overlapSeconds * 1000
  if (expires_at === null) return { old: new Date(end).toISOString(), next: null }
  const before = Date.parse(expires_at)
  return {
    old: new Date(Math.min(end, before)).toISOString(),
    next: new Date(now + before - Date.parse(created_at)).toISOString(),
  }
}
