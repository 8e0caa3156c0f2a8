/** A real nginx with a configuration of its own: on a free port of loopback, everything it writes in a folder that goes with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { findProgram } from './program.ts'

export type Nginx = { url: string; close(): Promise<void> }

/** `configure`: what stands in conf.d, given `127.0.0.1:PORT` to listen on. */
export async function startNginx(configure: (address: string) => string): Promise<Nginx> {
  const program = await findProgram('nginx')
  // Between finding a port and listening on it, somebody else may.
  for (let tries = 1; ; tries++) {
    try {
      return await start(program, `127.0.0.1:${await freePort()}`, configure)
    } catch (error) {
      if (tries === 5 || !/Address already in use/.test(String(error))) throw error
    }
  }
}

async function start(program: string, address: string, configure: (address: string) => string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'))
  writeFileSync(join(folder, 'nginx.conf'), main(folder))
  writeFileSync(join(folder, 'api.conf'), configure(address))
  const child = spawn(program, ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  let said = ''
  const close = async () => {
    child.kill('SIGTERM')
    await closed
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject)
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text
        // The master has listened before it starts who serves.
        if (said.includes('start worker process ')) resolve()
      })
      closed.then(() => reject(new Error(`nginx ended before it was ready: ${said}`)))
    })
  } catch (error) {
    await close()
    throw error
  }
  return { url: `http://${address}`, close }
}

/** As Debian's, but that nothing is outside the folder. */
const main = (folder: string) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  include ${folder}/api.conf;
}
`
