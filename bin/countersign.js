#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { isBuilt } from './built.js'

enableCompileCache()
const { run } = await import(isBuilt() ? '../dist/cli/main.js' : '../src/cli/main.ts')
await run(process.argv)
