#!/usr/bin/env node
// In a checkout the sources run as they are (Node strips the types); an image or package has only what was built.
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'

enableCompileCache()
const source = new URL('../src/cli/main.ts', import.meta.url)
const { run } = await import(existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href)
await run(process.argv)
