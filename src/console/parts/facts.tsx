import { Fragment, type ReactNode } from 'react'

/** What is known of one thing. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode] | false | undefined)[] }) {
  return (
    <dl className="facts">
      {rows.map((row) =>
        row ? (
          <Fragment key={row[0]}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </Fragment>
        ) : null,
      )}
    </dl>
  )
}
