/** The admin API's bodies and objects. One schema validates, and the same one is in openapi.json. */

export * from './schemas/accounts.ts'
export * from './schemas/explain.ts'
export * from './schemas/files.ts'
export * from './schemas/installation.ts'
export * from './schemas/issuers.ts'
export * from './schemas/keys.ts'
export * from './schemas/lint.ts'
export * from './schemas/parts.ts'
export * from './schemas/people.ts'
export * from './schemas/presets.ts'
export * from './schemas/projects.ts'
export * from './schemas/trials.ts'
