/** A rule of the schema was broken. `columns` are `table.column`; empty for a reference to what does not exist. */
export class ConstraintBroken extends Error {
  override readonly name = 'ConstraintBroken'
  readonly kind: 'unique' | 'reference'
  readonly columns: readonly string[]

  constructor(kind: 'unique' | 'reference', columns: readonly string[], message: string) {
    super(message)
    this.kind = kind
    this.columns = columns
  }
}
