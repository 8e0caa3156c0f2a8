import type { Code } from '../../parts/code-panel.tsx'
import { curlOf } from '../../parts/curl.ts'
import { word } from '../../parts/quoted.ts'
import { yamlOf } from '../../parts/yaml.ts'

const asFile = 'countersign apply FILE: it says all there is of what it names'

export function newTeamCodes(org: string, name: string, displayName: string): Code[] {
  const display_name = displayName === '' ? undefined : displayName
  const more = display_name === undefined ? '' : ` --display-name ${word(display_name)}`
  return [
    { title: 'curl', text: curlOf('POST', `/orgs/${org}/teams`, { name, display_name }) },
    { title: 'CLI', text: `countersign team create ${word(name)}${more}` },
    { title: 'YAML', text: yamlOf({ organization: org, teams: { [name]: { display_name } } }), note: asFile },
  ]
}

export function newProjectCodes(org: string, team: string, name: string, visibility: string): Code[] {
  return [
    { title: 'curl', text: curlOf('POST', `/orgs/${org}/teams/${team}/projects`, { name, visibility }) },
    { title: 'CLI', text: `countersign project create ${word(`${team}/${name}`)} --visibility ${visibility}` },
    {
      title: 'YAML',
      text: yamlOf({ organization: org, teams: { [team]: { projects: { [name]: { visibility } } } } }),
      note: asFile,
    },
  ]
}

/** People are in no file. `project`: of a project of the team. */
export function memberCodes(
  org: string,
  team: string,
  project: string | undefined,
  member: string,
  role: string,
): Code[] {
  const at = project === undefined ? `/orgs/${org}/teams/${team}` : `/orgs/${org}/teams/${team}/projects/${project}`
  const where = project === undefined ? `--team ${team}` : `--project ${word(`${team}/${project}`)}`
  return [
    { title: 'curl', text: curlOf('PUT', `${at}/members/${member}`, { role }) },
    { title: 'CLI', text: `countersign member add ${word(member)} ${where} --role ${role}` },
  ]
}
