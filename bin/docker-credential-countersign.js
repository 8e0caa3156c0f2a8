#!/usr/bin/env node
// As Docker finds it on the PATH.
process.argv.splice(2, 0, 'docker-credential')
await import('./countersign.js')
