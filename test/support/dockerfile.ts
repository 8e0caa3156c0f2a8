/** Just enough of a Dockerfile to hold it to what the repository has. */
import { readFileSync } from 'node:fs'

/** `flags`: `--from=build` as `{ from: 'build' }`. `words`: of the exec form, or split at spaces. */
export type Instruction = { name: string; flags: Record<string, string>; text: string; words: string[]; exec: boolean }
export type Stage = { name: string; base: string; instructions: Instruction[] }

export function readDockerfile(path: string): Stage[] {
  const whole = readFileSync(path, 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
  const stages: Stage[] = []
  for (const line of whole.split('\n').filter((text) => text.trim() !== '')) {
    const instruction = instructionOf(line)
    if (instruction.name !== 'FROM') stages.at(-1)?.instructions.push(instruction)
    else {
      const [base = '', , name = ''] = instruction.words
      stages.push({ base, name, instructions: [] })
    }
  }
  return stages
}

function instructionOf(line: string): Instruction {
  const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? []
  const flags: Record<string, string> = {}
  const text = rest.replace(/^(?:--([\w-]+)=(\S+)\s+)+/, (all) => {
    for (const [, flag = '', value = ''] of all.matchAll(/--([\w-]+)=(\S+)/g)) flags[flag] = value
    return ''
  })
  const exec = /^(CMD\s+)?\[/.test(text)
  const words = exec ? (JSON.parse(text.replace(/^CMD\s+/, '')) as string[]) : text.split(/\s+/)
  return { name, flags, text, words, exec }
}
