/** The floors of the house (README, "Map"): imports point down, each package has its room, no room is a warehouse. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect } from 'chai'

const src = resolve(import.meta.dirname, '../src')

/** From the ground up. A file may import from its own room, and from any room before it. */
const floors = [
  'protocol',
  'server/errors',
  'server/audit',
  'server/accounts',
  'server/access',
  'server/issuers',
  'server/trust',
  'server/tokens',
  'server/sign-in',
  'server/admin',
  'server/files',
  'server/exchange',
  'server/http',
]
/** The annex implements what the floors declare: it may import their shapes; only the roof may enter it. */
const annex = ['server/storage', 'server/shared-state', 'server/telemetry']
const roof = [
  'server/main.ts',
  'server/supervise.ts',
  'server/assemble.ts',
  'server/assembly',
  'server/settings.ts',
  'server/setting-values.ts',
  'server/presets.ts',
  'server/written.ts',
  'server/new-id.ts',
]

/** Where each package lives. */
const packages: Record<string, readonly string[]> = {
  express: ['server/http'],
  helmet: ['server/http'],
  zod: ['server/http', 'server/files'],
  'zod-openapi': ['server/http'],
  'swagger-ui-dist': ['server/http'],
  'openid-client': ['server/issuers', 'server/sign-in'],
  undici: ['server/issuers'],
  'ipaddr.js': ['server/issuers'],
  kysely: ['server/storage'],
  pg: ['server/storage/postgres'],
  ioredis: ['server/shared-state/redis'],
  'prom-client': ['server/telemetry'],
  '@opentelemetry/api': ['server/telemetry'],
  '@opentelemetry/sdk-trace': ['server/telemetry'],
  '@opentelemetry/resources': ['server/telemetry'],
  '@opentelemetry/exporter-trace-otlp-http': ['server/telemetry'],
  'lru-cache': ['server/shared-state', 'server/issuers', 'server/tokens'],
  '@bufbuild/cel': ['server/trust'],
  '@bufbuild/re2': ['server/trust'],
  'rate-limiter-flexible': ['server/shared-state'],
  // The logger is made on the roof; the doors know its type.
  pino: ['server/main.ts', 'server/assemble.ts', 'server/assembly', 'server/http'],
  yaml: ['server/settings.ts', 'server/files', 'server/presets.ts', 'cli'],
  commander: ['cli'],
  picocolors: ['cli'],
  jose: ['verify'],
  react: ['console'],
  'react-dom': ['console'],
  '@mantine/core': ['console'],
  '@mantine/hooks': ['console'],
  '@mantine/form': ['console'],
  '@mantine/charts': ['console'],
  '@mantine/spotlight': ['console'],
  '@mantine/notifications': ['console'],
  '@tanstack/react-query': ['console'],
  '@tanstack/react-router': ['console'],
  '@tanstack/react-virtual': ['console'],
  '@tabler/icons-react': ['console'],
  'get-nonce': ['console'],
  // A development dependency; `countersign demo` says so when it is not there.
  'oidc-provider': ['cli/demo'],
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
const roomOf = (file: string) =>
  [...floors, ...annex, ...roof, 'cli', 'client', 'verify', 'console'].find(
    (room) => file === room || file.startsWith(`${room}/`),
  )

function importsOf(file: string): { target: string; typeOnly: boolean }[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found = text.matchAll(/^(?:import|export) (type )?(?:[\w*{][^'"]*? from )?'([^']+)'/gm)
  const dynamic = text.matchAll(/import\('([^']+)'\)/g)
  return [
    ...[...found].map(([, type, target]) => ({ target: target as string, typeOnly: type !== undefined })),
    ...[...dynamic].map(([, target]) => ({ target: target as string, typeOnly: false })),
  ]
}

describe('the house', () => {
  it('has a room for every file', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).to.deep.equal([])
  })

  it('lets imports point down only', () => {
    const climbing = files.flatMap((file) => {
      const room = roomOf(file) as string
      return importsOf(file)
        .filter(({ target }) => target.startsWith('.'))
        .flatMap(({ target, typeOnly }) => {
          const to = relative(src, resolve(src, dirname(file), target))
          return mayImport(file, room, roomOf(to), to, typeOnly) ? [] : [`${file} -> ${to}`]
        })
    })
    expect(climbing).to.deep.equal([])
  })

  it('keeps each package in its room', () => {
    const strays = files.flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
        .map(({ target }) =>
          target
            .split('/')
            .slice(0, target.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !packages[name]?.some((room) => file === room || file.startsWith(`${room}/`)))
        .map((name) => `${file} uses ${name}`),
    )
    expect(strays).to.deep.equal([])
  })

  it('keeps deciding pure: no clock, no network, no randomness, no log', () => {
    const pure = files.filter((file) =>
      /^(protocol|server\/(trust|access|errors))\/|^server\/tokens\/claims|^server\/exchange\/(parse|redact)\./.test(
        file,
      ),
    )
    const impure = pure.filter((file) =>
      /\bDate\.now\(|new Date\(\)|Math\.random|randomBytes|node:(fs|net|http|https|dns)|\bfetch\(|console\./.test(
        readFileSync(join(src, file), 'utf8'),
      ),
    )
    expect(pure).to.not.have.length(0)
    expect(impure).to.deep.equal([])
  })

  it('reads the environment in one file', () => {
    const readers = files.filter((file) => /process\??\.env/.test(readFileSync(join(src, file), 'utf8')))
    const allowed = ['server/settings.ts', 'client/surroundings.ts', 'cli/io.ts', 'cli/demo/instance.ts']
    expect(readers.filter((file) => !allowed.includes(file))).to.deep.equal([])
  })

  it('has no warehouse: no file beyond 200 lines, none named after nothing', () => {
    const long = files.filter((file) => lines(file) > 200)
    const vague = files.filter((file) =>
      /(^|\/)(utils?|helpers?|common|managers?|service|controller|handler|types)(\.tsx?|\/)/.test(file),
    )
    expect({ long, vague }).to.deep.equal({ long: [], vague: [] })
  })
})

function mayImport(file: string, room: string, target: string | undefined, to: string, typeOnly: boolean): boolean {
  if (target === undefined) return false
  if (room === target) return true
  if (target === 'protocol') return room !== 'verify' && room !== 'client'
  if (roof.includes(room)) return !isSetting(room) || isSetting(target) || floors.includes(target)
  // A package of its own: it sees nothing but itself.
  if (room === 'verify' || room === 'client') return false
  if (target === 'verify') return file.startsWith('cli/demo/')
  if (target === 'client') return room === 'cli' || room === 'console'
  // A command may speak to the server's roof, and `audit verify` and `demo` to what they stand on.
  if (room === 'cli') return target.startsWith('server/')
  // The annex knows the floors' shapes; the floors know of the annex no more than the shape of Storage.
  if (annex.includes(room)) return target !== 'server/http' && !roof.includes(target)
  if (annex.includes(target)) return typeOnly && to === 'server/storage/storage.ts'
  return floors.includes(target) && floors.indexOf(target) < floors.indexOf(room)
}

const isSetting = (room: string) => room === 'server/settings.ts' || room === 'server/setting-values.ts'

const lines = (file: string) => readFileSync(join(src, file), 'utf8').split('\n').length - 1
