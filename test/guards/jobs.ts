/** What the pieces for CI keep: nothing secret is shown, sent elsewhere, or left behind. Of the Action, in what a runner starts. */
import type { Guard } from './guards.ts'

const action = { file: 'deploy/ci/github/index.mjs', test: 'test/deploy-ci/github-action.test.ts' }
const runner = { file: 'deploy/ci/github/src/runner.ts', test: action.test }
const shell = { file: 'deploy/ci/countersign.sh', test: 'test/deploy-ci/countersign-sh.test.ts' }
const gitlab = { file: 'deploy/ci/gitlab/templates/countersign.yml', test: 'test/deploy-ci/gitlab.test.ts' }
const circleci = { file: 'deploy/ci/circleci/orb.yml', test: 'test/deploy-ci/circleci.test.ts' }
const buildkite = { file: 'deploy/ci/buildkite/hooks/pre-command', test: 'test/deploy-ci/buildkite.test.ts' }

export const jobGuards: readonly Guard[] = [
  { ...action, line: 'the Action: the ID token is masked', cut: 'runner.mask(subject.token.trim());' },
  { ...action, line: 'the Action: the access token is masked', cut: 'runner.mask(token.token);' },
  { ...action, line: 'the Action: permission is looked for first', cut: '    needsPermission(env);\n' },
  {
    ...action,
    line: 'the Action: the account is the one that was expected',
    cut: 'await expectAccount(token, inputs);',
  },
  {
    ...action,
    line: 'the Action: what is kept is what is to be revoked',
    cut: 'if (inputs.isRevoked) runner.save("token", token.token);',
    put: 'runner.save("token", token.token);',
  },
  { ...action, line: 'the Action: the token ends with the job', cut: 'await revokeToken(runner.state("url"), token);' },
  {
    ...action,
    line: 'the Action: its files end with the job',
    cut: 'rmSync(folder, { recursive: true, force: true });',
  },
  { ...action, line: 'the Action: a file is for this user alone', cut: 'mode: 384, flag: "wx"', put: 'flag: "wx"' },
  { ...action, line: 'the Action: no file is in the workspace', cut: 'env.RUNNER_TEMP || tmpdir()', put: '"."' },
  { ...action, line: 'the Action: a line is one line', cut: '.replaceAll(/[\\r\\n]+/g, " ")' },
  { ...runner, line: 'the Action: a line is no command', cut: ".replace(/^\\s*::/, ': :')" },
  { ...action, line: 'the Action: a line is no command of the old form', cut: '.replaceAll("##[", "## [")' },
  { ...action, line: 'the Action: what a command says is escaped', cut: '.replaceAll("%", "%25")' },
  { ...runner, line: 'the Action: what a command has is escaped', cut: ".replaceAll(':', '%3A')" },
  {
    ...shell,
    line: 'shell: nothing is traced',
    cut: '  { set +ex; } 2>/dev/null\n  set -u\n  umask 077\n',
    put: '  umask 077\n',
  },
  { ...shell, line: 'shell: files for this user alone', cut: '  umask 077\n' },
  { ...shell, line: 'shell: no folder of somebody else', cut: '[ ! -L "$folder" ] && ' },
  { ...shell, line: 'shell: no settings of the user', cut: 'curl -q --silent', put: 'curl --silent' },
  { ...shell, line: 'shell: no redirect', cut: 'curl -q --silent', put: 'curl -q --location --silent' },
  {
    ...shell,
    line: 'shell: the ID token is no argument',
    cut: '--data-urlencode assertion@-',
    put: '--data-urlencode "assertion=$subject"',
  },
  {
    ...shell,
    line: 'shell: the access token is no argument',
    cut: '"token@$folder/token"',
    put: '"token=$(cat "$folder/token")"',
  },
  {
    ...shell,
    line: 'shell: a URL and nothing else',
    cut: '*[!A-Za-z0-9._~:/%-]*) countersign_fail',
    put: '"") countersign_fail',
  },
  { ...shell, line: 'shell: this machine by its whole name', cut: 'http://localhost[:/]*', put: 'http://localhost*' },
  {
    ...shell,
    line: 'shell: a token that a header takes',
    cut: "'' | *[!A-Za-z0-9._~+/=-]*) countersign_fail",
    put: '"") countersign_fail',
  },
  {
    ...gitlab,
    line: 'GitLab: no variable says whom the token goes to',
    cut: "COUNTERSIGN_URL='$[[ inputs.url ]]'",
    put: "COUNTERSIGN_URL=${COUNTERSIGN_URL:-'$[[ inputs.url ]]'}",
  },
  {
    ...gitlab,
    line: 'GitLab: no token among what is kept of a job',
    cut: '"${CI_PROJECT_DIR}.tmp/countersign',
    put: '"${CI_PROJECT_DIR}/countersign',
  },
  { ...circleci, line: 'CircleCI: revoked when the job has failed', cut: 'when: always', put: 'when: on_success' },
  { ...buildkite, line: 'Buildkite: the access token is redacted', cut: 'buildkite-agent redactor add', put: 'true' },
]
