import { sql } from 'kysely'
import type { Noun } from './noun.ts'

/** All columns of a noun, from the table under that alias, each named with the alias before it. */
export const columnsOf = <T>({ columns }: Noun<T>, alias: string) =>
  columns.map((column) => sql.ref<unknown>(`${alias}.${column}`).as(`${alias}_${column}`))
