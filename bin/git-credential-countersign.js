#!/usr/bin/env node
// As git finds it on the PATH.
process.argv.splice(2, 0, 'git-credential')
await import('./countersign.js')
