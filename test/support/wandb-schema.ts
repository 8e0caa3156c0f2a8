/**
 * As much of W&B's GraphQL schema as its SDK needs to log in and to follow a run, in the names and types of the SDK's own
 * queries: what it asks beyond that is refused, as by a server that never had it.
 */
import { buildSchema } from 'graphql'

export const wandbSchema = buildSchema(`
  scalar JSONString
  scalar DateTime

  type Query {
    viewer: User
    serverInfo: ServerInfo
    entity(name: String!): Entity
    model(name: String, entityName: String): Project
  }
  type User {
    id: ID!
    name: String!
    username: String
    email: String
    admin: Boolean
    flags: JSONString
    entity: String
    deletedAt: DateTime
    apiKeys: ApiKeyConnection
    teams: EntityConnection
  }
  type ApiKeyConnection { edges: [ApiKeyEdge!]! }
  type ApiKeyEdge { node: ApiKey }
  type ApiKey { id: ID!, name: String!, description: String }
  type EntityConnection { edges: [EntityEdge!]! }
  type EntityEdge { node: Entity }
  type Entity { id: ID!, name: String!, organization: Organization }
  type Organization { coreWeaveOrganizationId: String }
  type ServerInfo { features: [ServerFeature!]! }
  type ServerFeature { name: String!, isEnabled: Boolean! }
  type Project { id: ID!, name: String!, entity: Entity!, bucket(name: String!, missingOk: Boolean): Run }
  type Run {
    id: ID!
    name: String!
    displayName: String
    description: String
    config: JSONString
    sweepName: String
    project: Project
    historyLineCount: Int
    logLineCount: Int
    eventsLineCount: Int
    historyTail: JSONString
    eventsTail: JSONString
    summaryMetrics: JSONString
    notes: String
    tags: [String!]
    wandbConfig(keys: [String!]): JSONString
  }

  type Mutation {
    upsertBucket(input: UpsertBucketInput!): UpsertBucketPayload
    createRunFiles(input: CreateRunFilesInput!): CreateRunFilesPayload
  }
  input UpsertBucketInput {
    id: String
    name: String
    groupName: String
    modelName: String
    entityName: String
    description: String
    displayName: String
    notes: String
    config: JSONString
    commit: String
    host: String
    debug: Boolean
    jobProgram: String
    jobRepo: String
    jobType: String
    state: String
    sweep: String
    tags: [String!]
    summaryMetrics: JSONString
  }
  type UpsertBucketPayload { bucket: Run, inserted: Boolean }
  input CreateRunFilesInput { entityName: String!, projectName: String!, runName: String!, files: [String!]! }
  type CreateRunFilesPayload { runID: ID!, uploadHeaders: [String!]!, files: [RunFile!]! }
  type RunFile { name: String!, uploadUrl: String }
`)
