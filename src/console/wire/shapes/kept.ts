export type Page<T> = { items: T[]; next_cursor: string | null }
export type Kept = { id: string; name: string; created_at: string; updated_at: string }
export type Scalar = string | number | boolean
export type Hint = { kind: string; message: string }
export type Named = { type: string; id?: string; name?: string }
