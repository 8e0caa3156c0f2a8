import { fileURLToPath } from 'node:url'

/** The folder that holds config/ and package.json: two above this file, as source and as built. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
