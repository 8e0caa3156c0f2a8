/** Counts failed attempts, so that guessing is slow. Implemented in shared-state/. */
export interface Failures {
  /** Counts one failure under this key; true when there were more than the limit in the running minute. */
  count(key: string): Promise<boolean>
}

/** What stands for a client: its IPv4 address, or the /64 of its IPv6 address, which is one subscriber's. */
export function addressKey(ip: string): string {
  if (!ip.includes(':')) return ip
  const [head = '', tail] = ip.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
