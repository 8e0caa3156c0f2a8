#!/usr/bin/env node
import * as module from 'node:module'
import { isBuilt } from './built.js'

const oldest = 24

if (Number.parseInt(process.versions.node, 10) < oldest) {
  const hint = 'in a checkout, npm start and npx countersign bring their own'
  process.stderr.write(`countersign: needs Node.js ${oldest} or newer, and this is ${process.versions.node}; ${hint}\n`)
  process.exitCode = 2
} else {
  module.enableCompileCache()
  const { run } = await import(isBuilt() ? '../dist/cli/main.js' : '../src/cli/main.ts')
  process.exitCode = await run(process.argv)
}
