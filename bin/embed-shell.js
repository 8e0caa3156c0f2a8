// Puts deploy/ci/countersign.sh into what has to stand alone: the GitLab component, the CircleCI orb, the Buildkite plugin.
// `node bin/embed-shell.js FOLDER` writes the three below another folder than this checkout.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const [to = root] = process.argv.slice(2)
const shell = readFileSync(join(root, 'deploy/ci/countersign.sh'), 'utf8')

for (const file of ['deploy/ci/gitlab/templates/countersign.yml', 'deploy/ci/circleci/orb.yml'])
  write(file, embedded(readFileSync(join(root, file), 'utf8')))
write('deploy/ci/buildkite/lib/countersign.sh', shell)

/** Between the two marks, as far to the right as they stand. */
function embedded(text) {
  return text.replaceAll(/^( *)# countersign\.sh begins\n.*?^ *# countersign\.sh ends\n/gms, (_, indent) => {
    const lines = ['# countersign.sh begins', ...shell.trimEnd().split('\n'), '# countersign.sh ends']
    return lines.map((line) => (line === '' ? '\n' : `${indent}${line}\n`)).join('')
  })
}

function write(file, text) {
  mkdirSync(dirname(join(to, file)), { recursive: true })
  writeFileSync(join(to, file), text)
}
