/** The routes that the Express app binds, as `GET /orgs/{org}`, read from its routers. */
import { createApp } from '../../src/server/http/app.ts'

type Layer = {
  route?: { path: string | string[]; methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
  slash: boolean
  match(path: string): boolean
}

/** Stands for every room: nothing is asked of it but that it is there. */
const anything: unknown = new Proxy(() => {}, { get: () => anything, apply: () => anything })

export function boundRoutes(mounts: readonly string[]): string[] {
  const app = createApp({
    ...({
      rooms: anything,
      health: anything,
      setup: anything,
      login: anything,
      signIn: anything,
      scanning: anything,
    } as object),
    trustProxy: [],
    publicUrl: () => 'https://id.example',
  } as never)
  return routesOf((app as unknown as { router: { stack: Layer[] } }).router.stack, mounts)
}

function routesOf(stack: readonly Layer[], mounts: readonly string[], below = ''): string[] {
  return stack.flatMap((layer) => {
    const { route, handle } = layer
    if (handle.stack) return routesOf(handle.stack, mounts, below + mountOf(layer, mounts))
    if (!route) return []
    // What takes every method is there to say 405.
    const methods = Object.keys(route.methods).filter((method) => method !== '_all')
    // What takes every path is there for the console's pages.
    const named = [route.path].flat().filter((path) => typeof path === 'string')
    const paths = named.map((path) => below + path.replace('{/*rest}', '').replace(/:(\w+)/g, '{$1}'))
    return methods.flatMap((method) => paths.map((path) => `${method.toUpperCase()} ${path}`))
  })
}

/** Express keeps no mount path, but knows it when it is asked for it. */
function mountOf(layer: Layer, mounts: readonly string[]): string {
  if (layer.slash) return ''
  const mount = mounts.find((path) => layer.match(path))
  if (mount === undefined) throw new Error('a router is mounted where this test does not look')
  return mount
}
