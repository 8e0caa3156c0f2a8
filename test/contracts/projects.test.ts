import { expect } from 'chai'
import { accountOf, newId, noon, organization, projectMemberOf, projectOf, teamOf, userOf } from '../support/nouns.ts'
import { reasonOf } from '../support/refused.ts'
import { furnished } from './furnished.ts'
import { contract } from './implementations.ts'

contract('projects', (storage) => {
  async function furnishedProject() {
    const all = await furnished(storage())
    const project = projectOf(all.team)
    await storage().writing.projects.insert(project)
    return { ...all, project }
  }

  it('gives back what it was given; finds it under its team alone', async () => {
    const { org, project } = await furnishedProject()
    const { projects } = storage().reading
    expect(await projects.find({ orgId: org.id, teamId: project.teamId, deletedAt: null }, 'vision')).to.deep.equal(
      project,
    )
    const other = teamOf(org.id, 'other')
    await storage().writing.teams.insert(other)
    expect(await projects.find({ orgId: org.id, teamId: other.id }, 'vision')).to.equal(undefined)
    await storage().writing.projects.insert(projectOf(other))
    expect(await reasonOf(storage().writing.projects.insert(projectOf(other)))).to.equal('name_taken')
  })

  it('finds those that are there without those of which only the name is left', async () => {
    const { team } = await furnishedProject()
    const { writing, reading } = storage()
    await writing.projects.insert(projectOf(team, 'gone', { deletedAt: noon }))
    expect((await reading.projects.list({ teamId: team.id, deletedAt: null }, { limit: 5 })).items).to.have.length(1)
    expect(await reading.projects.count({ teamId: team.id, visibility: 'restricted' })).to.equal(2)
    expect(await reading.projects.find({ deletedAt: null }, 'gone')).to.equal(undefined)
  })

  it('keeps members, and one role of each', async () => {
    const { project, user, account } = await furnishedProject()
    const { writing, reading } = storage()
    const [person, bot] = [projectMemberOf(project, user.id, 'viewer'), projectMemberOf(project, account.id)]
    for (const member of [person, bot]) await writing.projectMembers.save(member)
    expect(await reading.projectMembers.find(project.id, user.id)).to.deep.equal(person)
    const promoted = { ...person, role: 'admin' as const, updatedAt: noon + 5 }
    await writing.projectMembers.save({ ...promoted, createdAt: noon + 5 })
    expect(await reading.projectMembers.find(project.id, user.id), 'a member since then').to.deep.equal(promoted)
    const page = await reading.projectMembers.list(project.id, { limit: 1 })
    const rest = await reading.projectMembers.list(project.id, { limit: 5, after: page.nextCursor as string })
    expect([...page.items, ...rest.items]).to.have.deep.members([promoted, bot])
    await writing.projectMembers.remove(project.id, account.id)
    expect(await reading.projectMembers.find(project.id, account.id)).to.equal(undefined)
  })

  it('refuses a member, or a project, that is not there', async () => {
    const { project, user, team } = await furnishedProject()
    const { projectMembers } = storage().writing
    expect(await reasonOf(projectMembers.save(projectMemberOf(project, newId('user'))))).to.equal('not_found')
    expect(await reasonOf(projectMembers.save(projectMemberOf(project, newId('sa'))))).to.equal('not_found')
    expect(await reasonOf(projectMembers.save(projectMemberOf(projectOf(team), user.id)))).to.equal('not_found')
  })

  it('loses memberships with the project, the user and the account', async () => {
    const { project, user, account, team } = await furnishedProject()
    const { writing, reading } = storage()
    for (const id of [user.id, account.id]) await writing.projectMembers.save(projectMemberOf(project, id))
    await writing.users.remove(user.id)
    await writing.serviceAccounts.remove(account.id)
    expect((await reading.projectMembers.list(project.id, { limit: 5 })).items).to.deep.equal([])
    const bot = accountOf(team, 'bot')
    await writing.serviceAccounts.insert(bot)
    await writing.projectMembers.save(projectMemberOf(project, bot.id))
    await writing.projects.remove(project.id)
    expect(await reading.projectMembers.find(project.id, bot.id)).to.equal(undefined)
  })

  it('is looked up by the name or id of its team, whether it is there or not', async () => {
    const { org, team, project } = await furnishedProject()
    const { lookups } = storage().reading
    const home = { id: team.id, name: team.name }
    const { id, visibility, deletedAt } = project
    for (const found of [
      await lookups.projectNamed(org.id, 'ml', 'vision'),
      await lookups.projectOfTeam(org.id, team.id, 'vision'),
    ])
      expect(found).to.deep.equal({ team: home, project: { id, visibility, deletedAt } })
    expect(await lookups.projectNamed(org.id, 'ml', 'new')).to.deep.equal({ team: home })
    expect(await lookups.projectNamed(org.id, 'nowhere', 'vision')).to.equal(undefined)
    expect(await lookups.projectNamed(org.id, team.id, 'vision'), 'an id is no name').to.equal(undefined)
    await storage().writing.projects.update(project, { deletedAt: noon }, noon)
    expect((await lookups.projectNamed(org.id, 'ml', 'vision'))?.project?.deletedAt).to.equal(noon)
  })

  it('tells nothing to another organization', async () => {
    const { team, project, user } = await furnishedProject()
    const { writing, reading } = storage()
    await writing.projectMembers.save(projectMemberOf(project, user.id))
    const other = organization('other')
    await writing.organizations.insert(other)
    const { lookups } = reading
    expect(await lookups.projectNamed(other.id, 'ml', 'vision')).to.equal(undefined)
    expect(await lookups.projectOfTeam(other.id, team.id, 'vision')).to.equal(undefined)
    expect(await lookups.projectRole(other.id, project.id, user.id)).to.equal(undefined)
    expect(await lookups.projectRole(user.orgId, project.id, user.id)).to.equal('editor')
  })

  it('knows the teams of a user, with the role in each', async () => {
    const { org, team, user } = await furnishedProject()
    const { writing, reading } = storage()
    const times = { createdAt: noon, updatedAt: noon }
    await writing.members.save({ orgId: org.id, teamId: team.id, userId: user.id, role: 'viewer', ...times })
    expect(await reading.lookups.teamRoles(org.id, user.id)).to.deep.equal([{ teamId: team.id, role: 'viewer' }])
    const stranger = userOf(org.id, 'bob')
    await writing.users.insert(stranger)
    expect(await reading.lookups.teamRoles(org.id, stranger.id)).to.deep.equal([])
    expect(await reading.lookups.teamRoles(newId('org'), user.id)).to.deep.equal([])
  })
})
