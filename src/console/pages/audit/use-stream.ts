import { useEffect, useRef, useState } from 'react'
import { requestRaw } from '../../wire/request.ts'
import { linesOf } from './lines.ts'

type State<P, R> = { progress?: P; done?: R; error?: unknown; isRunning: boolean }

/** Reads the trail as NDJSON, oldest first, to its end or until it is cancelled. One at a time. */
export function useStream<P, R>(org: string) {
  const [state, setState] = useState<State<P, R>>({ isRunning: false })
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const run = async (
    query: Record<string, string>,
    work: (lines: AsyncIterable<string>, say: (progress: P) => void) => Promise<R>,
  ): Promise<void> => {
    running.current?.abort()
    const abort = new AbortController()
    running.current = abort
    setState({ isRunning: true })
    const say = (progress: P) => {
      if (!abort.signal.aborted) setState({ isRunning: true, progress })
    }
    try {
      const { body } = await requestRaw(`/api/v1/orgs/${org}/audit-events`, {
        accept: 'application/x-ndjson',
        query,
        signal: abort.signal,
      })
      const done = await work(linesOf(chunksOf(body)), say)
      if (!abort.signal.aborted) setState({ isRunning: false, done })
    } catch (error) {
      if (!abort.signal.aborted) setState({ isRunning: false, error })
    }
  }
  const cancel = () => {
    running.current?.abort()
    setState({ isRunning: false })
  }
  return { ...state, run, cancel }
}

/** Not every browser goes through a stream by itself. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (!reader) return
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    // Nobody wants the rest.
    await reader.cancel().catch(() => {})
  }
}
