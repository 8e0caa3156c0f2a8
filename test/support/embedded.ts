/** For what concerns the embedded database alone: left out of the round that runs the journeys on PostgreSQL. */
const isEmbedded = process.env.TESTS_ON !== 'postgres'

export const describeEmbedded = isEmbedded ? describe : describe.skip
export const itEmbedded = isEmbedded ? it : it.skip
