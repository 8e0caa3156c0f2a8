/** Examples of the documentation, as they stand there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './server.ts'

/** The code blocks in this language. */
export function documented(file: string, language: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block]) => block as string,
  )
}

/** The text with every stand-in replaced; one that is not in it fails the test. */
export function replaced(text: string, names: Readonly<Record<string, string>>): string {
  return Object.entries(names).reduce((left, [name, value]) => {
    if (!left.includes(name)) throw new Error(`the example no longer says ${name}`)
    return left.replaceAll(name, value)
  }, text)
}
