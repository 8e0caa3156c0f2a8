/** Workers behind one port: replaced when they die, drained when they are told, gone when their primary is. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as waited } from 'node:timers/promises'
import { expect } from 'chai'
import { bareEnv, root } from '../support/server.ts'

type Line = { msg: string; pid?: number; url?: string; [name: string]: unknown }
type Answer = { pid: number; reused: boolean }

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('supervise', () => {
  const started: ChildProcess[] = []
  const pids = new Set<number>()
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    pids.clear()
  })

  function start(count: number, behaviour = 'serve') {
    const program = join(root, 'test/support/supervised.ts')
    const child = spawn(process.execPath, [program, String(count), behaviour], {
      env: bareEnv,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.push(child)
    const lines: Line[] = []
    const waiting = new Set<() => void>()
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line
      lines.push(line)
      if (line.pid !== undefined) pids.add(line.pid)
      for (const look of waiting) look()
    })
    const told = (msg: string) => lines.filter((line) => line.msg === msg)
    /** When it has been said so often. */
    const says = (msg: string, times = 1) =>
      new Promise<Line>((resolve) => {
        const look = () => {
          const found = told(msg)[times - 1]
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      })
    return { child, lines, told, says, exited: once(child, 'exit'), closed: once(child, 'close') }
  }

  const ask = (url: string, agent: Agent) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = get(url, { agent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        answer.on('error', reject).on('end', () => resolve({ pid: Number(text), reused: sent.reusedSocket }))
      })
      sent.on('error', (error) => reject(Object.assign(error, { reused: sent.reusedSocket })))
    })

  /** Clients that ask one after the other, until told, or until nobody answers. */
  function load(url: string, clients: number, keepAlive: boolean) {
    const answers: Answer[] = []
    const errors: { code?: string; reused?: boolean }[] = []
    const many = Promise.withResolvers<void>()
    let isOver = false
    const client = async () => {
      const agent = new Agent({ keepAlive, maxSockets: 1 })
      while (!isOver) {
        try {
          answers.push(await ask(url, agent))
          if (answers.length >= clients * 10) many.resolve()
        } catch (error) {
          errors.push(error as { code?: string })
          if ((error as { code?: string }).code === 'ECONNREFUSED') break
        }
      }
      agent.destroy()
    }
    const done = Promise.all(Array.from({ length: clients }, client))
    const end = () => {
      isOver = true
      return done
    }
    return { answers, errors, many: many.promise, done, end }
  }

  it('says once that all are ready; they share the port and the work; the first alone makes the set-up link', async () => {
    const { told, says } = start(3)
    const { url } = await says('ready')
    const { answers, many, end, errors } = load(String(url), 9, false)
    await many
    await end()
    expect(errors).to.deep.equal([])
    expect(new Set(answers.map(({ pid }) => pid)).size).to.equal(3)
    expect(told('ready')).to.have.lengthOf(1)
    expect(told('begun').map(({ offersSetup }) => offersSetup)).to.deep.equal([true, false, false])
  })

  it('replaces a worker that is killed, while the other one goes on', async () => {
    const { told, says } = start(2)
    const { url } = await says('ready')
    const [victim, other] = told('begun').map(({ pid }) => Number(pid))
    const { answers, errors, many, end } = load(String(url), 8, false)
    await many
    process.kill(Number(victim), 'SIGKILL')
    const { pid: next, offersSetup } = await says('begun', 3)
    expect(offersSetup).to.equal(false)
    const seen = async (pid: unknown) => {
      const from = answers.length
      while (!answers.slice(from).some((answer) => answer.pid === pid)) await waited(5)
    }
    await seen(other)
    await seen(next)
    await end()
    // Only what the victim was answering is lost.
    expect(errors.length).to.be.at.most(8)
    expect(errors.filter(({ code }) => code !== 'ECONNRESET')).to.deep.equal([])
    expect(told('ready')).to.have.lengthOf(1)
    expect(told('a worker ended; another one takes its place')).to.have.lengthOf(1)
    expect(told('a worker ended; another one takes its place')[0]).to.include({ signal: 'SIGKILL' })
  })

  it('keeps its port when all have died at once', async () => {
    const { told, says } = start(2)
    const { url } = await says('ready')
    for (const { pid } of told('begun')) process.kill(Number(pid), 'SIGKILL')
    await says('begun', 4)
    const agent = new Agent()
    const answer = (): Promise<Answer> => ask(String(url), agent).catch(() => waited(20).then(answer))
    const { pid } = await answer()
    expect(
      told('begun')
        .slice(2)
        .map(({ pid }) => pid),
    ).to.include(pid)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} under load: each drains, told once or often, and no request is lost`, async () => {
      const { child, told, says, exited } = start(2)
      const { url } = await says('ready')
      const { answers, errors, many, done } = load(String(url), 8, true)
      await many
      // As a terminal and some supervisors do, it is sent to the workers too.
      for (const { pid } of told('begun')) process.kill(Number(pid), signal)
      child.kill(signal)
      await says('draining', 2)
      const before = answers.length
      expect(await exited).to.deep.equal([0, null])
      await done
      expect(answers.length, 'served while they drain').to.be.greaterThan(before)
      // Whom the system connects in the very moment in which the server closes, it resets: nothing of theirs was read.
      const isRefused = ({ code, reused }: { code?: string; reused?: boolean }) =>
        code === 'ECONNREFUSED' || (code === 'ECONNRESET' && !reused)
      expect(errors.filter((error) => !isRefused(error))).to.deep.equal([])
      expect(told('closed')).to.have.lengthOf(2)
      expect(told('begun')).to.have.lengthOf(2)
    })
  }

  it('a second signal ends all at once, with code 1', async () => {
    const { child, told, says, exited } = start(2)
    await says('ready')
    child.kill('SIGTERM')
    await says('draining', 2)
    child.kill('SIGTERM')
    expect(await exited).to.deep.equal([1, null])
    expect(told('closed')).to.deep.equal([])
  })

  it('leaves no orphans when the primary is killed: each drains, answers, and ends', async () => {
    const { child, told, says, closed } = start(2)
    const { url } = await says('ready')
    const agent = new Agent({ keepAlive: true })
    const { pid } = await ask(String(url), agent)
    child.kill('SIGKILL')
    await says('draining', 2)
    expect(await ask(String(url), agent), 'by its open connection').to.deep.equal({ pid, reused: true })
    // Its output is closed when nobody holds it any more.
    await closed
    expect(told('closed')).to.have.lengthOf(2)
  })

  it('gives up a start that fails three times, and says why once, as the worker did', async () => {
    const { lines, told, exited } = start(2, 'fail')
    expect(await exited).to.deep.equal([7, null])
    expect(told('failed')).to.deep.equal([
      {
        name: 'Refusal',
        message: 'storage_unavailable',
        reason: 'storage_unavailable',
        cause: 'no such database',
        msg: 'failed',
      },
    ])
    expect(told('begun').map(({ offersSetup }) => offersSetup)).to.deep.equal([true, true, true])
    expect(lines).to.have.lengthOf(4)
  })

  it('gives up workers that die at the start without a word', async () => {
    const { told, exited } = start(2, 'die')
    expect(await exited).to.deep.equal([7, null])
    expect(told('failed')[0]).to.include({ message: 'the workers end as they start (SIGKILL)' })
  })

  it('ends those that serve when the others cannot start', async () => {
    const { told, exited } = start(3, 'late')
    expect(await exited).to.deep.equal([7, null])
    expect(told('ready')).to.deep.equal([])
    expect(told('failed')).to.have.lengthOf(1)
    expect(told('closed')).to.have.lengthOf(1)
  })
})
