/** What openapi.json says, held against what the service answers. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Answer } from './server.ts'

type Node = { [name: string]: Node | undefined }
export type Operation = { method: string; path: string; at: string }
/** `type` and `body`: of the request. */
export type Asked = { method: string; path: string; type?: string; body?: unknown; answer: Answer }

/** Headers that mean something to a client: none of them is sent without being described. */
const telling = ['etag', 'location', 'retry-after', 'www-authenticate', 'allow', 'x-request-id']

const escaped = (name: string) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))

export function describedBy(document: Answer['body']) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, schemas: { document } })

  /** The node of a pointer and where it is in truth, behind references. */
  function found(at: string): { node: Node; at: string } | undefined {
    const names = at.split('/').slice(1)
    const decoded = names.map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))
    const node = decoded.reduce<Node | undefined>((parent, name) => parent?.[name], document as Node)
    const to = node?.$ref as string | undefined
    return to === undefined ? node && { node, at } : found(to)
  }
  /** What is wrong with a value, by the schema at a pointer. */
  function faults(at: string, value: unknown): string[] {
    const validate = ajv.compile({ $ref: `document${at}` })
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
  }

  const operations: Operation[] = Object.entries(document.paths as Record<string, Node>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method, path, at: `#/paths/${escaped(path)}/${method}` })),
  )
  /** The operation of a request; of two that fit, the one with fewer names left open. */
  function operationOf(method: string, path: string): Operation | undefined {
    const pathname = path.split('?')[0] as string
    return operations
      .filter((operation) => operation.method === method.toLowerCase())
      .filter(({ path }) => new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname))
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
  }

  function headerFaults(at: string, { headers }: Answer): string[] {
    const described = Object.entries(found(`${at}/headers`)?.node ?? {}).map(([name]) => name)
    const lower = described.map((name) => name.toLowerCase())
    const untold = telling.filter((name) => headers.has(name) && !lower.includes(name))
    const wrong = described.flatMap((name) => {
      const header = found(`${at}/headers/${escaped(name)}`)
      const value = headers.get(name)
      if (value === null) return header?.node.required ? [`no ${name}`] : []
      return faults(`${header?.at}/schema`, value).map((fault) => `${name} ${fault}`)
    })
    return [...untold.map((name) => `${name} is not described`), ...wrong]
  }

  function bodyFaults(at: string, { headers, body }: Answer): string[] {
    const content = found(`${at}/content`)?.node
    if (!content) return body.text === '' ? [] : ['a body that is not described']
    const type = (headers.get('content-type') ?? 'nothing').split(';')[0] as string
    if (!content[type]) return [`${type} is not described`]
    return faults(`${at}/content/${escaped(type)}/schema`, body.text ?? body)
  }

  function requestFaults(at: string, { type, body }: Asked): string[] {
    const described = found(`${at}/requestBody`)?.node
    if (body === undefined) return described?.required ? ['it was taken without a body'] : []
    if (type === undefined || !described?.content?.[type]) return [`a body as ${type} is not described`]
    return faults(`${at}/requestBody/content/${escaped(type)}/schema`, body).map((fault) => `request: ${fault}`)
  }

  return {
    operations,
    operationOf,
    textAt: (at: string) => String(found(at)?.node ?? ''),
    /** All that the description did not lead us to expect. */
    surprises(asked: Asked): string[] {
      const operation = operationOf(asked.method, asked.path)
      if (!operation) return ['the operation is not described']
      const { status } = asked.answer
      const response = found(`${operation.at}/responses/${status}`)
      if (!response) return [`${status} is not described`]
      const taken = status < 300 ? requestFaults(operation.at, asked) : []
      return [...taken, ...headerFaults(response.at, asked.answer), ...bodyFaults(response.at, asked.answer)]
    },
  }
}
