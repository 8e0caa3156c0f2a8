/** CEL expressions (cel.dev): loaded for the first policy that has one. */
import type { Cel } from './cel-program.ts'

export async function loadCel(): Promise<Cel> {
  const { celEnv, parse, plan } = await import('@bufbuild/cel')
  const env = celEnv()
  return {
    compile(source) {
      try {
        const evaluate = plan(env, parse(source))
        return {
          ok: true,
          program: {
            evaluate({ claims, header, now }, stopwatch) {
              const from = stopwatch()
              const result = evaluate({ claims, header, now } as never)
              const outcome = result === true ? 'true' : result === false ? 'false' : 'error'
              return { outcome, milliseconds: stopwatch() - from }
            },
          },
        }
      } catch (error) {
        return { ok: false, fault: { message: String(error), line: 1, column: 1, caret: source } }
      }
    },
  }
}
