/** The steps of an exchange, in their order. */
export const stepNames = ['parse', 'verify', 'match', 'grant', 'claim', 'mint', 'record'] as const
export type StepName = (typeof stepNames)[number]

/**
 * Gives back the work of a step, watched or as it is. It is asked once, when the rooms are furnished: who watches
 * nothing costs an exchange nothing.
 */
export type Step = <A extends unknown[], R>(name: StepName, work: (...given: A) => R) => (...given: A) => R

export const unwatched: Step = (_name, work) => work
