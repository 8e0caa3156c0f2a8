/** A value of a configuration file, with where it stands: what it has to be, or a SettingError that names file and key. */
import { SettingError } from './setting-values.ts'

export type Written = {
  refuse(key: string, complaint: string): never
  /** Members that `shape` does not ask for are refused. */
  object<T>(shape: (of: (key: string) => Written) => T): T
  list<T>(each: (one: Written) => T): readonly T[]
  text(form?: RegExp, complaint?: string): string
  oneOf<T extends string>(values: readonly T[]): T
  truth(otherwise?: boolean): boolean
  whole(least: number, most: number): number
  scalarOrList(): string | number | boolean | readonly string[]
  /** What is absent is `otherwise`, by itself an object without members. */
  maybe<T, E = Record<string, never>>(read: (there: Written) => T, otherwise?: E): T | E
}

export function written(value: unknown, file: string, path = ''): Written {
  const refuse = (key: string, complaint: string): never => {
    const at = [path, key].filter((part) => part !== '').join('.')
    throw new SettingError(`${file}: ${at === '' ? '' : `${at}: `}${complaint}`)
  }
  const wrong = (complaint: string): never => refuse('', value === undefined ? 'is missing' : complaint)
  const list = <T>(each: (one: Written) => T): readonly T[] =>
    Array.isArray(value) ? value.map((one, i) => each(written(one, file, `${path}[${i}]`))) : wrong('must be a list')

  return {
    refuse,
    list,
    object(shape) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return wrong('must be a list of key: value')
      const members = value as Record<string, unknown>
      const asked: string[] = []
      const made = shape((key) => {
        asked.push(key)
        return written(members[key], file, path === '' ? key : `${path}.${key}`)
      })
      const unknown = Object.keys(members).find((key) => !asked.includes(key))
      return unknown === undefined ? made : refuse(unknown, `is no key here; there are ${asked.join(', ')}`)
    },
    text: (form = /\S/, complaint = 'must be text') =>
      typeof value === 'string' && form.test(value) ? value : wrong(complaint),
    oneOf: (values) => values.find((one) => one === value) ?? wrong(`must be one of ${values.join(', ')}`),
    truth(otherwise) {
      const truth = value === undefined ? otherwise : value
      return typeof truth === 'boolean' ? truth : wrong('must be true or false')
    },
    whole: (least, most) =>
      Number.isInteger(value) && (value as number) >= least && (value as number) <= most
        ? (value as number)
        : wrong(`must be a whole number from ${least} to ${most}`),
    scalarOrList: () =>
      ['string', 'number', 'boolean'].includes(typeof value)
        ? (value as string | number | boolean)
        : list((one) => one.text()),
    maybe: <T, E>(read: (there: Written) => T, otherwise: E = {} as E) =>
      value === undefined ? otherwise : read(written(value, file, path)),
  }
}
