/** The GraphQL of the W&B SDK, as it is captured from 0.30 and stands in 0.31. */
export const wandbQueries = {
  viewer: `query Viewer { viewer { id entity username email flags teams { edges { node { name } } } } }`,
  getViewer: `query GetViewer { viewer { ...UserFragment } }
    fragment ApiKeyFragment on ApiKey { id name description }
    fragment UserFragment on User {
      id name username email admin flags entity deletedAt
      apiKeys { edges { node { ...ApiKeyFragment } } } teams { edges { node { name } } }
    }`,
  defaultEntity: `query GetDefaultEntity { viewer { id entity } }`,
  serverFeatures: `query ServerFeaturesQuery { serverInfo { features { name isEnabled } } }`,
  organization: `query OrganizationCoreWeaveOrganizationID ($entityName: String!) {
    entity(name: $entityName) { organization { coreWeaveOrganizationId } }
  }`,
  resumeStatus: `query RunResumeStatus ($project: String, $entity: String, $name: String!) {
    model(name: $project, entityName: $entity) {
      id name entity { id name }
      bucket(name: $name, missingOk: true) {
        id name summaryMetrics displayName logLineCount historyLineCount eventsLineCount historyTail eventsTail config
        tags notes wandbConfig(keys: ["t"])
      }
    }
  }`,
  upsertBucket: `mutation UpsertBucket ($id: String, $name: String, $project: String, $entity: String, $groupName: String,
      $description: String, $displayName: String, $notes: String, $commit: String, $config: JSONString, $host: String,
      $debug: Boolean, $program: String, $repo: String, $jobType: String, $state: String, $sweep: String,
      $tags: [String!], $summaryMetrics: JSONString) {
    upsertBucket(input: {id:$id,name:$name,groupName:$groupName,modelName:$project,entityName:$entity,
      description:$description,displayName:$displayName,notes:$notes,config:$config,commit:$commit,host:$host,
      debug:$debug,jobProgram:$program,jobRepo:$repo,jobType:$jobType,state:$state,sweep:$sweep,tags:$tags,
      summaryMetrics:$summaryMetrics}) {
      bucket {
        id name displayName description config sweepName project { id name entity { id name } } historyLineCount
      }
      inserted
    }
  }`,
  createRunFiles: `mutation CreateRunFiles ($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
    createRunFiles(input: {entityName:$entity,projectName:$project,runName:$run,files:$files}) {
      runID uploadHeaders files { name uploadUrl }
    }
  }`,
} as const
