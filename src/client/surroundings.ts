/**
 * What the package sees of the machine that it runs on, and the only place that touches it. What a runtime may lack
 * (files, programs, sockets) is loaded when it is needed, and not before: a worker needs none of it.
 */

export type Environment = Readonly<Record<string, string | undefined>>
export type Surroundings = {
  env: Environment
  /** A file's text; undefined when there is none. Throws when it is there and cannot be read, or is longer than 1 MiB. */
  readFile(path: string): Promise<string | undefined>
  fetch: typeof fetch
  /** What a program prints. Throws with what it said on stderr when it ends with anything but 0, or is not there (ENOENT). */
  run(program: string, args: readonly string[], signal: AbortSignal): Promise<string>
  /** One HTTP request over a unix socket. */
  ask(socket: string, request: SocketRequest): Promise<{ status: number; text: string }>
  /** Milliseconds since 1970. */
  now(): number
  /** The headers of the request that is being answered, where a runtime tells of it (Vercel). Names in lower case. */
  requestHeaders?(): Readonly<Record<string, string | undefined>> | undefined
}
export type SocketRequest = {
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: string
  signal: AbortSignal
}

/** Bytes. */
const longest = 1_048_576

/** Those of this process. */
export function ownSurroundings(): Surroundings {
  return {
    env: globalThis.process?.env ?? {},
    readFile,
    // Called as it is: some runtimes want it without a `this`, and a test may have put another in its place.
    fetch: (input, init) => globalThis.fetch(input, init),
    run,
    ask,
    now: () => Date.now(),
    requestHeaders,
  }
}

async function readFile(path: string): Promise<string | undefined> {
  const { open } = await import('node:fs/promises')
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
  try {
    // Not by its size: what the kernel makes on reading (/sys, /proc) says 0, and a pipe none.
    const buffer = new Uint8Array(longest + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (length > longest) throw new Error(`${path} is longer than ${longest} bytes`)
      if (bytesRead === 0) return new TextDecoder().decode(buffer.subarray(0, length))
    }
  } finally {
    await file.close()
  }
}

async function run(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { execFile } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    execFile(program, args, { signal, maxBuffer: longest, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stderr: String(stderr) }))
      else resolve(String(stdout))
    })
  })
}

async function ask(socket: string, { method, path, headers, body, signal }: SocketRequest) {
  const { request } = await import('node:http')
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({ socketPath: socket, method, path, headers, signal }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => {
        text += piece
        if (text.length > longest) answer.destroy(new Error(`the answer is longer than ${longest} bytes`))
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** As @vercel/oidc finds it (get-context.ts). */
function requestHeaders(): Readonly<Record<string, string | undefined>> | undefined {
  type Context = { get?(): { headers?: Record<string, string | undefined> } | undefined }
  const known = globalThis as unknown as Record<symbol, Context | undefined>
  return known[Symbol.for('@vercel/request-context')]?.get?.()?.headers
}
