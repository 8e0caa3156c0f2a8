/**
 * What is known of identity providers: config/presets/*.yaml, one file each.
 * Rules of this room: read once, at the start; what it returns is frozen and judged; an unknown key, one that is missing
 * or there twice, or a value that cannot be throws SettingError with one line that names the file and the key.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { SettingError } from './setting-values.ts'
import { snippetNames } from './trust/filled.ts'
import { type Condition, matchKinds, operators } from './trust/policy.ts'
import { controls, type Preset, presetNames } from './trust/preset.ts'
import { createPresets, type Presets } from './trust/preset-of.ts'
import { type Written, written } from './written.ts'

/** Reads config/presets below `root`, by itself that of this installation. Throws SettingError. */
export function loadPresets(root = resolve(import.meta.dirname, '../..')): Presets {
  const folder = join(root, 'config/presets')
  const there = filesIn(folder)
  const stray = there.find((file) => !presetNames.some((name) => file === `${name}.yaml`))
  if (stray) throw new SettingError(`config/presets/${stray}: is no preset; there are ${presetNames.join(', ')}`)
  const presets = presetNames.map((name) => {
    const file = `config/presets/${name}.yaml`
    if (!there.includes(`${name}.yaml`)) throw new SettingError(`${file}: is missing`)
    const preset = presetOf(written(readYaml(join(root, file), file), file))
    if (preset.name !== name) throw new SettingError(`${file}: name: must be ${name}, as the file is called`)
    return preset
  })
  refuseTwins(presets)
  return createPresets(frozen(presets))
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  } catch (error) {
    throw new SettingError(`config/presets: cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function readYaml(path: string, file: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new SettingError(`${file}: ${(error as Error).message.split('\n')[0]}`)
  }
}

function presetOf(read: Written): Preset {
  const preset = read.object((of) => ({
    name: of('name').oneOf(presetNames),
    title: of('title').text(),
    issuers: of('issuers').list((one) =>
      one.object((of) => ({
        url: of('url').text(/^https:\/\/[^\s?#@]+$/, 'must be an https URL without query, fragment and user'),
        is: of('is').text(),
        shared: of('shared').truth(),
        recognized: of('recognized').truth(true),
      })),
    ),
    audience: of('audience').object((of) => ({
      advice: of('advice').text(),
      defaults: of('defaults').list((one) => one.text()),
    })),
    claims: of('claims').list((one) =>
      one.object((of) => ({
        claim: of('claim').text(),
        control: of('control').oneOf(controls),
        kind: of('kind').oneOf(['string', 'number', 'boolean', 'list']),
        ...of('pins').maybe((read) => ({ pins: read.oneOf(['tenant', 'resource']) })),
        is: of('is').text(),
        example: of('example').scalarOrList(),
        ...of('ask').maybe((read) => ({ ask: read.text() })),
      })),
    ),
    requiredPins: of('required_pins').list((set) => set.list((one) => one.text())),
    subject: of('subject').object((of) => ({
      immutable: of('immutable').truth(),
      forms: of('forms').list((one) =>
        one.object((of) => ({
          form: of('form').text(),
          is: of('is').text(),
          pins: of('pins').maybe((read) => read.list((one) => one.text()), []),
        })),
      ),
    })),
    maxTokenAge: of('max_token_age').whole(60, 31_536_000),
    recommended: of('recommended').object((of) => ({
      subject: of('subject').text(),
      match: of('match').oneOf(matchKinds),
      conditions: of('conditions').list(conditionOf),
      whenPresent: of('when_present').maybe((read) => read.list(conditionOf), []),
      why: of('why').text(),
    })),
    snippets: of('snippets').list((one) =>
      one.object((of) => ({ title: of('title').text(), language: of('language').text(), text: of('text').text() })),
    ),
  }))
  judge(preset, read)
  return preset
}

const conditionOf = (read: Written): Condition =>
  read.object((of) => ({
    claim: of('claim').text(),
    op: of('op').oneOf(operators),
    value: of('value').scalarOrList(),
  })) as Condition

/** What one key says of another: claims that are named are told of, examples are of their kind, snippets can be filled. */
function judge(preset: Preset, read: Written): void {
  const told = new Map(preset.claims.map((claim) => [claim.claim, claim]))
  if (told.size < preset.claims.length) read.refuse('claims', 'lists a claim twice')
  const known = (key: string, names: readonly string[]) => {
    const name = names.find((name) => !told.has(name))
    if (name !== undefined) read.refuse(key, `${name} is not among its claims`)
  }
  for (const { claim, kind, example } of told.values())
    if ((Array.isArray(example) ? 'list' : typeof example) !== kind)
      read.refuse('claims', `the example of ${claim} is no ${kind}`)
  known('required_pins', preset.requiredPins.flat())
  for (const { pins } of preset.subject.forms) known('subject.forms', pins)
  const { conditions, whenPresent } = preset.recommended
  for (const condition of [...conditions, ...whenPresent]) {
    known('recommended', [condition.claim])
    const kinds = [condition.value].flat().map((value) => (/^\{\w+\}$/.test(String(value)) ? 'string' : typeof value))
    const kind = told.get(condition.claim)?.kind
    if (condition.op !== 'exists' && kind !== 'list' && kinds.some((one) => one !== kind))
      read.refuse('recommended', `${condition.claim} is compared with what is no ${kind}`)
  }
  for (const { text } of preset.snippets)
    for (const [, name] of text.matchAll(/\{\{(\w+)\}\}/g))
      if (!snippetNames.some((one) => one === name)) read.refuse('snippets', `{{${name}}} stands for nothing`)
}

/** One URL is one preset's. */
function refuseTwins(presets: readonly Preset[]): void {
  const owners = new Map<string, string>()
  for (const { name, issuers } of presets)
    for (const { url, recognized } of issuers) {
      const form = url.replace(/\{\w+\}/g, '{}')
      if (recognized && owners.has(form))
        throw new SettingError(`config/presets/${name}.yaml: issuers: ${url} is in ${owners.get(form)}.yaml too`)
      if (recognized) owners.set(form, name)
    }
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
